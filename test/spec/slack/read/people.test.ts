import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Fault } from '../../../../playground/slack/faults.ts';
import { channel, person } from '../../../../playground/slack/seed.ts';
import { startSlackStandin } from '../../../../playground/slack/standin.ts';
import { systemClock } from '../../../../src/clock.ts';
import { createLog } from '../../../../src/log.ts';
import type { Person } from '../../../../src/people/person.ts';
import { createClient } from '../../../../src/slack/clients.ts';
import { createPeople } from '../../../../src/slack/read/people.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';

const quiet = createLog('error', { write: () => {} });

async function setUp(admins: readonly string[] = []) {
  const slack = await startSlackStandin({ clock: systemClock, tiers: 'off' });
  onTestFinished(() => slack.stop());
  const client = createClient({ token: slack.botToken, slackApiUrl: slack.apiUrl, log: quiet });
  const people = createPeople({ of: () => client }, { clock: systemClock, log: quiet, admins });
  const of = async (id: string, maxAgeMs = 0): Promise<Person> => {
    const found = await people.of(slack.team, id, maxAgeMs);
    if (found === 'unreachable') throw new Error('Slack was not reached');
    return found;
  };
  return { slack, people, of };
}

test('Slack says who is a member, a guest, a stranger, an admin', async () => {
  const { slack, of } = await setUp(['U0BEN']);
  slack.workspace.put({
    table: 'person',
    key: 'U0ELSE',
    value: person('U0ELSE', 'else', 'Elsa Else', { isStranger: true, isAdmin: true }),
  });
  expect(await of('U0ANA')).toMatchObject({ name: 'Ana Ruiz', kind: 'member', admin: true });
  expect(await of('U0CHIDI')).toMatchObject({ kind: 'member', admin: false });
  expect(await of('U0BEN')).toMatchObject({ kind: 'member', admin: true });
  expect(await of('U0DANA')).toMatchObject({ kind: 'guest', admin: false });
  // An admin of another company is none here.
  expect(await of('U0ELSE')).toMatchObject({ kind: 'stranger', admin: false });
});

test('what is known is used while it is young enough, and asked again where it must be of now', async () => {
  const { slack, of } = await setUp();
  await of('U0ANA', 60_000);
  await of('U0ANA', 60_000);
  expect(slack.calls('users.info')).toHaveLength(1);
  await of('U0ANA', 0);
  expect(slack.calls('users.info')).toHaveLength(2);
});

test('a Slack that is down is told apart from one that does not tell', async () => {
  const { slack, people } = await setUp();
  const down = slack.faults.add({ method: 'users.info', times: 9, fault: { kind: 'status', status: 503 } });
  expect(await people.of(slack.team, 'U0ANA', 0)).toBe('unreachable');
  down();
  expect(await people.of(slack.team, 'U0NOBODY', 0)).toMatchObject({ kind: 'unknown', admin: false });
});

test('who is in a channel is found, and of a channel that Slack hides it is not said that somebody is not in it', async () => {
  const { slack, people } = await setUp();
  expect(await people.inChannel(slack.team, 'C0LAUNCH', 'U0BEN')).toBe('yes');
  expect(await people.inChannel(slack.team, 'C0LAUNCH', 'U0CHIDI')).toBe('no');
  expect(await people.inChannel(slack.team, 'C0NOWHERE', 'U0ANA')).toBe('unknown');
});

test('a direct message with us is that of one person, and is found without its members', async () => {
  const { slack, people } = await setUp();
  const { channel: direct } = slack.dm('U0ANA', 'hello');
  expect(await people.inChannel(slack.team, direct, 'U0ANA')).toBe('yes');
  expect(await people.inChannel(slack.team, direct, 'U0BEN')).toBe('no');
  expect(slack.calls('conversations.members')).toHaveLength(0);
});

test.each<Fault>([
  { kind: 'status', status: 503 },
  { kind: 'rate_limited', retryAfterSeconds: 30 },
])('while Slack answers $kind nobody is told to be elsewhere', async (fault) => {
  const { slack, people } = await setUp();
  for (const method of [
    'users.conversations',
    'conversations.members',
    'conversations.open',
    'conversations.info',
  ])
    slack.faults.add({ method, times: 9, fault });
  const { channel: direct } = slack.dm('U0ANA', 'hello');
  expect(await people.inChannel(slack.team, 'C0LAUNCH', 'U0BEN')).toBe('unknown');
  expect(await people.inChannel(slack.team, direct, 'U0ANA')).toBe('unknown');
  expect(await people.weAreIn(slack.team, 'C0LAUNCH')).toBe('unknown');
});

