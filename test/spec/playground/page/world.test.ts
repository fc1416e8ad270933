import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyEvents,
  KEPT_CALLS,
  messageKey,
  parseEvent,
  type World,
} from '../../../../playground/page/state/world.ts';
import type { PageEvent } from '../../../../playground/protocol.ts';
import { call, message, snapshot } from './make.ts';

const start: PageEvent = { type: 'snapshot', snapshot };

function worldAfter(...events: readonly PageEvent[]): World {
  const world = applyEvents(null, [start, ...events]);
  if (world === null) throw new Error('a snapshot makes a world');
  return world;
}

const anyEvent: fc.Arbitrary<PageEvent> = fc.oneof(
  fc
    .record({ ts: fc.constantFrom('1.1', '1.2', '1.3'), revision: fc.nat(5), text: fc.string() })
    .map((change): PageEvent => ({ type: 'message', message: message(change) })),
  fc.nat(9).map((id): PageEvent => ({ type: 'call', call: call({ id }) })),
  fc.nat(200).map((speed): PageEvent => ({ type: 'status', status: { ...snapshot.status, speed } })),
  fc.string().map((text): PageEvent => ({ type: 'toast', user: 'U1', text })),
  fc.constant(start),
);

describe('what the page knows', () => {
  test('is the same however the events were batched', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), fc.infiniteStream(fc.integer({ min: 1, max: 4 })), (events, sizes) => {
        const together = applyEvents(null, [start, ...events]);
        let apart = applyEvents(null, [start]);
        for (let rest = events; rest.length > 0; ) {
          const size = sizes.next().value ?? 1;
          apart = applyEvents(apart, rest.slice(0, size));
          rest = rest.slice(size);
        }
        expect(apart).toEqual(together);
      }),
      { numRuns: 100 },
    );
  });

  test('is nothing before the first snapshot', () => {
    expect(applyEvents(null, [{ type: 'message', message: message({ ts: '1.1' }) }])).toBeNull();
  });

  test('keeps the newer text when an older edit arrives late', () => {
    const world = worldAfter(
      { type: 'message', message: message({ ts: '1.1', revision: 7, text: 'the whole answer' }) },
      { type: 'message', message: message({ ts: '1.1', revision: 6, text: 'the wh' }) },
    );
    expect(world.messages.get(messageKey('C1', '1.1'))?.text).toBe('the whole answer');
  });

  test('starts anew with each snapshot, so that a restarted server is believed', () => {
    const world = worldAfter({ type: 'message', message: message({ ts: '1.1', revision: 7 }) }, start);
    expect(world.messages.size).toBe(0);
  });

  test('holds a call that is sent again as it grows only once', () => {
    const grown = { ...call({ id: 1 }), tookMs: 900 };
    expect(worldAfter({ type: 'call', call: call({ id: 1 }) }, { type: 'call', call: grown }).calls).toEqual([
      grown,
    ]);
  });

  test('forgets the oldest calls instead of growing for ever', () => {
    const events = Array.from(
      { length: KEPT_CALLS + 20 },
      (_, id): PageEvent => ({ type: 'call', call: call({ id }) }),
    );
    const { calls } = worldAfter(...events);
    expect([calls.length, calls[0]?.id]).toEqual([KEPT_CALLS, 20]);
  });
});

describe('a line of the event stream', () => {
  test('that is not one of our events is left out, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (data) => {
        expect(parseEvent(data)).toBeNull();
      }),
    );
  });

  test('that is one of our events is read', () => {
    expect(parseEvent(JSON.stringify(start))).toEqual(start);
  });
});
