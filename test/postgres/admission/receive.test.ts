import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Incoming } from '../../../src/admission/incoming.ts';
import { createReceive } from '../../../src/admission/receive.ts';
import type { LeaseToken } from '../../../src/jobs/store.ts';
import { change, message } from '../../spec/admission/make.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';

const QUESTION = message({ mentionsBot: true, ts: '1.000000', text: 'a question' });

async function setUp({ claimant = null as string | null } = {}) {
  const stored = await openStored();
  const state = { unheard: 0, now: 1_000_000_000 };
  const begun: LeaseToken[] = [];
  const receive = createReceive({
    database: {
      ...stored.database,
      async transaction(work) {
        const done = await stored.database.transaction(work);
        if (state.unheard-- > 0) throw new Error('the connection was cut before the commit was heard of');
        return done;
      },
    },
    defaults: DEFAULTS,
    clock: { now: () => state.now },
    newId: randomUUID,
    claimant: () => claimant,
    onCommand: () => {},
    begin: (lease) => begun.push(lease),
  });
  const counts = async () => {
    const [row] = await stored.rows(`select
      (select count(*)::int from skein.seen) as seen,
      (select count(*)::int from skein.conversations) as conversations,
      (select count(*)::int from skein.messages) as messages,
      (select count(*)::int from skein.replies) as replies,
      (select count(*)::int from skein.jobs) as jobs`);
    return row;
  };
  const raws = async () =>
    (await stored.rows<{ raw: string | null }>('select raw from skein.messages order by slack_ts')).map(
      ({ raw }) => (raw === null ? null : (JSON.parse(raw) as { text: string }).text),
    );
  return { ...stored, state, receive, begun, counts, raws };
}
const ONE = { seen: 1, conversations: 1, messages: 1, replies: 1, jobs: 1 };
const DELETION: Incoming = {
  kind: 'message_deleted',
  team: 'T1',
  enterprise: null,
  eventId: null,
  channel: 'C1',
  ts: '1.000000',
  threadTs: null,
  user: 'U1',
  own: false,
};
const NONE = { seen: 0, conversations: 0, messages: 0, replies: 0, jobs: 0 };

it('a question is stored with its reply and its job, and begun here if there is a hand free', async () => {
  const claimant = randomUUID();
  const { receive, begun, counts } = await setUp({ claimant });
  expect(await receive(QUESTION)).toMatchObject({ outcome: 'admitted' });
  expect(await counts()).toEqual(ONE);
  expect(begun).toMatchObject([{ owner: claimant, epoch: 1 }]);
});

it('one message delivered twenty times at once, as both of its kinds, is one question', async () => {
  const { receive, counts } = await setUp();
  const deliveries = Array.from({ length: 20 }, (_, at) =>
    receive({ ...QUESTION, viaMention: at % 2 === 0, eventId: `Ev${at}` }),
  );
  const outcomes = (await Promise.all(deliveries)).map(({ outcome }) => outcome).sort();
  expect(outcomes).toEqual(['admitted', ...Array.from({ length: 19 }, () => 'duplicate')]);
  expect(await counts()).toEqual(ONE);
});

it('two questions of one new thread at once are two replies of one conversation', async () => {
  const { receive, counts, rows } = await setUp();
  const inThread = { ...QUESTION, threadTs: '0.500000' };
  await Promise.all(['1.0', '2.0', '3.0', '4.0'].map((ts) => receive({ ...inThread, ts })));
  expect(await counts()).toEqual({ seen: 4, conversations: 1, messages: 4, replies: 4, jobs: 4 });
  expect(await rows('select pending from skein.mailboxes')).toEqual([{ pending: 4 }]);
});

describe('a failure', () => {
  it.each(['skein.seen', 'skein.conversations', 'skein.messages', 'skein.replies', 'skein.jobs'])(
    'at the write to %s leaves nothing, and the next delivery is the question',
    async (table) => {
      const { receive, counts, rows, begun } = await setUp({ claimant: randomUUID() });
      await rows(`create function fail() returns trigger language plpgsql as
        $$ begin raise exception 'disk full'; end $$`);
      await rows(`create trigger fail before insert on ${table} for each row execute function fail()`);
      await expect(receive(QUESTION)).rejects.toThrow();
      expect(await counts()).toEqual(NONE);
      expect(begun).toEqual([]);
      await rows(`drop trigger fail on ${table}`);
      expect(await receive(QUESTION)).toMatchObject({ outcome: 'admitted' });
      expect(await counts()).toEqual(ONE);
      expect(begun).toHaveLength(1);
    },
  );
});

