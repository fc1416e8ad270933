import fc from 'fast-check';
import { expect, test } from 'vitest';
import { waitBefore } from '../../../../src/slack/receive/backoff.ts';

test('waits double from one second to thirty, and there is none after a connection that worked', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 50].map((failures) => waitBefore(failures, null, 0))).toEqual([
    0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
});

test('chance takes off at most half, and what Slack asked for is always waited', () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.option(fc.nat(3_600_000)),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, asked, c) => {
        const wait = waitBefore(n, asked, c);
        expect(wait).toBeGreaterThanOrEqual(Math.max(asked ?? 0, waitBefore(n, null, 0) / 2));
        expect(wait).toBeLessThanOrEqual(Math.max(asked ?? 0, 30_000));
      },
    ),
  );
});
