import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { notRead } from '../../../src/files/store.ts';
import { LeaseLost } from '../../../src/jobs/store.ts';
import { lastLengths } from '../../../src/reply/pace/store.ts';
import { loadSegments } from '../../../src/reply/show/store.ts';
import {
  beginAnew,
  beginCall,
  commitAnswer,
  intendSegment,
  loadReply,
  markShown,
  placeSegment,
  requestStop,
  STOP_CHANNEL,
  stopRequested,
  stopsAmong,
} from '../../../src/reply/store.ts';
import { appendLog, purgePieces, shownTs } from '../../../src/reply/write/store.ts';
import { openStored } from '../../support/stored.ts';

it('a reply is loaded with all that its owner needs, and one that is unknown is none', async () => {
  const { database, ask } = await openStored();
  const { reply, conversation, question } = await ask('1.500000');
  expect(await loadReply(database.query, reply)).toMatchObject({
    id: reply,
    state: 'waiting',
    conversation,
    question,
    questionTs: '1.500000',
    asker: 'U1',
    questionDeleted: false,
    team: 'T1',
    channel: 'C1',
    threadTs: '1.000000',
    kind: 'channel',
    model: 'claude-sonnet-4-6',
    log: '',
    calls: 0,
  });
  expect(await loadReply(database.query, randomUUID())).toBeNull();
});

describe('the log', () => {
  it('grows piece by piece, and a piece that is repeated changes nothing', async () => {
    const { database, ask } = await openStored();
    const { reply, lease } = await ask();
    await beginCall(database.query, lease, reply, { from: 0, prompt: 12 });
    const pieces = [
      { at: 0, text: 'one ' },
      { at: 4, text: '😀 ' },
      { at: 7, text: 'é' },
    ];
    for (const piece of pieces) {
      await appendLog(database.query, lease, reply, piece);
      await appendLog(database.query, lease, reply, piece);
    }
    expect((await loadReply(database.query, reply))?.log).toBe('one 😀 é');
  });

  it('has no piece that leaves a gap, and takes none that contradicts it', async () => {
    const { database, ask } = await openStored();
    const { reply, lease } = await ask();
    await beginCall(database.query, lease, reply, { from: 0, prompt: 12 });
    await appendLog(database.query, lease, reply, { at: 0, text: 'one' });
    await appendLog(database.query, lease, reply, { at: 9, text: 'x' });
    await expect(appendLog(database.query, lease, reply, { at: 0, text: 'longer' })).rejects.toThrow(
      'no place',
    );
    expect((await loadReply(database.query, reply))?.log).toBe('one');
  });
});

describe('pieces of an answer', () => {
  it('are only added while it is written, and joined when it ends', async () => {
    const { database, ask, answer, rows } = await openStored();
    const asked = await ask();
    const { reply, lease } = asked;
    await beginCall(database.query, lease, reply, { from: 0, prompt: 12 });
    await appendLog(database.query, lease, reply, { at: 0, text: 'one ' });
    await appendLog(database.query, lease, reply, { at: 4, text: 'two' });
    expect(await rows('select log, log_units from skein.replies')).toEqual([{ log: '', log_units: 0 }]);
    expect(await rows('select at, units, text from skein.pieces order by at')).toEqual([
      { at: 0, units: 4, text: 'one ' },
      { at: 4, units: 3, text: 'two' },
    ]);
    await answer(asked, { log: 'one two' });
    expect(await rows('select log, log_units from skein.replies')).toEqual([
      { log: 'one two', log_units: 7 },
    ]);
    expect(await rows('select 1 from skein.pieces')).toEqual([]);
    expect((await loadReply(database.query, reply))?.log).toBe('one two');
    // What was sent for it before, and comes only now.
    await expect(appendLog(database.query, lease, reply, { at: 4, text: 'two' })).rejects.toThrow('no place');
    expect(await rows('select 1 from skein.pieces')).toEqual([]);
  });

  it('that belong to no reply which is being written are purged, and the others stay', async () => {
    const { database, ask, answer, rows, conversation } = await openStored();
    const other = await conversation({ threadTs: '2.000000' });
    const [ended, running] = [await ask(), await ask('2.000000', other)];
    for (const { reply, lease } of [ended, running]) {
      await beginCall(database.query, lease, reply, { from: 0, prompt: 12 });
      await appendLog(database.query, lease, reply, { at: 0, text: 'words' });
    }
    await answer(ended);
    const late = 'insert into skein.pieces (reply, at, units, text) values ($1, 5, 5, $2)';
    await rows(late, [ended.reply, 'late.']);
    await rows(late, [randomUUID(), 'of none']);
    expect(await purgePieces(database.query)).toBe(2);
    expect(await rows('select reply, text from skein.pieces')).toEqual([
      { reply: running.reply, text: 'words' },
    ]);
  });

  it('that an owner sent before it lost the lease are not added after the takeover', async () => {
    const { database, ask, rows } = await openStored();
    const { reply, lease, lost } = await ask();
    await beginCall(database.query, lease, reply, { from: 0, prompt: 12 });
    await appendLog(database.query, lease, reply, { at: 0, text: 'of the new owner' });
    await expect(appendLog(database.query, lost, reply, { at: 16, text: 'late' })).rejects.toBeInstanceOf(
      LeaseLost,
    );
    expect(await rows('select text from skein.pieces')).toEqual([{ text: 'of the new owner' }]);
  });

  it('of a version that begins anew are gone', async () => {
    const { database, ask, rows } = await openStored();
    const { reply, lease } = await ask();
    await beginCall(database.query, lease, reply, { from: 0, prompt: 12 });
    await appendLog(database.query, lease, reply, { at: 0, text: 'an answer to the old words' });
    await beginAnew(database, lease, reply);
    await beginCall(database.query, lease, reply, { from: 0, prompt: 12 });
    expect(await rows('select 1 from skein.pieces')).toEqual([]);
    await appendLog(database.query, lease, reply, { at: 0, text: 'new' });
    expect((await loadReply(database.query, reply))?.log).toBe('new');
  });
});

