import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect, it } from 'vitest';
import { readBook, reserve, settle } from '../../src/budgets/store.ts';
import {
  addEarlier,
  addMessage,
  findMessage,
  historyUpTo,
  markSeen,
  purgeSeen,
  questionText,
  saidBeforeThread,
  saveAnswer,
  saveMade,
  sayTheSame,
  takenAs,
  threadFacts,
} from '../../src/conversation/store.ts';
import { loadSummary } from '../../src/conversation/summaries/store.ts';
import { conversationsOf, dropUnused, messagesKeptTooLong } from '../../src/erasure/store.ts';
import {
  beginJob,
  fence,
  finishJob,
  freeDeadWorkers,
  leasesOf,
  purgeJobs,
  recountMailboxes,
  releaseLease,
  takeLease,
  takeWaiting,
  wakeMailbox,
} from '../../src/jobs/store.ts';
import { enter, enteredCall, replyTotal, spentNow } from '../../src/ledger/store.ts';
import { askedByBots } from '../../src/people/store.ts';
import type { Queryable } from '../../src/postgres/database.ts';
import { loadSegments, markPinged, noteLeftovers, untidyReplies } from '../../src/reply/show/store.ts';
import {
  beginCall,
  beginningCall,
  commitAnswer,
  intendSegment,
  loadReply,
  markShown,
  placeSegment,
  requestStop,
  unfinishedWithoutJob,
} from '../../src/reply/store.ts';
import { noteTold, noteWait, wakeWaiting } from '../../src/reply/waits/store.ts';
import { appendLog, moveInstructions, noteContext, shownTs } from '../../src/reply/write/store.ts';
import { readSettings } from '../../src/settings/store.ts';
import { openStored } from '../support/stored.ts';
import { accessOf } from './explain.ts';

/** A workspace with some history, as Postgres sees it after its statistics were gathered. */
const FILL = [
  `insert into skein.conversations (team, channel, thread_ts, kind)
   select 'T' || i % 20, 'C' || i % 500, (1700000000 + i) || '.000000', 'channel' from generate_series(1, 4000) i`,
  `insert into skein.messages (conversation, slack_ts, role, speaker, raw)
   select c.id, (1700000000 + c.id * 10 + i) || '.000000', 'user', 'U' || i, '{"text":"words"}'
   from skein.conversations c, generate_series(1, 3) i`,
  `insert into skein.replies (id, conversation, question, state, model, max_tokens, instructions, footer)
   select gen_random_uuid(), conversation, id, 'shown', 'm', 1024, 'Rule ' || id % 3000, true from skein.messages`,
  `update skein.replies set leftovers = '{0}', shown_at = now() where question % 100 = 0`,
  `insert into skein.segments (reply, index, ts) select id, 0, '1.0' from skein.replies`,
  `insert into skein.versions (reply, version, text, units, model, max_tokens, instructions, calls, begun_at,
     continued_at) select id, 2, '', 0, 'm', 1024, 'Rule', '{}', now(), 0 from skein.replies`,
  `insert into skein.pieces (reply, at, units, text) select id, 0, 5, 'words' from skein.replies`,
  `insert into skein.seen (team, channel, ts)
   select 'T' || i % 20, 'C' || i % 500, (1700000000 + i) || '.000000' from generate_series(1, 12000) i`,
  `insert into skein.mailboxes (key, last_seq) select 'conversation:' || i, 3 from generate_series(1, 6000) i`,
  `insert into skein.jobs (mailbox, seq, place, cause, name, payload, done_at)
   select key, i, i::text, key || ':' || i, 'answer', '{}', now() from skein.mailboxes, generate_series(1, 3) i`,
  `insert into skein.usage (reply, call, team, channel, person, model, input_tokens, cache_write_5m_tokens,
     cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, estimated, price_version)
   select id, 1, 'T' || conversation % 20, 'C' || conversation % 500, 'U' || question % 50, 'm', 1, 0, 0, 0, 1, 0, false, 'v' from skein.replies`,
  `insert into skein.settings (team, scope, scope_id, key, value, set_by)
   select 'T' || i % 20, 'channel', 'C' || i, 'footer', 'on', 'U1' from generate_series(1, 4000) i`,
  `insert into skein.summaries (conversation, until, text) select id, thread_ts, 'words' from skein.conversations`,
  `insert into skein.spent (team, scope, scope_id, day, cost_nano, tokens)
   select 'T' || i % 20, 'channel', 'D' || i, current_date - i % 30, 1, 1 from generate_series(1, 9000) i`,
  `insert into skein.reservations (reply, team, channel, person, cost_nano)
   select id, 'T' || conversation % 20, 'C1', 'U1', 1 from skein.replies where question % 3 = 0`,
  `insert into skein.budget_turns (team, turn) select 'T' || i, 1 from generate_series(1, 5000) i`,
  `insert into skein.tool_calls (id, reply, version, use, team, server, tool, title, input, reads, repeatable, account, person, state)
   select gen_random_uuid(), id, 1, 'toolu_1', 'T1', 'tickets', 'find', 'Find', '{}', true, true, 'none', 'U1', 'done' from skein.replies`,
  `insert into skein.tool_grants (conversation, server, tool, person) select id, 'tickets', 'find', 'U1' from skein.conversations`,
  'analyze',
];

