import type { Elsewhere, Spending } from '../../src/allowances/store.ts';
import { createPacer, type Pacer, type Seat, type TurnKind } from '../../src/reply/pacer.ts';
import { createVirtualClock, type VirtualClock } from '../../test/support/virtual-clock.ts';
import type { Outcome, Shown } from './measure.ts';
import { chance, endOf, type Trace } from './trace.ts';

/** Slack's own rule for `chat.update`, per workspace: docs.slack.dev "Rate limits", tier 3. */
export const SLACK_UPDATES = { limit: 50, windowMs: 60_000 };
/** From the sending of a call to its answer, when its effect can be seen. */
export const CALL_MS = 80;
/** How late a process learns of the calls of others: one statement in the database. */
const LAG_MS = 5;
/** The answer may take as long as the model's limit for tokens allows: far longer than it will. */
const MOST_MS = 60_000;
const LATEST_MS = 400_000;
/** Sums of fractions do not meet their moment exactly. */
const ROUNDING_MS = 0.001;

export interface Result {
  readonly outcomes: readonly Outcome[];
  readonly calls: number;
  /** Calls that Slack would have refused. */
  readonly refused: number;
}

export interface RunOptions {
  readonly traces: readonly Trace[];
  /** Durations of earlier answers, in milliseconds, which every process has seen. */
  readonly history: readonly number[];
  readonly processes: number;
  readonly seed: number;
}

/** The real pacer under a model of the publisher (one call in flight, the end at once), in virtual time. */
export async function run({ traces, history, processes, seed }: RunOptions): Promise<Result> {
  const clock = createVirtualClock();
  const random = chance(seed);
  const slack = createSlack(clock, random);
  const shared = createShared(clock);
  const pacers = Array.from({ length: processes }, () =>
    createPacer({ clock, ...(processes > 1 ? { spending: shared.open() } : {}) }),
  );
  for (const pacer of pacers) await live(clock, pacer, history);
  const start = clock.monotonic();
  const running = traces.map((trace, index) => {
    const pacer = pacers[index % processes];
    if (pacer === undefined) throw new Error('no process');
    return write({ clock, pacer, slack, trace, start, channel: `C${index}` });
  });
  let over = false;
  const all = Promise.all(running).then((outcomes) => {
    over = true;
    return outcomes;
  });
  while (!over && clock.monotonic() - start < LATEST_MS) await clock.advance(1000);
  if (!over) throw new Error('an answer was never shown to its end');
  return { outcomes: await all, ...slack.counts() };
}

/** Earlier answers, in another workspace, so that nothing is spent of this one's allowance. */
async function live(clock: VirtualClock, pacer: Pacer, history: readonly number[]): Promise<void> {
  for (const lengthMs of history) {
    const seat = pacer.join('T0', 'C0');
    await clock.advance(lengthMs);
    await seat.turn('final', new AbortController().signal);
    seat.leave();
    await clock.advance(120_000);
  }
}

interface Writing {
  readonly clock: VirtualClock;
  readonly pacer: Pacer;
  readonly slack: ReturnType<typeof createSlack>;
  readonly trace: Trace;
  readonly start: number;
  readonly channel: string;
}

async function write({ clock, pacer, slack, trace, start, channel }: Writing): Promise<Outcome> {
  const now = () => clock.monotonic() - start;
  const received = () => {
    let low = 0;
    let high = trace.tokens.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((trace.tokens[middle]?.at ?? 0) <= now() + ROUNDING_MS) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  await clock.sleep(trace.askedAt);
  const seat = pacer.join('T1', channel);
  seat.expect(MOST_MS);
  const shown: Shown[] = [];
  const ended = new AbortController();
  clock.after(endOf(trace) - now(), () => ended.abort());
  const call = async (seatOf: Seat, kind: TurnKind): Promise<void> => {
    const tokens = received();
    const refused = await slack.call(kind);
    if (refused !== null) seatOf.limited(kind, refused);
    else shown.push({ at: now(), tokens });
  };
  const never = new AbortController().signal;
  await seat.turn('post', never);
  await call(seat, 'post');
  const posted = now();
  for (;;) {
    const seen = shown.at(-1)?.tokens ?? 0;
    const next = trace.tokens[seen];
    if (ended.signal.aborted) {
      await seat.turn('final', never);
      const before = shown.length;
      await call(seat, 'final');
      if (shown.length > before) break;
    } else if (next !== undefined && next.at > now()) {
      await clock.sleep(next.at - now(), ended.signal);
    } else {
      const given = await seat.turn(seen === 0 ? 'first' : 'interim', ended.signal);
      if (given) await call(seat, 'interim');
    }
  }
  seat.leave();
  return { trace, posted, shown: shown.filter(({ tokens }) => tokens > 0) };
}

/** Counts a call when it arrives, somewhere on its way, as Slack does. */
function createSlack(clock: VirtualClock, random: () => number) {
  let taken: number[] = [];
  let calls = 0;
  let refused = 0;
  return {
    /** Milliseconds to wait if it is one too many, else null. */
    async call(kind: TurnKind): Promise<number | null> {
      const wayMs = CALL_MS * (0.1 + 0.8 * random());
      await clock.sleep(wayMs);
      const now = clock.monotonic();
      let wait: number | null = null;
      if (kind !== 'post') {
        taken = taken.filter((at) => at > now - SLACK_UPDATES.windowMs);
        const first = taken[0];
        if (first !== undefined && taken.length >= SLACK_UPDATES.limit) {
          refused += 1;
          wait = Math.ceil((first + SLACK_UPDATES.windowMs - now) / 1000) * 1000;
        } else {
          taken.push(now);
          calls += 1;
        }
      }
      await clock.sleep(CALL_MS - wayMs);
      return wait;
    },
    counts: () => ({ calls, refused }),
  };
}

/** What the table `spendings` does, without a database: a row is read by others from `LAG_MS` on. */
function createShared(clock: VirtualClock) {
  const rows: {
    readonly team: string;
    readonly method: string;
    readonly process: number;
    readonly at: number;
  }[] = [];
  let processes = 0;
  return {
    open(): Spending {
      const process = processes++;
      let read = 0;
      const others = async (team: string): Promise<readonly Elsewhere[]> => {
        await clock.sleep(LAG_MS);
        const from = read;
        read = rows.length;
        const now = clock.monotonic();
        return rows
          .slice(from)
          .filter((row) => row.team === team && row.process !== process && row.at > now - 90_000)
          .map(({ method, at }) => ({ method, ago: now - at }));
      };
      return {
        spent(team, method) {
          rows.push({ team, method, process, at: clock.monotonic() });
          return others(team);
        },
        others,
        purge: () => Promise.resolve(),
      };
    },
  };
}
