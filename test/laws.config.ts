import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const given = process.argv.map((word) => /^--sequence\.seed=(\d+)$/.exec(word)?.[1]).find(Boolean);
const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
/** How many times the usual number of cases of the long run: `LAW_TIMES=0.1 npm run test:laws` for a short one. */
const times = Number(process.env['LAW_TIMES'] ?? '1') || 1;
console.log(`Seed of all cases: ${seed}; the same again: npm run test:laws -- --sequence.seed=${seed}`);

/** `npm run test:laws`: the laws of the renderer over more than 300,000 generated cases. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: [
      'test/spec/render/{laws,meaning,parts,plain,settled}.test.ts',
      'test/spec/slack/send/forms.test.ts',
    ],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 7_200_000,
    provide: { lawSeed: seed, lawTimes: times },
  },
});
