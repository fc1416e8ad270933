import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { type After, conversationsOf, eraseWords, type KeptFor, messagesKeptTooLong } from './store.ts';

interface RetentionOptions {
  readonly database: Database;
  /** What holds now, of every scope where something is set. */
  readonly limits: () => Promise<readonly KeptFor[]>;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends a run after the batch that it is at. */
  readonly signal: AbortSignal;
}

/** Messages looked up at once. */
const LOOKED_UP = 2000;
/** Conversations looked at together: one look into an index for each. */
const CONVERSATIONS = 2000;
/** Messages of one transaction, each with its answer: some ten milliseconds of locks. */
const BATCH = 200;
/** Between batches, so that a first run over years of words leaves the database to those who ask. */
const REST_MS = 50;

/**
 * Erases the words that were kept for longer than is set for their places; rejects where the database is away. Any
 * number of processes may do so at once: what one holds, the others skip. A limit of a narrower scope can only shorten
 * what a wider one says, so that whatever is over any one limit goes.
 */
export function createRetention(options: RetentionOptions): () => Promise<void> {
  const { database, clock, log, signal } = options;
  return async () => {
    const erased = { messages: 0, answers: 0 };
    try {
      for (const limit of await options.limits()) await eraseBeyond(limit, erased);
    } finally {
      const { messages, answers } = erased;
      if (messages + answers > 0) log.info({ messages, answers }, 'words were erased, as retention says');
    }
  };

  async function eraseBeyond(limit: KeptFor, erased: { messages: number; answers: number }): Promise<void> {
    // What is over the deployment's limit is found by age alone.
    if (limit.scope === 'deployment') return eraseIn(null, limit.days, erased);
    let after: After | null = null;
    do {
      const page = await conversationsOf(database.query, limit, after, CONVERSATIONS);
      await eraseIn(page.ids, limit.days, erased);
      after = page.after;
    } while (after !== null && !signal.aborted);
  }

  async function eraseIn(
    conversations: readonly number[] | null,
    days: number,
    erased: { messages: number; answers: number },
  ): Promise<void> {
    for (let more = true; more && !signal.aborted; ) {
      const found = await messagesKeptTooLong(database.query, days, conversations, LOOKED_UP);
      let done = 0;
      for (let at = 0; at < found.length && !signal.aborted; at += BATCH) {
        if (at > 0) await clock.sleep(REST_MS, signal);
        const batch = found.slice(at, at + BATCH);
        const {
          messages,
          answers,
          erased: rows,
        } = await database.transaction((tx) => eraseWords(tx, batch, 'skip'));
        erased.messages += messages;
        erased.answers += answers;
        done += rows;
      }
      // Where others hold all of it, they are erasing it, and the next run comes soon enough.
      more = found.length === LOOKED_UP && done > 0;
    }
  }
}
