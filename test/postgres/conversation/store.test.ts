import { describe, expect, it } from 'vitest';
import {
  addEarlier,
  addMessage,
  deleteMessage,
  editMessage,
  findMessage,
  historyUpTo,
  markSeen,
  purgeSeen,
  saidBeforeThread,
  saveAnswer,
  saveMade,
  setInContext,
  threadFacts,
} from '../../../src/conversation/store.ts';
import { wordsOf } from '../../../src/conversation/transcript.ts';
import { openStored } from '../../support/stored.ts';

const PLACE = { team: 'T1', channel: 'C1', threadTs: '1.000000' };

it('one message of two deliveries at once is taken, and marks are purged by age', async () => {
  const { database, rows } = await openStored();
  const mark = { team: 'T1', channel: 'C1', ts: '1.0', eventId: 'Ev1' };
  const taken = await Promise.all(Array.from({ length: 12 }, () => markSeen(database.query, mark)));
  expect(taken.filter(Boolean)).toHaveLength(1);
  await markSeen(database.query, { ...mark, ts: '2.0' });
  await rows("update skein.seen set at = now() - interval '8 days' where ts = '1.0'");
  await purgeSeen(database.query, 7);
  expect(await rows('select ts from skein.seen')).toEqual([{ ts: '2.0' }]);
});

describe('the history for an answer', () => {
  it('is in Slack’s order with each answer right after its question, and ends with the question', async () => {
    const { database, conversation, say } = await openStored();
    const id = await conversation();
    // Two were asked before the first was answered; a later one must not be known to the second answer.
    for (const ts of ['1700000010.000200', '1700000009.000100', '1700000010.000300']) await say(id, ts, ts);
    const answer = { conversation: id, inContext: true };
    await saveAnswer(database.query, { ...answer, questionTs: '1700000010.000200', text: 'second' });
    await saveAnswer(database.query, { ...answer, questionTs: '1700000009.000100', text: 'first' });
    const history = await historyUpTo(database.query, id, '1700000010.000300');
    expect(history.map(({ role, slackTs, text }) => `${role} ${slackTs} ${text}`)).toEqual([
      'user 1700000009.000100 null',
      'assistant 1700000009.000100 first',
      'user 1700000010.000200 null',
      'assistant 1700000010.000200 second',
      'user 1700000010.000300 null',
    ]);
    expect(await historyUpTo(database.query, id, '1700000009.000100')).toHaveLength(1);
  });

  it('begins after a summary, and brings what Slack sent only where it is still needed', async () => {
    const { database, conversation, say } = await openStored();
    const id = await conversation();
    const [old = 0, sent = 0, read = 0] = [
      await say(id, '1.000000'),
      await say(id, '2.000000'),
      await say(id, '3.000000'),
    ];
    await say(id, '4.000000');
    await saveAnswer(database.query, {
      conversation: id,
      questionTs: '1.000000',
      text: 'old',
      inContext: true,
    });
    const raws = new Map((await historyUpTo(database.query, id, '9.000000')).map(({ id, raw }) => [id, raw]));
    const words = [old, sent, read].map((id) => ({
      id,
      raw: raws.get(id) ?? null,
      reading: { text: 'x', speakerName: 'Ana' },
    }));
    await saveMade(database.query, words);
    await saveMade(database.query, [
      { id: sent, raw: raws.get(sent) ?? null, blocks: [{ type: 'text', text: 'x' }] },
    ]);
    const history = await historyUpTo(database.query, id, '4.000000', '1.000000');
    expect(history.map(({ slackTs, raw }) => [slackTs, raw !== null])).toEqual([
      ['2.000000', false],
      ['3.000000', true],
      ['4.000000', true],
    ]);
  });

  it('has a question that was taken out of context, when it is asked again', async () => {
    const { database, conversation, say } = await openStored();
    const id = await conversation();
    await setInContext(database.query, await say(id, '1.000000'), false);
    expect(await historyUpTo(database.query, id, '1.000000')).toHaveLength(1);
    expect(await historyUpTo(database.query, id, '2.000000')).toHaveLength(0);
  });

  it('has nothing of an earlier try at the same answer: the model is given that apart', async () => {
    const { database, conversation, say } = await openStored();
    const id = await conversation();
    await say(id, '5.000000');
    const half = { conversation: id, questionTs: '5.000000', text: 'half an answer', inContext: true };
    await saveAnswer(database.query, half);
    expect((await historyUpTo(database.query, id, '5.000000')).map(({ role }) => role)).toEqual(['user']);
    await saveAnswer(database.query, { ...half, text: 'the whole answer' });
    const later = await historyUpTo(database.query, id, '6.000000');
    expect(later.map(({ text }) => text)).toEqual([null, 'the whole answer']);
  });

  it('leaves out what was deleted and what was refused', async () => {
    const { database, conversation, say } = await openStored();
    const id = await conversation();
    await say(id, '1.000000');
    await deleteMessage(database.query, await say(id, '2.000000'));
    await setInContext(database.query, await say(id, '3.000000'), false);
    expect((await historyUpTo(database.query, id, '9.000000')).map(({ slackTs }) => slackTs)).toEqual([
      '1.000000',
    ]);
  });
});