it('whoever has lost the lease writes nothing', async () => {
  const { database, ask, answer, rows } = await openStored();
  const asked = await ask();
  const { reply, lost } = asked;
  const before = await rows('select * from skein.replies');
  const { query } = database;
  for (const write of [
    () => beginCall(query, lost, reply, { from: 0, prompt: 12 }),
    () => appendLog(query, lost, reply, { at: 0, text: 'x' }),
    () => intendSegment(query, lost, reply, 0),
    () => markShown(query, lost, reply, 'shown'),
    () => answer(asked, {}, lost),
  ])
    await expect(write()).rejects.toBeInstanceOf(LeaseLost);
  expect(await rows('select * from skein.replies')).toEqual(before);
  expect(await loadSegments(query, reply)).toEqual([]);
  expect(await rows("select 1 from skein.messages where role = 'assistant'")).toEqual([]);
});

describe('commit 2', () => {
  const END = {
    stopReason: 'end',
    stoppedBy: null,
    errorCode: null,
    requestId: 'req_1',
  } as const;
  const SAID = 'select role, text, blocks, in_context from skein.messages order by role desc';

  it('stores the answer behind its question, and how it ended; a second version replaces the first', async () => {
    const { database, ask, rows } = await openStored();
    const asked = await ask();
    const commit = (log: string) =>
      commitAnswer(
        database.query,
        asked.lease,
        { ...asked, id: asked.reply },
        { ...END, log },
        { remembered: true, inContext: true },
      );
    await commit('another');
    await commit('all of it');
    expect(await rows(SAID)).toEqual([
      { role: 'user', text: null, blocks: null, in_context: true },
      {
        role: 'assistant',
        text: 'all of it',
        blocks: null,
        in_context: true,
      },
    ]);
    expect(await loadReply(database.query, asked.reply)).toMatchObject({
      state: 'answered',
      log: 'all of it',
      stopReason: 'end',
      requestId: 'req_1',
    });
    expect(await rows('select answered_at is not null as ended, log_units from skein.replies')).toEqual([
      { ended: true, log_units: 9 },
    ]);
  });

  it('keeps a refused question and its answer from the model, and remembers no empty answer', async () => {
    const { database, ask, rows } = await openStored();
    const asked = await ask();
    const of = { ...asked, id: asked.reply };
    const end = { ...END, log: '' };
    await commitAnswer(database.query, asked.lease, of, end, { remembered: false, inContext: true });
    expect(await rows(SAID)).toMatchObject([{ role: 'user', in_context: true }]);
    await commitAnswer(database.query, asked.lease, of, end, { remembered: true, inContext: false });
    expect(await rows(SAID)).toMatchObject([
      { role: 'user', in_context: false },
      { role: 'assistant', text: '', in_context: false },
    ]);
  });
});

