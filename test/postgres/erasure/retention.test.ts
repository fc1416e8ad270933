import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { saveReason } from '../../../src/controls/store.ts';
import { addEarlier } from '../../../src/conversation/store.ts';
import { createRetention } from '../../../src/erasure/retention.ts';
import {
  type After,
  conversationsOf,
  eraseWords,
  type KeptFor,
  messagesKeptTooLong,
} from '../../../src/erasure/store.ts';
import { finishJob } from '../../../src/jobs/store.ts';
import { createLog } from '../../../src/log.ts';
import type { Queryable } from '../../../src/postgres/database.ts';
import { markShown } from '../../../src/reply/store.ts';
import { retentionLimits } from '../../../src/settings/retention.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';
import { accessOf } from '../explain.ts';

const THREAD = { team: 'T1', channel: 'C1', threadTs: '1.000000' };

async function setUp() {
  const stored = await openStored();
  const { database, rows } = stored;
  const logged: Record<string, unknown>[] = [];
  const log = createLog('info', { write: (line) => logged.push(JSON.parse(line)) });
  return {
    ...stored,
    /** What was logged, one line for each run that erased something. */
    logged,
    /** One run with what is set in the database. */
    run(retention: number | null = null, limits?: readonly KeptFor[]): Promise<void> {
      return createRetention({
        database,
        limits: async () => limits ?? retentionLimits(database.query, { ...DEFAULTS, retention }),
        clock: systemClock,
        log,
        signal: new AbortController().signal,
      })();
    },
    async keepFor(days: number, scope: 'workspace' | 'channel' | 'person', scopeId: string, team = 'T1') {
      await rows(
        `insert into skein.settings (team, scope, scope_id, key, value, set_by)
         values ($1, $2, $3, 'retention', $4, 'UADMIN')`,
        [team, scope, scopeId, `${days} days`],
      );
    },
    /** Everything that is stored, so many days older. */
    async age(days: number) {
      await rows(`update skein.messages set created_at = created_at - $1 * interval '1 day'`, [days]);
      await rows(`update skein.replies set opened_at = opened_at - $1 * interval '1 day'`, [days]);
    },
    /** A question with an answer that is over. */
    async answered(ts: string, conversation?: number) {
      const asked = await stored.ask(ts, conversation);
      await stored.answer(asked);
      await markShown(database.query, asked.lease, asked.reply, 'shown');
      return asked;
    },
    /** What still has words, by ts and role. */
    async kept(): Promise<string[]> {
      const left = await rows<{ is: string }>(`
        select slack_ts || ' ' || role as is from skein.messages
        where coalesce(raw, text, blocks) is not null order by slack_ts, role desc`);
      return left.map(({ is }) => is);
    },
  };
}

