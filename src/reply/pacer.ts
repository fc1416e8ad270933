import type { Spending } from '../allowances/store.ts';
import type { Clock } from '../clock.ts';
import { Allowance, type AllowanceRule, POST_RULE, UPDATE_RULE } from './allowance.ts';
import { keptForFinals, SHORTEST_MS, spacingMs } from './pace.ts';

/**
 * Who may write next. One allowance for each (team, method), and for posts each (team, channel), in this
 * process. Order: posts and the last text of a reply, then first words, then the interim edit that has
 * waited longest. A turn is spent when it is given.
 */
export type TurnKind = 'post' | 'final' | 'first' | 'interim';

export interface Pacer {
  /** A reply begins to be written here. */
  join(team: string, channel: string): Seat;
}

export interface Seat {
  /** Waits for a turn; false if `signal` aborted first (then nothing is spent). */
  turn(kind: TurnKind, signal: AbortSignal): Promise<boolean>;
  /** Slack answered 429 to a call made in a turn of this kind. */
  limited(kind: TurnKind, retryAfterMs: number): void;
  /** For how long this reply will likely go on. */
  expect(remainingMs: number): void;
  leave(): void;
}

interface Waiting {
  readonly team: string;
  readonly kind: TurnKind;
  readonly seat: LiveSeat;
  readonly since: number;
  readonly give: () => void;
}

interface LiveSeat {
  remainingMs: number;
  lastTurnAt: number;
}

interface Team {
  readonly updates: Allowance;
  readonly live: Set<LiveSeat>;
  readonly waiting: Set<Waiting>;
  cancelTimer: () => void;
}

const UPDATE = 'chat.update';
const RANK: Record<TurnKind, number> = { post: 0, final: 0, first: 1, interim: 2 };

export interface PacerOptions {
  readonly clock: Clock;
  /** What other processes spend of the same allowance; absent: there are none. */
  readonly spending?: Spending;
  readonly updateRule?: AllowanceRule;
  readonly postRule?: AllowanceRule;
}

export function createPacer({
  clock,
  spending,
  updateRule = UPDATE_RULE,
  postRule = POST_RULE,
}: PacerOptions): Pacer {
  const teams = new Map<string, Team>();
  const posts = new Map<string, Allowance>();

  const teamOf = (id: string): Team => {
    const known = teams.get(id);
    if (known !== undefined) return known;
    const team: Team = {
      updates: new Allowance(updateRule),
      live: new Set(),
      waiting: new Set(),
      cancelTimer: () => {},
    };
    teams.set(id, team);
    return team;
  };

  /** Others' calls become known with each call of ours, and when a reply begins. Away: we plan with what we know. */
  const learn = (team: Team, ages: Promise<readonly number[]> | undefined) => {
    ages?.then(
      (known) => {
        const now = clock.monotonic();
        for (const age of known) team.updates.spentElsewhere(now - age);
        if (known.length > 0) serve(team);
      },
      () => {},
    );
  };

  const postsIn = (team: string, channel: string): Allowance => {
    const key = `${team} ${channel}`;
    const known = posts.get(key) ?? new Allowance(postRule);
    posts.set(key, known);
    return known;
  };

  /** Earliest moment at which a waiting update may go. */
  const dueAt = (team: Team, { kind, seat }: Waiting, now: number): number => {
    if (kind !== 'interim') return team.updates.dueAt(now);
    const keep = keptForFinals(team.live.size, updateRule.limit);
    const horizonMs = Math.max(...[...team.live].map((other) => other.remainingMs), SHORTEST_MS);
    const left = team.updates.left(now, horizonMs, keep);
    const spaced = seat.lastTurnAt + spacingMs({ live: team.live.size, horizonMs, left });
    return Math.max(team.updates.freeAt(now, keep), spaced);
  };

  const serve = (team: Team) => {
    team.cancelTimer();
    for (;;) {
      const now = clock.monotonic();
      let next: { waiting: Waiting; at: number } | null = null;
      for (const waiting of team.waiting) {
        const at = dueAt(team, waiting, now);
        if (next === null || comesBefore(waiting, at, next.waiting, next.at, now)) next = { waiting, at };
      }
      if (next === null) return;
      if (next.at > now) {
        team.cancelTimer = clock.after(Math.ceil(next.at - now), () => serve(team));
        return;
      }
      team.waiting.delete(next.waiting);
      team.updates.spend(now);
      learn(team, spending?.spent(next.waiting.team, UPDATE));
      next.waiting.seat.lastTurnAt = now;
      next.waiting.give();
    }
  };

  const waitForUpdate = (
    id: string,
    team: Team,
    seat: LiveSeat,
    kind: TurnKind,
    signal: AbortSignal,
  ): Promise<boolean> =>
    new Promise((resolve) => {
      const giveUp = () => {
        team.waiting.delete(waiting);
        resolve(false);
        serve(team);
      };
      const waiting: Waiting = {
        team: id,
        kind,
        seat,
        since: clock.monotonic(),
        give: () => {
          signal.removeEventListener('abort', giveUp);
          resolve(true);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      team.waiting.add(waiting);
      serve(team);
    });

  const waitForPost = async (allowance: Allowance, seat: LiveSeat, signal: AbortSignal): Promise<boolean> => {
    for (;;) {
      if (signal.aborted) return false;
      const now = clock.monotonic();
      const at = allowance.dueAt(now);
      if (at <= now) {
        allowance.spend(now);
        seat.lastTurnAt = now;
        return true;
      }
      await clock.sleep(Math.ceil(at - now), signal);
    }
  };

  return {
    join(teamId, channel) {
      const team = teamOf(teamId);
      const seat: LiveSeat = { remainingMs: 0, lastTurnAt: Number.NEGATIVE_INFINITY };
      team.live.add(seat);
      learn(team, spending?.others(teamId, UPDATE));
      return {
        turn(kind, signal) {
          if (signal.aborted) return Promise.resolve(false);
          if (kind === 'post') return waitForPost(postsIn(teamId, channel), seat, signal);
          return waitForUpdate(teamId, team, seat, kind, signal);
        },
        limited(kind, retryAfterMs) {
          const allowance = kind === 'post' ? postsIn(teamId, channel) : team.updates;
          allowance.refused(clock.monotonic(), retryAfterMs);
          serve(team);
        },
        expect(remainingMs) {
          seat.remainingMs = remainingMs;
        },
        leave() {
          team.live.delete(seat);
          serve(team);
          const now = clock.monotonic();
          for (const [key, allowance] of posts) if (allowance.idle(now)) posts.delete(key);
          for (const [id, other] of teams)
            if (other.live.size === 0 && other.waiting.size === 0 && other.updates.idle(now))
              teams.delete(id);
        },
      };
    },
  };
}

/** Among turns that are due: by rank, then the one whose reader has waited longest. Else: the earliest. */
function comesBefore(a: Waiting, aAt: number, b: Waiting, bAt: number, now: number): boolean {
  const aDue = aAt <= now;
  const bDue = bAt <= now;
  if (aDue !== bDue) return aDue;
  if (!aDue) return aAt < bAt;
  if (RANK[a.kind] !== RANK[b.kind]) return RANK[a.kind] < RANK[b.kind];
  if (a.kind === 'interim') return a.seat.lastTurnAt < b.seat.lastTurnAt;
  return a.since < b.since;
}
