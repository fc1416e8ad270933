import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Elsewhere, Spending } from '../../../src/allowances/store.ts';
import { createPacer, type Seat, type TurnKind } from '../../../src/reply/pace/pacer.ts';
import { SHORTEST_MS } from '../../../src/reply/pace/plan.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const UPDATES = { limit: 10, windowMs: 10_000 };
const POSTS = { limit: 3, windowMs: 3000 };

function setUp(updateRule = UPDATES) {
  const clock = createVirtualClock();
  const pacer = createPacer({ clock, updateRule, postRule: POSTS });
  const begun = clock.monotonic();
  const given: { name: string; kind: TurnKind; at: number }[] = [];
  return {
    clock,
    pacer,
    given,
    /** Asks for a turn and notes when it was given. */
    ask: async (seat: Seat, kind: TurnKind, name = '', signal = new AbortController().signal) => {
      const got = await seat.turn(kind, signal);
      if (got) given.push({ name, kind, at: clock.monotonic() - begun });
      return got;
    },
    names: () => given.map(({ name }) => name),
    expectWithin(rule: { limit: number; windowMs: number }) {
      const updates = given.filter(({ kind }) => kind !== 'post').map(({ at }) => at);
      for (const at of updates)
        expect(
          updates.filter((other) => other >= at && other < at + rule.windowMs).length,
        ).toBeLessThanOrEqual(rule.limit);
    },
  };
}

it('a reply alone is served at once, and its edits keep a distance that an eye can follow', async () => {
  const { clock, pacer, ask, given } = setUp({ limit: 49, windowMs: 60_000 });
  const seat = pacer.join('T1', 'C1');
  for (let edit = 0; edit < 4; edit++) void ask(seat, 'interim').then(() => ask(seat, 'interim'));
  await clock.advance(5000);
  const gaps = given.slice(1).map(({ at }, index) => at - (given[index]?.at ?? 0));
  expect(given[0]?.at).toBe(0);
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(SHORTEST_MS);
});

it('the end of a text and the first words go before all edits that can wait', async () => {
  const { clock, pacer, ask, names } = setUp();
  const seats = Array.from({ length: 6 }, () => pacer.join('T1', 'C1'));
  const [busy, ...others] = seats;
  if (busy === undefined) throw new Error('no seat');
  for (let call = 0; call < UPDATES.limit; call++) void ask(busy, 'final', 'before');
  await clock.settle();
  for (const [index, seat] of others.entries())
    void ask(seat, index < 3 ? 'interim' : index === 3 ? 'first' : 'final', `${index}`);
  await clock.advance(60_000);
  expect(names().slice(UPDATES.limit)).toEqual(['4', '3', '0', '1', '2']);
});

it('calls are kept back so that the end of a text need not wait for edits that were made', async () => {
  const { clock, pacer, ask, given } = setUp();
  const seats = Array.from({ length: 4 }, () => pacer.join('T1', 'C1'));
  const eager = (seat: Seat): Promise<unknown> => ask(seat, 'interim', 'edit').then(() => eager(seat));
  for (const seat of seats) void eager(seat);
  await clock.advance(25_000);
  const before = given.length;
  for (const seat of seats) void ask(seat, 'final', 'end');
  await clock.settle();
  expect(given.slice(before).filter(({ name }) => name === 'end')).toHaveLength(4);
});

it('fifty replies in one workspace are served in turn, and another workspace does not notice', async () => {
  const { clock, pacer, ask, given } = setUp({ limit: 49, windowMs: 60_000 });
  const turns = new Map<string, number>();
  for (let index = 0; index < 50; index++) {
    const seat = pacer.join('T1', 'C1');
    const again = async (): Promise<void> => {
      await ask(seat, 'interim', `${index}`);
      turns.set(`${index}`, (turns.get(`${index}`) ?? 0) + 1);
      return again();
    };
    void again();
  }
  await clock.advance(180_000);
  const other = pacer.join('T2', 'C1');
  const asked = clock.monotonic();
  await ask(other, 'interim', 'other');
  expect(clock.monotonic()).toBe(asked);

  expect(turns.size).toBe(50);
  expect(Math.max(...turns.values()) - Math.min(...turns.values())).toBeLessThanOrEqual(1);
  // At least half of the allowance goes to edits, however many ends are expected.
  expect(given.length).toBeGreaterThanOrEqual(25 * 3);
});

it('waiting costs next to nothing: plans are made a few times a second, not all the time', async () => {
  const { clock, pacer, ask } = setUp({ limit: 49, windowMs: 60_000 });
  let wakes = 0;
  const after = clock.after;
  clock.after = (ms, call) => {
    wakes += 1;
    return after(ms, call);
  };
  for (let reply = 0; reply < 8; reply++) {
    const seat = pacer.join('T1', 'C1');
    const again = (): Promise<unknown> => ask(seat, 'interim').then(again);
    void again();
  }
  await clock.advance(60_000);
  expect(wakes).toBeLessThan(1000);
});