describe('what a message says', () => {
  it('is what it says now: an edit makes it be read again, and a deletion leaves no words', async () => {
    const { database, conversation, say, rows } = await openStored();
    const id = await say(await conversation(), '1.000000', 'old words');
    const raw = JSON.stringify({ text: 'old words' });
    const reading = { text: 'old words', speakerName: 'Ana' };
    await saveMade(database.query, [{ id, raw, reading, blocks: [{ type: 'text', text: 'old words' }] }]);
    expect((await historyUpTo(database.query, await conversation(), '1.000000'))[0]).toMatchObject(reading);
    await editMessage(database.query, id, '{"text":"new words"}');
    expect(await rows('select raw, text, blocks from skein.messages')).toEqual([
      { raw: '{"text":"new words"}', text: null, blocks: null },
    ]);
    await deleteMessage(database.query, id);
    await editMessage(database.query, id, '{"text":"back again"}');
    const [row] = await rows('select raw, text, blocks, edited_at is null as unedited from skein.messages');
    expect(JSON.stringify(row)).not.toContain('words');
    expect(row).toMatchObject({ raw: null, text: null, blocks: null });
  });

  it('is not overwritten by a reading that began before an edit or a deletion', async () => {
    const { database, conversation, say, rows } = await openStored();
    const id = await conversation();
    const edited = await say(id, '1.000000', 'old');
    const deleted = await say(id, '2.000000', 'old');
    const raw = JSON.stringify({ text: 'old' });
    await editMessage(database.query, edited, '{"text":"new"}');
    await deleteMessage(database.query, deleted);
    const late = [edited, deleted];
    const reading = { text: 'old', speakerName: 'Ana' };
    await saveMade(
      database.query,
      late.map((one) => ({ id: one, raw, reading, blocks: [{ type: 'text', text: 'old' }] })),
    );
    expect(await rows('select text, blocks from skein.messages order by id')).toEqual([
      { text: null, blocks: null },
      { text: null, blocks: null },
    ]);
  });

  it('is sent the same way each time: blocks that are there stay', async () => {
    const { database, conversation, say } = await openStored();
    const id = await conversation();
    const message = await say(id, '1.000000');
    const raw = JSON.stringify({ text: 'words' });
    const blocks = [{ type: 'text' as const, text: '[Ana]: words' }];
    await saveMade(database.query, [{ id: message, raw, blocks }]);
    await saveMade(database.query, [{ id: message, raw, blocks: [{ type: 'text', text: 'otherwise' }] }]);
    expect((await historyUpTo(database.query, id, '1.000000'))[0]?.blocks).toEqual(blocks);
  });

  it('may hold anything: NUL, quotes, backslashes, half characters, all planes of Unicode', async () => {
    const { database, conversation } = await openStored();
    const id = await conversation();
    const odd = '\0 \\u0000 "quotes" \\ \ud83d {a,"b"} NULL \u{10ffff} 😀\r\n';
    const raw = JSON.stringify({ text: odd });
    const message = await addMessage(database.query, {
      conversation: id,
      slackTs: '1.0',
      speaker: 'U1',
      raw,
    });
    if (message === null) throw new Error('not stored');
    await saveMade(database.query, [{ id: message, raw, reading: { text: odd, speakerName: 'An\0a,"b"' } }]);
    await saveAnswer(database.query, { conversation: id, questionTs: '1.0', text: odd, inContext: true });
    const [said, answer] = await historyUpTo(database.query, id, '9');
    expect(said?.raw).toBe(raw);
    expect(said?.text?.length).toBe(odd.length - 1);
    expect(said?.speakerName).toBe('Ana,"b"');
    expect(wordsOf(answer?.blocks ?? [])).toContain('"quotes" \\');
  });
});

