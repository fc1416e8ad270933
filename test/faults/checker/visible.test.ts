import { expect, it } from 'vitest';
import type { Trouble } from '../bots.ts';
import type { BotMessage, Evidence, LeaseSpan } from './evidence.ts';
import { neverTakenBack } from './visible.ts';

const trouble = (slot: number, what: Trouble['what'], from: number, to: number): Trouble => ({
  ...{ who: `${slot}#1`, what, from, to },
});
/** The server takes no writes of anybody. */
const refused = [0, 1, 2].map((slot) => trouble(slot, 'read-only', 10_000, 14_000));
const silent = trouble(0, 'database', 14_000, 24_000);
const lease = (to: number): LeaseSpan => ({ mailbox: 'conversation:1', who: '0#1', from: 5_000, to });

/** A text that was shown at 12,000 is shorter in the next look. */
function found(troubles: readonly Trouble[], leases: readonly LeaseSpan[]) {
  const message = {
    ...{ reply: 'r', segment: 0, seen: { ts: '1.0' }, around: '' },
    texts: ['Some words that were seen', 'Some'],
    times: [12_000, 40_000],
  } as unknown as BotMessage;
  const reply = {
    ...{ id: 'r', mailbox: 'conversation:1', channel: 'C1', moves: [], others: [] },
    stopReason: 'end',
  };
  const evidence = { messages: [message], replies: [reply], questions: [], troubles, leases };
  const { violations, excused } = neverTakenBack(evidence as unknown as Evidence);
  return { violations: violations.length, excused };
}

it('text that nobody could store, of a process whose lease was then taken in its silence, is excused', () => {
  expect(found([...refused, silent], [lease(20_000)])).toEqual({ violations: 0, excused: 1 });
});

it.each([
  ['it kept its lease', [...refused, silent], [lease(Number.POSITIVE_INFINITY)]],
  ['it lost it when its database was back', [...refused, silent], [lease(30_000)]],
  ['it could have stored it before the silence', [...refused, { ...silent, from: 18_000 }], [lease(20_000)]],
  [
    'others could write',
    [trouble(0, 'read-only', 10_000, 14_000), trouble(1, 'frozen', 1, 2), silent],
    [lease(20_000)],
  ],
  ['there was no trouble', [], [lease(20_000)]],
])('text that is taken back is found where %s', (_where, troubles, leases) => {
  expect(found(troubles, leases)).toEqual({ violations: 1, excused: 0 });
});
