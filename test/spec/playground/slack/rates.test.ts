import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Tiers } from '../../../../playground/slack/tiers.ts';
import { ana, client, general, refusal, standin, steppedClock } from './support.ts';

const limited = 'slack_webapi_rate_limited_error';

describe('rate tiers', () => {
  it('lets 50 updates a minute through and tells the next how long to wait', async () => {
    const clock = steppedClock();
    const slack = await standin({ clock, tiers: 'real' });
    const web = client(slack);
    const ts = String((await web.chat.postMessage({ channel: general, text: '0' })).ts);
    for (let n = 1; n <= 50; n += 1) await web.chat.update({ channel: general, ts, text: String(n) });
    clock.advance(20_500);
    const answer = await fetch(`${slack.apiUrl}chat.update`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}` },
      body: new URLSearchParams({ channel: general, ts, text: '51' }),
    });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '40']);
    expect(await answer.json()).toEqual({ ok: false, error: 'ratelimited' });
    expect(slack.workspace.message(general, ts)?.text).toBe('50');
    clock.advance(39_500);
    expect(await refusal(web.chat.update({ channel: general, ts, text: '51' }))).toBe('ok');
  });

  it('blocks one method and leaves the others alone', async () => {
    const slack = await standin({ tiers: { 'users.info': { limit: 1, windowMs: 60_000 } } });
    const web = client(slack);
    await web.users.info({ user: ana });
    expect(await refusal(web.users.info({ user: ana }))).toBe(limited);
    expect(await refusal(web.team.info())).toBe('ok');
  });

  it('lets a channel have a small burst of posts, then about one a second, and other channels theirs', async () => {
    const clock = steppedClock();
    const slack = await standin({ clock, tiers: 'real' });
    const post = (channel: string) => refusal(client(slack).chat.postMessage({ channel, text: 'x' }));
    for (let n = 0; n < 5; n += 1) expect(await post(general)).toBe('ok');
    expect(await post(general)).toBe(limited);
    expect(await post('C0DESIGN')).toBe('ok');
    clock.advance(5_000);
    expect(await post(general)).toBe('ok');
  });

  it('gives an unlisted app one read of history a minute and 15 messages at most', async () => {
    const slack = await standin({ tiers: 'real', unlistedApp: true });
    const { ts } = slack.say(ana, general, 'root');
    for (let n = 0; n < 20; n += 1) slack.say(ana, general, 'reply', { threadTs: ts });
    const web = client(slack);
    expect((await web.conversations.replies({ channel: general, ts, limit: 999 })).messages).toHaveLength(15);
    expect(await refusal(web.conversations.replies({ channel: general, ts }))).toBe(limited);
  });

  it('never lets more through in any minute than the tier says, and what it asks to wait is enough', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 60, maxLength: 160 });
    fc.assert(
      fc.property(gaps, (waits) => {
        const clock = steppedClock();
        const tiers = new Tiers({ 'chat.update': { limit: 20, windowMs: 60_000 } }, clock, false);
        const taken: number[] = [];
        for (const wait of waits) {
          clock.advance(wait);
          const retryAfter = tiers.take('chat.update', undefined);
          if (retryAfter === undefined) {
            taken.push(clock.monotonic());
            continue;
          }
          expect(retryAfter).toBeGreaterThanOrEqual(1);
          expect(retryAfter).toBeLessThanOrEqual(60);
          clock.advance(retryAfter * 1_000);
          expect(tiers.take('chat.update', undefined)).toBeUndefined();
          taken.push(clock.monotonic());
        }
        for (const [index, at] of taken.entries()) {
          const first = taken[index - 20];
          if (first !== undefined) expect(at - first).toBeGreaterThanOrEqual(60_000);
        }
      }),
      { numRuns: 60 },
    );
  });
});