test('whether we are in a channel ourselves is asked by one call', async () => {
  const { slack, people } = await setUp();
  slack.workspace.put({
    table: 'channel',
    key: 'C0LAB',
    value: channel('C0LAB', 'lab', 'public', ['U0ANA']),
  });
  expect(await people.weAreIn(slack.team, 'C0LAUNCH')).toBe('yes');
  expect(await people.weAreIn(slack.team, 'C0LAB')).toBe('no');
  expect(await people.weAreIn(slack.team, 'C0NOWHERE')).toBe('no');
  expect(slack.calls('conversations.info')).toHaveLength(3);
});

/** Slack's answers about channels, given by a test; what is left out Slack does not know. */
async function answering(answers: Record<string, (args: URLSearchParams) => object | null>) {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const method = (request.url ?? '').replace('/api/', '');
    calls.push(method);
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      const answer = answers[method];
      const said =
        answer === undefined ? { ok: false, error: 'unknown_method' } : answer(new URLSearchParams(body));
      if (said !== null) response.end(JSON.stringify({ ok: true, ...said }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const slackApiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
  const client = createClient({ token: 'xoxb-1', slackApiUrl, log: quiet });
  const clock = createVirtualClock();
  const people = createPeople({ of: () => client }, { clock, log: quiet, admins: [] });
  return { calls, clock, inChannel: (channel = 'C1') => people.inChannel('T1', channel, 'U1') };
}
const listed = (ids: string[], next = '') => ({
  channels: ids.map((id) => ({ id })),
  response_metadata: { next_cursor: next },
});

test('of a channel of many thousands one page of the person’s own channels is read', async () => {
  const slack = await answering({
    'users.conversations': (args) =>
      args.get('user') === 'U1' && args.get('types')?.includes('mpim') ? listed(['C2', 'C1']) : listed([]),
  });
  expect(await slack.inChannel()).toBe('yes');
  expect(slack.calls).toEqual(['users.conversations']);
});

test('a channel that is not among them is a no only if we can see it', async () => {
  const channels = { 'users.conversations': () => listed(['C2']) };
  const seen = await answering({ ...channels, 'conversations.info': () => ({ channel: { id: 'C1' } }) });
  expect(await seen.inChannel()).toBe('no');
  const hidden = { 'conversations.info': () => ({ ok: false, error: 'channel_not_found' }) };
  expect(await (await answering({ ...channels, ...hidden })).inChannel()).toBe('unknown');
});

test('where a scope for all kinds is missing, the members of the one channel are read', async () => {
  const refused = { 'users.conversations': () => ({ ok: false, error: 'missing_scope' }) };
  const members = (ids: string[]) => (args: URLSearchParams) =>
    args.get('cursor') === null
      ? { members: ['U8'], response_metadata: { next_cursor: 'more' } }
      : { members: ids, response_metadata: { next_cursor: '' } };
  expect(await (await answering({ ...refused, 'conversations.members': members(['U1']) })).inChannel()).toBe(
    'yes',
  );
  expect(await (await answering({ ...refused, 'conversations.members': members(['U9']) })).inChannel()).toBe(
    'no',
  );
  expect(await (await answering(refused)).inChannel()).toBe('unknown');
});

test('pages without an end, and no answer at all, end in not knowing after the limit', async () => {
  let pages = 0;
  const endless = await answering({
    'users.conversations': () => {
      pages += 1;
      return listed(['C2'], `page ${pages}`);
    },
  });
  const asked = endless.inChannel();
  await expect.poll(() => pages).toBeGreaterThan(3);
  await endless.clock.advance(2500);
  expect(await asked).toBe('unknown');

  const silent = await answering({ 'users.conversations': () => null });
  const waiting = silent.inChannel();
  await expect.poll(() => silent.calls.length).toBe(1);
  await silent.clock.advance(2500);
  expect(await waiting).toBe('unknown');
});
