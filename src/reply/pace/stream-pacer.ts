import type { Spending } from '../../allowances/store.ts';
import { type Clock, within } from '../../clock.ts';
import type { Streaming } from '../../defaults.ts';
import { type AllowanceRule, UPDATE_RULE } from './allowance.ts';
import { type Carrier, choose } from './carrier.ts';
import { Lane } from './lane.ts';
import type { Lengths } from './lengths.ts';
import type { Pacer } from './pacer.ts';
import { createTogether } from './together.ts';
import { createTurns, newRhythm, type Rhythm, type TurnSeat } from './turns.ts';

/** Turns of native streams. `last_append` is text that would otherwise wait for a stop. */
export type StreamTurn = 'start' | 'append' | 'last_append' | 'stop';

/** Who may start, append and stop next: the counterpart of `pacer.ts` for native streams. */
export interface StreamPacer {
  /** A reply that may use streams begins to be written here. It rides on nothing until `choose` or `ride`. `rhythm`: that of its edits. */
  join(team: string, rhythm?: Rhythm): StreamSeat;
}

export interface StreamSeat {
  /** Waits for a turn; false if `signal` aborted first (then nothing is spent). */
  turn(kind: StreamTurn, signal: AbortSignal): Promise<boolean>;
  /** Slack answered 429 to a call made in a turn of this kind. */
  limited(kind: StreamTurn, retryAfterMs: number): void;
  /** Resolves when it is known who else is writing, or when that takes too long. */
  ready(): Promise<unknown>;
  /** What carries the next segment of this reply, by what the workspace has left of both budgets. */
  choose(streaming: Streaming): Carrier;
  /** From now on this reply moves by edits, or by appends. */
  ride(carrier: Carrier): void;
  /** True if its stream is better stopped now, and goes on by edits: see `together.ts`. */
  turnsToEdits(): boolean;
  /** The stop was not the end of the text. */
  goesOn(): void;
  /** True if a stream could be started, or stopped, now. */
  canStart(): boolean;
  canStop(): boolean;
  /** Slack does not offer streams in this workspace: nobody tries for a while. */
  noStreams(): void;
  leave(): void;
}

export interface StreamPacerOptions {
  readonly clock: Clock;
  /** Who edits: what a reply would get there is weighed against a stream, and both are paced together. */
  readonly edits: Pick<Pacer, 'arrived' | 'learn' | 'crowded' | 'share' | 'paceBy'>;
  readonly lengths: Lengths;
  /** What other processes spend of the same allowances, an account for each part; absent: there are none. */
  readonly spending?: { readonly appends: Spending; readonly others: Spending };
}

/**
 * Appending is tier 4 (100 a minute), starting and stopping tier 2 (20 a minute each), per workspace. The window is
 * longer than Slack's by what a call may be late on its way.
 */
const APPEND_RULE: AllowanceRule = { limit: 100, windowMs: 60_500 };
const START_RULE: AllowanceRule = { limit: 20, windowMs: 60_500 };
const STOP_RULE: AllowanceRule = { limit: 20, windowMs: 60_500 };
/** So long is it waited for what others did. */
const LOOK_LIMIT_MS = 250;
/** A workspace that had no streams is asked again after this time. */
const NO_STREAMS_MS = 60 * 60_000;

interface Team {
  readonly starts: Lane;
  readonly stops: Lane;
  noStreamsUntil: number;
}

