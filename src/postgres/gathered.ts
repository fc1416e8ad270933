import { isConnectionLoss } from './database.ts';

/** More than come at once; the rest is for the next batch. */
const MOST_TOGETHER = 50;

interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Does what comes for one key in batches, one after the other: what comes while a batch is under way goes with the next. All
 * of one key change the same rows of the database, and whoever waits for that holds a connection of the pool; so one of them
 * waits there, and the others here. A batch that fails is done item by item, so that nobody fails for another's fault,
 * unless the database is away.
 */
export function gathered<Item, Result>(
  run: (key: string, items: readonly Item[]) => Promise<readonly Result[]>,
): (key: string, item: Item) => Promise<Result> {
  const queues = new Map<string, Waiting<Item, Result>[]>();

  const runTogether = async (key: string, batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await run(
        key,
        batch.map(({ item }) => item),
      );
      batch.forEach(({ resolve, reject }, at) => {
        const result = results[at];
        if (result === undefined) reject(new Error('a batch has no result for one of its items'));
        else resolve(result);
      });
    } catch (error) {
      if (batch.length === 1 || isConnectionLoss(error)) for (const { reject } of batch) reject(error);
      else for (const one of batch) await runTogether(key, [one]);
    }
  };

  const drain = async (key: string, queue: Waiting<Item, Result>[]): Promise<void> => {
    while (queue.length > 0) await runTogether(key, queue.splice(0, MOST_TOGETHER));
    queues.delete(key);
  };

  return (key, item) =>
    new Promise((resolve, reject) => {
      const waiting = { item, resolve, reject };
      const queue = queues.get(key);
      if (queue !== undefined) queue.push(waiting);
      else {
        const fresh = [waiting];
        queues.set(key, fresh);
        void drain(key, fresh);
      }
    });
}
