import { expect, it, onTestFinished } from 'vitest';
import { startSlackStandin } from '../../../playground/slack/standin.ts';
import { systemClock } from '../../../src/clock.ts';
import { adoptPlacesOfHosts } from '../../../src/installations/adopt.ts';
import { noteInstallation } from '../../../src/installations/store.ts';
import { finishJob, takeLease } from '../../../src/jobs/store.ts';
import { createInstallation } from '../../../src/slack/clients.ts';
import { createSees } from '../../../src/slack/read/channel-sight.ts';
import { createWeb } from '../../../src/slack/send/web.ts';
import { openStored } from '../../support/stored.ts';

const HOST = 'T0HOST';
const SHARED = 'C0GENERAL';

/** A database, and the workspace of a stand-in whose token sees `SHARED`. Waits of the clock are skipped. */
async function setUp() {
  const stored = await openStored();
  const slack = await startSlackStandin({ clock: systemClock, tiers: 'off' });
  onTestFinished(() => slack.stop());
  const { database, log } = stored;
  const clients = createInstallation({
    token: slack.botToken,
    slackApiUrl: slack.apiUrl,
    log,
    onDead: () => {},
  });
  clients.identify({ team: slack.team, botUserId: slack.botUser, botId: slack.botId });
  await noteInstallation(database.query, slack.team, slack.botUser);
  const us = slack.team;
  const adopt = (sleep: () => Promise<void> = async () => {}, signal = new AbortController().signal) =>
    adoptPlacesOfHosts({
      database,
      installation: us,
      sees: createSees(createWeb(clients)),
      clock: { ...systemClock, sleep },
      log,
      signal,
    });
  const teamsOf = (table: string) =>
    stored.rows(`select team, count(*)::int as n from skein.${table} group by team order by team`);
  return { ...stored, slack, us, adopt, teamsOf };
}

/** Rows of every kind that an earlier version stored of a channel under `team`. */
const factsOf = (team: string, channel: string): [string, unknown[]][] => [
  [`insert into skein.seen (team, channel, ts) values ($1, $2, '1.1')`, [team, channel]],
  [
    `insert into skein.refusals (team, channel, person, day) values ($1, $2, 'U1', '2026-11-01')`,
    [team, channel],
  ],
  [
    `insert into skein.settings (team, scope, scope_id, key, value, set_by) values
       ($1, 'channel', $2, 'footer', 'off', 'U1'), ($1, 'channel', $2, 'effort', 'low', 'U1')`,
    [team, channel],
  ],
  [
    `insert into skein.setting_changes (team, scope, scope_id, key, to_value, by)
     values ($1, 'channel', $2, 'footer', 'off', 'U1')`,
    [team, channel],
  ],
  [
    `insert into skein.usage (reply, call, team, channel, person, model, input_tokens, cache_write_5m_tokens,
       cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, estimated, price_version)
     values (gen_random_uuid(), 1, $1, $2, 'U1', 'm', 1, 0, 0, 0, 1, 0, false, 'v')`,
    [team, channel],
  ],
  [
    `insert into skein.budget_alerts (team, scope, scope_id, period, starts, most_nano, level, spent_nano)
     values ($1, 'channel', $2, 'month', '2026-11-01', 5, 80, 4)`,
    [team, channel],
  ],
  [
    `insert into skein.pending_questions (id, team, channel, person, direct, shown, question)
     values (gen_random_uuid(), $1, $2, 'U1', false, 's', 'q')`,
    [team, channel],
  ],
];

it('what was stored of a shared channel under its host moves to us with all that belongs to it, once', async () => {
  const { us, adopt, conversation, ask, answer, rows, teamsOf, slack } = await setUp();
  const id = await conversation({ team: HOST, channel: SHARED });
  await answer(await ask('1.000000', id));
  for (const [text, values] of factsOf(HOST, SHARED)) await rows(text, values);

  await adopt();
  for (const table of ['conversations', 'seen', 'refusals', 'setting_changes', 'usage', 'budget_alerts'])
    expect([table, (await teamsOf(table)).map(({ team }) => team)]).toEqual([table, [us]]);
  expect(await teamsOf('settings')).toEqual([{ team: us, n: 2 }]);
  expect(await teamsOf('pending_questions')).toEqual([{ team: us, n: 1 }]);
  // The conversation itself, so that its replies, jobs and opinions stay with it.
  expect(await rows('select id::int from skein.conversations')).toEqual([{ id }]);

  const asked = slack.calls('conversations.info').length;
  await adopt();
  expect(slack.calls('conversations.info')).toHaveLength(asked);
});