describe('after a 429', () => {
  it('nothing is sent before the pause is over, not even the end of a text', async () => {
    const { clock, pacer, ask, given } = setUp();
    const seat = pacer.join('T1', 'C1');
    const second = pacer.join('T1', 'C1');
    await ask(seat, 'interim');
    seat.limited('interim', 7000);
    for (const kind of ['interim', 'first', 'final'] as const) void ask(second, kind);
    await clock.advance(6999);
    expect(given).toHaveLength(1);
    await clock.advance(30_000);
    expect(given).toHaveLength(4);
  });

  it('that comes while others wait, they wait longer', async () => {
    const { clock, pacer, ask, given } = setUp();
    const seat = pacer.join('T1', 'C1');
    for (let call = 0; call <= UPDATES.limit; call++) void ask(seat, 'final');
    await clock.settle();
    expect(given).toHaveLength(UPDATES.limit);
    seat.limited('final', 60_000);
    await clock.advance(59_999);
    expect(given).toHaveLength(UPDATES.limit);
    await clock.advance(1);
    expect(given).toHaveLength(UPDATES.limit + 1);
  });

  it('on a post only posts of that channel pause', async () => {
    const { clock, pacer, ask, names } = setUp();
    const seat = pacer.join('T1', 'C1');
    seat.limited('post', 5000);
    void ask(seat, 'post', 'same channel');
    void ask(seat, 'final', 'an edit');
    void ask(pacer.join('T1', 'C2'), 'post', 'other channel');
    await clock.settle();
    expect(names().sort()).toEqual(['an edit', 'other channel']);
    await clock.advance(5000);
    expect(names()).toContain('same channel');
  });
});

it('whoever gives up waiting has spent nothing, and the next one goes', async () => {
  const { clock, pacer, ask, given, names } = setUp({ limit: 1, windowMs: 1000 });
  const seat = pacer.join('T1', 'C1');
  await ask(seat, 'final', 'spent');
  const stop = new AbortController();
  const gaveUp = ask(seat, 'final', 'gave up', stop.signal);
  void ask(seat, 'final', 'next');
  stop.abort();
  expect(await gaveUp).toBe(false);
  expect(await ask(seat, 'final', 'too late', stop.signal)).toBe(false);
  await clock.advance(1000);
  expect(names()).toEqual(['spent', 'next']);
  expect(given[1]?.at).toBe(1000);
  expect(clock.timers()).toBe(0);
});

it('a reply that leaves gives its share to the others', async () => {
  const { clock, pacer, ask, given } = setUp({ limit: 49, windowMs: 60_000 });
  const crowd = Array.from({ length: 20 }, () => pacer.join('T1', 'C1'));
  const [seat, ...others] = crowd;
  if (seat === undefined) throw new Error('no seat');
  await ask(seat, 'interim');
  void ask(seat, 'interim');
  await clock.advance(2000);
  expect(given).toHaveLength(1);
  for (const other of others) other.leave();
  // It may move 2.5 times as fast as before; with the others its turn would come after more than twenty seconds.
  await clock.advance(9000);
  expect(given).toHaveLength(2);
});

/** What other processes do becomes known as through the database, a moment later. */
function shareBetween(clock: VirtualClock) {
  const rows: { team: string; method: string; process: number; at: number }[] = [];
  const open = (process: number): Spending => {
    let read = 0;
    const others = async (team: string) => {
      await clock.sleep(5);
      const fresh = rows.slice(read);
      read = rows.length;
      return fresh
        .filter((row) => row.team === team && row.process !== process)
        .map(({ method, at }) => ({ method, ago: clock.monotonic() - at }));
    };
    return {
      others,
      purge: () => Promise.resolve(),
      spent(team, method) {
        rows.push({ team, method, process, at: clock.monotonic() });
        return others(team);
      },
    };
  };
  return { rows, open };
}

