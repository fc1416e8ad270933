import { App, type Installation, LogLevel } from '@slack/bolt';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SlackStandin } from '../../../../playground/slack/contract.ts';
import { northwindAgain } from '../../../../playground/slack/seed.ts';
import { ana, client, general, portOf, refusal, standin } from './support.ts';

async function installable(slack: SlackStandin, clientSecret = slack.client.secret) {
  const kept = new Map<string, Installation>();
  const app = new App({
    signingSecret: slack.signingSecret,
    clientId: slack.client.id,
    clientSecret,
    scopes: ['chat:write'],
    installationStore: {
      storeInstallation: async (installation) => void kept.set(installation.team?.id ?? '', installation),
      fetchInstallation: async ({ teamId }) => {
        const found = kept.get(teamId ?? '');
        if (!found) throw new Error('not installed');
        return found;
      },
    },
    installerOptions: {
      authorizationUrl: `${slack.url}oauth/v2/authorize`,
      directInstall: true,
      stateVerification: false,
    },
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
    convoStore: false,
    deferInitialization: true,
    logLevel: LogLevel.ERROR,
  });
  app.event('app_mention', async ({ event, say, context }) => {
    await say({ text: `hello from ${context.teamId}`, thread_ts: event.ts });
  });
  await app.init();
  const base = `http://127.0.0.1:${portOf(await app.start({ port: 0, host: '127.0.0.1' }))}`;
  onTestFinished(() => void app.stop());
  slack.deliverTo(`${base}/slack/events`);
  /** A person's way through the browser: install page, Slack's page, back. */
  const install = async (team: string) => {
    const toSlack = await fetch(`${base}/slack/install`, { redirect: 'manual' });
    const page = new URL(toSlack.headers.get('location') ?? '');
    page.searchParams.set('redirect_uri', `${base}/slack/oauth_redirect`);
    page.searchParams.set('team', team);
    expect(await (await fetch(page)).text()).toContain('Allow');
    page.searchParams.set('allow', '1');
    const back = await fetch(page, { redirect: 'manual' });
    return fetch(back.headers.get('location') ?? '', { redirect: 'manual' });
  };
  return { install, kept };
}

describe('several workspaces', () => {
  it('have messages, tokens and limits of their own', async () => {
    const slack = await standin({ tiers: { 'chat.update': { limit: 1, windowMs: 60_000 } } });
    const other = slack.addTeam(northwindAgain('X2'), 'xoxb-second');
    const [first, second] = [client(slack), client(slack, other.botToken)];
    expect((await second.auth.test()).team_id).toBe('T0NORTHWINDX2');
    expect(await refusal(second.chat.postMessage({ channel: general, text: 'x' }))).toBe('channel_not_found');
    const here = String((await first.chat.postMessage({ channel: general, text: 'here' })).ts);
    const there = String((await second.chat.postMessage({ channel: `${general}X2`, text: 'there' })).ts);
    await first.chat.update({ channel: general, ts: here, text: 'here 2' });
    expect(await refusal(second.chat.update({ channel: `${general}X2`, ts: there, text: 'there 2' }))).toBe(
      'ok',
    );
    expect(await refusal(first.chat.update({ channel: general, ts: here, text: 'here 3' }))).toBe(
      'slack_webapi_rate_limited_error',
    );
    expect(slack.calls().every(({ token }) => token === slack.botToken)).toBe(true);
    expect(() => slack.addTeam(northwindAgain('X2'), 'xoxb-third')).toThrow(/of its own/);
  });

  it('install the app by OAuth with Bolt, and each is answered with its own token', async () => {
    const slack = await standin();
    const other = slack.addTeam(northwindAgain('X2'), 'xoxb-second');
    const { install, kept } = await installable(slack);
    await install(slack.team);
    await install(other.team);
    expect([...kept].map(([team, { bot }]) => [team, bot?.token])).toEqual([
      [slack.team, slack.botToken],
      [other.team, other.botToken],
    ]);
    slack.say(ana, general, '@skein hi');
    other.say(`${ana}X2`, `${general}X2`, '@skein hi');
    await slack.waitForMessage(({ visible }) => visible === `hello from ${slack.team}`);
    await other.waitForMessage(({ visible }) => visible === `hello from ${other.team}`);
  });

  it('are not installed with a wrong client secret', async () => {
    const slack = await standin();
    const { install, kept } = await installable(slack, 'wrong');
    expect((await install(slack.team)).status).toBe(500);
    expect(kept.size).toBe(0);
    expect(slack.calls('oauth.v2.access')).toMatchObject([{ error: 'bad_client_secret' }]);
  });
});