describe('in a thread of ours', () => {
  const later = message({ threadTs: '1.000000', ts: '2.000000', text: 'and this?' });

  it('the only person’s follow-up is a question; another one’s words are kept, once, for the next answer', async () => {
    const { receive, counts } = await setUp();
    await receive(QUESTION);
    expect(await receive(later)).toMatchObject({ outcome: 'admitted' });
    const remark = { ...later, ts: '3.000000', user: 'U2' };
    expect(await receive(remark)).toMatchObject({ outcome: 'noted' });
    expect(await receive(remark)).toMatchObject({ outcome: 'duplicate' });
    expect(await counts()).toMatchObject({ messages: 3, replies: 2 });
  });

  it('a remark that is edited to ask us is answered as it reads now', async () => {
    const { receive, raws, rows } = await setUp();
    await receive(QUESTION);
    await receive({ ...later, user: 'U2' });
    const edit = change({
      ts: '2.000000',
      threadTs: '1.000000',
      user: 'U2',
      text: 'and this, bot?',
      mentionsBot: true,
    });
    expect(await receive(edit)).toMatchObject({ outcome: 'admitted' });
    expect(await raws()).toEqual(['a question', 'and this, bot?']);
    expect(await receive(edit)).toMatchObject({ outcome: 'noted' });
    expect(await rows('select 1 from skein.replies')).toHaveLength(2);
  });
});

describe('a question that was asked', () => {
  it('and is edited is the same question with new words', async () => {
    const { receive, raws, counts } = await setUp();
    await receive(QUESTION);
    // Also when Slack does not say what was there before, so that it looks like the first mention.
    const edit = change({ mentionsBot: true, text: 'a better question', previousText: null });
    expect(await receive(edit)).toMatchObject({ outcome: 'noted' });
    expect(await raws()).toEqual(['a better question']);
    expect(await counts()).toEqual(ONE);
  });

  it('and is edited once, as Slack tells it twice, is read anew once', async () => {
    const { receive, rows } = await setUp();
    await receive(QUESTION);
    const edit = change({ mentionsBot: true, mentionedBotBefore: true, text: 'a better question' });
    const editedAt = () => rows('select edited_at from skein.messages');
    await receive(edit);
    const once = await editedAt();
    expect(await receive(edit)).toMatchObject({ outcome: 'noted' });
    expect(await editedAt()).toEqual(once);
    await receive({ ...edit, text: 'a question' });
    expect(await editedAt()).not.toEqual(once);
  });

  it('and is deleted leaves no words behind', async () => {
    const { receive, raws } = await setUp();
    await receive(QUESTION);
    expect(await receive(DELETION)).toMatchObject({ outcome: 'noted' });
    expect(await raws()).toEqual([null]);
    expect(await receive({ ...DELETION, ts: '9.0' })).toMatchObject({
      outcome: 'ignored',
      reason: 'not_ours',
    });
  });
});

describe('what overtakes its question', () => {
  const edit = change({ mentionsBot: true, mentionedBotBefore: true, text: 'a better question' });

  it('an edit is the question, as it reads now, and the question’s own event comes too late', async () => {
    const { receive, raws, counts, state } = await setUp();
    state.now = 5_000;
    expect(await receive(edit)).toMatchObject({ outcome: 'admitted' });
    expect(await receive(QUESTION)).toMatchObject({ outcome: 'duplicate' });
    expect(await receive(edit)).toMatchObject({ outcome: 'noted' });
    expect(await raws()).toEqual(['a better question']);
    expect(await counts()).toEqual(ONE);
  });

  it('an edit and its question at once are one question with the new words', async () => {
    const { receive, raws, counts, state } = await setUp();
    state.now = 5_000;
    await Promise.all([edit, QUESTION, edit, QUESTION].map((incoming) => receive(incoming)));
    expect(await raws()).toEqual(['a better question']);
    expect(await counts()).toEqual(ONE);
  });

  it('words that were read from the thread are not put back to what they were', async () => {
    const { receive, raws, counts, state, rows } = await setUp();
    await receive(QUESTION);
    await rows(`insert into skein.messages (conversation, slack_ts, role, speaker, raw)
      select id, '2.000000', 'user', 'U1', '{"text":"as it reads now"}' from skein.conversations`);
    state.now = 5_000;
    const late = message({ mentionsBot: true, threadTs: '1.000000', ts: '2.000000', text: 'as it read' });
    expect(await receive(late)).toMatchObject({ outcome: 'admitted' });
    expect(await raws()).toEqual(['a question', 'as it reads now']);
    expect(await counts()).toMatchObject({ replies: 2 });
  });

  it('a removal: what is gone is not answered when it comes', async () => {
    const { receive, counts, state } = await setUp();
    state.now = 5_000;
    expect(await receive(DELETION)).toMatchObject({ outcome: 'ignored', reason: 'not_ours' });
    expect(await receive(QUESTION)).toMatchObject({ outcome: 'duplicate' });
    expect(await receive(edit)).toMatchObject({ outcome: 'duplicate' });
    expect(await counts()).toEqual({ ...NONE, seen: 1 });
  });

  it('an edit of words that were not for us asks nothing', async () => {
    const { receive, counts, state } = await setUp();
    state.now = 5_000;
    expect(await receive(change())).toMatchObject({ outcome: 'ignored', reason: 'not_addressed' });
    expect(await counts()).toEqual(NONE);
  });
});

it('an edit of what we never heard of is no question, and the same text in another workspace is another one', async () => {
  const { receive, counts } = await setUp();
  expect(await receive(change())).toMatchObject({ outcome: 'ignored', reason: 'not_ours' });
  expect(await counts()).toEqual(NONE);
  await receive(QUESTION);
  expect(await receive({ ...QUESTION, team: 'T2' })).toMatchObject({ outcome: 'admitted' });
  expect(await counts()).toMatchObject({ conversations: 2, replies: 2 });
});
