import { expect, it, onTestFinished } from 'vitest';
import { startSlackStandin } from '../../../../playground/slack/standin.ts';
import { systemClock } from '../../../../src/clock.ts';
import type { SkeinError } from '../../../../src/errors.ts';
import { createLog } from '../../../../src/log.ts';
import { createInstallation } from '../../../../src/slack/clients.ts';
import { createTellPerson } from '../../../../src/slack/send/tell.ts';
import { createWeb, eachPage } from '../../../../src/slack/send/web.ts';

const general = 'C0GENERAL';
const ana = 'U0ANA';

async function setUp() {
  const slack = await startSlackStandin({ clock: systemClock, tiers: 'off' });
  onTestFinished(() => slack.stop());
  const dead: SkeinError[] = [];
  const log = createLog('error', { write: () => {} });
  const clients = createInstallation({
    token: slack.botToken,
    slackApiUrl: slack.apiUrl,
    log,
    onDead: (error) => dead.push(error),
  });
  const identify = () => clients.identify({ team: slack.team, botUserId: slack.botUser, botId: slack.botId });
  identify();
  return { slack, clients, web: createWeb(clients), dead, log, identify };
}

it('another workspace than that of the token is sent nothing, and is not told that anything is gone', async () => {
  const { slack, web, log } = await setUp();
  const place = { team: 'T0OTHER', channel: general, threadTs: null };
  expect(web.installed('T0OTHER')).toBe(false);
  for (const outcome of [
    await web.post(place, { text: 'words' }),
    await web.ephemeral(place, ana, { text: 'words' }),
    await web.update(place, '1.0', { text: 'words' }),
    await web.remove(place, '1.0'),
  ])
    expect(outcome).toMatchObject({ kind: 'unauthorised', code: 'SLACK_AUTH_FAILED' });
  expect(await web.permalink('T0OTHER', general, '1.0')).toBeNull();
  // Whoever should be told is to be told later.
  expect(await createTellPerson(web, log)('T0OTHER', ana, 'words')).toBe(false);
  expect(slack.calls()).toEqual([]);
});

it('a message is posted without unfurling, and its address and the channel with a person are asked for once', async () => {
  const { slack, web } = await setUp();
  const posted = await web.post({ team: slack.team, channel: general, threadTs: null }, { text: 'words' });
  if (posted.kind !== 'done') throw new Error(posted.kind);
  const args = slack.calls('chat.postMessage')[0]?.args;
  expect([String(args?.['unfurl_links']), String(args?.['unfurl_media'])]).toEqual(['false', 'false']);
  const links = [
    await web.permalink(slack.team, general, posted.ts),
    await web.permalink(slack.team, general, posted.ts),
  ];
  expect(links[0]).toContain('http');
  expect(links[1]).toBe(links[0]);
  expect(slack.calls('chat.getPermalink')).toHaveLength(1);
  const first = await web.direct(slack.team, ana);
  expect(await web.direct(slack.team, ana)).toEqual(first);
  expect(slack.calls('conversations.open')).toHaveLength(1);
});

it('any call that is refused for its token finds out whether the token is dead, once, and then nothing is sent', async () => {
  const { slack, clients, web, dead } = await setUp();
  slack.revokeTokens();
  const refused = await Promise.all([
    web.call(slack.team, (client) => client.users.info({ user: ana })),
    web.call(slack.team, (client) =>
      client.views.publish({ user_id: ana, view: { type: 'home', blocks: [] } }),
    ),
  ]);
  expect(refused.map((call) => (call.ok ? 'done' : call.refusal.kind))).toEqual([
    'unauthorised',
    'unauthorised',
  ]);
  expect(dead.map(({ code, facts }) => [code, facts['word']])).toEqual([
    ['SLACK_AUTH_FAILED', 'token_revoked'],
  ]);
  expect(slack.calls('auth.test')).toHaveLength(1);
  expect(clients.of(slack.team)).toBeNull();
});

it('while Slack can’t say whether the token is good, it is used on', async () => {
  const { slack, web, dead } = await setUp();
  slack.faults.add({ method: 'users.info', fault: { kind: 'error', error: 'invalid_auth' } });
  slack.faults.add({ method: 'auth.test', fault: { kind: 'status', status: 503 } });
  const refused = await web.call(slack.team, (client) => client.users.info({ user: ana }));
  expect(refused).toMatchObject({ ok: false, refusal: { kind: 'failed', code: 'SLACK_AUTH_FAILED' } });
  expect(dead).toEqual([]);
  expect(web.installed(slack.team)).toBe(true);
});

it('pages are read one after the other until there is enough, none is left, or there are too many', async () => {
  const read: string[] = [];
  const pages =
    (last: number) =>
    async ({ cursor = '0' }: { cursor?: string }) => {
      read.push(cursor);
      const next = Number(cursor) + 1;
      return { at: Number(cursor), response_metadata: { next_cursor: next > last ? '' : String(next) } };
    };
  expect(await eachPage(5, pages(2), () => false)).toBe('all');
  expect(await eachPage(5, pages(2), ({ at }) => at === 1)).toBe('enough');
  expect(await eachPage(2, pages(9), () => false)).toBe('more');
  expect(read).toEqual(['0', '1', '2', '0', '1', '0', '1']);
});
