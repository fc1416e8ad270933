import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkMessageBlocks } from '../../../playground/slack/blockLimits.ts';
import { costByDay, costShares } from '../../../src/commands/usage-charts.ts';
import { chartLines } from '../../../src/render/chart.ts';
import { lookOfSegment } from '../../../src/slack/send/look.ts';

const day = (iso: string) => new Date(`${iso}T00:00:00Z`);
const cents = (amount: number) => BigInt(amount) * 10_000_000n;

test('each day of a week has its bar, those without usage too', () => {
  const days = [
    { who: '2026-11-02', cost: cents(125) },
    { who: '2026-11-04', cost: 2_000_000n },
  ];
  const data = costByDay(days, day('2026-11-02'), day('2026-11-05'));
  expect(data?.chart).toMatchObject({
    kind: 'bar',
    labels: ['2 Nov', '3 Nov', '4 Nov', '5 Nov'],
    series: [{ name: 'USD', values: [1.25, 0, 0.002, 0] }],
  });
});

test('a month is drawn by seven days, and its bars add up to what was spent', () => {
  const days = Array.from({ length: 30 }, (_, at) => ({
    who: `2026-11-${String(at + 1).padStart(2, '0')}`,
    cost: cents(100),
  }));
  const chart = costByDay(days, day('2026-11-01'), day('2026-11-30'))?.chart;
  expect(chart?.labels).toEqual(['1–7 Nov', '8–14 Nov', '15–21 Nov', '22–28 Nov', '29–30 Nov']);
  expect(chart?.series[0]?.values).toEqual([7, 7, 7, 7, 2]);
});

test('one day, or what only one has spent, is no chart', () => {
  expect(costByDay([{ who: '2026-11-02', cost: 1n }], day('2026-11-02'), day('2026-11-02'))).toBeNull();
  const shares = [
    { name: 'Ana', cost: 5n },
    { name: 'Ben', cost: 0n },
  ];
  expect(costShares('person', shares)).toBeNull();
});

test('a pie has the five dearest and all others together', () => {
  const shares = Array.from({ length: 9 }, (_, at) => ({ name: `P${at}`, cost: cents(at + 1) }));
  const chart = costShares('person', shares)?.chart;
  expect(chart?.labels).toEqual(['P8', 'P7', 'P6', 'P5', 'P4', 'all others']);
  expect(chart?.series[0]?.values).toEqual([0.09, 0.08, 0.07, 0.06, 0.05, 0.1]);
});

test('two of one name have no pie in which nobody could tell them apart', () => {
  const shares = ['Ana', 'Ana'].map((name) => ({ name, cost: cents(1) }));
  expect(costShares('person', shares)).toBeNull();
});

test('whatever people and channels are called, Slack takes the chart and nobody is pinged', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('<!channel>', '<@U0ANA>', '| a | b', '`x', '👩‍👩‍👧'.repeat(9), '**b**', '\\', ''),
  );
  const shares = fc.array(fc.record({ name, cost: fc.bigInt({ min: 0n, max: 10n ** 16n }) }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(shares, (all) => {
      const data = costShares('channel', all);
      if (data?.chart == null) return;
      const markdown = chartLines(data).join('\n');
      const { blocks } = lookOfSegment({
        markdown,
        notice: null,
        buttons: [],
        over: true,
        charts: [data.chart],
      });
      expect(() => checkMessageBlocks(JSON.parse(JSON.stringify(blocks)))).not.toThrow();
      expect(JSON.stringify(blocks)).not.toMatch(/<(?:!channel|@U0ANA)>/);
    }),
  );
});