it('where both have the same thread it becomes one, with the messages, replies and jobs of both and no word twice', async () => {
  const { us, adopt, conversation, say, ask, answer, rows, database } = await setUp();
  const ours = await conversation({ team: us, channel: SHARED });
  const hosts = await conversation({ team: HOST, channel: SHARED });
  const answered = await ask('1.000000', hosts);
  await answer(answered);
  await finishJob(database.query, answered.lease, 1);
  await say(hosts, '2.000000', 'said to the host only');
  await say(ours, '1.000000', 'read again from Slack');
  await say(ours, '3.000000', 'said to us only');
  const waiting = await ask('4.000000', hosts);
  await rows('update skein.mailboxes set lease_owner = null');
  await rows(
    `insert into skein.settings (team, scope, scope_id, key, value, set_by) values
       ($1, 'channel', $3, 'footer', 'on', 'U2'), ($2, 'channel', $3, 'footer', 'off', 'U1')`,
    [us, HOST, SHARED],
  );

  await adopt();
  expect(await rows('select id::int from skein.conversations')).toEqual([{ id: ours }]);
  expect(await rows('select slack_ts, role from skein.messages order by slack_ts, role')).toEqual([
    { slack_ts: '1.000000', role: 'assistant' },
    { slack_ts: '1.000000', role: 'user' },
    { slack_ts: '2.000000', role: 'user' },
    { slack_ts: '3.000000', role: 'user' },
    { slack_ts: '4.000000', role: 'user' },
  ]);
  expect(
    await rows(
      `select m.slack_ts, r.state from skein.replies r join skein.messages m
       on m.id = r.question and m.conversation = r.conversation order by 1`,
    ),
  ).toEqual([
    { slack_ts: '1.000000', state: 'answered' },
    { slack_ts: '4.000000', state: 'waiting' },
  ]);
  expect(await rows('select value from skein.settings')).toEqual([{ value: 'on' }]);
  // The job that waited is found in the one mailbox that is left.
  const lease = await takeLease(database.query, `conversation:${ours}`, waiting.lease.owner);
  expect(lease).not.toBeNull();
  expect(await rows('select key from skein.mailboxes where pending > 0')).toEqual([
    { key: `conversation:${ours}` },
  ]);
});

it('a thread that an older process is answering is left until it is done', async () => {
  const { us, adopt, conversation, ask, rows } = await setUp();
  await conversation({ team: us, channel: SHARED });
  const hosts = await conversation({ team: HOST, channel: SHARED });
  await ask('1.000000', hosts);
  let waited = 0;
  await adopt(async () => {
    // The pause after the look that found it busy, and then the minute until the next.
    waited += 1;
    if (waited === 2) await rows('update skein.mailboxes set lease_owner = null');
  });
  expect(await rows('select team from skein.conversations')).toEqual([{ team: us }]);
});

it('a channel that our token can’t see stays as it is, and Slack is asked for it once', async () => {
  const { adopt, conversation, rows, slack } = await setUp();
  await conversation({ team: HOST, channel: 'C0HIDDEN' });
  await adopt();
  await adopt();
  expect(await rows('select team from skein.conversations')).toEqual([{ team: HOST }]);
  expect(slack.calls('conversations.info')).toHaveLength(1);
});

it('while Slack does not say, nothing is decided; a stop ends it, and the next start goes on', async () => {
  const { us, adopt, conversation, rows, slack } = await setUp();
  await conversation({ team: HOST, channel: SHARED });
  slack.faults.add({ method: 'conversations.info', times: 2, fault: { kind: 'status', status: 503 } });
  const stop = new AbortController();
  await adopt(async () => stop.abort(), stop.signal);
  expect(await rows('select team from skein.conversations')).toEqual([{ team: HOST }]);
  await adopt();
  expect(await rows('select team from skein.conversations')).toEqual([{ team: us }]);
});

it('a workspace that installed the app before is never taken for a host', async () => {
  const { adopt, conversation, rows, database, slack } = await setUp();
  await noteInstallation(database.query, 'T0FORMER', 'U0OLDBOT');
  await conversation({ team: 'T0FORMER', channel: SHARED });
  await adopt();
  expect(await rows('select team from skein.conversations')).toEqual([{ team: 'T0FORMER' }]);
  expect(slack.calls('conversations.info')).toEqual([]);
});

it('two processes that move the same channel at once leave it moved once', async () => {
  const { us, adopt, conversation, say, rows } = await setUp();
  const hosts = await conversation({ team: HOST, channel: SHARED });
  const ours = await conversation({ team: us, channel: SHARED });
  await say(hosts, '1.000000');
  await say(ours, '2.000000');
  await Promise.all([adopt(), adopt()]);
  expect(await rows('select id::int, team from skein.conversations')).toEqual([{ id: ours, team: us }]);
  expect(await rows('select 1 from skein.messages')).toHaveLength(2);
});