it('calls are counted before they are made, and none is made for an answer that is complete', async () => {
  const { database, ask, answer } = await openStored();
  const asked = await ask();
  const { reply, lease } = asked;
  expect(await beginCall(database.query, lease, reply, { from: 0, prompt: 12 })).toBe(1);
  expect(await beginCall(database.query, lease, reply, { from: 0, prompt: 12 })).toBe(2);
  expect((await loadReply(database.query, reply))?.state).toBe('writing');
  await answer(asked, { log: 'answer' });
  await expect(beginCall(database.query, lease, reply, { from: 0, prompt: 12 })).rejects.toBeInstanceOf(
    LeaseLost,
  );
  expect(await loadReply(database.query, reply)).toMatchObject({
    state: 'answered',
    log: 'answer',
    calls: 2,
  });
  await markShown(database.query, lease, reply, 'shown');
  expect((await loadReply(database.query, reply))?.state).toBe('shown');
});

it('a segment is intended before it is posted, and its place is kept whoever learns of it', async () => {
  const { database, ask } = await openStored();
  const { reply, lease, conversation } = await ask();
  await intendSegment(database.query, lease, reply, 1);
  await intendSegment(database.query, lease, reply, 0);
  await intendSegment(database.query, lease, reply, 0);
  await placeSegment(database.query, reply, 0, '9.000000');
  await intendSegment(database.query, lease, reply, 0);
  expect(await loadSegments(database.query, reply)).toEqual([
    { index: 0, ts: '9.000000', streaming: false },
    { index: 1, ts: null, streaming: false },
  ]);
  expect([...(await shownTs(database.query, conversation))]).toEqual(['9.000000']);
});

it('a stop is kept and told at once, once, and only of a reply that is being written', async () => {
  const { database, url, ask, answer } = await openStored();
  const asked = await ask();
  const { reply, lease } = asked;
  const listener = new pg.Client({ connectionString: url });
  await listener.connect();
  const heard = new Promise((resolve) => listener.on('notification', ({ payload }) => resolve(payload)));
  await listener.query(`listen ${STOP_CHANNEL}`);
  expect(await requestStop(database.query, reply, 'U1')).toBe(true);
  expect(await heard).toBe(reply);
  await listener.end();
  expect(await requestStop(database.query, reply, 'U2')).toBe(false);
  expect(await stopRequested(database.query, reply)).toBe('U1');
  expect(await stopsAmong(database.query, [reply, randomUUID()])).toEqual([reply]);
  expect(await stopsAmong(database.query, [])).toEqual([]);
  await answer(asked);
  await markShown(database.query, lease, reply, 'shown');
  expect(await requestStop(database.query, reply, 'U1')).toBe(false);
  expect(await requestStop(database.query, randomUUID(), 'U1')).toBe(false);
});

it('what the last replies took is known in their order, and of those alone that were shown', async () => {
  const { database, ask, answer, conversation } = await openStored();
  for (const [ts, ms] of [
    ['1.000001', 4000],
    ['1.000002', 2500],
    ['1.000003', 900],
  ] as const) {
    const asked = await ask(ts, await conversation({ threadTs: ts }));
    const { reply, lease } = asked;
    await answer(asked);
    await database.query.execute(
      `update skein.replies set answered_at = created_at + ${ms} * interval '1 ms' where id = '${reply}'`,
    );
    await markShown(database.query, lease, reply, ts === '1.000003' ? 'failed' : 'shown');
  }
  await ask('1.000004', await conversation({ threadTs: '1.000004' }));
  expect(await lastLengths(database.query, 64)).toEqual([4000, 2500]);
  expect(await lastLengths(database.query, 1)).toEqual([2500]);
});

it('what a reply took that was asked for once more counts from the press, and what was continued does not count', async () => {
  const { database, ask, answer, conversation } = await openStored();
  for (const [ts, set] of [
    [
      '1.000001',
      "version = 2, begun_at = created_at + interval '1 hour', answered_at = created_at + interval '3603 s'",
    ],
    ['1.000002', "continued_at = 5, answered_at = created_at + interval '1 hour'"],
  ] as const) {
    const asked = await ask(ts, await conversation({ threadTs: ts }));
    await answer(asked);
    await database.query.execute(`update skein.replies set ${set} where id = '${asked.reply}'`);
    await markShown(database.query, asked.lease, asked.reply, 'shown');
  }
  expect(await lastLengths(database.query, 64)).toEqual([3000]);
});

it('what was not read of the files of a question is told under its answer, also where another answer read them first', async () => {
  const { database, ask } = await openStored();
  const { reply, question } = await ask('1.500000');
  await database.query.execute(sql`
    insert into skein.attachments (message, team, file, name, why, reply)
    values (${question}, 'T1', 'F1', 'keys.key', 'kind', ${randomUUID()}::uuid)`);
  expect(await notRead(database.query, reply)).toEqual([{ name: 'keys.key', why: 'kind' }]);
});
