import type { Elsewhere, Spending } from '../../allowances/store.ts';
import type { Clock } from '../../clock.ts';
import { Allowance, type AllowanceRule } from './allowance.ts';
import type { Crowded } from './carrier.ts';
import { type Crowd, createCrowd } from './crowd.ts';
import type { Lengths } from './lengths.ts';
import { callsOfEnds, LONGEST_MS, type Plan, plan, type Situation, type Writing } from './plan.ts';
import type { Pace, Share, ShareOf } from './together.ts';

/** How urgent a turn is: the last text of a reply, its first words, or what the next turn replaces. */
export type Rank = 'final' | 'first' | 'interim';

/** How one reply has moved, whatever moved it. */
export interface Rhythm {
  /** The longest distance that was planned for a movement, in milliseconds. */
  slowestMs: number;
  /** When a stream that moved it was stopped and left it to edits, in monotonic milliseconds: its last movement before them. */
  handedOverAt: number;
}

/** That of a reply that has not moved yet. */
export function newRhythm(): Rhythm {
  return { slowestMs: 0, handedOverAt: Number.NEGATIVE_INFINITY };
}

/**
 * The turns of one method that moves replies (an edit, an append), for each workspace. Order: last texts, then
 * first words, then the interim turn that has waited longest. What can wait is planned (`plan.ts`) and leaves
 * calls for the ends to come. A turn is spent when it is given.
 */
export interface Turns {
  /** A reply that has been written since `since` (monotonic milliseconds) moves by this method from now on. */
  join(team: string, since: number, rhythm: Rhythm): TurnSeat;
  /** A reply begins: who moves it is not known yet, but it may end by a call of this method. */
  arrived(team: string): void;
  /** Learns what other processes did; resolves without it if the database is away. */
  learn(team: string): Promise<void>;
  /** How it would be for one reply more; others' replies are counted. */
  crowded(team: string): Crowded;
  /** What there is for those that move by this method. */
  readonly share: ShareOf;
  /** From now on movements are as far apart as this says; until then by the own plan. */
  paceBy(pace: Pace): void;
  /** True if there is a call for the end of one reply more, beside those for all that move by this method. */
  room(team: string): boolean;
}

export interface TurnSeat {
  /** Waits for a turn; false if `signal` aborted first (then nothing is spent). */
  turn(rank: Rank, signal: AbortSignal): Promise<boolean>;
  /** Slack answered 429 to a call made in a turn. */
  refused(retryAfterMs: number): void;
  /** In how many milliseconds the plan would show its first words if they came now. */
  firstWordsMs(): number;
  /** The reply was moved by another method, just now. */
  moved(): void;
  /** When the last turn of rank `final` was asked for: at the end of the text; null if it never was. */
  endedAt(): number | null;
  leave(): void;
}

interface Waiting {
  readonly rank: Rank;
  readonly seat: LiveSeat;
  readonly since: number;
  readonly give: () => void;
}

interface LiveSeat {
  readonly since: number;
  readonly rhythm: Rhythm;
  lastTurnAt: number;
  endedAt: number | null;
}

interface Team {
  readonly id: string;
  readonly allowance: Allowance;
  readonly crowd: Crowd;
  readonly live: Set<LiveSeat>;
  readonly waiting: Set<Waiting>;
  cancelTimer: () => void;
  /** When what others did was last asked for; whether the answer is still awaited. */
  lookedAt: number;
  looking: boolean;
  /** The same for those that ask before they begin. */
  learnedAt: number;
  learned: Promise<void>;
  /** Until when others count as present, because something of theirs was seen. */
  sharedUntil: number;
}

