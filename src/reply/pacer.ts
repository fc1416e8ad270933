import type { Elsewhere, Spending } from '../allowances/store.ts';
import type { Clock } from '../clock.ts';
import { Allowance, type AllowanceRule, POST_RULE, UPDATE_RULE } from './allowance.ts';
import { type Crowd, createCrowd } from './crowd.ts';
import { createLengths, type Lengths } from './lengths.ts';
import type { Share, Writing } from './pace.ts';
import { scheduleOf } from './schedule.ts';

/**
 * Who may write next. One allowance for each (team, method), and for posts each (team, channel), in this
 * process. Order: posts and the last text of a reply, then first words, then the interim edit that has
 * waited longest. What can wait is planned (`pace.ts`) and leaves calls for the ends to come. A turn is spent
 * when it is given.
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
  /** For how long this reply can go on at most; a minute or more counts as any time. */
  expect(remainingMs: number): void;
  leave(): void;
}

interface Waiting {
  readonly kind: TurnKind;
  readonly seat: LiveSeat;
  readonly since: number;
  readonly give: () => void;
}

interface LiveSeat {
  readonly joinedAt: number;
  mostMs: number;
  lastTurnAt: number;
  /** When the last turn of rank `final` was asked for: at the end of the text. */
  endedAt: number | null;
}

interface Team {
  readonly id: string;
  readonly updates: Allowance;
  readonly crowd: Crowd;
  readonly live: Set<LiveSeat>;
  readonly waiting: Set<Waiting>;
  cancelTimer: () => void;
  /** When what others did was last asked for; whether the answer is still awaited. */
  lookedAt: number;
  looking: boolean;
  /** Until when others count as present, because something of theirs was seen. */
  sharedUntil: number;
}

