import { expect, onTestFinished, test } from 'vitest';
import { startSlackStandin } from '../../../../playground/slack/standin.ts';
import { systemClock } from '../../../../src/clock.ts';
import { createLog } from '../../../../src/log.ts';
import { createClient } from '../../../../src/slack/clients.ts';
import { earlierOf } from '../../../../src/slack/read/messages.ts';
import { createDirectory } from '../../../../src/slack/read/names.ts';
import { createPeople } from '../../../../src/slack/read/people.ts';
import { createReader } from '../../../../src/slack/read/reader.ts';
import { createAsking } from '../../../../src/slack/read/shortcut-queries.ts';

async function setUp() {
  const slack = await startSlackStandin({ clock: systemClock, tiers: 'off' });
  onTestFinished(() => slack.stop());
  const log = createLog('error', { write: () => {} });
  const clock = systemClock;
  const client = createClient({ token: slack.botToken, slackApiUrl: slack.apiUrl, log });
  const clients = { of: () => client };
  const people = createPeople(clients, { clock, log, admins: [] });
  const directory = createDirectory(clients, people, clock);
  const self = () => ({ botUserId: slack.botUser, botId: 'BSELF' });
  const reader = createReader({ clients, directory, self, clock, log });
  const root = slack.say('U0ANA', 'C0GENERAL', 'What do we do in #launch?');
  const place = { team: slack.team, channel: 'C0GENERAL', threadTs: root.ts };
  return { slack, reader, place, root, asking: createAsking(clients, reader, log) };
}

const LATER = '9999999999.999999';

test('a thread is waited for while Slack asks for a pause, and read once more after one failure', async () => {
  const { slack, reader, place } = await setUp();
  const method = 'conversations.replies';
  slack.faults.add({ method, fault: { kind: 'rate_limited', retryAfterSeconds: 1 } });
  slack.faults.add({ method, fault: { kind: 'status', status: 503 } });
  expect(await reader.earlier(place, LATER, { mostMs: 8000 })).toHaveLength(1);
  expect(slack.calls(method)).toHaveLength(3);
});

test('a thread that stays unreadable is said to be so, soon', async () => {
  const { slack, reader, place } = await setUp();
  const method = 'conversations.replies';
  const down = slack.faults.add({ method, times: 9, fault: { kind: 'status', status: 503 } });
  expect(await reader.earlier(place, LATER, { mostMs: 8000 })).toBeNull();
  expect(slack.calls(method)).toHaveLength(2);
  down();
  slack.faults.add({ method, fault: { kind: 'rate_limited', retryAfterSeconds: 60 } });
  expect(await reader.earlier(place, LATER, { mostMs: 8000 })).toBeNull();
  expect(slack.calls(method)).toHaveLength(3);
});

test('waiting for a thread ends at once when the answer is stopped, and when the time is over', async () => {
  const { slack, reader, place } = await setUp();
  slack.faults.add({
    method: 'conversations.replies',
    times: 2,
    fault: { kind: 'hang', when: 'before' },
  });
  const stop = new AbortController();
  const reading = reader.earlier(place, LATER, { mostMs: 60_000, signal: stop.signal });
  await slack.waitForCall(({ method }) => method === 'conversations.replies');
  stop.abort();
  expect(await reading).toBeNull();
  expect(await reader.earlier(place, LATER, { mostMs: 200 })).toBeNull();
});

test('a private channel that is named elsewhere keeps its name to itself', async () => {
  const { reader, place } = await setUp();
  const said = [{ speaker: 'U0ANA', raw: JSON.stringify({ text: 'in <#C0LAUNCH> and <#C0DESIGN>' }) }];
  expect(await reader.read(place, said)).toEqual([
    { text: 'in #private-channel and #design', speakerName: 'Ana Ruiz', complete: true },
  ]);
  const [there] = await reader.read({ ...place, channel: 'C0LAUNCH' }, said);
  expect(there?.text).toBe('in #launch and #design');
});

test.each([
  ['an app without a user', { subtype: 'bot_message', bot_id: 'B1', username: 'Pager' }, null, 'Pager'],
  [
    'an app with its bot user',
    { user: 'UAPP', bot_id: 'B1', bot_profile: { user_id: 'UAPP', name: 'Builds' } },
    null,
    'Builds',
  ],
  [
    'an app that does not tell its bot user',
    { user: 'UAPP', bot_id: 'B1', bot_profile: { name: 'Builds' } },
    null,
    'Builds',
  ],
  [
    'a person whose words an app posted',
    { user: 'U1', bot_id: 'B1', bot_profile: { user_id: 'UAPP', name: 'Builds' } },
    'U1',
    null,
  ],
  ['a person', { user: 'U1' }, 'U1', null],
])('%s speaks under the right name', async (_what, message, speaker, name) => {
  const { reader, place } = await setUp();
  const said = earlierOf({ ts: '1.000000', text: 'hello', ...message }, null);
  expect(said).toMatchObject({ role: 'user', speaker });
  const [words] = await reader.read(place, said === null ? [] : [said]);
  expect(words).toMatchObject({ text: 'hello', speakerName: name });
});

test('an alert in a thread is read with its fields', async () => {
  const { slack, reader, place, root } = await setUp();
  slack.workspace.putMessage({
    ...{ channel: 'C0GENERAL', ts: slack.workspace.nextTs(), threadTs: root.ts, user: null, botId: 'BOTHER' },
    ...{ subtype: 'bot_message', text: '', blocks: [], metadata: null, edited: null, deleted: false },
    ...{
      reactions: [],
      files: [],
      ephemeralFor: null,
      clientMsgId: null,
      streaming: null,
      revision: 0,
      app: null,
    },
    attachments: [{ title: 'Job failed', fields: [{ title: 'Cluster', value: 'eu-1' }] }],
  });
  const said = await reader.earlier(place, LATER, { mostMs: 1000 });
  const words = await reader.read(place, said ?? []);
  expect(words.map(({ text }) => text).slice(1)).toEqual(['> Job failed\n> Cluster: eu-1']);
});

test('words with a name that Slack does not tell now are good for this answer only', async () => {
  const { slack, reader, place } = await setUp();
  const raw = JSON.stringify({ text: '<@U0BEN> is here' });
  const down = slack.faults.add({ method: 'users.info', times: 9, fault: { kind: 'status', status: 503 } });
  const said = [{ speaker: 'U0ANA', raw }];
  expect(await reader.read(place, said)).toEqual([
    { text: '@someone is here', speakerName: null, complete: false },
  ]);
  down();
  expect(await reader.read(place, said)).toEqual([
    { text: '@Ben Okafor is here', speakerName: 'Ana Ruiz', complete: true },
  ]);
});

test('a message is found by its ts alone, in any thread, with all that an app says in it', async () => {
  const { slack, asking, root } = await setUp();
  for (let at = 0; at < 5; at += 1) slack.say('U0BEN', 'C0GENERAL', `reply ${at}`, { threadTs: root.ts });
  const last = slack.thread('C0GENERAL', root.ts).at(-1);
  expect(await asking.message(slack.team, 'C0GENERAL', last?.ts ?? '')).toEqual({
    threadTs: root.ts,
    text: 'reply 4',
  });
  const args = slack.calls('conversations.replies').at(-1)?.args;
  expect(args).toMatchObject({ oldest: last?.ts, latest: last?.ts });
  expect(Number(args?.['limit'])).toBe(2);
});
