import type { Lengths } from './lengths.ts';
import { plan, type Writing } from './plan.ts';

/** What one method has in a workspace, for those that move by it. */
export interface Share {
  readonly writings: readonly Writing[];
  /** Calls for movements within so many milliseconds, without those that ends take. */
  readonly spare: (aheadMs: number) => number;
  /** How far apart its movements are by its own plan, in milliseconds. */
  readonly distanceMs: () => number;
}

/** The share of a workspace, with one reply more if it is given; null: nobody has moved by this method for a while. */
export type ShareOf = (team: string, more?: Writing) => Share | null;

/** How far apart the movements of those are that share, in milliseconds. */
export type Pace = (team: string, own: Share) => number;

/**
 * Streams that move together with edits are at least so close to their own plan: an answer that goes on in lumps, or never
 * comes to where edits suffice for one more, must not run out of appends.
 */
const SOONEST = 0.8;

/**
 * A stream that turns to edits takes a stop, and each message that is full a start and a stop: so many must be left for each
 * reply, and a few more before edits are saved at all.
 */
const LEFT_FOR_EACH = 2;
const LEFT_TO_SAVE = 2.5;

export interface TogetherOptions {
  readonly edits: ShareOf;
  readonly appends: ShareOf;
  readonly lengths: Lengths;
  /** The time over which Slack counts both. */
  readonly windowMs: number;
  /** Of all calls by which replies move, the share that are edits. */
  readonly shareOfEdits: number;
  /** Streams that could be started and stopped now. */
  readonly turnsLeft: (team: string) => number;
}

export interface Together {
  readonly edits: Pace;
  readonly appends: Pace;
  /** True if a reply that begins a segment should leave the edits to those that turn to them later. `sinceMs`: how long it has been going on. */
  savesEdits(team: string, sinceMs: number): boolean;
  /** True if a reply that moves by appends should go on by edits now. */
  turnsToEdits(team: string, sinceMs: number): boolean;
}

/**
 * Two budgets can't be divided evenly among five replies: two edits of 50 a minute each are 2.4 s apart and three streams
 * of 100 are 1.8 s. But a stream can go on by edits, on the same message. So as long as fewer replies move by edits than
 * the nearest to their share, all move at the one distance that both budgets have together. Appends are spent too fast
 * then, and edits are left over; and when these suffice for one reply more at that distance, a stream turns to edits.
 */
export function createTogether(options: TogetherOptions): Together {
  const { lengths, windowMs, shareOfEdits, turnsLeft } = options;

  /** The distance of both; null if each goes by its own plan. */
  const common = (
    team: string,
    edits: Share | null,
    appends: Share | null,
    each = LEFT_FOR_EACH,
  ): number | null => {
    if (edits === null || appends === null) return null;
    const byEdits = edits.writings.length;
    const all = byEdits + appends.writings.length;
    // Who has streams alone is not to be turned.
    if (byEdits === 0 || byEdits >= Math.round(all * shareOfEdits)) return null;
    if (turnsLeft(team) < each * all) return null;
    const planned = plan({
      writings: [...edits.writings, ...appends.writings],
      lengths,
      arrivalRate: 0,
      windowMs,
      left: (aheadMs) => edits.spare(aheadMs) + appends.spare(aheadMs),
      ends: 0,
    });
    if (planned === null) return null;
    const distanceMs = Math.max(planned.distanceMs, SOONEST * appends.distanceMs());
    return distanceMs < edits.distanceMs() ? null : distanceMs;
  };

  return {
    edits: (team, own) => common(team, own, options.appends(team)) ?? own.distanceMs(),
    appends: (team, own) => common(team, options.edits(team), own) ?? own.distanceMs(),
    savesEdits(team, sinceMs) {
      const distanceMs = common(team, options.edits(team), options.appends(team, { sinceMs }), LEFT_TO_SAVE);
      return distanceMs !== null && editsOfNext(team, sinceMs) > distanceMs;
    },
    turnsToEdits(team, sinceMs) {
      const distanceMs = common(team, options.edits(team), options.appends(team));
      return distanceMs !== null && editsOfNext(team, sinceMs) <= distanceMs;
    },
  };

  function editsOfNext(team: string, sinceMs: number): number {
    return options.edits(team, { sinceMs })?.distanceMs() ?? 0;
  }
}