const UPDATE = 'chat.update';
/** Not calls, but shared in the same way: how many replies other processes are writing. */
const BEGUN = 'reply begun';
const ENDED = 'reply ended';
/** Alone, a look now and then finds others; with others, a call needs to know what they did just before. */
const LOOK_EVERY_MS = 2000;
const FRESH_MS = 100;
const SHARED_MS = 90_000;
/** A database that is slower holds nobody up: we go on with what we know. */
const LOOK_LIMIT_MS = 250;
/** With so many calls left the end of a text need not wait for a look. */
const PLENTY = 5;
/** What can wait is planned anew at least so often: expectations change while nothing happens. */
const REPLAN_MS = 250;
const UNBOUNDED_MS = 60_000;

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
  const teams = new Map<string, Team>();
  const posts = new Map<string, Allowance>();

  const teamOf = (id: string): Team => {
    const known = teams.get(id);
    if (known !== undefined) return known;
    const team: Team = {
      id,
      updates: new Allowance(updateRule),
      crowd: createCrowd(lengths),
      live: new Set(),
      waiting: new Set(),
      cancelTimer: () => {},
      lookedAt: Number.NEGATIVE_INFINITY,
      looking: false,
      sharedUntil: Number.NEGATIVE_INFINITY,
    };
    teams.set(id, team);
    return team;
  };

  /** Takes in what others did. */
  const take = (team: Team, news: readonly Elsewhere[]) => {
    if (news.length === 0) return;
    const now = clock.monotonic();
    for (const { method, ago } of news) {
      if (method === UPDATE) team.updates.spentElsewhere(now - ago);
      else if (method === BEGUN) team.crowd.begun(now - ago, false);
      else if (method === ENDED) team.crowd.endedElsewhere(now - ago);
    }
    team.sharedUntil = now + SHARED_MS;
    if (!team.looking) serve(team);
  };

  /** Tells others what we do, and learns what they did. Database away: we plan with what we know. */
  const tell = (team: Team, method: string): void => {
    spending?.spent(team.id, method).then(
      (news) => take(team, news),
      () => {},
    );
  };

  /** Serves when it is known what others did: `asking` tells. */
  const look = (team: Team, now: number, asking: Promise<readonly Elsewhere[]>) => {
    team.lookedAt = now;
    team.looking = true;
    const goOn = () => {
      cancel();
      if (!team.looking) return;
      team.looking = false;
      serve(team);
    };
    const cancel = clock.after(LOOK_LIMIT_MS, goOn);
    asking.then((news) => {
      take(team, news);
      goOn();
    }, goOn);
  };

  /** True if what others did must be known before this turn is given. */
  const blind = (team: Team, { kind }: Waiting, now: number): boolean => {
    if (kind === 'final' && team.updates.left(now) > PLENTY) return false;
    return team.looking || now - team.lookedAt >= (now < team.sharedUntil ? FRESH_MS : LOOK_EVERY_MS);
  };

  const postsIn = (team: string, channel: string): Allowance => {
    const key = `${team} ${channel}`;
    const known = posts.get(key) ?? new Allowance(postRule);
    posts.set(key, known);
    return known;
  };

  /** When each of our replies should move next, or null if nothing that can wait may go now. */
  const plan = (team: Team, now: number): ReadonlyMap<LiveSeat, Share> | null => {
    if (team.updates.freeAt(now) > now) return null;
    const asking = new Map([...team.waiting].map((waiting) => [waiting.seat, waiting]));
    const seats = [...team.live];
    const ours = seats.map((seat): Writing => {
      const unseenMs = now - unseenSince(seat, asking.get(seat), now);
      return { sinceMs: now - seat.joinedAt, mostMs: seat.mostMs, unseenMs };
    });
    const usualMs = ours.reduce((sum, { unseenMs }) => sum + unseenMs, 0) / Math.max(1, ours.length);
    const theirs = team.crowd
      .elsewhere(now)
      .map((at): Writing => ({ sinceMs: now - at, mostMs: UNBOUNDED_MS, unseenMs: usualMs }));
    const shares = scheduleOf({
      writings: [...ours, ...theirs],
      lengths,
      arrivalRate: team.crowd.arrivalRate(now),
      windowMs: updateRule.windowMs,
      left: (aheadMs) => team.updates.left(now, aheadMs),
    });
    if (shares === null) return null;
    return new Map(seats.flatMap((seat, index) => pair(seat, shares[index])));
  };

  const serve = (team: Team) => {
    team.cancelTimer();
    for (;;) {
      const now = clock.monotonic();
      const next = nextOf(team, now);
      if (next === null) return;
      if (typeof next === 'number') {
        team.cancelTimer = clock.after(Math.max(1, Math.ceil(next - now)), () => serve(team));
        return;
      }
      if (spending !== undefined && blind(team, next, now)) {
        if (!team.looking) look(team, now, spending.others(team.id));
        return;
      }
      team.waiting.delete(next);
      team.updates.spend(now);
      tell(team, UPDATE);
      next.seat.lastTurnAt = now;
      next.give();
    }
  };

  /** The waiting turn to give now, the moment to look again, or null if nobody waits. */
  const nextOf = (team: Team, now: number): Waiting | number | null => {
    const first = oldest([...team.waiting].filter(({ kind }) => kind === 'final'));
    if (first !== null) {
      const at = team.updates.dueAt(now);
      return at > now ? at : first;
    }
    if (team.waiting.size === 0) return null;
    const shares = plan(team, now);
    if (shares === null) {
      const free = team.updates.freeAt(now);
      return free > now ? Math.min(now + REPLAN_MS, free) : now + REPLAN_MS;
    }
    const due = [...team.waiting].filter((waiting) => dueAt(waiting, shares) <= now);
    // A call that is made anyway is best made for somebody who has not seen a word yet.
    if (due.length > 0)
      return (
        oldest([...team.waiting].filter(({ kind }) => kind === 'first')) ??
        due.reduce((a, b) => (b.seat.lastTurnAt < a.seat.lastTurnAt ? b : a))
      );
    return Math.min(
      now + REPLAN_MS,
      ...[...team.waiting].map((waiting) => Math.max(now + 1, dueAt(waiting, shares))),
    );
  };

  const waitForUpdate = (team: Team, seat: LiveSeat, kind: TurnKind, signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const giveUp = () => {
        team.waiting.delete(waiting);
        resolve(false);
        serve(team);
      };
      const waiting: Waiting = {
        kind,
        seat,
        since: clock.monotonic(),
        give: () => {
          signal.removeEventListener('abort', giveUp);
          resolve(true);
        },
      };
      if (kind === 'final') seat.endedAt = waiting.since;
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
      const joinedAt = clock.monotonic();
      const seat: LiveSeat = {
        joinedAt,
        mostMs: UNBOUNDED_MS,
        lastTurnAt: Number.NEGATIVE_INFINITY,
        endedAt: null,
      };
      team.live.add(seat);
      team.crowd.begun(joinedAt, true);
      if (spending !== undefined) {
        if (team.looking) tell(team, BEGUN);
        else look(team, joinedAt, spending.spent(teamId, BEGUN));
      }
      return {
        turn(kind, signal) {
          if (signal.aborted) return Promise.resolve(false);
          if (kind === 'post') return waitForPost(postsIn(teamId, channel), seat, signal);
          return waitForUpdate(team, seat, kind, signal);
        },
        limited(kind, retryAfterMs) {
          const allowance = kind === 'post' ? postsIn(teamId, channel) : team.updates;
          allowance.refused(clock.monotonic(), retryAfterMs);
          serve(team);
        },
        expect(remainingMs) {
          seat.mostMs = remainingMs;
        },
        leave() {
          team.live.delete(seat);
          if (seat.endedAt !== null) lengths.note(seat.endedAt - joinedAt);
          tell(team, ENDED);
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

/** Since when a seat has had text that can't be seen; after a pause of the model since its last movement. */
function unseenSince(seat: LiveSeat, waiting: Waiting | undefined, now: number): number {
  if (waiting !== undefined && waiting.kind !== 'interim') return waiting.since;
  if (Number.isFinite(seat.lastTurnAt)) return seat.lastTurnAt;
  return waiting === undefined ? now : now - UNBOUNDED_MS;
}

/** When a waiting turn is due by the plan. */
function dueAt({ kind, seat, since }: Waiting, shares: ReadonlyMap<LiveSeat, Share>): number {
  const share = shares.get(seat);
  if (share === undefined) return since;
  return kind === 'first' ? since + share.firstWordsMs : seat.lastTurnAt + share.distanceMs;
}

function oldest(waiting: readonly Waiting[]): Waiting | null {
  return waiting.reduce<Waiting | null>(
    (found, one) => (found === null || one.since < found.since ? one : found),
    null,
  );
}

function pair(seat: LiveSeat, share: Share | undefined): [LiveSeat, Share][] {
  return share === undefined ? [] : [[seat, share]];
}
