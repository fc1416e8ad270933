import { defineConfig } from 'vitest/config';

/** The journey through the page, apart from the other tests: it needs a browser and starts whole programs. */
export default defineConfig({
  test: {
    include: ['test/browser/*.browser.ts'],
    pool: 'forks',
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
