import { defineConfig } from 'vitest/config';

/** The journey through the page, apart from the other tests: it needs a browser and starts whole programs. */
export default defineConfig({
  test: {
    include: ['test/browser/*.browser.ts'],
    pool: 'forks',
    maxWorkers: 2,
    expect: { poll: { timeout: 60_000, interval: 50 } },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
