import pg from 'pg';
import { systemClock as clock } from '../../src/clock.ts';
import { purgeSeen } from '../../src/conversation/store.ts';
import { createRetention } from '../../src/erasure/retention.ts';
import { purgeJobs } from '../../src/jobs/store.ts';
import { repairSpent } from '../../src/ledger/store.ts';
import { createLog } from '../../src/log.ts';
import { type Database, openDatabase } from '../../src/postgres/database.ts';
import { retentionLimits } from '../../src/settings/retention.ts';
import { askInThread, askOneByOne } from '../ask.ts';
import type { Child } from '../child.ts';
import { figuresOf } from '../figures.ts';
import type { Stage } from '../stage.ts';
import { answerWal } from './answer-wal.ts';

/** A program with its database and its stand-ins. */
export interface Ground {
  readonly name: 'empty' | 'filled';
  readonly stage: Stage;
  readonly program: Child;
}

/** One line of the table; null: not measured there. */
export interface Figure {
  readonly what: string;
  readonly unit: 'ms' | 'bytes' | 'rows' | 'MB' | '';
  readonly empty: number | null;
  readonly filled: number | null;
}

interface Plan {
  readonly count: number;
  readonly rounds: number;
  /** Messages of the long thread. */
  readonly thread: number;
}

const WARM_UP = 15;
/** Messages of the long thread that its summary does not cover. */
const WINDOW = 200;
const ASKER = 'U0ANA';
const CHANNEL = 'C0GENERAL';
const LIMITED = 100;
const OLD = 20_000;

interface Opened extends Ground {
  readonly client: pg.Client;
  readonly database: Database;
}

export async function measureScale(
  grounds: { readonly empty: Ground; readonly filled: Ground },
  plan: Plan,
): Promise<Figure[]> {
  const [empty, filled] = await Promise.all([open(grounds.empty), open(grounds.filled)]);
  try {
    const both = [empty, filled] as const;
    const figures: Figure[] = [];
    await repairSpent(filled.database, clock.now());
    for (const one of both) await askOneByOne(one.stage, one.program, WARM_UP);
    for (const { client } of both) {
      await client.query('create extension if not exists pg_stat_statements');
      await client.query('select pg_stat_statements_reset()');
    }
    const way = await inTurn(plan.rounds, both, ({ stage, program }) => requests(stage, program, plan.count));
    figures.push(...percentiles('event → model request', way));
    const [slowest, slow] = [await slowestOf(empty.client), await slowestOf(filled.client)];
    figures.push(figure('longest statement, planned and run', 'ms', slowest.most, slow.most));
    figures.push(figure('slowest statement on average', 'ms', slowest.mean, slow.mean));
    console.error(slow.text);
    console.error(figures);

    const budgets = [false, true].map((budget) => ({ budget }));
    const limited = await inTurn(plan.rounds, budgets, async ({ budget }) => {
      await filled.client.query(budget ? SET : UNSET, [filled.stage.slack.team]);
      return requests(filled.stage, filled.program, plan.count);
    });
    await filled.client.query(UNSET, [filled.stage.slack.team]);
    figures.push(...percentiles('event → model request, filled: without a budget, with one', limited));

    const threads = [
      await thread(filled, WINDOW, 0),
      await thread(filled, plan.thread, plan.thread - WINDOW),
    ];
    const read: number[][] = [[], []];
    const inThread = await inTurn(plan.rounds, threads, async (ts) => {
      const before = await filled.program.bytes();
      const took: number[] = [];
      for (let n = 0; n < 4; n++) took.push(await askInThread(filled.stage, filled.program, ts));
      read[threads.indexOf(ts)]?.push(((await filled.program.bytes()) - before) / 4);
      return took;
    });
    const means = read.map((all) => Math.round(figuresOf(all)?.p50 ?? 0));
    const which = `a thread of ${WINDOW} messages, and one of ${plan.thread} with a summary up to its last ${WINDOW}`;
    figures.push(...percentiles(`event → model request in ${which}`, inThread));
    figures.push(figure('bytes read from the database for a reply there', 'bytes', means[0], means[1]));

    figures.push(...(await upkeep(empty, filled)));
    // Alone with the server: what others write is in its log too, and they take the leases of whom they don't know.
    for (const { program } of both) await program.stop();
    for (const [bytes, wording] of [
      [2_000, 'words'],
      [20_000, 'words'],
      [20_000, 'noise'],
      [100_000, 'noise'],
    ] as const) {
      const wal = await inTurn(1, both, async (one) => [
        await answerWal(one.client, one.database, bytes, wording),
      ]);
      const [a, b] = wal.map(([first = 0]) => Number(first.toFixed(1)));
      figures.push(figure(`write-ahead log ÷ answer of ${bytes} bytes of ${wording}`, '', a, b));
    }
    const sizes = await Promise.all(both.map(({ client }) => sizeOf(client)));
    figures.push(figure('size on disk', 'MB', sizes[0], sizes[1]));
    return figures;
  } finally {
    for (const { client, database } of [empty, filled]) {
      await client.end();
      await database.close();
    }
  }
}

