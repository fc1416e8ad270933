import pg from 'pg';
import { expect, onTestFinished } from 'vitest';
import { buildGate, type Gate } from '../../playground/gate.ts';
import {
  type ModelStandin,
  type ModelStandinOptions,
  startModelStandin,
} from '../../playground/model/server.ts';
import type { ScriptedAnswer } from '../../playground/model/types.ts';
import type { SeenMessage, SlackStandin, SlackStandinOptions } from '../../playground/slack/contract.ts';
import { startSlackStandin } from '../../playground/slack/standin.ts';
import { type Bot, type BotOptions, startBot } from '../../src/bot.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { type Config, readConfig } from '../../src/config.ts';
import type { SkeinError } from '../../src/errors.ts';
import { createLog, type Log } from '../../src/log.ts';
import { createTestDatabase } from '../support/database.ts';

export interface World {
  readonly slack: SlackStandin;
  readonly model: ModelStandin;
  readonly databaseUrl: string;
  /** The door between the bot and its database. */
  readonly gate: Gate;
  readonly config: Config;
  readonly bot: Bot;
  /** Errors with which the bot asked its process to end, oldest first. */
  readonly fatal: readonly SkeinError[];
  /** Lines of the bot's log so far, parsed. */
  readonly log: readonly Record<string, unknown>[];
  /** Starts another process's worth of bot on the same database; stopped when the test ends. */
  another(changes?: Record<string, string>): Promise<Bot>;
  restart(): Promise<Bot>;
}

export interface WorldOptions {
  readonly mode?: 'socket' | 'http';
  readonly script?: (
    question: string,
    request: Parameters<NonNullable<ModelStandinOptions['script']>>[0],
  ) => ScriptedAnswer;
  readonly slack?: Partial<SlackStandinOptions>;
  readonly model?: Partial<ModelStandinOptions>;
  readonly env?: Record<string, string>;
  readonly tuning?: BotOptions['tuning'];
  /** The bot's own; Slack's, the model's and the database's is the machine's. */
  readonly clock?: Clock;
}

/**
 * Runs a query on the bot's database. What people see, what the model is asked and what is stored are facts of several
 * parties, each a moment after another: a test looks once only at what must be there before the fact that it awaited
 * (stored before it is acknowledged, counted before the answer ends), and awaits all else by `expect.poll`. With
 * `TEST_DATABASE_LAG_MS` the bot's database is so slow that a look which comes too early fails each time.
 */
