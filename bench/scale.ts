/**
 * `npm run bench:scale`: what years of words cost the way of a message. A database with 3 million messages of 500
 * workspaces and one with nothing stand on one server; two programs of the same build answer in turn. `--data DIR` keeps
 * the filled database for the next run, `--fill` only fills it. Options: `--messages 3000000` `--workspaces 500`
 * `--entries 200000` (ledger entries of the month) `--thread 5000` `--count 20` (questions a round) `--rounds 5`
 * `--write` (puts the table into docs/benchmarks.md).
 */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startChild } from './child.ts';
import { inMs, table } from './figures.ts';
import { fill, type Size } from './scale/fill.ts';
import { type Ground, measureScale } from './scale/measure.ts';
import { startDatabase, startStandins } from './stage.ts';
import { writeTable } from './write-table.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    fill: { type: 'boolean', default: false },
    messages: { type: 'string', default: '3000000' },
    workspaces: { type: 'string', default: '500' },
    entries: { type: 'string', default: '200000' },
    thread: { type: 'string', default: '5000' },
    count: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});
const size: Size = {
  messages: Number(values.messages),
  workspaces: Number(values.workspaces),
  entries: Number(values.entries),
};
const plan = { count: Number(values.count), rounds: Number(values.rounds), thread: Number(values.thread) };
if ([...Object.values(size), ...Object.values(plan)].some((one) => !Number.isSafeInteger(one) || one < 1))
  throw new Error('every option is a whole number');
const { data } = values;
if (data !== undefined) mkdirSync(data, { recursive: true, mode: 0o711 });

const server = await startDatabase({
  ...(data !== undefined && { dataDir: data }),
  // What took long is told by the server; the settings are else those of the embedded one.
  flags: { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track_planning': 'on' },
});
const grounds: Ground[] = [];
const stops: (() => Promise<void>)[] = [];
const admin = new pg.Client({ connectionString: server.url });
try {
  await admin.connect();
  for (const name of ['empty', 'filled'] as const) {
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    const { stage, stop } = await startStandins(url.href);
    stops.unshift(stop);
    await prepare(name, url.href, stage.slack.team);
    if (values.fill) continue;
    const program = await startChild('./bot.ts', {
      env: { ...stage.env, SLACK_APP_TOKEN: stage.slack.appToken },
      inherited: process.env,
      flags: [],
    });
    stops.unshift(() => program.stop());
    await stage.slack.waitForSockets(1);
    grounds.push({ name, stage, program });
  }
  const [empty, filled] = grounds;
  if (empty !== undefined && filled !== undefined) {
    const figures = await measureScale({ empty, filled }, plan);
    const report = table(
      ['', 'empty', `${size.messages.toLocaleString('en')} messages`, '÷'],
      figures.map(({ what, empty: a, filled: b, unit }) => {
        const said = (value: number | null) =>
          value === null ? '' : `${unit === 'ms' ? inMs(value) : value.toLocaleString('en')} ${unit}`.trim();
        return [what, said(a), said(b), a === null || a === 0 || b === null ? '' : (b / a).toFixed(2)];
      }),
    );
    console.log(report);
    if (values.write) writeTable('docs/benchmarks.md', report, 'bench:scale');
  }
} finally {
  for (const stop of stops) await stop();
  await admin.end();
  await server.stop();
}

/** Makes the database, unless it is there and was filled like this. */
async function prepare(name: Ground['name'], url: string, team: string): Promise<void> {
  const filledAs = Object.values(size).join(' ');
  const { rows } = await admin.query<{ said: string | null }>(
    `select shobj_description(oid, 'pg_database') as said from pg_database where datname = $1`,
    [name],
  );
  if (name === 'filled' && rows[0]?.said === filledAs) return;
  if (rows.length > 0) await admin.query(`drop database ${name} with (force)`);
  await admin.query(`create database ${name}`);
  if (name === 'empty') return;
  await fill(url, team, size, (step) => console.error(step));
  await admin.query(`comment on database ${name} is '${filledAs}'`);
}
