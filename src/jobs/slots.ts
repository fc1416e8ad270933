/** How many mailboxes this process may work on at once, and how many of them are whose. */
export interface Slots {
  /** Slots that nobody has. */
  free(): number;
  /**
   * Slots that stay free for workspaces with fewer than so many: who has more takes the others only, so that nobody who
   * comes waits until a long reply of somebody else ends.
   */
  readonly kept: number;
  /** Slots in use by workspace. */
  running(): ReadonlyMap<string, number>;
  take(team: string): void;
  give(team: string): void;
  /** Whether a workspace may have one more slot now. */
  mayTake(team: string): boolean;
  /** Whether a job of any workspace may be begun without a look at who waits. */
  mayOvertake(): boolean;
  /** Whether somebody may be waiting for a slot, or for one of the workspace's. */
  behind(): boolean;
  /** Somebody could not have a slot. */
  fellBehind(): void;
  /** All who wait were looked at, and slots were left over. */
  caughtUp(): void;
}

/** Of how many slots one is kept. */
const KEPT_OF = 8;

export function createSlots(concurrency: number): Slots {
  const kept = Math.floor(concurrency / KEPT_OF);
  const running = new Map<string, number>();
  let used = 0;
  let behind = false;
  const free = () => concurrency - used;
  return {
    free,
    kept,
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
    mayTake: (team) => free() > kept || (free() > 0 && (running.get(team) ?? 0) < kept),
    mayOvertake: () => !behind && free() > kept,
    behind: () => behind,
    fellBehind: () => {
      behind = true;
    },
    caughtUp: () => {
      // Of those who may not have what is kept there may still be some.
      behind = free() <= kept;
    },
  };
}
