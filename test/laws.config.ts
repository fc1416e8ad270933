import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Cases at the usual number: about 800. */
const FACTOR = 130;

const at = process.argv.indexOf('--seed');
const seed = at < 0 ? Math.floor(Math.random() * 2 ** 31) : Number(process.argv[at + 1]);
console.log(`seed ${seed}, ${FACTOR} times the usual number of cases`);

/** `npm run test:laws`: the laws of the renderer over more than a hundred thousand generated cases. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/spec/reply/render/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 3_600_000,
    provide: { lawFactor: FACTOR, lawSeed: seed },
  },
});