export interface TurnsOptions {
  readonly clock: Clock;
  readonly rule: AllowanceRule;
  readonly lengths: Lengths;
  /**
   * Under which names processes tell each other of a call, and (not calls, but shared in the same way) of a reply
   * that begins or ends to move by this method. `arrived`: one that begins to move by another, but may end by this.
   */
  readonly names: {
    readonly call: string;
    readonly begun: string;
    readonly ended: string;
    readonly arrived?: string;
  };
  /** What other processes spend of the same allowance; absent: there are none. */
  readonly spending?: Spending;
  /** Ends that need a call of this method; else they have another way, but for so many in this workspace. */
  readonly ends: 'all' | ((team: string, live: number) => number);
}

/** Alone, a look now and then finds others; with others, a call needs to know what they did just before. */
const LOOK_EVERY_MS = 2000;
const FRESH_MS = 100;
const SHARED_MS = 90_000;
/** A database that is slower holds nobody up: we go on with what we know. */
const LOOK_LIMIT_MS = 250;
/** A call that another process may make in the moment in which we don't know of it yet: an end would wait a minute for one. */
const UNTOLD = 1;
/** Replies that other processes may begin in the moment in which we don't know of them yet. */
const UNTOLD_ROOM = 4;
/** With so many calls left the end of a text need not wait for a look. */
const PLENTY = 5;
/**
 * A reply of a crowd that ends around it may move faster, down to this share of its slowest distance: text that has come
 * every six seconds and then comes twice a second is no even rhythm, and the calls are there when more people ask.
 */
const QUICKEST = 0.4;
/** What can wait is planned anew at least so often: expectations change while nothing happens. */
const REPLAN_MS = 250;