export async function query<Row extends pg.QueryResultRow>(
  world: World,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Puts a setting there as if `by` had set it. */
export async function set(
  world: World,
  [scope, id]: readonly ['workspace' | 'channel' | 'person', string],
  [key, value]: readonly [string, string],
  by = ana,
): Promise<void> {
  await query(
    world,
    `insert into skein.settings (team, scope, scope_id, key, value, set_by) values ($1, $2, $3, $4, $5, $6)
     on conflict (team, scope, scope_id, key) do update set value = excluded.value`,
    [world.slack.team, scope, id, key, value, by],
  );
}

/** A text that comes when the test says so. */
export function dictation(): { text: AsyncIterable<string>; say(delta: string): void; end(): void } {
  const waiting: string[] = [];
  let ended = false;
  let wake: () => void = () => {};
  return {
    text: (async function* () {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (ended) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    })(),
    say(delta) {
      waiting.push(delta);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
  };
}

export const ana = 'U0ANA';
export const ben = 'U0BEN';
export const general = 'C0GENERAL';

/**
 * Slack delivers no press and no command twice, so that one which meets a connection being lost is gone, and a form
 * opens only while its trigger works. A machine that is busy for seconds is no reason for either.
 */
const CLIENT_PING_MS = 15_000;
const TRIGGER_MS = 30_000;

/** The whole bot, real at both ends: stand-ins for Slack and the model, a database of its own. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const mode = options.mode ?? 'socket';
  const database = await createTestDatabase();
  const gate = await buildGate(database.url, Number(process.env['TEST_DATABASE_LAG_MS'] ?? '0'));
  const slack = await startSlackStandin({
    clock: systemClock,
    tiers: 'off',
    triggerMs: TRIGGER_MS,
    ...options.slack,
  });
  const { script } = options;
  const model = await startModelStandin({
    clock: systemClock,
    apiKey: 'sk-ant-test-key',
    tokensPerSecond: Number.POSITIVE_INFINITY,
    ...(script === undefined ? {} : { script: (request) => script(lastQuestion(request.turns), request) }),
    ...options.model,
  });
  const lines: Record<string, unknown>[] = [];
  const log = createLog('debug', {
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  const bots: Bot[] = [];
  const fatal: SkeinError[] = [];
  const env = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_API_URL: slack.apiUrl,
    ...(mode === 'socket'
      ? { SLACK_APP_TOKEN: slack.appToken }
      : { SLACK_SIGNING_SECRET: slack.signingSecret }),
    ANTHROPIC_API_KEY: 'sk-ant-test-key',
    ANTHROPIC_BASE_URL: model.url,
    DATABASE_URL: gate.url,
    HOST: '127.0.0.1',
    PORT: '0',
    DEFAULT_FOOTER: 'off',
    ...options.env,
  };
  const start = async (changes: Record<string, string> = {}, to: Log = log) => {
    const config = readConfig({ ...env, ...changes });
    const bot = await startBot({
      config,
      databaseUrl: gate.url,
      clock: options.clock ?? systemClock,
      log: to,
      onFatal: (error) => void fatal.push(error),
      tuning: { clientPingTimeout: CLIENT_PING_MS, ...options.tuning },
    });
    bots.push(bot);
    await bot.ready;
    if (mode === 'http') slack.deliverTo(`http://127.0.0.1:${bot.port}/slack/events`);
    return bot;
  };
  onTestFinished(async ({ task }) => {
    await Promise.all(bots.map((bot) => bot.stop(0)));
    await model.stop();
    await slack.stop();
    await gate.stop();
    if (task.result?.state !== 'fail') return database.drop();
    const told = lines.filter(({ level }) => level !== 'debug').map((line) => JSON.stringify(line));
    console.error(`The database of this test is kept: ${database.url}\n${told.join('\n')}`);
  });
  let bot = await start();
  return {
    slack,
    model,
    databaseUrl: database.url,
    gate,
    config: readConfig(env),
    get bot() {
      return bot;
    },
    log: lines,
    fatal,
    another: (changes) => start(changes),
    async restart() {
      await bot.stop(0);
      bot = await start();
      return bot;
    },
  };
}

/** The last reply of the bot in a thread, once it is finished: no Stop button, nothing more to come. */
export function finishedReply(
  world: World,
  channel: string,
  threadTs: string,
  count = 1,
): Promise<SeenMessage> {
  let seen = 0;
  const done = new Set<string>();
  return world.slack.waitForMessage((message) => {
    if (message.channel !== channel || message.threadTs !== threadTs || message.user !== world.slack.botUser)
      return false;
    if (!isFinished(message) || done.has(message.ts)) return false;
    done.add(message.ts);
    seen += 1;
    return seen === count;
  });
}

/** Waits until so many replies are over: shown or failed, also in the database, so that nothing more comes of them. */
export async function settled(world: World, count = 1): Promise<void> {
  const over = () => query(world, "select 1 from skein.replies where state in ('shown', 'failed')");
  await expect.poll(async () => (await over()).length).toBe(count);
}

/** Resolves when the bot has acknowledged all that was sent to it so far: what must be stored of it is. */
export async function everythingDelivered(world: World): Promise<void> {
  const open = world.slack.deliveries().filter(({ state }) => state !== 'acked');
  await Promise.all(
    open.map(({ id }) =>
      world.slack.waitForDelivery((delivery) => delivery.id === id && delivery.state === 'acked'),
    ),
  );
}

export function isFinished(message: SeenMessage): boolean {
  if (message.streaming?.state === 'in_progress') return false;
  const json = JSON.stringify(message.blocks);
  return !json.includes('"reply_stop"') && !json.includes('Thinking…');
}

export function lastQuestion(turns: readonly { role: string; text: string }[]): string {
  return turns.filter((turn) => turn.role === 'user').at(-1)?.text ?? '';
}

/** The turns of a model request as `role: text` lines. */
export function turnsOf(body: Readonly<Record<string, unknown>> | null | undefined): string[] {
  const messages = (body?.['messages'] ?? []) as { role: string; content: { text: string }[] | string }[];
  return messages.map(
    ({ role, content }) =>
      `${role}: ${typeof content === 'string' ? content : content.map((block) => block.text).join('')}`,
  );
}
