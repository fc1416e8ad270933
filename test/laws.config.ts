import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = process.argv.indexOf('--seed');
const seed = at < 0 ? Math.floor(Math.random() * 2 ** 31) : Number(process.argv[at + 1]);
console.log(`Seed of all cases: ${seed}`);

/** `npm run test:laws`: the laws of the renderer over more than a hundred thousand generated cases. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/spec/reply/render/{laws,plain,settled}.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 7_200_000,
    provide: { lawSeed: seed },
  },
});
