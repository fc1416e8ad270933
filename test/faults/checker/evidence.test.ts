import { expect, it } from 'vitest';
import { acknowledgedIn, keyOf } from './evidence.ts';

const QUESTION = { type: 'app_mention', channel: 'C1', ts: '1.000000' };
const attempt = (at: number, outcome = 'acked') => ({
  at,
  carrier: 'http' as const,
  retryNum: 0,
  retryReason: '',
  outcome,
  tookMs: 5,
  response: null,
});
const delivery = (event: object, ...attempts: ReturnType<typeof attempt>[]) => ({
  payload: { event: { ...event } },
  attempts,
});

it('a question counts as acknowledged from its first acknowledgement, whichever of its two events had it', () => {
  const acknowledged = acknowledgedIn(
    [
      delivery(QUESTION, attempt(100, 'timeout'), attempt(400)),
      delivery({ ...QUESTION, type: 'message' }, attempt(300)),
    ],
    1_000,
  );
  expect([...acknowledged]).toEqual([[keyOf('C1', '1.000000'), 1_305]]);
});

it('an acknowledged edit says nothing about the question, which may be on its way still', () => {
  const edited = { user: 'U1', ts: '1.500000' };
  const acknowledged = acknowledgedIn(
    [
      delivery({ ...QUESTION, edited }, attempt(100)),
      delivery({ type: 'message', subtype: 'message_changed', channel: 'C1', ts: '2.000000' }, attempt(100)),
      delivery(QUESTION, attempt(100, 'timeout')),
    ],
    0,
  );
  expect([...acknowledged]).toEqual([]);
});
