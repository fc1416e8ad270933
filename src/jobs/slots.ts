/** How many mailboxes this process may work on at once, and how many of them are whose. */
interface Slots {
  /** Slots that nobody has. */
  free(): number;
  /** A workspace takes one more only while it has fewer than are free. */
  readonly fair: boolean;
  /** Slots in use by workspace. */
  running(): ReadonlyMap<string, number>;
  take(team: string): void;
  give(team: string): void;
  /** Whether a workspace may have one more slot now. */
  mayTake(team: string): boolean;
  /** Whether a job of a workspace may be begun without a look at who waits. */
  mayOvertake(team: string): boolean;
  /** Whether somebody may be waiting for a slot, or for one of the workspace's. */
  behind(): boolean;
  /** Somebody could not have a slot. */
  fellBehind(): void;
  /** All who wait were looked at, and slots were left over. */
  caughtUp(): void;
}

/**
 * `fair`: several workspaces share the slots. Each takes one more only while it has fewer than are free (the dynamic
 * threshold of shared buffers, Choudhury and Hahne, IEEE/ACM Transactions on Networking 6 (2), 1998): one alone gets half of
 * them, two a third each, and as much as each of them has is always left for who comes next, however long their answers take.
 */
export function createSlots(concurrency: number, fair: boolean): Slots {
  const running = new Map<string, number>();
  let used = 0;
  let behind = false;
  const free = () => concurrency - used;
  const mayTake = (team: string) => free() > 0 && (!fair || (running.get(team) ?? 0) < free());
  return {
    free,
    fair,
    running: () => running,
    take(team) {
      used += 1;
      running.set(team, (running.get(team) ?? 0) + 1);
    },
    give(team) {
      used -= 1;
      const left = (running.get(team) ?? 1) - 1;
      if (left === 0) running.delete(team);
      else running.set(team, left);
    },
    mayTake,
    // Whoever has nothing at work comes first anyway.
    mayOvertake: (team) => mayTake(team) && (!behind || (fair && !running.has(team))),
    behind: () => behind,
    fellBehind: () => {
      behind = true;
    },
    caughtUp: () => {
      // Of a workspace that has as many as are free there may still be some.
      behind = fair && [...running.values()].some((slots) => slots >= free());
    },
  };
}