it('three processes together spend no more than one may, and each has a call for the end of its replies', async () => {
  const clock = createVirtualClock();
  const shared = shareBetween(clock);
  const never = new AbortController().signal;
  const seats = [0, 1, 2].flatMap((process) => {
    const pacer = createPacer({ clock, spending: shared.open(process), updateRule: UPDATES });
    return [pacer.join('T1', 'C1'), pacer.join('T1', 'C1')];
  });
  const eager = (seat: Seat): Promise<unknown> => seat.turn('interim', never).then(() => eager(seat));
  for (const seat of seats) void eager(seat);
  await clock.advance(35_000);
  const ended = seats.map((seat) => seat.turn('final', never));
  const asked = clock.monotonic();
  await clock.advance(600);
  await Promise.all(ended);
  expect(clock.monotonic() - asked).toBe(600);
  const calls = shared.rows.filter(({ method }) => method === 'chat.update').map(({ at }) => at);
  for (const at of calls)
    expect(calls.filter((other) => other >= at && other < at + UPDATES.windowMs).length).toBeLessThanOrEqual(
      UPDATES.limit,
    );
});

it('a database that hangs holds up no turn for longer than a moment', async () => {
  const clock = createVirtualClock();
  const hangs = () => new Promise<readonly Elsewhere[]>(() => {});
  const spending: Spending = { spent: hangs, others: hangs, purge: () => Promise.resolve() };
  const seat = createPacer({ clock, spending, updateRule: UPDATES }).join('T1', 'C1');
  const given: TurnKind[] = [];
  for (const kind of ['first', 'final'] as const)
    void seat.turn(kind, new AbortController().signal).then(() => given.push(kind));
  await clock.settle();
  expect(given).toEqual(['final']);
  await clock.advance(2000);
  expect(given).toEqual(['final', 'first']);
});

it('a database that is slow, while others write too, holds up no turn for longer than a moment', async () => {
  const clock = createVirtualClock();
  let looks = 0;
  /** It takes longer than its answer counts as news; and there is always somebody else. */
  const slowly = async () => {
    looks += 1;
    await clock.sleep(180);
    return [{ method: 'chat.update', ago: 0 }];
  };
  const spending: Spending = { spent: slowly, others: slowly, purge: () => Promise.resolve() };
  const updateRule = { limit: 20, windowMs: 10_000 };
  const seat = createPacer({ clock, spending, updateRule }).join('T1', 'C1');
  await clock.advance(1000);
  const asked = clock.monotonic();
  let given = Number.POSITIVE_INFINITY;
  void seat.turn('first', new AbortController().signal).then(() => {
    given = clock.monotonic();
  });
  looks = 0;
  await clock.advance(3000);
  expect(given - asked).toBeLessThanOrEqual(500);
  expect(looks).toBeLessThanOrEqual(5);
});

it('whoever asks one after another leaves calls for the ends of those to come', async () => {
  const { clock, pacer, ask, given } = setUp({ limit: 50, windowMs: 60_000 });
  const late: number[] = [];
  const reply = async () => {
    const seat = pacer.join('T1', 'C1');
    const end = new AbortController();
    const writing = (async () => {
      while (!end.signal.aborted) await ask(seat, 'interim', '', end.signal);
    })();
    await clock.sleep(3000);
    end.abort();
    await writing;
    const asked = clock.monotonic();
    await ask(seat, 'final');
    late.push(clock.monotonic() - asked);
    seat.leave();
  };
  for (let question = 0; question < 40; question++) {
    void reply();
    await clock.advance(1500);
  }
  await clock.advance(60_000);
  expect(late).toHaveLength(40);
  // The very first replies could not know of the others.
  expect(late.filter((ms) => ms > 1500).length).toBeLessThanOrEqual(4);
  expect(given.length).toBeGreaterThan(45);
});

it('whatever is asked for: no window is overfull, no end waits behind an edit, and every turn comes', async () => {
  const asked = fc.record({
    seat: fc.nat({ max: 7 }),
    kind: fc.constantFrom<TurnKind[]>('final', 'first', 'interim'),
    waitMs: fc.nat({ max: 1500 }),
    pauseMs: fc.option(fc.nat({ max: 5000 }), { freq: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 60 }), async (steps) => {
      const { clock, pacer, ask, given, expectWithin } = setUp();
      const seats = Array.from({ length: 8 }, () => pacer.join('T1', 'C1'));
      const finals = { waiting: 0 };
      let overtaken = 0;
      const turns = steps.map(async ({ seat: index, kind, waitMs, pauseMs }) => {
        await clock.sleep(waitMs);
        const seat = seats[index];
        if (seat === undefined) return;
        if (pauseMs !== null) seat.limited('interim', pauseMs);
        if (kind === 'final') finals.waiting += 1;
        await ask(seat, kind);
        if (kind === 'final') finals.waiting -= 1;
        else if (kind === 'interim' && finals.waiting > 0) overtaken += 1;
      });
      await clock.advance(3 * 60_000);
      await Promise.all(turns);
      expect(given).toHaveLength(steps.length);
      expect(overtaken).toBe(0);
      expectWithin(UPDATES);
    }),
    // Each run lives through three minutes of planning.
    { numRuns: 8 },
  );
});
