import type { Handlers } from '../jobs/worker.ts';
import { type AnswerOptions, createAnswer } from './answer.ts';
import { createGiveUp } from './give-up.ts';
import { createTidy, sweepLeftovers, TIDY } from './tidy.ts';

/** How often replies that left something behind are looked for, in milliseconds. */
const TIDY_EVERY_MS = 5000;

/** What is done with the jobs of replies: `answers` for those that have no name of their own, and what is done now and then. */
export function createReplyJobs(options: AnswerOptions): {
  readonly named: Readonly<Record<string, Handlers>>;
  readonly answers: Handlers;
  readonly tidying: {
    readonly name: string;
    readonly everyMs: number;
    readonly failed: string;
    readonly run: () => Promise<void>;
  };
} {
  return {
    // What was not tidied now is noted still.
    named: { [TIDY]: { handle: createTidy(options), giveUp: async () => {} } },
    answers: { handle: createAnswer(options), giveUp: createGiveUp(options) },
    tidying: {
      name: 'tidy',
      everyMs: TIDY_EVERY_MS,
      failed: 'replies that left something behind were not looked for',
      run: () => sweepLeftovers(options.database, options.pacer),
    },
  };
}
