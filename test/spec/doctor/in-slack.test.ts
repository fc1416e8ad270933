import { expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config.ts';
import { createExamine, type InSlackOptions } from '../../../src/doctor/in-slack.ts';
import { createLog } from '../../../src/log.ts';
import { BOT_SCOPES } from '../../../src/slack/install/scopes.ts';

const NOWHERE = 'http://127.0.0.1:1/api/';
const DATABASE = 'postgres://nobody:x@127.0.0.1:1/none';

/** What an admin is told where Slack says this of the token, and nothing else can be reached. */
async function told(said: object, env: Record<string, string> = {}) {
  const model = { checkModel: async () => ({ ok: false, failure: { code: 'MODEL_UNREACHABLE' } }) };
  const examine = createExamine({
    config: readConfig({
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_APP_TOKEN: 'xapp-1',
      SLACK_API_URL: NOWHERE,
      ANTHROPIC_API_KEY: 'sk-ant-1',
      DATABASE_URL: DATABASE,
      ...env,
    }),
    databaseUrl: DATABASE,
    web: { call: async () => said } as unknown as InSlackOptions['web'],
    model: model as unknown as InSlackOptions['model'],
    fetch,
    clock: systemClock,
    log: createLog('error', { write: () => {} }),
  });
  const found = await examine('T1', 'U1');
  return (name: string) => found.filter((one) => one.name === name);
}

const answering = (scopes?: string[]) => ({
  ok: true,
  answer: { team: 'Northwind', ...(scopes === undefined ? {} : { response_metadata: { scopes } }) },
});

it('an admin is told of a token that Slack refuses, and of whatever else is away', async () => {
  const of = await told({ ok: false, word: 'token_revoked', refusal: { kind: 'credentials' } });
  expect(of('Slack token')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining('token_revoked'), todo: expect.stringMatching(/\w/) },
  ]);
  for (const name of ['Events', 'Database', 'Model key'])
    expect(of(name)).toMatchObject([{ state: 'wrong', todo: expect.stringMatching(/\w/) }]);
  for (const name of ['Clock', 'Messages tab'])
    expect(of(name)).toMatchObject([{ state: 'unchecked', todo: expect.stringMatching(/\w/) }]);
});

it('scopes that the token lacks are named, and so is that Slack named none', async () => {
  const some = await told(answering([...BOT_SCOPES].slice(1)));
  expect(some('Slack token')).toMatchObject([{ state: 'ok', found: expect.stringContaining('Northwind') }]);
  expect(some('Scopes')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining(BOT_SCOPES[0] ?? '') },
  ]);
  expect((await told(answering([...BOT_SCOPES])))('Scopes')).toMatchObject([{ state: 'ok' }]);
  expect((await told(answering()))('Scopes')).toMatchObject([{ state: 'unchecked' }]);
});

it('over HTTP the address is asked, and without one that is told', async () => {
  const http = { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 'a-secret' };
  const asked = await told(answering(), { ...http, PUBLIC_URL: 'http://127.0.0.1:1' });
  expect(asked('Events')).toMatchObject([
    { state: 'wrong', found: expect.stringContaining('/slack/events') },
  ]);
  expect((await told(answering(), http))('Events')).toMatchObject([{ state: 'unchecked' }]);
});
