/** Lets at most so many pieces of work of each workspace go on at once; the others of it wait their turn. */
type Turns = <T>(team: string, work: () => Promise<T>) => Promise<T>;

/**
 * A workspace that says a hundred things at once keeps no connection of the pool from what another one says in the same
 * moment. In one workspace they begin in the order in which they came.
 */
export function createTurns(most: number): Turns {
  const busy = new Map<string, { running: number; readonly waiting: (() => void)[] }>();
  return async (team, work) => {
    const mine = busy.get(team) ?? { running: 0, waiting: [] };
    busy.set(team, mine);
    if (mine.running >= most) await new Promise<void>((go) => mine.waiting.push(go));
    else mine.running += 1;
    try {
      return await work();
    } finally {
      // Who waits takes the place over, so that nobody who comes now is before them.
      const next = mine.waiting.shift();
      if (next !== undefined) next();
      else {
        mine.running -= 1;
        if (mine.running === 0) busy.delete(team);
      }
    }
  };
}
