import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDays, parseSeconds, parseUsd, writeUsd } from '../../../src/amounts.ts';

test.each([
  ['$5', 5_000_000_000n],
  ['5', 5_000_000_000n],
  ['5.50', 5_500_000_000n],
  ['5 USD', 5_000_000_000n],
  ['usd 12.5', 12_500_000_000n],
  ['US$ 1,200', 1_200_000_000_000n],
  ['0.000000001', 1n],
  ['20 dollars', 20_000_000_000n],
])('%s is an amount of money', (raw, nano) => {
  expect(parseUsd(raw)).toBe(nano);
});

test.each(['', '€5', '5 EUR', '-1', '1e9', '5,50', '$', '.5', '1.', '12 34', '$5 please', 'USD', '१२'])(
  '%s is not an amount of US dollars',
  (raw) => {
    expect(parseUsd(raw)).toBeNull();
  },
);

test('money that is written is read back to the last nano-dollar', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 999_999_999n * 1_000_000_000n }), (nano) => {
      expect(parseUsd(writeUsd(nano))).toBe(nano);
    }),
  );
});

test.each([
  ['90', 90],
  ['90 s', 90],
  ['2m', 120],
  ['2 min', 120],
  ['1m30s', 90],
  ['1 hour 30 minutes', 5400],
  ['1d', 86_400],
])('%s is a span of time', (raw, seconds) => {
  expect(parseSeconds(raw)).toBe(seconds);
});

test.each(['', 'soon', '1.5m', '-5', '5 x', '5 5', 's', '1mm', '1m30'])('%s is no span of time', (raw) => {
  expect(parseSeconds(raw)).toBeNull();
});

test('no text makes a parser throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (raw) => {
      expect([typeof parseUsd(raw), parseUsd(raw)]).toContainEqual(parseUsd(raw));
      const seconds = parseSeconds(raw);
      expect(seconds === null || Number.isSafeInteger(seconds)).toBe(true);
    }),
  );
});

test.each([
  ['30', 30],
  ['1,000', 1000],
  [' 30 Days ', 30],
  ['1d', 1],
  ['2w', 14],
  ['12 weeks', 84],
  ['1 month', 30],
  ['2y', 730],
])('%s is a number of days', (raw, days) => {
  expect(parseDays(raw)).toBe(days);
});

// `m` is for minutes, elsewhere.
test.each(['', 'days', '3 m', '-1', '1.5 days', '1e3', '30 days 2', '10,00', '1 fortnight'])(
  '%s is no number of days',
  (raw) => {
    expect(parseDays(raw)).toBeNull();
  },
);