it('a person is found by what they wrote, also in another thread of the channel, and we are not', async () => {
  const { database, conversation, say } = await openStored();
  const id = await conversation();
  const message = await say(id, '2.000000');
  await saveAnswer(database.query, { conversation: id, questionTs: '3.0', text: 'ours', inContext: true });
  const at = { team: 'T1', channel: 'C1' };
  expect(await findMessage(database.query, { ...at, ts: '2.000000' })).toEqual({
    id: message,
    conversation: id,
  });
  expect(await findMessage(database.query, { ...at, ts: '3.0' })).toBeNull();
  expect(await findMessage(database.query, { ...at, team: 'T2', ts: '2.000000' })).toBeNull();
});

it('a thread’s facts say whether somebody wrote and is still to be read there, and whether anybody else is', async () => {
  const { database, ask, say, rows } = await openStored();
  const facts = (speaker: string) => threadFacts(database.query, { ...PLACE, speaker });
  expect(await facts('U1')).toEqual({ conversation: null, answered: false, known: false, alone: true });
  const { conversation: id } = await ask();
  const ours = { conversation: id, answered: true };
  const gone = await say(id, '3.0', 'x', 'U3');
  await deleteMessage(database.query, gone);
  await say(id, '4.0', 'x', null);
  expect(await facts('U1')).toEqual({ ...ours, known: true, alone: true });
  expect(await facts('U0')).toEqual({ ...ours, known: false, alone: false });
  expect(await facts('U3')).toEqual({ ...ours, known: false, alone: false });
  await say(id, '2.0', 'x', 'U2');
  expect(await facts('U1')).toEqual({ ...ours, known: true, alone: false });
  expect(await facts('U2')).toEqual({ ...ours, known: true, alone: false });
  // Whoever had their words erased was there.
  await rows('update skein.messages set erased_at = now() where id = $1', [gone]);
  expect(await facts('U3')).toMatchObject({ known: true });
});

it('what was said before us is added once, beside what is known', async () => {
  const { database, conversation, say, rows } = await openStored();
  const id = await conversation({}, false);
  await say(id, '2.000000', 'known');
  const earlier = [
    { slackTs: '1.000000', role: 'user' as const, speaker: 'U2', raw: '{}' },
    { slackTs: '2.000000', role: 'user' as const, speaker: 'U1', raw: '{"text":"read"}' },
  ];
  await addEarlier(database.query, id, earlier);
  await addEarlier(database.query, id, earlier);
  await addEarlier(database.query, id, []);
  expect(await rows('select slack_ts, raw from skein.messages order by slack_ts')).toEqual([
    { slack_ts: '1.000000', raw: '{}' },
    { slack_ts: '2.000000', raw: '{"text":"known"}' },
  ]);
  expect(await rows('select thread_read_at is not null as read from skein.conversations')).toEqual([
    { read: true },
  ]);
});

it('what somebody said at the top of a direct message shortly before is found, and nothing else', async () => {
  const { database, conversation, say, rows } = await openStored();
  const at = {
    team: 'T1',
    channel: 'D1',
    speaker: 'U1',
    since: '1700000000.000001',
    until: '1700000120.000001',
  };
  const first = async (threadTs: string, speaker = 'U1', channel = 'D1') => {
    const id = await conversation({ threadTs, channel });
    await say(id, threadTs, threadTs, speaker);
    return id;
  };
  await first('1700000000.000001');
  await first('1700000010.000000');
  const thread = await first('1700000060.000000');
  await say(thread, '1700000061.000000', 'further down');
  await first('1700000070.000000', 'U2');
  await first('1700000080.000000', 'U1', 'D2');
  await first('1700000120.000001');
  const deleted = await first('1700000090.000000');
  await rows('update skein.messages set deleted_at = now() where conversation = $1', [deleted]);
  const found = async (most: number) =>
    (await saidBeforeThread(database.query, at, most)).map(({ slackTs }) => slackTs);
  // Until now it is a channel.
  expect(await found(4)).toEqual([]);
  await rows("update skein.conversations set kind = 'im'");
  expect(await found(4)).toEqual(['1700000010.000000', '1700000060.000000']);
  expect(await found(1)).toEqual(['1700000060.000000']);
});
