/**
 * `npm run bench:durability`: how long a reply stands still when the process that writes it dies or leaves, and
 * what it costs that it may. Options: `--kills 60` `--hand-overs 20` `--replies 40` `--wait-minutes 15` (for a
 * quiet machine). Prints a Markdown table.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock as clock } from '../src/clock.ts';
import type { Bot } from '../test/faults/bots.ts';
import { build } from '../test/faults/build.ts';
import { textIn } from '../test/faults/checker/evidence.ts';
import { createHistory, type History, type Question } from '../test/faults/history.ts';
import { meet } from '../test/faults/meet.ts';
import { HURRY, PLANTED } from '../test/faults/patches.ts';
import { createRandom } from '../test/faults/random.ts';
import { settled } from '../test/faults/run.ts';
import { answerTo } from '../test/faults/texts.ts';
import { type Server, startServer, startWorld, type World } from '../test/faults/world.ts';
import { figuresOf, inMs, table } from './figures.ts';
import { QUIET_LOAD, waitForQuiet } from './quiet.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '60' },
    'hand-overs': { type: 'string', default: '20' },
    replies: { type: 'string', default: '40' },
    'wait-minutes': { type: 'string', default: '0' },
  },
});

const SEED = 11;
const TOKENS_PER_SECOND = 200;
/** The process is met when this much of the answer has come: some text is visible by then. */
const AT_TOKEN = 60;
const MOVES_WITHIN_MS = 60_000;
const READY_WITHIN_MS = 60_000;
const SETTLE_MS = 60_000;
/** Postgres tells what was committed up to a second later. */
const STATISTICS_MS = 1_500;
const IDLE_MS = 6_000;

interface Bench {
  readonly world: World;
  readonly history: History;
}

const load = await waitForQuiet(clock, Number(values['wait-minutes']) * 60_000);
if (load !== null && load >= QUIET_LOAD)
  console.error(`Warning: the machine is not idle (load ${load}); these figures are worse than its best.`);

const folder = mkdtempSync(join(tmpdir(), 'skein-durability-'));
const server = await startServer({ fsync: true });
try {
  const program = await build(join(folder, 'as-it-is'), HURRY);
  const withoutLog = await build(join(folder, 'without-log'), [...HURRY, ...PLANTED['log not written']]);
  const kills = Math.ceil(Number(values.kills) / 2);
  const another = await inWorld(program, 2, (bench) => repeat(kills, () => killBesideAnother(bench)));
  const restarted = await inWorld(program, 1, (bench) => repeat(kills, () => killTheOnlyOne(bench)));
  const handedOver = await inWorld(program, 2, (bench) =>
    repeat(Number(values['hand-overs']), () => leave(bench)),
  );
  const cost = await inWorld(program, 1, measureCost);
  const costWithout = await inWorld(withoutLog, 1, measureCost);
  const ratio = (key: keyof Cost) => `×${(cost[key] / costWithout[key]).toFixed(2)}`;
  console.log(
    [
      table(
        ['text stands still, ms', 'count', 'p50', 'p95', 'max'],
        [
          row('kill -9 → text moves again, by another process', another),
          row('kill -9 of the only process: ready again → text moves again', restarted),
          row('SIGTERM (grace 0) → text moves again, by another process', handedOver),
        ],
      ),
      table(
        ['cost of one reply', 'as it is', 'log turned off', 'ratio'],
        [
          [
            'transactions',
            cost.transactions.toFixed(1),
            costWithout.transactions.toFixed(1),
            ratio('transactions'),
          ],
          ['ms from question to final text, p50', inMs(cost.ms), inMs(costWithout.ms), ratio('ms')],
        ],
      ),
    ].join('\n\n'),
  );
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}

async function inWorld<T>(program: string, bots: number, work: (bench: Bench) => Promise<T>): Promise<T> {
  const world = await startWorld({
    seed: SEED,
    mode: 'socket',
    roles: Array.from({ length: bots }, () => 'all' as const),
    program,
    server: serverOf(),
    tokensPerSecond: TOKENS_PER_SECOND,
    env: { SHUTDOWN_GRACE_SECONDS: '0' },
    inherited: process.env,
  });
  try {
    return await work({ world, history: createHistory(world, createRandom(SEED)) });
  } finally {
    await world.stop();
    rmSync(world.folder, { recursive: true });
  }
}

function serverOf(): Server {
  return server;
}

async function repeat(count: number, work: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let at = 0; at < count; at++) all.push(await work());
  return all;
}

/** Milliseconds from the kill until the reply has more text than before it. */
async function killBesideAnother(bench: Bench): Promise<number> {
  const { bot, moved } = await strike(bench, (met) => met.kill());
  const ms = await moved;
  await comeBack(bench, bot);
  return ms;
}