it('no statement on the way of a message reads a whole table, however much history there is', async () => {
  const { url, database, ask } = await openStored();
  // Over a connection of its own: the bot's may not work for so long at one statement.
  const filling = new pg.Client({ connectionString: url });
  await filling.connect();
  for (const statement of FILL) await filling.query(statement);
  await filling.end();
  const { lease, reply, conversation } = await ask();
  const place = { team: 'T1', channel: 'C1', threadTs: '1700000001.000000' };
  const usage = {
    ...{ inputTokens: 1, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, cacheReadTokens: 0 },
    ...{ outputTokens: 1, thinkingTokens: 0, webSearches: 0 },
  };
  const spender = { reply, team: 'T1', channel: 'C1', person: 'U1' };
  const entry = { ...spender, call: 7, model: 'm', usage, estimated: false, requestId: null };
  const access = (work: (db: Queryable) => Promise<unknown>) => accessOf(database, work);
  const wholes: string[] = [];
  const statements: Record<string, (db: Queryable) => Promise<unknown>> = {
    markSeen: (db) => markSeen(db, { team: 'T1', channel: 'C1', ts: '1.0', eventId: null }),
    purgeSeen: (db) => purgeSeen(db, 7),
    readSettings: (db) => readSettings(db, { team: 'T1', channel: 'C1', person: 'U1' }),
    threadFacts: (db) => threadFacts(db, { ...place, speaker: 'U1' }),
    askedByBots: (db) =>
      askedByBots(
        db,
        { ...{ team: 'T1', channel: 'C1', conversation, questionTs: '1.000000' }, asker: 'U1', bots: ['U1'] },
        20,
      ),
    addMessage: (db) => addMessage(db, { conversation, slackTs: '2.0', speaker: 'U1', raw: '{}' }),
    findMessage: (db) => findMessage(db, { team: 'T1', channel: 'C1', ts: '1.000000' }),
    loadSummary: (db) => loadSummary(db, conversation),
    historyUpTo: (db) => historyUpTo(db, conversation, '9'),
    saidBeforeThread: (db) =>
      saidBeforeThread(
        db,
        { team: 'T1', channel: 'D1', speaker: 'U1', since: '1700000000.000000', until: '1700000120.000000' },
        4,
      ),
    saveAnswer: (db) => saveAnswer(db, { conversation, questionTs: '1.000000', text: 'x', inContext: true }),
    takeWaiting: (db) =>
      takeWaiting(db, lease.owner, { most: 10, fair: true, running: new Map([['T1', 1]]) }),
    wakeMailbox: (db) => wakeMailbox(db, lease.mailbox),
    recountMailboxes: (query) => recountMailboxes({ ...database, query }),
    leasesOf: (db) => leasesOf(db, lease.owner),
    freeDeadWorkers: (db) => freeDeadWorkers(db, lease.owner, 1e9, 1e9),
    takeLease: (db) => takeLease(db, lease.mailbox, randomUUID()),
    fence: (db) => fence(db, { ...lease, epoch: Number(lease.epoch) }).catch(() => {}),
    beginJob: (db) => beginJob(db, lease),
    beginCall: (db) => beginCall(db, lease, reply, { from: 0, prompt: 12 }).catch(() => {}),
    appendLog: (db) => appendLog(db, lease, reply, { at: 0, text: 'x' }).catch(() => {}),
    dropUnused: (db) => dropUnused(db, ['h']),
    moveInstructions: (db) => moveInstructions(db, new AbortController().signal),
    loadReply: (db) => loadReply(db, reply),
    loadSegments: (db) => loadSegments(db, reply),
    untidyReplies: (db) => untidyReplies(db, 4),
    noteLeftovers: (db) => noteLeftovers(db, lease, reply, [0]),
    requestStop: (db) => requestStop(db, reply, 'U1'),
    noteWait: (db) => noteWait(db, lease, reply, 'money:T1').catch(() => {}),
    noteTold: (db) => noteTold(db, lease, reply),
    wakeWaiting: (db) => wakeWaiting(db, 'money:T1', 3),
    enteredCall: (db) => enteredCall(db, reply, 1),
    spentNow: (db) => spentNow(db, { team: 'T1', channel: 'C1', person: 'U1' }, Date.now()),
    readBook: (db) => readBook(db, 'T1', [{ channel: 'C1', person: 'U1' }], Date.now()),
    takenAs: (db) => takenAs(db, { team: 'T1', channel: 'C1', ts: '1700000001.000000' }),
    questionText: (db) => questionText(db, 1),
    saveMade: (db) =>
      saveMade(db, [
        {
          id: 1,
          raw: '{}',
          reading: { text: 'x', speakerName: null },
          blocks: [{ type: 'text', text: 'x' }],
        },
      ]),
    sayTheSame: (db) => sayTheSame(db, [{ id: 1, raw: '{}', text: 'x' }]),
    addEarlier: (db) => addEarlier(db, conversation, []),
    shownTs: (db) => shownTs(db, conversation),
    intendSegment: (db) => intendSegment(db, lease, reply, 0).catch(() => {}),
    placeSegment: (db) => placeSegment(db, reply, 0, '1.0'),
    noteContext: (db) => noteContext(db, lease, reply, 'summarised').catch(() => {}),
    commitAnswer: (db) =>
      commitAnswer(
        db,
        lease,
        { id: reply, conversation, question: 1, questionTs: '1.000000' },
        { log: 'x', stopReason: 'end', stoppedBy: null, errorCode: null, requestId: null },
        { remembered: true, inContext: true },
      ),
    enter: (db) => enter(db, entry, '2026-11-28'),
    settle: (query) => settle({ ...database, query }, 'T1', [{ entry, day: '2026-11-28' }], Date.now()),
    reserve: (query) =>
      reserve(
        { ...database, query },
        'T1',
        [
          {
            purpose: spender,
            decide: () => ({ kind: 'granted', cost: 1n, outputTokens: 1 }),
            begin: beginningCall(lease, reply, { from: 0, prompt: 12 }),
          },
        ],
        Date.now(),
      ),
    unfinishedWithoutJob: (db) => unfinishedWithoutJob(db, 10, 20),
    purgeJobs: (db) => purgeJobs(db, 30, []),
    conversationsOf: (db) =>
      conversationsOf(db, { scope: 'workspace', team: 'T1', scopeId: 'T1', days: 1 }, null, 20),
    messagesKeptTooLong: (db) => messagesKeptTooLong(db, 1, [conversation], 20),
    markPinged: (db) => markPinged(db, reply),
    replyTotal: (db) => replyTotal(db, reply, [1]),
    markShown: (db) => markShown(db, lease, reply, 'shown').catch(() => {}),
    finishJob: (db) => finishJob(db, lease, 1),
    releaseLease: (db) => releaseLease(db, lease),
  };
  // Statements that must find rows: each names an index, or the test looks at nothing.
  const reads = new Set(Object.keys(statements));
  for (const inserts of ['markSeen', 'addMessage', 'addEarlier', 'saveAnswer', 'enter'])
    reads.delete(inserts);
  for (const [name, work] of Object.entries(statements)) {
    const found = await access(work);
    if (reads.has(name)) expect(found.length, name).toBeGreaterThan(0);
    // `workers` has a row for each process.
    for (const one of found)
      if (one.endsWith('read whole') && !one.startsWith('workers')) wholes.push(`${name}: ${one}`);
  }
  expect(wholes).toEqual([]);
});