export function createTurns({ clock, rule, lengths, names, spending, ends }: TurnsOptions): Turns {
  const teams = new Map<string, Team>();
  let pace: Pace = (_team, own) => own.distanceMs();

  const teamOf = (id: string): Team => {
    const known = teams.get(id);
    if (known !== undefined) return known;
    const team: Team = {
      id,
      allowance: new Allowance(rule),
      crowd: createCrowd(lengths),
      live: new Set(),
      waiting: new Set(),
      cancelTimer: () => {},
      lookedAt: Number.NEGATIVE_INFINITY,
      looking: false,
      learnedAt: Number.NEGATIVE_INFINITY,
      learned: Promise.resolve(),
      sharedUntil: Number.NEGATIVE_INFINITY,
    };
    teams.set(id, team);
    return team;
  };

  /** Takes in what others did. */
  const take = (team: Team, news: readonly Elsewhere[]) => {
    const now = clock.monotonic();
    let ours = false;
    for (const { method, ago } of news) {
      if (method === names.call) team.allowance.spentElsewhere(now - ago);
      else if (method === names.begun) team.crowd.begun(now - ago, false);
      else if (method === names.ended) team.crowd.endedElsewhere(now - ago);
      else if (method === names.arrived) team.crowd.begun(now - ago, true);
      else continue;
      ours = true;
    }
    if (!ours) return;
    team.sharedUntil = now + SHARED_MS;
    if (!team.looking) serve(team);
  };

  /** Takes in what others did when that is known. Database away: we plan with what we know. */
  const heard = (team: Team, asking: Promise<readonly Elsewhere[]> | undefined): Promise<void> =>
    asking?.then(
      (news) => take(team, news),
      () => {},
    ) ?? Promise.resolve();

  /** Tells others what we do, and learns what they did. */
  const tell = (team: Team, name: string) => void heard(team, spending?.spent(team.id, name));

  /** Serves when it is known what others did: `asking` tells. */
  const look = (team: Team, asking: Promise<readonly Elsewhere[]>) => {
    team.lookedAt = clock.monotonic();
    team.looking = true;
    const goOn = () => {
      cancel();
      if (!team.looking) return;
      team.looking = false;
      serve(team, true);
    };
    const cancel = clock.after(LOOK_LIMIT_MS, goOn);
    asking.then((news) => {
      take(team, news);
      goOn();
    }, goOn);
  };

  /** True if what others did must be known before this turn is given. */
  const blind = (team: Team, { rank }: Waiting, now: number): boolean => {
    if (rank === 'final' && team.allowance.left(now) > PLENTY) return false;
    return team.looking || now - team.lookedAt >= (now < team.sharedUntil ? FRESH_MS : LOOK_EVERY_MS);
  };

  /** Our replies, `more` that are not here yet, and those of others, in this order, and what they have. */
  const situationOf = (team: Team, now: number, more: readonly Writing[] = []): Situation => {
    const ours = [...team.live].map(({ since }): Writing => ({ sinceMs: now - since }));
    const theirs = team.crowd.elsewhere(now).map((at): Writing => ({ sinceMs: now - at }));
    return {
      writings: [...ours, ...more, ...theirs],
      lengths,
      arrivalRate: ends === 'all' ? team.crowd.arrivalRate(now) : 0,
      windowMs: rule.windowMs,
      left: (aheadMs) => team.allowance.left(now, aheadMs, now < team.sharedUntil ? UNTOLD : 0),
      ends: ends === 'all' ? 'all' : ends(team.id, team.live.size + theirs.length),
    };
  };

  const planFor = (team: Team, now: number, more: readonly Writing[] = []): Plan | null =>
    team.allowance.freeAt(now) > now ? null : plan(situationOf(team, now, more));

  const shareOf = (team: Team, now: number, more: readonly Writing[] = []): Share => {
    const situation = situationOf(team, now, more);
    return {
      writings: situation.writings,
      spare: (aheadMs) => Math.max(0, situation.left(aheadMs) - callsOfEnds(situation, aheadMs)),
      distanceMs: () => planFor(team, now, more)?.distanceMs ?? LONGEST_MS,
    };
  };

  /** `looked`: a look has just ended, so one turn may be given however long that look took. */
  const serve = (team: Team, looked = false) => {
    team.cancelTimer();
    for (let sighted = looked; ; sighted = false) {
      const now = clock.monotonic();
      const next = nextOf(team, now);
      if (next === null) return;
      if (typeof next === 'number') {
        team.cancelTimer = clock.after(Math.max(1, Math.ceil(next - now)), () => serve(team));
        return;
      }
      if (spending !== undefined && !sighted && blind(team, next, now)) {
        if (!team.looking) look(team, spending.others(team.id));
        return;
      }
      team.waiting.delete(next);
      team.allowance.spend(now);
      tell(team, names.call);
      next.seat.lastTurnAt = now;
      next.give();
    }
  };

  /** The waiting turn to give now, the moment to look again, or null if nobody waits. */
  const nextOf = (team: Team, now: number): Waiting | number | null => {
    const final = oldest([...team.waiting].filter(({ rank }) => rank === 'final'));
    if (final !== null) {
      const at = team.allowance.dueAt(now);
      return at > now ? at : final;
    }
    if (team.waiting.size === 0) return null;
    const planned = planFor(team, now);
    if (planned === null) {
      const free = team.allowance.freeAt(now);
      return free > now ? Math.min(now + REPLAN_MS, free) : now + REPLAN_MS;
    }
    const distanceMs = pace(team.id, { ...shareOf(team, now), distanceMs: () => planned.distanceMs });
    const moments = dueMoments(team, { ...planned, distanceMs });
    const due = [...team.waiting].filter((waiting) => (moments.get(waiting) ?? 0) <= now);
    if (due.length > 0) {
      // A call that is made anyway is best made for somebody who has not seen a word yet.
      const first = oldest([...team.waiting].filter(({ rank }) => rank === 'first'));
      if (first !== null) return first;
      const next = due.reduce((a, b) => (b.seat.lastTurnAt < a.seat.lastTurnAt ? b : a));
      const { rhythm } = next.seat;
      rhythm.slowestMs = Math.max(rhythm.slowestMs, distanceMs);
      return next;
    }
    return Math.min(now + REPLAN_MS, ...[...moments.values()].map((at) => Math.max(now + 1, at)));
  };

  const forget = () => {
    const now = clock.monotonic();
    for (const [id, { live, waiting, allowance }] of teams)
      if (live.size === 0 && waiting.size === 0 && allowance.idle(now)) teams.delete(id);
  };

  return {
    join(id, since, rhythm) {
      const team = teamOf(id);
      const seat: LiveSeat = {
        since,
        rhythm,
        lastTurnAt: rhythm.handedOverAt,
        endedAt: null,
      };
      team.live.add(seat);
      team.crowd.begun(clock.monotonic(), true);
      if (spending !== undefined) {
        if (team.looking) tell(team, names.begun);
        else look(team, spending.spent(id, names.begun));
      }
      return {
        turn: (rank, signal) =>
          new Promise((resolve) => {
            if (signal.aborted) return resolve(false);
            const giveUp = () => {
              team.waiting.delete(waiting);
              resolve(false);
              serve(team);
            };
            const give = () => {
              signal.removeEventListener('abort', giveUp);
              resolve(true);
            };
            const waiting: Waiting = { rank, seat, since: clock.monotonic(), give };
            if (rank === 'final') seat.endedAt = waiting.since;
            signal.addEventListener('abort', giveUp, { once: true });
            team.waiting.add(waiting);
            serve(team);
          }),
        refused(retryAfterMs) {
          team.allowance.refused(clock.monotonic(), retryAfterMs);
          serve(team);
        },
        firstWordsMs() {
          const planned = planFor(team, clock.monotonic());
          const index = [...team.live].indexOf(seat);
          return planned === null ? LONGEST_MS : (planned.firstWordsMs[index] ?? 0);
        },
        moved() {
          seat.lastTurnAt = clock.monotonic();
        },
        endedAt: () => seat.endedAt,
        leave() {
          team.live.delete(seat);
          tell(team, names.ended);
          serve(team);
          forget();
        },
      };
    },
    learn(id) {
      const team = teamOf(id);
      const now = clock.monotonic();
      // Those of a crowd that come together ask together.
      if (now - team.learnedAt >= FRESH_MS) {
        team.learnedAt = now;
        team.learned = heard(team, spending?.others(id));
      }
      return team.learned;
    },
    arrived: (id) => teamOf(id).crowd.begun(clock.monotonic(), true),
    share(id, more) {
      const team = teams.get(id);
      return team === undefined ? null : shareOf(team, clock.monotonic(), more === undefined ? [] : [more]);
    },
    paceBy(by) {
      pace = by;
    },
    room(id) {
      const team = teams.get(id);
      if (team === undefined) return true;
      const now = clock.monotonic();
      const promised = team.live.size + team.crowd.elsewhere(now).length;
      return team.allowance.left(now, 0, now < team.sharedUntil ? UNTOLD_ROOM : 0) > promised;
    },
    crowded(id) {
      const team = teams.get(id);
      if (team === undefined) return { count: 0, distanceOfNextMs: 0 };
      const now = clock.monotonic();
      return {
        count: team.live.size + team.crowd.elsewhere(now).length,
        distanceOfNextMs: planFor(team, now, [{ sinceMs: 0 }])?.distanceMs ?? LONGEST_MS,
      };
    },
  };
}

/** When each waiting turn is due by the plan. */
function dueMoments({ live, waiting }: Team, { distanceMs, firstWordsMs }: Plan): Map<Waiting, number> {
  const firsts = new Map([...live].map((seat, index) => [seat, firstWordsMs[index] ?? 0]));
  return new Map(
    [...waiting].map((one) => [
      one,
      one.rank === 'first'
        ? one.since + (firsts.get(one.seat) ?? 0)
        : one.seat.lastTurnAt + Math.max(distanceMs, QUICKEST * one.seat.rhythm.slowestMs),
    ]),
  );
}

function oldest(waiting: readonly Waiting[]): Waiting | null {
  return waiting.reduce<Waiting | null>(
    (found, one) => (found === null || one.since < found.since ? one : found),
    null,
  );
}