/** Tables of which a row, as text, has this word in it. */
async function tablesWith(rows: Awaited<ReturnType<typeof setUp>>['rows'], word: string): Promise<string[]> {
  const tables = await rows<{ name: string }>(
    `select table_schema || '.' || table_name as name from information_schema.tables
     where table_schema in ('skein', 'graphile_worker') and table_type = 'BASE TABLE' order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables)
    if ((await rows(`select 1 from ${name} t where t::text like '%' || $1 || '%'`, [word])).length > 0)
      found.push(name);
  return found;
}

it('what was kept for too long is nowhere in the database any more, and the rows and the accounts stay', async () => {
  const { rows, run, keepFor, age, answered, logged } = await setUp();
  const { reply, question } = await answered('1.000000');
  await rows(
    `update skein.messages set raw = 'secret', text = 'secret', blocks = 'secret', speaker_name = 'secret'`,
  );
  await rows(`update skein.replies set log = 'secret', instructions = 'secret', version = 2, versions = 2`);
  await rows(
    `insert into skein.versions (reply, version, text, units, model, max_tokens, instructions, calls, begun_at, continued_at)
     values ($1, 1, 'secret', 6, 'm', 1, 'secret', '{1}', now(), 0)`,
    [reply],
  );
  await rows(
    `insert into skein.feedback (reply, version, person, verdict, reason, instructions_hash)
     values ($1, 1, 'U2', 'bad', 'secret', 'h')`,
    [reply],
  );
  await rows(
    `insert into skein.usage (reply, call, team, channel, person, model, input_tokens, cache_write_5m_tokens,
       cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, estimated, price_version)
     values ($1, 1, 'T1', 'C1', 'U1', 'm', 1, 0, 0, 0, 1, 0, false, 'v')`,
    [reply],
  );
  expect(await tablesWith(rows, 'secret')).toEqual([
    'skein.feedback',
    'skein.instructions',
    'skein.messages',
    'skein.replies',
    'skein.versions',
  ]);
  await keepFor(30, 'channel', 'C1');
  await age(31);
  await run();
  expect(await tablesWith(rows, 'secret')).toEqual([]);
  expect(logged).toMatchObject([{ messages: 1, answers: 1 }]);
  expect(await rows(`select verdict from skein.feedback`)).toEqual([{ verdict: 'bad' }]);
  expect(await rows(`select reply from skein.usage`)).toEqual([{ reply }]);
  expect(await rows(`select id::int, speaker from skein.messages where role = 'user'`)).toEqual([
    { id: question, speaker: 'U1' },
  ]);
  await run();
  expect(logged).toHaveLength(1);
});

it('what is not old enough stays, and an answer goes with its question, however new it is', async () => {
  const { rows, run, keepFor, age, answered, conversation, kept } = await setUp();
  await answered('1.000000');
  const later = await answered('2.000000', await conversation({ threadTs: '2.000000' }));
  await age(29);
  await rows(
    `update skein.messages set created_at = now() - interval '31 days' where slack_ts = '1.000000' and role = 'user'`,
  );
  await rows(
    `update skein.messages set created_at = now() - interval '31 days' where slack_ts = '2.000000' and role = 'assistant'`,
  );
  await keepFor(30, 'channel', 'C1');
  await run();
  expect(await kept()).toEqual(['2.000000 user', '2.000000 assistant']);
  expect(await rows(`select log from skein.replies where id = $1`, [later.reply])).toEqual([
    { log: 'words' },
  ]);
});

describe('which messages go', () => {
  /** One message in each of several places, all 10 days old, by ts. */
  async function everywhere() {
    const all = await setUp();
    const { conversation, say, rows, age } = all;
    const im = async (team: string, channel: string, ts: string, person: string) => {
      const id = await conversation({ team, channel, threadTs: ts });
      await rows(`update skein.conversations set kind = 'im' where id = $1`, [id]);
      await say(id, ts, 'words', person);
    };
    await say(await conversation({ channel: 'C1', threadTs: '1.1' }), '1.1', 'words', 'U1');
    await say(await conversation({ channel: 'C2', threadTs: '1.2' }), '1.2', 'words', 'U1');
    await say(await conversation({ team: 'T2', channel: 'C1', threadTs: '2.1' }), '2.1', 'words', 'U1');
    await im('T1', 'D1', '3.1', 'U1');
    await im('T1', 'D2', '3.2', 'U2');
    await im('T2', 'D1', '4.1', 'U1');
    await age(10);
    return all;
  }
  type Set = readonly [number, 'workspace' | 'channel' | 'person', string, string?];
  it.each([
    ['no limit: none', null, [], []],
    ['one of the deployment: all', 9, [], ['1.1', '1.2', '2.1', '3.1', '3.2', '4.1']],
    ['one of a workspace: its own', null, [[9, 'workspace', 'T1']], ['1.1', '1.2', '3.1', '3.2']],
    ['one of a channel: those in it', null, [[9, 'channel', 'C2']], ['1.2']],
    ['a channel of the same name elsewhere is another', null, [[9, 'channel', 'C1', 'T2']], ['2.1']],
    ['one of a person: only their direct messages', null, [[9, 'person', 'U1']], ['3.1']],
    [
      'several: whatever is over any of them',
      null,
      [
        [9, 'workspace', 'T2', 'T2'],
        [9, 'channel', 'C1'],
        [9, 'person', 'U2'],
      ],
      ['1.1', '2.1', '3.2', '4.1'],
    ],
    [
      'a narrower one keeps nothing that a wider one lets go',
      null,
      [
        [9, 'workspace', 'T1'],
        [100, 'channel', 'C1'],
        [100, 'person', 'U1'],
      ],
      ['1.1', '1.2', '3.1', '3.2'],
    ],
    [
      'nor one of a workspace what the deployment lets go',
      9,
      [[100, 'workspace', 'T1']],
      ['1.1', '1.2', '2.1', '3.1', '3.2', '4.1'],
    ],
    ['a longer one: none yet', 11, [[11, 'channel', 'C1']], []],
  ] as readonly (readonly [string, number | null, readonly Set[], readonly string[]])[])(
    '%s',
    async (_what, deployment, sets, gone) => {
      const { run, keepFor, kept, rows } = await everywhere();
      for (const [days, scope, id, team] of sets) await keepFor(days, scope, id, team);
      await run(deployment);
      const all = await rows<{ ts: string }>('select slack_ts as ts from skein.messages order by slack_ts');
      const left = (await kept()).map((one) => one.split(' ')[0]);
      expect(all.map(({ ts }) => ts).filter((ts) => !left.includes(ts))).toEqual(gone);
    },
  );
});

it('where nothing is set, that is found by one statement', async () => {
  const { database } = await setUp();
  let statements = 0;
  const query = new Proxy(database.query, {
    get(target, name, receiver) {
      if (name === 'execute') statements += 1;
      return Reflect.get(target, name, receiver);
    },
  });
  await createRetention({
    database: { ...database, query, transaction: () => Promise.reject(new Error('a transaction')) },
    limits: () => retentionLimits(query, DEFAULTS),
    clock: systemClock,
    log: createLog('error', { write: () => {} }),
    signal: new AbortController().signal,
  })();
  expect(statements).toBe(1);
});

describe('a question that is being answered', () => {
  it('is left until that is over, and then goes', async () => {
    const { database, ask, answer, run, keepFor, age, kept } = await setUp();
    const asked = await ask();
    await keepFor(1, 'workspace', 'T1');
    await age(2);
    await run();
    expect(await kept()).toEqual(['1.000000 user']);
    // Not even named, so that many of them do not stand before what can go.
    const limit: KeptFor = { scope: 'workspace', team: 'T1', scopeId: 'T1', days: 1 };
    expect(await tooLong(database.query, limit, 10)).toEqual([]);
    await answer(asked);
    await run();
    expect(await kept()).toEqual(['1.000000 user', '1.000000 assistant']);
    await markShown(database.query, asked.lease, asked.reply, 'shown');
    await run();
    expect(await kept()).toEqual([]);
  });

  it('goes when nobody has gone on with it for a day', async () => {
    const { database, ask, run, keepFor, age, kept } = await setUp();
    const { lease } = await ask();
    await keepFor(1, 'workspace', 'T1');
    await age(2);
    await run();
    expect(await kept()).toEqual(['1.000000 user']);
    await finishJob(database.query, lease, 1);
    await run();
    expect(await kept()).toEqual([]);
  });
});

it('an answer whose question was deleted in Slack goes too, with what it was written under', async () => {
  const { rows, run, keepFor, age, answered, kept, logged } = await setUp();
  const { question } = await answered('1.000000');
  await rows(`update skein.replies set instructions = 'secret'`);
  await rows(
    `update skein.messages set raw = null, text = null, blocks = null, deleted_at = now() where id = $1`,
    [question],
  );
  await keepFor(1, 'channel', 'C1');
  await age(2);
  await run();
  expect(await kept()).toEqual([]);
  expect(await rows('select log from skein.replies union all select text from skein.instructions')).toEqual([
    { log: '' },
  ]);
  expect(logged).toMatchObject([{ messages: 0, answers: 1 }]);
});

it('what was read from a thread goes as well, in a direct message also after all that the person wrote', async () => {
  const { database, rows, run, keepFor, age, answered, conversation, kept } = await setUp();
  const id = await conversation({}, false);
  await rows(`update skein.conversations set kind = 'im'`);
  await answered('5.000000', id);
  await database.transaction((tx) =>
    addEarlier(tx, id, [
      { slackTs: '1.000000', role: 'assistant', speaker: null, raw: '{"text":"a file"}' },
      { slackTs: '2.000000', role: 'user', speaker: 'U1', raw: '{"text":"thanks"}' },
    ]),
  );
  await age(10);
  await rows(
    `update skein.messages set created_at = created_at + interval '1 day' where slack_ts = '1.000000'`,
  );
  await keepFor(10, 'person', 'U1');
  await run();
  expect(await kept()).toEqual(['1.000000 assistant']);
  await age(2);
  await run();
  expect(await kept()).toEqual([]);
});

it('a thread that could not be read when we came is not read after its words were erased', async () => {
  const { rows, run, keepFor, age, answered, conversation } = await setUp();
  await answered('5.000000', await conversation(THREAD, false));
  await keepFor(1, 'workspace', 'T1');
  await age(2);
  expect(await rows('select 1 from skein.conversations where thread_read_at is null')).toHaveLength(1);
  await run();
  expect(await rows('select 1 from skein.conversations where thread_read_at is null')).toEqual([]);
});

it('what comes from Slack a second time finds no way back in', async () => {
  const { database, rows, run, keepFor, age, answered, conversation, kept } = await setUp();
  const { reply, conversation: id } = await answered('1.000000', await conversation(THREAD, false));
  await rows(
    `insert into skein.feedback (reply, version, person, verdict, instructions_hash) values ($1, 1, 'U2', 'bad', 'h')`,
    [reply],
  );
  await keepFor(1, 'workspace', 'T1');
  await age(2);
  await run();
  await database.transaction((tx) =>
    addEarlier(tx, id, [{ slackTs: '1.000000', role: 'user', speaker: 'U1', raw: '{"text":"again"}' }]),
  );
  const opinion = { team: 'T1', reply, version: 1, person: 'U2', reason: 'late' };
  expect(await saveReason(database.query, opinion)).toBe(false);
  expect(await kept()).toEqual([]);
});

describe('many messages', () => {
  const MANY = 4500;

  async function withMany() {
    const all = await setUp();
    const id = await all.conversation();
    await all.rows(
      `insert into skein.messages (conversation, slack_ts, role, speaker, raw, created_at)
       select $1, i || '.000000', 'user', 'U1', '{}', now() - interval '10 days' from generate_series(1, $2) i`,
      [id, MANY],
    );
    return all;
  }

  it('are all erased in one run, and two processes at once erase each of them once', async () => {
    const { run, keepFor, kept, logged } = await withMany();
    await keepFor(9, 'workspace', 'T1');
    await Promise.all([run(), run()]);
    expect(await kept()).toEqual([]);
    expect(logged.reduce((sum, line) => sum + Number(line['messages']), 0)).toBe(MANY);
  });

  it('are erased but for the one that somebody holds at this moment, which the next run takes', async () => {
    const { database, rows, run, keepFor, kept } = await withMany();
    await keepFor(9, 'channel', 'C1');
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      await client.query(`select from skein.messages where slack_ts = '7.000000' for update`);
      await run();
      expect(await kept()).toEqual(['7.000000 user']);
      await client.query('rollback');
    } finally {
      client.release();
    }
    await run();
    expect(await rows('select 1 from skein.messages where erased_at is null')).toEqual([]);
  });
});

it('a press that came a moment before is carried out, and its question is left until the new answer is over', async () => {
  const { database, rows, answered, kept } = await setUp();
  const { question, reply } = await answered('1.000000');
  const client = await database.pool.connect();
  try {
    // As a press does: the question first, then the reply.
    await client.query('begin');
    await client.query('select from skein.messages where id = $1 for update', [question]);
    await client.query(`update skein.replies set state = 'writing', opened_at = now() where id = $1`, [
      reply,
    ]);
    const erasing = database.transaction((tx) => eraseWords(tx, [question], 'wait'));
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    await expect.poll(() => rows(waiting).then(({ length }) => length)).toBe(1);
    await client.query('commit');
    expect(await erasing).toEqual({ messages: 0, answers: 0, erased: 0, running: [question] });
  } finally {
    client.release();
  }
  expect(await kept()).toEqual(['1.000000 user', '1.000000 assistant']);
  expect(await rows('select log from skein.replies')).toEqual([{ log: 'words' }]);
});

async function tooLong(db: Queryable, limit: KeptFor, most: number): Promise<number[]> {
  if (limit.scope === 'deployment') return messagesKeptTooLong(db, limit.days, null, most);
  const found: number[] = [];
  let after: After | null = null;
  do {
    const page: Page = await conversationsOf(db, limit, after, 100);
    found.push(...(await messagesKeptTooLong(db, limit.days, page.ids, most)));
    after = page.after;
  } while (after !== null && found.length === 0);
  return found;
}

it('a workspace’s conversations are looked at in pages, each of them once', async () => {
  const { database, conversation } = await setUp();
  const all: number[] = [];
  for (const [channel, threadTs] of [
    ['C1', '1.1'],
    ['C1', '2.1'],
    ['C2', '1.1'],
    ['C2', '1.2'],
    ['D1', '0.1'],
  ] as const)
    all.push(await conversation({ channel, threadTs }));
  await conversation({ team: 'T2', channel: 'C1', threadTs: '1.1' });
  const limit: KeptFor = { scope: 'workspace', team: 'T1', scopeId: 'T1', days: 1 };
  const seen: number[] = [];
  let after: After | null = null;
  do {
    const page: Page = await conversationsOf(database.query, limit, after, 2);
    seen.push(...page.ids);
    after = page.after;
  } while (after !== null);
  expect(seen).toEqual(all);
});

type Page = Awaited<ReturnType<typeof conversationsOf>>;

/** Many workspaces and years of words, as Postgres sees them after its statistics were gathered. */
const FILL = [
  `insert into skein.conversations (team, channel, thread_ts, kind)
   select 'T' || i % 3, case when i % 4 = 0 then 'D' else 'C' end || i % 500, (1700000000 + i) || '.000000',
     case when i % 4 = 0 then 'im' else 'channel' end from generate_series(1, 12000) i`,
  `insert into skein.messages (conversation, slack_ts, role, speaker, raw, created_at)
   select c.id, c.thread_ts, 'user', 'U' || c.id % 500, '{"text":"words"}', now() - c.id * interval '2 hours'
   from skein.conversations c`,
  `insert into skein.messages (conversation, slack_ts, role, text, created_at)
   select conversation, slack_ts, 'assistant', 'words', created_at from skein.messages`,
  `insert into skein.replies (id, conversation, question, state, model, max_tokens, instructions, footer)
   select gen_random_uuid(), conversation, id, 'shown', 'm', 1024, '', true from skein.messages where role = 'user'`,
  `insert into skein.mailboxes (key) select 'conversation:' || id from skein.conversations`,
  `insert into skein.feedback (reply, version, person, verdict, instructions_hash)
   select r.id, 1, 'U1', 'bad', '' from skein.replies r`,
  `insert into skein.versions (reply, version, text, units, model, max_tokens, instructions, calls, begun_at,
     continued_at) select id, 2, '', 0, 'm', 1024, '', '{}', now(), 0 from skein.replies`,
  `insert into skein.pieces (reply, at, units, text) select id, 0, 5, 'words' from skein.replies`,
  `insert into skein.answer_blocks (reply, version, seq, upto, call, block)
   select id, 1, 0, 5, 1, '{"type":"text","text":"words"}' from skein.replies`,
  `insert into skein.tool_calls (id, reply, version, use, team, server, tool, title, input, reads, repeatable, account, person, state)
   select gen_random_uuid(), id, 1, 'toolu_1', 'T1', 'tracker', 'find', 'Find', '{}', true, false, 'none', 'U1', 'done' from skein.replies`,
  'analyze',
];

it('what is too old is found and erased by its age or its place, however much is kept', async () => {
  const { database, rows } = await setUp();
  for (const statement of FILL) await rows(statement);
  const found: Record<string, string[]> = {};
  const limits: KeptFor[] = [
    { scope: 'deployment', team: '', scopeId: '', days: 996 },
    { scope: 'workspace', team: 'T1', scopeId: 'T1', days: 995 },
    { scope: 'channel', team: 'T1', scopeId: 'C1', days: 30 },
    { scope: 'person', team: 'T1', scopeId: 'U4', days: 30 },
  ];
  for (const limit of limits) {
    let old: number[] = [];
    found[limit.scope] = await accessOf(database, async (db) => {
      old = await tooLong(db, limit, 2000);
    });
    expect(old.length, limit.scope).toBeGreaterThan(0);
    const erased = await accessOf(database, (db) => eraseWords(db, old.slice(0, 20), 'skip'));
    expect(erased.filter((one) => one.endsWith('read whole'))).toEqual([]);
  }
  expect(found['deployment']).toContain('messages_kept');
  // Not by age: of all that is old, most is of workspaces that keep it.
  expect(found['workspace']).toEqual(expect.arrayContaining(['conversations_place', 'messages_kept_in']));
  expect(found['channel']).toContain('conversations_place');
  expect(found['person']).toContain('messages_speaker');
  expect(Object.values(found).flatMap((all) => all.filter((one) => one.endsWith('read whole')))).toEqual([]);
});