async function open(ground: Ground): Promise<Opened> {
  const url = ground.stage.databaseUrl;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const log = createLog('error', { write: (line) => process.stderr.write(line) });
  return { ...ground, client, database: openDatabase({ url, max: 4, clock, log }) };
}

const figure = (what: string, unit: Figure['unit'], empty = 0, filled = 0): Figure => ({
  what,
  unit,
  empty,
  filled,
});

/** Rounds of each in turn, so that what the machine does beside falls on all alike. */
async function inTurn<T>(
  rounds: number,
  all: readonly T[],
  work: (one: T) => Promise<readonly number[]>,
): Promise<number[][]> {
  const found = all.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [at, one] of all.entries()) found[at]?.push(...(await work(one)));
  return found;
}

async function requests(stage: Stage, program: Child, count: number): Promise<number[]> {
  return (await askOneByOne(stage, program, count)).map(({ request }) => request);
}

function percentiles(what: string, [one = [], other = []]: readonly (readonly number[])[]): Figure[] {
  const [a, b] = [figuresOf(one), figuresOf(other)];
  if (a === null || b === null) throw new Error('nothing was measured');
  return [
    figure(`${what}, p50 (${one.length} each)`, 'ms', a.p50, b.p50),
    figure(`${what}, p95`, 'ms', a.p95, b.p95),
  ];
}

const SET = `
  insert into skein.settings (team, scope, scope_id, key, value, set_by)
  values ($1, 'workspace', $1, 'budget_month', '$1000.00', 'U0ANA'), ($1, 'channel', 'C0GENERAL', 'budget_day', '$900.00', 'U0ANA')
  on conflict do nothing`;
const UNSET = `delete from skein.settings where team = $1 and key like 'budget%'`;

/** By the server's own clock, of all that the program did meanwhile, its chores included. */
async function slowestOf(client: pg.Client): Promise<{ most: number; mean: number; text: string }> {
  const { rows } = await client.query<{ most: number; mean: number; query: string }>(`
    select max_exec_time + max_plan_time as most, mean_exec_time + mean_plan_time as mean,
      regexp_replace(left(query, 200), '\\s+', ' ', 'g') as query
    from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
      and query !~ 'pg_stat|pg_catalog' order by most desc limit 8`);
  const text = rows
    .map(({ most, mean, query }) => `${most.toFixed(1)} ${mean.toFixed(2)} ${query}`)
    .join('\n');
  return { most: rows[0]?.most ?? 0, mean: Math.max(...rows.map(({ mean }) => mean)), text };
}

