import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { type NewQuestion, storeQuestion } from '../../../src/admission/store.ts';
import { mailboxOf } from '../../../src/reply/job.ts';
import { snapshotOf } from '../../../src/reply/snapshot.ts';
import { loadReply } from '../../../src/reply/store.ts';
import { resolve } from '../../../src/settings/resolve.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';

const question = (more: Partial<NewQuestion> = {}): NewQuestion => ({
  team: 'T1',
  channel: 'C1',
  ts: '1.000000',
  eventId: 'Ev1',
  threadTs: '1.000000',
  kind: 'channel',
  speaker: 'U1',
  raw: '{"text":"words"}',
  rewrite: false,
  reply: randomUUID(),
  askerTeam: 'T9',
  settings: snapshotOf(resolve(DEFAULTS, [], { direct: false })),
  ...more,
});

it('a question is stored with all that it was asked with', async () => {
  const { database, rows } = await openStored();
  const settings = {
    model: 'claude-opus-4-8',
    maxTokens: 2048,
    instructions: 'Be "brief".\nAnd \\kind.',
    footer: false,
    streaming: 'auto',
    effort: 'high',
    pingAfter: 30,
  } as const;
  const owner = randomUUID();
  const asked = question({ settings, raw: '{"text":"\\u0000 \'quoted\' \ud83d"}' });
  const stored = await storeQuestion(database.query, asked, owner);
  if (stored === null) throw new Error('not stored');
  const mailbox = mailboxOf(stored.conversation);
  const { reply: subject } = asked;
  const team = 'T1';
  expect(stored.begun).toEqual({
    lease: { mailbox, owner, epoch: 1, team },
    job: { mailbox, team, seq: 1, name: 'answer', subject, attempt: 1, failures: 0 },
  });
  expect(await loadReply(database.query, asked.reply)).toMatchObject({
    ...settings,
    state: 'waiting',
    conversation: stored.conversation,
    questionTs: asked.ts,
    asker: 'U1',
    askerTeam: 'T9',
  });
  expect(await rows('select id::int, raw, speaker from skein.messages')).toEqual([
    { id: stored.message, raw: asked.raw.replace('\ud83d', '\ufffd'), speaker: 'U1' },
  ]);
  expect(await rows('select mailbox, place, cause, name, subject, attempts from skein.jobs')).toEqual([
    {
      mailbox,
      place: asked.ts,
      cause: `answer:${asked.reply}`,
      name: 'answer',
      subject,
      attempts: 1,
    },
  ]);
  expect(await rows('select ts, event_id from skein.seen')).toEqual([{ ts: asked.ts, event_id: 'Ev1' }]);
});

it('settings that are not set are kept as not set, and without an owner nothing is begun', async () => {
  const { database, rows } = await openStored();
  const asked = question({ askerTeam: null, eventId: null });
  expect(await storeQuestion(database.query, asked, null)).toMatchObject({ begun: null });
  expect(await rows('select attempts from skein.jobs')).toEqual([{ attempts: 0 }]);
  expect(await loadReply(database.query, asked.reply)).toMatchObject({ pingAfter: null, askerTeam: null });
});

it('a thread is one conversation, and one lease, however many ask in it at once', async () => {
  const { database, rows } = await openStored();
  const ask = (_: unknown, at: number) =>
    storeQuestion(database.query, question({ ts: `${at + 2}.000000` }), randomUUID());
  const stored = await Promise.all(Array.from({ length: 12 }, ask));
  expect(new Set(stored.map((one) => one?.conversation)).size).toBe(1);
  expect(stored.filter((one) => one?.begun)).toHaveLength(1);
  expect(await rows('select pending, last_seq::int from skein.mailboxes')).toEqual([
    { pending: 12, last_seq: 12 },
  ]);
});

it('one message of many deliveries at once is stored once', async () => {
  const { database, rows } = await openStored();
  const stored = await Promise.all(
    Array.from({ length: 12 }, () => storeQuestion(database.query, question(), null)),
  );
  expect(stored.filter((one) => one !== null)).toHaveLength(1);
  expect(await rows('select 1 from skein.replies')).toHaveLength(1);
});

it('the kind of a place is learned later and never forgotten; only a thread’s first message leaves nothing to read', async () => {
  const { database, rows } = await openStored();
  const ask = async (ts: string, threadTs: string, kind: NewQuestion['kind']) =>
    void (await storeQuestion(database.query, question({ ts, threadTs, kind }), null));
  await ask('2.000000', '1.000000', 'unknown');
  await ask('3.000000', '1.000000', 'im');
  await ask('4.000000', '1.000000', 'unknown');
  await ask('5.000000', '5.000000', 'channel');
  expect(
    await rows('select kind, thread_read_at is null as unread from skein.conversations order by thread_ts'),
  ).toEqual([
    { kind: 'im', unread: true },
    { kind: 'channel', unread: false },
  ]);
});

it.each([
  ['kept', false, '{"text":"as read"}'],
  ['replaced where an edit made it a question', true, '{"text":"words"}'],
])('words that are there already are %s', async (_what, rewrite, raw) => {
  const { database, conversation, rows } = await openStored();
  const id = await conversation();
  await rows(
    `insert into skein.messages (conversation, slack_ts, role, speaker, raw, text)
     values ($1, '2.000000', 'user', 'U1', '{"text":"as read"}', 'as read')`,
    [id],
  );
  const asked = question({ ts: '2.000000', rewrite });
  expect(await storeQuestion(database.query, asked, null)).toMatchObject({ conversation: id });
  expect(await rows('select raw, text, edited_at is null as unedited from skein.messages')).toEqual([
    { raw, text: rewrite ? null : 'as read', unedited: !rewrite },
  ]);
});