/** Milliseconds from the readiness of the process that was started again. */
async function killTheOnlyOne(bench: Bench): Promise<number> {
  const { bot, at, moved } = await strike(bench, (met) => met.kill());
  const struckAt = at;
  await comeBack(bench, bot);
  const readyAfter = clock.monotonic() - struckAt;
  return Math.max(0, (await moved) - readyAfter);
}

async function leave(bench: Bench): Promise<number> {
  const { bot, moved } = await strike(bench, (met) => void met.terminate());
  const ms = await moved;
  await comeBack(bench, bot);
  return ms;
}

/** Asks, and does something to the process that writes the answer, in the middle of it. */
async function strike({ world, history }: Bench, act: (bot: Bot) => void) {
  const rested = await settled(world, SETTLE_MS);
  if (rested.length > 0) throw new Error(`the world does not come to rest: ${rested[0]?.what}`);
  const question = ask(history);
  let at = 0;
  let before = 0;
  const bot = await meet(world, 'model_token:after', AT_TOKEN, (met) => {
    at = clock.monotonic();
    before = shownOf(world, question);
    act(met);
    return 'pass';
  });
  const moved = world.slack
    .waitForMessage(
      ({ threadTs, channel, blocks }) =>
        channel === question.channel && threadTs === question.ts && textIn(blocks).length > before,
      { timeoutMs: MOVES_WITHIN_MS, what: 'text that moves again' },
    )
    .then(() => clock.monotonic() - at);
  // Read later; a rejection must find somebody.
  moved.catch(() => {});
  return { bot, at, moved };
}

function shownOf({ slack }: World, { channel, ts }: Question): number {
  return Math.max(0, ...slack.thread(channel, ts).map(({ blocks }) => textIn(blocks).length));
}

async function comeBack({ world }: Bench, bot: Bot): Promise<void> {
  while (bot.state() !== 'down') await clock.sleep(10);
  bot.start();
  await bot.ready(READY_WITHIN_MS);
  await world.slack.waitForSockets(world.bots.length, { timeoutMs: READY_WITHIN_MS });
}

/** Asks the next question with a plain answer of about a thousand characters. */
function ask(history: History): Question {
  let number = Math.max(0, ...history.questions.map((question) => question.number)) + 1;
  while (!isMiddling(number)) number += 1;
  return history.ask({ user: 'U0ANA', channel: 'C0GENERAL' }, number);
}

function isMiddling(number: number): boolean {
  const { kind, text } = answerTo(SEED, number);
  return kind === 'whole' && text.length > 800 && text.length < 1_600;
}

interface Cost {
  readonly transactions: number;
  readonly ms: number;
}

/** One reply after the other; what an idle process commits in the same time is taken off. */
async function measureCost({ world, history }: Bench): Promise<Cost> {
  const count = Number(values.replies);
  await answered(world, history);
  const idleFrom = await committed(world);
  await clock.sleep(IDLE_MS);
  const idleMs = IDLE_MS + STATISTICS_MS;
  const perMs = ((await committed(world)) - idleFrom) / idleMs;
  const from = await committed(world);
  const began = clock.monotonic();
  const durations = await repeat(count, () => answered(world, history));
  const tookMs = clock.monotonic() - began + STATISTICS_MS;
  const transactions = ((await committed(world)) - from - perMs * tookMs) / count;
  return { transactions, ms: figuresOf(durations)?.p50 ?? 0 };
}

/** Milliseconds from the question to its whole answer in Slack. */
async function answered(world: World, history: History): Promise<number> {
  const asked = clock.monotonic();
  const { channel, ts } = ask(history);
  await world.slack.waitForMessage(
    (message) =>
      message.channel === channel &&
      message.threadTs === ts &&
      textIn(message.blocks) !== '' &&
      !JSON.stringify(message.blocks).includes('"reply_stop"'),
    { timeoutMs: MOVES_WITHIN_MS, what: 'the whole answer' },
  );
  return clock.monotonic() - asked;
}

async function committed({ database }: World): Promise<number> {
  await clock.sleep(STATISTICS_MS);
  const { rows } = await database.query<{ count: string }>(
    'select xact_commit as count from pg_stat_database where datname = current_database()',
  );
  return Number(rows[0]?.count ?? 0);
}

function row(title: string, samples: readonly number[]): string[] {
  const figures = figuresOf(samples);
  if (figures === null) return [title, '0', '–', '–', '–'];
  return [title, String(figures.count), inMs(figures.p50), inMs(figures.p95), inMs(figures.max)];
}
