import type { Elsewhere, Spending } from '../allowances/store.ts';
import type { Clock } from '../clock.ts';
import type { Streaming } from '../config.ts';
import { type AllowanceRule, UPDATE_RULE } from './allowance.ts';
import { type Carrier, choose } from './carrier.ts';
import { Lane, type LiveSeat, type Rank } from './lane.ts';

/** Turns of native streams. `last_append` is text that would otherwise wait for a stop. */
export type StreamTurn = 'start' | 'append' | 'last_append' | 'stop';

/** Who may start, append and stop next: the counterpart of `pacer.ts` for native streams. */
export interface StreamPacer {
  /** A reply that may use streams begins to be written here. It rides on nothing until `choose` or `ride`. */
  join(team: string): StreamSeat;
}

export interface StreamSeat {
  /** Waits for a turn; false if `signal` aborted first (then nothing is spent). */
  turn(kind: StreamTurn, signal: AbortSignal): Promise<boolean>;
  /** Slack answered 429 to a call made in a turn of this kind. */
  limited(kind: StreamTurn, retryAfterMs: number): void;
  /** For how long this reply will likely go on, in milliseconds. */
  expect(remainingMs: number): void;
  /** What carries the next segment of this reply, by what the workspace has left of both budgets. */
  choose(streaming: Streaming): Carrier;
  /** From now on this reply moves by edits, or by appends. */
  ride(carrier: Carrier): void;
  /** An edit was made. Its turn came from the pacer of edits. */
  edited(): void;
  /** True if a stream could be started, or stopped, now. */
  canStart(): boolean;
  canStop(): boolean;
  /** Slack does not offer streams in this workspace: nobody tries for a while. */
  noStreams(): void;
  leave(): void;
}

export interface StreamPacerOptions {
  readonly clock: Clock;
  /** What other processes spend of the same allowances; absent: there are none. */
  readonly spending?: Spending;
}

/**
 * Appending is tier 4 (100 a minute), starting and stopping tier 2 (20 a minute each), per workspace. The window is
 * longer than Slack's by what a call may be late on its way.
 */
const APPEND_RULE: AllowanceRule = { limit: 100, windowMs: 60_500 };
const START_RULE: AllowanceRule = { limit: 20, windowMs: 60_500 };
const STOP_RULE: AllowanceRule = { limit: 20, windowMs: 60_500 };
/** A workspace that had no streams is asked again after this time. */
const NO_STREAMS_MS = 60 * 60_000;

type Method = 'edits' | 'appends' | 'starts' | 'stops';

const METHODS: Record<Method, readonly [string, AllowanceRule]> = {
  edits: ['chat.update', UPDATE_RULE],
  appends: ['chat.appendStream', APPEND_RULE],
  starts: ['chat.startStream', START_RULE],
  stops: ['chat.stopStream', STOP_RULE],
};

const TURNS: Record<StreamTurn, readonly [Method, Rank]> = {
  start: ['starts', 'final'],
  append: ['appends', 'interim'],
  last_append: ['appends', 'final'],
  stop: ['stops', 'final'],
};

interface Team {
  /** That of edits is only watched, to compare with: its turns are given elsewhere. */
  readonly lanes: Readonly<Record<Method, Lane>>;
  noStreamsUntil: number;
}

export function createStreamPacer({ clock, spending }: StreamPacerOptions): StreamPacer {
  const teams = new Map<string, Team>();

  /** Others' calls become known with each call of ours. The database is away: we plan with what we know. */
  const learn = ({ lanes }: Team, asking: Promise<readonly Elsewhere[]> | undefined) => {
    asking?.then(
      (news) => {
        for (const method of ['edits', 'appends', 'starts', 'stops'] as const) {
          const ages = news.filter((call) => call.method === METHODS[method][0]).map(({ ago }) => ago);
          lanes[method].learn(ages);
        }
      },
      () => {},
    );
  };

  const teamOf = (id: string): Team => {
    const known = teams.get(id);
    if (known !== undefined) return known;
    const laneOf = (method: Method): Lane => {
      const [name, rule] = METHODS[method];
      return new Lane({ clock, rule, onSpent: () => learn(team, spending?.spent(id, name)) });
    };
    const lanes = {
      edits: laneOf('edits'),
      appends: laneOf('appends'),
      starts: laneOf('starts'),
      stops: laneOf('stops'),
    };
    const team: Team = { lanes, noStreamsUntil: 0 };
    teams.set(id, team);
    return team;
  };

  const forget = () => {
    const now = clock.monotonic();
    for (const [id, { lanes, noStreamsUntil }] of teams)
      if (noStreamsUntil <= now && Object.values(lanes).every((lane) => lane.idle(now))) teams.delete(id);
  };

  return {
    join(id) {
      const team = teamOf(id);
      const { edits, appends, starts, stops } = team.lanes;
      const seat: LiveSeat = { remainingMs: 0, lastTurnAt: Number.NEGATIVE_INFINITY };
      learn(team, spending?.others(id));
      const ride = (carrier: Carrier | null) => {
        edits.live.delete(seat);
        appends.live.delete(seat);
        if (carrier !== null) (carrier === 'edit' ? edits : appends).live.add(seat);
        appends.serve();
      };
      return {
        turn(kind, signal) {
          if (signal.aborted) return Promise.resolve(false);
          const [method, rank] = TURNS[kind];
          return team.lanes[method].turn(rank, seat, signal);
        },
        limited(kind, retryAfterMs) {
          team.lanes[TURNS[kind][0]].refused(retryAfterMs);
        },
        expect(remainingMs) {
          seat.remainingMs = remainingMs;
        },
        choose(streaming) {
          const now = clock.monotonic();
          ride(null);
          const carrier =
            now < team.noStreamsUntil
              ? 'edit'
              : choose(streaming, {
                  startWaitMs: starts.wait(now),
                  stopWaitMs: stops.wait(now),
                  editSpacingMs: edits.spacing(now, seat),
                  appendSpacingMs: appends.spacing(now, seat),
                });
          ride(carrier);
          return carrier;
        },
        ride,
        edited: () => edits.spent(),
        canStart: () => starts.wait(clock.monotonic()) <= 0,
        canStop: () => stops.wait(clock.monotonic()) <= 0,
        noStreams() {
          team.noStreamsUntil = clock.monotonic() + NO_STREAMS_MS;
        },
        leave() {
          ride(null);
          forget();
        },
      };
    },
  };
}
