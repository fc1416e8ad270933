/**
 * `npm run bench:budgets`: what a budget costs the way of a message, in a workspace whose ledger has 200,000 entries this
 * month. Rounds with and without a budget alternate in one run of one program, so that their ratio is worth something on
 * any machine. Options: `--entries 200000` `--count 20` (questions a round) `--rounds 5` `--crowd 50`.
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import { systemClock as clock } from '../src/clock.ts';
import { repairSpent } from '../src/ledger/store.ts';
import { createLog } from '../src/log.ts';
import { openDatabase } from '../src/postgres/database.ts';
import { askAtOnce, askOneByOne, type Timing } from './ask.ts';
import { startChild } from './child.ts';
import { figuresOf, inMs, table } from './figures.ts';
import { startStage } from './stage.ts';

const WARM_UP = 15;

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '200000' },
    count: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '5' },
    crowd: { type: 'string', default: '50' },
  },
});
const [entries, count, rounds, crowd] = [values.entries, values.count, values.rounds, values.crowd].map(
  Number,
);
if (entries === undefined || count === undefined || rounds === undefined || crowd === undefined)
  throw new Error('every option is a number');

/** Entries of this month by 40 people in 20 channels of the workspace, as months of use leave them. */
const FILL = `
  insert into skein.usage (reply, call, team, channel, person, model, input_tokens, cache_write_5m_tokens,
    cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, estimated, price_version, cost_nano, at)
  select gen_random_uuid(), 1, $1, case when i % 20 = 0 then 'C0GENERAL' else 'C' || i % 20 end,
    case when i % 40 = 0 then 'U0ANA' else 'U' || i % 40 end, 'claude-sonnet-4-6', 100, 0, 0, 0, 50, 0, false, 'bench',
    1000, greatest(date_trunc('month', now()), now() - i * interval '10 seconds')
  from generate_series(1, $2::int) i`;
const SET = `
  insert into skein.settings (team, scope, scope_id, key, value, set_by)
  values ($1, 'workspace', $1, 'budget_month', '$1000.00', 'U0ANA'), ($1, 'channel', 'C0GENERAL', 'budget_day', '$900.00', 'U0ANA')
  on conflict do nothing`;
const UNSET = 'delete from skein.settings where team = $1';

const { stage, stop } = await startStage();
const { team } = stage.slack;
const program = await startChild('./bot.ts', {
  env: { ...stage.env, SLACK_APP_TOKEN: stage.slack.appToken },
  inherited: process.env,
  flags: [],
});
const client = new pg.Client({ connectionString: stage.databaseUrl });
try {
  await stage.slack.waitForSockets(1);
  await client.connect();
  const log = createLog('error', { write: (line) => process.stderr.write(line) });
  const database = openDatabase({ url: stage.databaseUrl, max: 2, clock, log });
  await client.query('alter table skein.usage disable trigger usage_counted');
  await client.query(FILL, [team, entries]);
  await client.query('alter table skein.usage enable trigger usage_counted');
  const began = clock.monotonic();
  const wrong = await repairSpent(database, clock.now());
  const repairMs = clock.monotonic() - began;
  await client.query('vacuum analyze skein.usage');
  await database.close();

  await askOneByOne(stage, program, WARM_UP);
  const alone: Record<'without' | 'with', Timing[]> = { without: [], with: [] };
  const together: Record<'without' | 'with', Timing[]> = { without: [], with: [] };
  for (let round = 0; round < rounds; round++)
    for (const which of ['without', 'with'] as const) {
      await client.query(which === 'with' ? SET : UNSET, [team]);
      alone[which].push(...(await askOneByOne(stage, program, count)));
      together[which].push(...(await askAtOnce(stage, program, crowd)));
    }

  const request = (timings: readonly Timing[]) => figuresOf(timings.map((timing) => timing.request));
  const row = (title: string, { without, with: limited }: typeof alone) => {
    const [a, b] = [request(without), request(limited)];
    if (a === null || b === null) throw new Error('nothing was measured');
    const both = (one: typeof a) => `${inMs(one.p50)} · ${inMs(one.p95)}`;
    return [title, both(a), both(b), (b.p50 / a.p50).toFixed(2), (b.p95 / a.p95).toFixed(2)];
  };
  console.log(
    table(
      [
        `event → model request, ms: p50 · p95, ${entries} entries`,
        'without',
        'with a budget',
        'p50 ÷',
        'p95 ÷',
      ],
      [
        row(`one at a time (${alone.with.length})`, alone),
        row(`${crowd} at once (${together.with.length})`, together),
      ],
    ),
  );
  console.log(`comparing the counters with the ledger: ${inMs(repairMs)} ms (${wrong} counters made)`);
} finally {
  await client.end();
  await program.stop();
  await stop();
}