export function createStreamPacer({ clock, edits, lengths, spending }: StreamPacerOptions): StreamPacer {
  const teams = new Map<string, Team>();
  const appends = createTurns({
    clock,
    lengths,
    rule: APPEND_RULE,
    names: { call: 'chat.appendStream', begun: 'stream begun', ended: 'stream ended' },
    // An end takes a stop. Where there are not enough of them, the text goes before, and the stop follows.
    ends: (id, live) => Math.max(0, live - teamOf(id).stops.left(clock.monotonic())),
    ...(spending === undefined ? {} : { spending: spending.appends }),
  });

  const together = createTogether({
    edits: edits.share,
    appends: appends.share,
    lengths,
    windowMs: APPEND_RULE.windowMs,
    shareOfEdits: UPDATE_RULE.limit / (UPDATE_RULE.limit + APPEND_RULE.limit),
    turnsLeft(id) {
      const now = clock.monotonic();
      const { starts, stops } = teamOf(id);
      return Math.min(starts.left(now), stops.left(now));
    },
  });
  appends.paceBy(together.appends);
  edits.paceBy(together.edits);

  /** Others' calls become known with each call of ours. The database is away: we plan with what we know. */
  const learn = (id: string, method: string | null): Promise<void> => {
    const asking = method === null ? spending?.others.others(id) : spending?.others.spent(id, method);
    if (asking === undefined) return Promise.resolve();
    return asking.then(
      (news) => {
        const { starts, stops } = teamOf(id);
        const agesOf = (name: string) => news.filter((call) => call.method === name).map(({ ago }) => ago);
        starts.learn(agesOf('chat.startStream'));
        stops.learn(agesOf('chat.stopStream'));
      },
      () => {},
    );
  };

  const teamOf = (id: string): Team => {
    const known = teams.get(id);
    if (known !== undefined) return known;
    const laneOf = (method: string, rule: AllowanceRule) =>
      new Lane({ clock, rule, onSpent: () => void learn(id, method) });
    const team: Team = {
      starts: laneOf('chat.startStream', START_RULE),
      stops: laneOf('chat.stopStream', STOP_RULE),
      noStreamsUntil: 0,
    };
    teams.set(id, team);
    return team;
  };

  /** Waits for news of others within a limit: a slow database holds nobody up. */
  const soon = (news: Promise<unknown>, signal?: AbortSignal) => within(clock, LOOK_LIMIT_MS, news, signal);

  const forget = () => {
    const now = clock.monotonic();
    for (const [id, { starts, stops, noStreamsUntil }] of teams)
      if (noStreamsUntil <= now && starts.idle(now) && stops.idle(now)) teams.delete(id);
  };

  return {
    join(id, rhythm = newRhythm()) {
      const since = clock.monotonic();
      let riding: TurnSeat | null = null;
      let endedAt: number | null = null;
      let streaming: Streaming = 'edit';
      edits.arrived(id);
      const known =
        spending === undefined ? Promise.resolve() : soon(Promise.all([edits.learn(id), appends.learn(id)]));
      const leave = () => {
        riding?.leave();
        riding = null;
      };
      const taken = (): TurnSeat => {
        riding ??= appends.join(id, since, rhythm);
        return riding;
      };
      const ride = (carrier: Carrier) => {
        if (carrier === 'edit') leave();
        else taken();
      };
      return {
        async turn(kind, signal) {
          if (signal.aborted) return false;
          const { starts, stops } = teamOf(id);
          endedAt = kind === 'stop' ? clock.monotonic() : null;
          if (kind === 'stop') return stops.turn(signal);
          if (kind !== 'start') return taken().turn(kind === 'append' ? 'interim' : 'final', signal);
          // Many begin together: what others started just now counts.
          if (spending !== undefined) await soon(learn(id, null), signal);
          const given = !signal.aborted && (await starts.turn(signal));
          if (given) taken().moved();
          return given;
        },
        limited(kind, retryAfterMs) {
          if (kind === 'start') teamOf(id).starts.refused(retryAfterMs);
          else if (kind === 'stop') teamOf(id).stops.refused(retryAfterMs);
          else taken().refused(retryAfterMs);
        },
        ready: () => known,
        choose(asked) {
          streaming = asked;
          endedAt = null;
          const now = clock.monotonic();
          const { starts, stops, noStreamsUntil } = teamOf(id);
          leave();
          const carrier =
            now < noStreamsUntil
              ? 'edit'
              : choose(asked, {
                  startWaitMs: starts.wait(now),
                  stopWaitMs: stops.wait(now),
                  edits: edits.crowded(id),
                  appends: appends.crowded(id),
                  savesEdits: together.savesEdits(id, now - since),
                });
          ride(carrier);
          return carrier;
        },
        ride,
        turnsToEdits: () => streaming === 'auto' && together.turnsToEdits(id, clock.monotonic() - since),
        goesOn() {
          endedAt = null;
          rhythm.handedOverAt = clock.monotonic();
        },
        canStart: () => teamOf(id).starts.wait(clock.monotonic()) <= 0,
        canStop: () => teamOf(id).stops.wait(clock.monotonic()) <= 0,
        noStreams() {
          teamOf(id).noStreamsUntil = clock.monotonic() + NO_STREAMS_MS;
        },
        leave() {
          // An end by an edit is learned where edits are paced.
          if (endedAt !== null) lengths.note(endedAt - since);
          leave();
          forget();
        },
      };
    },
  };
}
