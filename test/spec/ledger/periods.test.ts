import { expect, test } from 'vitest';
import { startOf } from '../../../src/ledger/periods.ts';

test.each([
  ['day', '2026-11-22T23:59:59.999Z', '2026-11-22'],
  ['day', '2026-11-22T00:00:00.000Z', '2026-11-22'],
  ['week', '2026-11-22T12:00:00Z', '2026-11-16'],
  ['week', '2026-11-23T00:00:00Z', '2026-11-23'],
  ['week', '2027-01-01T00:00:00Z', '2026-12-28'],
  ['month', '2026-11-22T12:00:00Z', '2026-11-01'],
  ['month', '2026-12-01T00:00:00Z', '2026-12-01'],
] as const)('the %s of %s begins at midnight UTC of %s', (period, now, day) => {
  expect(startOf(period, Date.parse(now)).toISOString()).toBe(`${day}T00:00:00.000Z`);
});
