import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Allowance, POST_RULE, UPDATE_RULE } from '../../../src/reply/pace/allowance.ts';

const RULE = { limit: 10, windowMs: 1000 };

function spent(allowance: Allowance, times: number, now: number) {
  for (let call = 0; call < times; call++) allowance.spend(now);
}

describe('an allowance', () => {
  it('gives calls at once until the window is full, then as the oldest ones leave it', () => {
    const allowance = new Allowance(RULE);
    allowance.spend(100);
    spent(allowance, 8, 200);
    expect(allowance.dueAt(300)).toBe(300);
    allowance.spend(300);
    expect(allowance.dueAt(300)).toBe(1100);
    expect(allowance.dueAt(1100)).toBe(1100);
  });

  it('keeps calls back for those that can’t wait', () => {
    const allowance = new Allowance(RULE);
    spent(allowance, 6, 0);
    expect(allowance.freeAt(1, 4)).toBe(1000);
    expect(allowance.dueAt(1)).toBe(1);
  });

  it('tells how many calls are left in the time ahead, of which some leave the window', () => {
    const allowance = new Allowance(RULE);
    spent(allowance, 4, 0);
    spent(allowance, 3, 500);
    expect(allowance.left(500)).toBe(3);
    expect(allowance.left(500, 600)).toBe(7);
    expect(allowance.left(500, 2000, 2)).toBe(8);
    expect(allowance.left(500, 0, 9)).toBe(-6);
  });

  it('gives nothing before the pause that Slack asked for is over, also if a shorter one is asked for later', () => {
    const allowance = new Allowance(RULE);
    allowance.refused(0, 30_000);
    allowance.refused(10, 1000);
    expect(allowance.dueAt(20)).toBe(30_000);
    expect(allowance.freeAt(20)).toBe(30_000);
  });

  it('lets calls that can wait be fewer after a 429, and recovers call by call', () => {
    const allowance = new Allowance(RULE);
    allowance.refused(0, 0);
    expect(allowance.left(1)).toBe(8);
    expect(allowance.left(10_000)).toBe(9);
    expect(allowance.left(20_000)).toBe(10);
    expect(allowance.left(90_000)).toBe(10);
  });

  it.each([
    ['updates', UPDATE_RULE],
    ['posts', POST_RULE],
  ])(
    'for %s never learns from a 429 that more is allowed, and is forgotten when all is as it was',
    (_name, rule) => {
      const allowance = new Allowance(rule);
      for (let time = 0; time < 20; time++) allowance.refused(time, 100);
      expect(allowance.left(200)).toBeLessThanOrEqual(rule.limit);
      expect(allowance.left(200)).toBeGreaterThan(0);
      expect(allowance.idle(200)).toBe(rule.limit <= 5);
      expect(allowance.idle(600_000)).toBe(true);
    },
  );
});

it('whoever waits until a call is due never makes more than `limit` calls in any window', () => {
  const step = fc.record({
    wait: fc.nat({ max: 400 }),
    keep: fc.nat({ max: 12 }),
    pause: fc.option(fc.nat({ max: 3000 }), { freq: 9 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const allowance = new Allowance(RULE);
      const calls: number[] = [];
      let now = 0;
      let blockedUntil = 0;
      for (const { wait, keep, pause } of steps) {
        now += wait;
        if (pause !== null) {
          allowance.refused(now, pause);
          blockedUntil = Math.max(blockedUntil, now + pause);
        }
        const final = allowance.dueAt(now);
        const interim = allowance.freeAt(now, keep);
        expect(final).toBeLessThanOrEqual(interim);
        now = keep % 2 === 0 ? final : interim;
        expect(now).toBeGreaterThanOrEqual(blockedUntil);
        allowance.spend(now);
        calls.push(now);
      }
      for (const at of calls)
        expect(calls.filter((other) => other >= at && other < at + RULE.windowMs).length).toBeLessThanOrEqual(
          RULE.limit,
        );
    }),
  );
});
