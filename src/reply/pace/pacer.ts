import type { Spending } from '../../allowances/store.ts';
import type { Clock } from '../../clock.ts';
import { Allowance, type AllowanceRule, POST_RULE, UPDATE_RULE } from './allowance.ts';
import type { Crowded } from './carrier.ts';
import { createLengths, type Lengths } from './lengths.ts';
import type { Pace, ShareOf } from './together.ts';
import { createTurns, newRhythm, type Rank, type Rhythm } from './turns.ts';

/** `post`: a new message. The others: an edit. */
export type TurnKind = 'post' | Rank;

/** Who may post and edit next: one allowance of posts for each channel, and one of edits for each workspace. */
export interface Pacer {
  /** A reply begins to be written here, or has been written since `since` (monotonic milliseconds), and has moved as `rhythm` says. */
  join(team: string, channel: string, since?: number, rhythm?: Rhythm): Seat;
  /** A reply begins that may move without edits, and may come to need them. */
  arrived(team: string): void;
  /** Learns what other processes edited, and who edits there. */
  learn(team: string): Promise<void>;
  /** How it would be for one reply more that is carried by edits. */
  crowded(team: string): Crowded;
  /** What there is for those that are carried by edits, and how they are paced beside others: see `together.ts`. */
  readonly share: ShareOf;
  paceBy(pace: Pace): void;
  /** True if there is an edit for the end of one reply more. */
  room(team: string): boolean;
}

export interface Seat {
  /** Waits for a turn; false if `signal` aborted first (then nothing is spent). */
  turn(kind: TurnKind, signal: AbortSignal): Promise<boolean>;
  /** Slack answered 429 to a call made in a turn of this kind. */
  limited(kind: TurnKind, retryAfterMs: number): void;
  /** In how many milliseconds an edit would show its first words if they came now. */
  firstWordsMs(): number;
  leave(): void;
}

export interface PacerOptions {
  readonly clock: Clock;
  /** What other processes spend of the same allowance; absent: there are none. */
  readonly spending?: Spending;
  readonly updateRule?: AllowanceRule;
  readonly postRule?: AllowanceRule;
  /** What is known of how long replies take; absent: it is learned from those that end here. */
  readonly lengths?: Lengths;
}

export function createPacer({
  clock,
  spending,
  updateRule = UPDATE_RULE,
  postRule = POST_RULE,
  lengths = createLengths(),
}: PacerOptions): Pacer {
  const posts = new Map<string, Allowance>();
  const edits = createTurns({
    clock,
    lengths,
    rule: updateRule,
    names: { call: 'chat.update', begun: 'reply begun', ended: 'reply ended', arrived: 'stream begun' },
    ends: 'all',
    ...(spending === undefined ? {} : { spending }),
  });

  const postsIn = (place: string): Allowance => {
    const known = posts.get(place) ?? new Allowance(postRule);
    posts.set(place, known);
    return known;
  };

  const waitForPost = async (place: string, signal: AbortSignal): Promise<boolean> => {
    for (;;) {
      if (signal.aborted) return false;
      const now = clock.monotonic();
      const allowance = postsIn(place);
      const at = allowance.dueAt(now);
      if (at <= now) {
        allowance.spend(now);
        return true;
      }
      await clock.sleep(Math.ceil(at - now), signal);
    }
  };

  return {
    arrived: edits.arrived,
    learn: edits.learn,
    crowded: edits.crowded,
    share: edits.share,
    paceBy: edits.paceBy,
    room: edits.room,
    join(team, channel, since = clock.monotonic(), rhythm = newRhythm()) {
      const seat = edits.join(team, since, rhythm);
      const place = `${team} ${channel}`;
      return {
        async turn(kind, signal) {
          if (kind !== 'post') return seat.turn(kind, signal);
          const given = await waitForPost(place, signal);
          if (given) seat.moved();
          return given;
        },
        limited(kind, retryAfterMs) {
          if (kind === 'post') postsIn(place).refused(clock.monotonic(), retryAfterMs);
          else seat.refused(retryAfterMs);
        },
        firstWordsMs: seat.firstWordsMs,
        leave() {
          const endedAt = seat.endedAt();
          if (endedAt !== null) lengths.note(endedAt - since);
          seat.leave();
          const now = clock.monotonic();
          for (const [key, allowance] of posts) if (allowance.idle(now)) posts.delete(key);
        },
      };
    },
  };
}
