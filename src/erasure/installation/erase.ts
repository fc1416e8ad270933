import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import { dropAllUnused } from '../store.ts';
import { deleteConversations, deleteRows, goneFor, markErased, staysGone, tablesByTeam } from './store.ts';

interface EraseGoneOptions {
  readonly database: Database;
  /** Days that what is stored is kept after the app was taken out; 0: none. */
  readonly days: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends it after the batch that it is at; the next run goes on. */
  readonly signal: AbortSignal;
}

const ROWS = 5000;
/** Each with its messages, replies and versions. */
const CONVERSATIONS = 100;
/** Between batches, so that those who ask have the database. */
const REST_MS = 50;

/**
 * Erases everything that is stored of installations that are gone for longer than the term: words, people, settings,
 * money. What comes back meanwhile keeps what is left of it. Rejects while the database is away; may be repeated.
 */
export async function eraseGone(options: EraseGoneOptions): Promise<void> {
  const { database, log, signal } = options;
  for (const id of await goneFor(database.query, options.days)) {
    const over = await eraseInstallation(options, id);
    if (over && !signal.aborted) log.info({ team: id }, 'all that was stored of an installation is erased');
  }
}

/** False: it is installed again, or the run was ended. */
async function eraseInstallation(options: EraseGoneOptions, id: string): Promise<boolean> {
  const { database, clock, signal } = options;
  /** Batches until none is left of one kind. */
  const all = async (most: number, drop: (tx: Parameters<typeof staysGone>[0]) => Promise<number>) => {
    for (;;) {
      if (signal.aborted) return false;
      const dropped = await database.transaction(async (tx) => ((await staysGone(tx, id)) ? drop(tx) : null));
      if (dropped === null) return false;
      if (dropped < most) return true;
      await clock.sleep(REST_MS, signal);
    }
  };
  const tables = await tablesByTeam(database.query);
  // Nothing is begun of it any more, then what was said, then all else.
  if (!(await all(ROWS, (tx) => deleteRows(tx, 'mailboxes', id, ROWS)))) return false;
  if (!(await all(CONVERSATIONS, (tx) => deleteConversations(tx, id, CONVERSATIONS)))) return false;
  for (const table of tables) if (!(await all(ROWS, (tx) => deleteRows(tx, table, id, ROWS)))) return false;
  await dropAllUnused(database, signal);
  await markErased(database.query, id);
  return true;
}
