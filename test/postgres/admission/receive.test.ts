import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createReceive } from '../../../src/admission/receive.ts';
import type { IncomingDeletion } from '../../../src/incoming.ts';
import type { LeaseToken } from '../../../src/jobs/store.ts';
import { change, message } from '../../spec/admission/make.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';

const QUESTION = message({ mentionsBot: true, ts: '1.000000', text: 'a question' });

async function setUp({ claimant = null as string | null } = {}) {
  const stored = await openStored();
  const state = { unheard: 0, now: 1_000_000_000 };
  const begun: LeaseToken[] = [];
  const options = {
    database: {
      ...stored.database,
      async transaction<T>(work: Parameters<typeof stored.database.transaction<T>>[0]) {
        const done = await stored.database.transaction(work);
        if (state.unheard-- > 0) throw new Error('the connection was cut before the commit was heard of');
        return done;
      },
    },
    defaults: DEFAULTS,
    clock: { now: () => state.now },
    newId: randomUUID,
    claimant: () => claimant,
    begin: (lease: LeaseToken) => begun.push(lease),
  };
  const told: string[] = [];
  const receive = createReceive({
    ...options,
    botUser: () => 'UBOT',
    onNothingToStop: ({ ts }) => told.push(ts),
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
  return { ...stored, state, receive, told, begun, counts, raws };
}
const ONE = { seen: 1, conversations: 1, messages: 1, replies: 1, jobs: 1 };
const DELETION: IncomingDeletion = {
  kind: 'message_deleted',
  team: 'T1',
  eventId: null,
  channel: 'C1',
  ts: '1.000000',
  threadTs: null,
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
    receive({ ...QUESTION, channelKind: at % 2 === 0 ? 'unknown' : 'channel', eventId: `Ev${at}` }),
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
    const edit = change({ mentionsBot: true, text: 'a better question' });
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

describe('a command', () => {
  const usage = message({ mentionsBot: true, ts: '1.000000', text: '<@UBOT> usage' });
  const edited = (text: string) => change({ mentionsBot: true, mentionedBotBefore: true, text });

  it('said by mention is a job, once, and marked in the same transaction', async () => {
    const { receive, counts, rows } = await setUp();
    const outcomes = await Promise.all([usage, usage, usage].map((said) => receive(said)));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['duplicate', 'duplicate', 'noted']);
    expect(await counts()).toEqual({ ...NONE, seen: 1, jobs: 1 });
    expect(await rows('select name from skein.jobs')).toEqual([{ name: 'command' }]);
  });

  it('whose commit fails is not marked, so that Slack’s next delivery is the command', async () => {
    const { receive, counts, rows } = await setUp();
    await rows(`create function fail() returns trigger language plpgsql as
      $$ begin raise exception 'disk full'; end $$`);
    await rows('create trigger fail before insert on skein.jobs for each row execute function fail()');
    await expect(receive(usage)).rejects.toThrow();
    expect(await counts()).toEqual(NONE);
    await rows('drop trigger fail on skein.jobs');
    expect(await receive(usage)).toMatchObject({ outcome: 'noted' });
  });

  it('that is edited into a question is asked, however late, and once', async () => {
    const { receive, counts, raws } = await setUp();
    await receive(usage);
    const edit = edited('<@UBOT> usage of commas, please explain');
    expect(await receive(edit)).toMatchObject({ outcome: 'admitted' });
    expect(await receive(edit)).toMatchObject({ outcome: 'noted' });
    expect(await receive(usage)).toMatchObject({ outcome: 'duplicate' });
    expect(await raws()).toEqual(['<@UBOT> usage of commas, please explain']);
    expect(await counts()).toMatchObject({ messages: 1, replies: 1, jobs: 2 });
  });

  it('that is edited into another command is carried out as that one', async () => {
    const { receive, counts } = await setUp();
    await receive(usage);
    const edit = edited('<@UBOT> context');
    expect(await receive(edit)).toMatchObject({ outcome: 'noted', reason: 'command_context' });
    expect(await receive(edit)).toMatchObject({ outcome: 'noted' });
    expect(await counts()).toMatchObject({ replies: 0, jobs: 2 });
  });
});

describe('the word “stop”', () => {
  const stop = message({ mentionsBot: true, threadTs: '1.000000', ts: '2.000000', text: '<@UBOT> stop' });

  it('is marked and stops in one transaction, so that a commit which fails is tried again', async () => {
    const { receive, rows } = await setUp();
    await receive(QUESTION);
    await rows(`create function fail() returns trigger language plpgsql as
      $$ begin raise exception 'disk full'; end $$`);
    await rows('create trigger fail before update on skein.replies for each row execute function fail()');
    await expect(receive(stop)).rejects.toThrow();
    await rows('drop trigger fail on skein.replies');
    expect(await receive(stop)).toMatchObject({ outcome: 'noted', reason: 'stop' });
    expect(await rows('select stopped_by from skein.replies')).toEqual([{ stopped_by: 'U1' }]);
  });

  it('where nothing is being written tells the person so, once', async () => {
    const { receive, told } = await setUp();
    await receive(stop);
    await receive(stop);
    expect(told).toEqual(['2.000000']);
  });

  it('that is edited into a question is asked', async () => {
    const { receive } = await setUp();
    await receive(stop);
    const edit = change({
      ts: '2.000000',
      threadTs: '1.000000',
      mentionsBot: true,
      mentionedBotBefore: true,
      text: '<@UBOT> stop words: which are there?',
    });
    expect(await receive(edit)).toMatchObject({ outcome: 'admitted' });
  });
});

describe('what an app says in a thread of ours', () => {
  it('is kept under the name of the app, as nobody’s words', async () => {
    const { receive, rows } = await setUp();
    await receive(QUESTION);
    const app = { name: 'Deploys', ids: ['B2'], certain: true };
    const said = message({ threadTs: '1.000000', ts: '2.000000', user: 'B2', app, text: 'Rolled back.' });
    expect(await receive(said)).toMatchObject({ outcome: 'noted' });
    const [row] = await rows("select speaker, raw from skein.messages where slack_ts = '2.000000'");
    expect(row).toMatchObject({ speaker: null });
    expect(JSON.parse(String(row?.['raw']))).toMatchObject({ name: 'Deploys', text: 'Rolled back.' });
  });
});

describe('a preview that arrives as a change', () => {
  const forwarded = [{ is_msg_unfurl: true, text: 'the linked message' }];
  const preview = change({
    mentionsBot: true,
    mentionedBotBefore: true,
    textChanged: false,
    text: 'a question',
  });

  it('goes along with a question that nobody has read yet, and asks nothing anew', async () => {
    const { receive, rows, counts } = await setUp();
    await receive(QUESTION);
    expect(await receive({ ...preview, attachments: forwarded })).toMatchObject({ outcome: 'noted' });
    const [row] = await rows('select raw, edited_at from skein.messages');
    expect(JSON.parse(String(row?.['raw']))).toMatchObject({ attachments: forwarded });
    expect(row).toMatchObject({ edited_at: null });
    expect(await counts()).toEqual(ONE);
  });

  it('changes nothing of a question that was read', async () => {
    const { receive, rows } = await setUp();
    await receive(QUESTION);
    await rows("update skein.messages set text = 'a question'");
    expect(await receive({ ...preview, attachments: forwarded })).toMatchObject({ outcome: 'ignored' });
  });
});

describe('the deletion of a message of ours', () => {
  it('that is a question which we posted for somebody drops its words', async () => {
    const { receive, raws } = await setUp();
    await receive({ ...QUESTION, asked: true });
    expect(await receive({ ...DELETION, own: true })).toMatchObject({ outcome: 'noted' });
    expect(await raws()).toEqual([null]);
  });

  it('that is a part of an answer removes the answer, and our own deletions that follow change nothing', async () => {
    const { receive, rows } = await setUp();
    const { reply } = await receive(QUESTION);
    await rows(`insert into skein.segments (reply, index, ts) values ('${reply}', 0, '1.500000')`);
    await rows("update skein.replies set state = 'shown', log = 'words', answered_at = now()");
    const gone = { ...DELETION, own: true, ts: '1.500000', threadTs: '1.000000' };
    expect(await receive(gone)).toMatchObject({ outcome: 'noted' });
    expect(await rows('select state, log from skein.replies')).toEqual([{ state: 'removing', log: '' }]);
    expect(await rows('select 1 from skein.jobs')).toHaveLength(2);
    await receive(gone);
    expect(await rows('select 1 from skein.jobs')).toHaveLength(2);
  });

  it('that is neither is nothing to us', async () => {
    const { receive, counts } = await setUp();
    expect(await receive({ ...DELETION, own: true })).toMatchObject({
      outcome: 'ignored',
      reason: 'not_ours',
    });
    expect(await counts()).toEqual(NONE);
  });
});
