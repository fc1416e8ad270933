import { toError } from '../../errors.ts';
import { Later } from '../../jobs/retry.ts';
import type { Lease } from '../../jobs/worker.ts';
import type { Log } from '../../log.ts';
import type { Database, Queryable } from '../../postgres/database.ts';
import type { StoredReply } from '../store.ts';
import { noteWait, wakeWaiting } from './store.ts';

/** More than wait in a workspace at once; the others look again by themselves. */
const MOST_WOKEN = 1000;

/** What a reply waits for outside, and how long. */
export interface Wait {
  /** Names what wakes it (`wakeWaiting`); one reply waits for one thing at a time. */
  readonly topic: string;
  /** What its message says meanwhile. */
  readonly notice: string;
  /** So many milliseconds it waits in all, whoever owns it. */
  readonly mostMs: number;
  /** After so many it is looked at again although nobody woke it; null: not before the time is over. */
  readonly lookAgainMs: number | null;
}

/**
 * Thrown where an answer can't go on before something has come from outside: money, a person's decision. All that it needs
 * to go on is stored by then. `answer.ts` shows `notice`, and the job is given back: the reply has no slot, no lease
 * and no connection until it is woken, or due.
 */
export class Waits extends Later {
  readonly notice: string;
  /** Its message says so already. */
  readonly told: boolean;

  constructor({ topic, notice }: Wait, told: boolean, delayMs: number) {
    super(delayMs, `waits for ${topic}`);
    this.name = 'Waits';
    this.notice = notice;
    this.told = told;
  }
}

/**
 * Notes that a reply waits; throw what is returned. Null: it has waited so long as it may. Whatever wakes it counts from
 * now on, so whoever notes a wait for the first time looks once more whether it has come before throwing. A call to
 * the model that begins, or an end, is the end of the wait. Throws LeaseLost.
 */
export async function beginWait(
  { database, lease }: { database: Database; lease: Lease },
  reply: Pick<StoredReply, 'id'>,
  wait: Wait,
): Promise<Waits | null> {
  const { waitedMs, told } = await noteWait(database.query, lease.token, reply.id, wait.topic);
  const leftMs = wait.mostMs - waitedMs;
  if (leftMs <= 0) return null;
  return new Waits(wait, told, Math.min(wait.lookAgainMs ?? leftMs, leftMs));
}

/** Room in the budgets of a workspace. */
export function moneyOf(team: string): string {
  return `money:${team}`;
}

/** After a budget was changed: whoever waits in that workspace looks at once whether there is room. Never rejects. */
export function createBudgetWaking(query: Queryable, log: Log): (team: string) => Promise<void> {
  return (team) =>
    wakeWaiting(query, moneyOf(team), MOST_WOKEN).catch((err) =>
      log.warn({ err: toError(err) }, 'replies that wait for a budget could not be woken'),
    );
}