/** A thread of so many messages that was read, with a summary of the first `covered`; its ts. */
async function thread({ stage, client }: Opened, messages: number, covered: number): Promise<string> {
  const { ts } = stage.slack.say(ASKER, CHANNEL, 'A thread that goes on and on');
  const { rows } = await client.query<{ id: string }>(
    `insert into skein.conversations (team, channel, thread_ts, kind, thread_read_at)
     values ($1, $2, $3, 'channel', now()) returning id::text`,
    [stage.slack.team, CHANNEL, ts],
  );
  const [conversation] = rows;
  const said = `repeat(md5(i::text) || ' ', case i % 2 when 0 then 6 else 20 end)`;
  await client.query(
    `insert into skein.messages (conversation, slack_ts, role, speaker, speaker_name, raw, text, blocks)
     select $1, to_char($2::numeric + (i - i % 2) * 0.000001, 'FM9999999999.000000'), case i % 2 when 0 then 'user' else 'assistant' end,
       case i % 2 when 0 then 'U' || i % 7 end, 'Ana', case i % 2 when 0 then '{"text":"' || ${said} || '"}' end, ${said},
       '[{"type":"text","text":"' || ${said} || '"}]'
     from generate_series(0, $3::int - 1) i`,
    [conversation?.id, ts, messages],
  );
  if (covered > 0)
    await client.query(
      `insert into skein.summaries (conversation, until, text)
       values ($1, to_char($2::numeric + ($3::int - 2) * 0.000001, 'FM9999999999.000000'), repeat('What was said. ', 300))`,
      [conversation?.id, ts, covered],
    );
  await client.query('analyze skein.messages');
  return ts;
}

/** What is done now and then: in a steady state, where nothing is over a limit, and where much is. */
async function upkeep(empty: Opened, filled: Opened): Promise<Figure[]> {
  const figures: Figure[] = [];
  const times: { pass: number; rows: number; ledger: number; purge: number }[] = [];
  for (const { client, database } of [empty, filled]) {
    await client.query(
      `insert into skein.settings (team, scope, scope_id, key, value, set_by)
       select 'T' || i, 'workspace', 'T' || i, 'retention', '500', 'U0ANA' from generate_series(1, ${LIMITED}) i
       on conflict do nothing`,
    );
    const limits = () => retentionLimits(database.query, { retention: null } as never);
    if ((await limits()).length !== LIMITED) throw new Error('the limits are not read as they were set');
    const log = createLog('error', { write: () => {} });
    const signal = new AbortController().signal;
    const before = await lookedAt(client);
    const pass = await timed(createRetention({ database, limits, clock, log, signal }));
    const rows = (await lookedAt(client)) - before;
    await client.query(`delete from skein.settings where key = 'retention'`);
    const ledger = await timed(() => repairSpent(database, clock.now()));
    await client.query(
      `with box as (insert into skein.mailboxes (key, team) select 'old:' || i, 'T1' from generate_series(1, ${OLD}) i returning key)
       insert into skein.jobs (mailbox, seq, place, cause, name, at, done_at)
       select key, 1, '1', key, 'answer', now() - interval '60 days', now() - interval '60 days' from box`,
    );
    await client.query(
      `insert into skein.seen (team, channel, ts, at) select 'TOLD', 'C1', i || '.0', now() - interval '9 days'
       from generate_series(1, ${OLD}) i`,
    );
    const purge = await timed(async () => {
      await purgeJobs(database.query, 30, [], signal);
      await purgeSeen(database.query, 7);
    });
    times.push({ pass, rows, ledger, purge });
  }
  const [a, b] = times;
  const what = `retention in ${LIMITED} workspaces, nothing over it`;
  figures.push(figure(what, 'ms', a?.pass, b?.pass));
  figures.push(figure(`${what}: rows looked at`, 'rows', a?.rows, b?.rows));
  figures.push(figure('comparing the counters of the month with the ledger', 'ms', a?.ledger, b?.ledger));
  figures.push(figure(`purging ${OLD} jobs, mailboxes and marks each`, 'ms', a?.purge, b?.purge));
  return figures;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = clock.monotonic();
  await work();
  return clock.monotonic() - from;
}

/** Rows and index entries of messages and conversations that were read so far; sessions tell a second late. */
async function lookedAt(client: pg.Client): Promise<number> {
  await clock.sleep(1500);
  const { rows } = await client.query<{ sum: string }>(`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::text as sum from pg_stat_user_tables
    where schemaname = 'skein' and relname in ('messages', 'conversations')`);
  return Number(rows[0]?.sum ?? 0);
}

async function sizeOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ mb: string }>(
    'select round(pg_database_size(current_database()) / 1e6)::text as mb',
  );
  return Number(rows[0]?.mb ?? 0);
}
