/**
 * `npm run bench:fair`: what one noisy workspace takes from 199 others. Each of the others asks one question within 35
 * seconds, once while nothing else happens and once while the first has asked for ten times the slots of the process; how
 * long each waits for its request to the model is compared. Answers are shown at the pace that Slack allows each workspace, as
 * in production. Options: `--workspaces 200` `--noise 400` `--slots 40` `--write` (puts the table into
 * docs/benchmarks.md).
 */
import { parseArgs } from 'node:util';
import { northwindAgain } from '../playground/slack/seed.ts';
import { systemClock as clock } from '../src/clock.ts';
import { createSeal } from '../src/installations/tokens/seal.ts';
import { createVault } from '../src/installations/tokens/vault.ts';
import { createLog } from '../src/log.ts';
import { openDatabase } from '../src/postgres/database.ts';
import { migrate } from '../src/postgres/migrate.ts';
import { startChild } from './child.ts';
import { figuresOf, inMs, table } from './figures.ts';
import { questionText, startStage } from './stage.ts';
import { writeTable } from './write-table.ts';

const { values } = parseArgs({
  options: {
    workspaces: { type: 'string', default: '200' },
    noise: { type: 'string', default: '400' },
    slots: { type: 'string', default: '40' },
    write: { type: 'boolean', default: false },
  },
});
const [workspaces = 0, noise = 0, slots = 0] = [values.workspaces, values.noise, values.slots].map(Number);

const KEY = Buffer.alloc(32, 1).toString('base64');
const SPREAD_MS = 35_000;
const WARM_MS = 15_000;
/** After the last byte of a round, until all of it is shown. */
const REST_MS = 3000;
/** Numbers of the questions of the noisy workspace. */
const NOISE = 500_000;
const SENTENCE = 'This is one of the sentences of an answer that somebody reads while it is written.';
/** At the pace of a fast model: the others' answers take a second and a half, the noisy one's seven, so that its slots stay taken. */
const SPEECH = {
  answer: (number: number) => Array.from({ length: number >= NOISE ? 20 : 4 }, () => SENTENCE).join(' '),
  tokensPerSecond: 60,
};
const LIMIT_MS = 60_000;

const { stage, stop } = await startStage(SPEECH);
const { slack } = stage;
await migrate(stage.databaseUrl);
const log = createLog('error', { write: (line) => process.stderr.write(line) });
const database = openDatabase({ url: stage.databaseUrl, max: 4, clock, log });
const vault = createVault({ database, seal: createSeal([KEY]), log });
const others = Array.from({ length: workspaces - 1 }, (_, at) => {
  const mark = `X${at}`;
  return { mark, team: slack.addTeam(northwindAgain(mark), `xoxb-bench-${at}`) };
});
for (const { team, botToken, botUser, botId } of [slack, ...others.map(({ team }) => team)])
  await vault.save({
    id: team,
    name: team,
    enterprise: null,
    wide: false,
    botUserId: botUser,
    botId,
    appId: slack.appId,
    scopes: '',
    botToken,
    refreshToken: null,
    expiresAt: null,
    installedBy: null,
  });
const { SLACK_BOT_TOKEN: _, ...env } = stage.env;
const program = await startChild('./bot.ts', {
  env: {
    ...env,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_CLIENT_ID: slack.client.id,
    SLACK_CLIENT_SECRET: slack.client.secret,
    SLACK_STATE_SECRET: 'a-secret-of-the-bench',
    TOKEN_ENCRYPTION_KEY: KEY,
    PUBLIC_URL: 'http://127.0.0.1:3000',
    CONCURRENCY: String(slots),
    BENCH_PACE: 'real',
  },
  inherited: process.env,
  flags: [],
});

let number = 1000;
/** Milliseconds from each question of the others to its request. Resolves when all of them are answered. */
async function round(spreadMs = SPREAD_MS): Promise<number[]> {
  const said = new Map<number, number>();
  for (const { mark, team } of others) {
    number += 1;
    said.set(number, clock.monotonic());
    team.say(`U0ANA${mark}`, `C0GENERAL${mark}`, questionText(number));
    await clock.sleep(spreadMs / others.length);
  }
  const until = clock.monotonic() + LIMIT_MS;
  const missing = () => [...said.keys()].filter((one) => !stage.moments.has(one));
  while (missing().length > 0 && clock.monotonic() < until) await clock.sleep(100);
  if (missing().length > 0) console.error(`${missing().length} questions had no request in time`);
  const open = () => [...said.keys()].filter((one) => stage.moments.get(one)?.lastByteAt == null);
  while (open().length > 0 && clock.monotonic() < until) await clock.sleep(100);
  await clock.sleep(REST_MS);
  return [...said].map(([one, at]) => (stage.moments.get(one)?.receivedAt ?? until) - at);
}

try {
  await slack.waitForSockets(1);
  // Names and connections: the first question of a workspace asks Slack who it is.
  await round(WARM_MS);
  const alone = await round();
  for (let one = 0; one < noise; one += 1) slack.say('U0ANA', 'C0GENERAL', questionText(NOISE + one));
  await clock.sleep(500);
  const beside = await round();
  const noisy = [...stage.moments.keys()].filter((one) => one >= NOISE).length;
  const [quiet, loud] = [figuresOf(alone), figuresOf(beside)];
  if (quiet === null || loud === null) throw new Error('nothing was measured');
  const row = (title: string, { p50, p95, p99, max }: typeof quiet) => [
    title,
    ...[p50, p95, p99, max].map(inMs),
  ];
  const share = (percentile: 'p50' | 'p95' | 'p99' | 'max') =>
    (loud[percentile] / quiet[percentile]).toFixed(2);
  const report = [
    `${workspaces} workspaces, ${slots} slots, ${noise} questions at once in one of them (ms)`,
    '',
    table(
      ['Question → request to the model', 'p50', 'p95', 'p99', 'max'],
      [
        row('of the others, nothing else going on', quiet),
        row('of the others, beside the noise', loud),
        ['beside ÷ alone', share('p50'), share('p95'), share('p99'), share('max')],
      ],
    ),
    '',
    `Requests of the noisy workspace by then: ${noisy} of ${noise}.`,
  ].join('\n');
  console.log(report);
  if (values.write) writeTable('docs/benchmarks.md', report, 'bench:fair');
} finally {
  await program.stop();
  await database.close();
  await stop();
}
