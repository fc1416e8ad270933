import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFrame } from '../../../../src/slack/receive/frames.ts';
import { eventEnvelope } from '../../../support/raw-slack.ts';

test('an event keeps its envelope id, payload and retry facts on the way to the SDK', () => {
  const envelope = { ...eventEnvelope('e1', { type: 'message' }), retry_attempt: 2, retry_reason: 'timeout' };
  const frame = readFrame(JSON.stringify(envelope));
  expect(frame.kind).toBe('pass');
  const passed: unknown = frame.kind === 'pass' ? JSON.parse(frame.text) : null;
  expect(passed).toEqual({ ...envelope, type: 'skein_envelope' });
});

test('a disconnect frame tells its reason', () => {
  expect(readFrame('{"type":"disconnect","reason":"refresh_requested"}')).toMatchObject({
    kind: 'disconnect',
    reason: 'refresh_requested',
  });
});

test('whatever is passed to the SDK is an object that it can read without failing', () => {
  const frame = fc.oneof(
    fc.anything(),
    fc.json(),
    fc
      .record({
        type: fc.constantFrom(
          'hello',
          'events_api',
          'interactive',
          'slash_commands',
          'disconnect',
          'close',
          'error',
        ),
        envelope_id: fc.option(fc.string()),
        payload: fc.jsonValue(),
        reason: fc.jsonValue(),
      })
      .map((fields) => JSON.stringify(fields)),
  );
  fc.assert(
    fc.property(frame, (data) => {
      const read = readFrame(data);
      if (read.kind === 'drop') return;
      const passed: unknown = JSON.parse(read.text);
      expect(passed).toMatchObject({ type: expect.stringMatching(/^(hello|disconnect|skein_envelope)$/) });
      if (String(Object(passed).type) === 'skein_envelope') {
        expect(passed).toMatchObject({ envelope_id: expect.any(String), payload: expect.any(Object) });
      }
    }),
    { numRuns: 500 },
  );
});
