import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type ModelStandin, startModelStandin } from '../../playground/model/server.ts';
import type { ModelCall } from '../../playground/model/types.ts';
import type { SlackStandin } from '../../playground/slack/contract.ts';
import { startSlackStandin } from '../../playground/slack/standin.ts';
import { systemClock as clock } from '../../src/clock.ts';
import { startEmbeddedPostgres } from '../../src/postgres/embedded/launcher.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { withDatabase } from '../support/database-url.ts';
import { installAudit } from './audit.ts';
import { type Bot, type BotsContext, openBot, type Role, type SlackWrite, type Trouble } from './bots.ts';
import { type CallServer, startCallServer } from './calls/server.ts';
import { openHttpDoor, type Verdict } from './doors/http.ts';
import { createScript } from './script.ts';
import type { Moment } from './steps.ts';

/** A Postgres server of the suite's own. */
export interface Server {
  readonly url: string;
  serverPid(): number;
  stop(): Promise<void>;
}

/**
 * Without `fsync` commits survive the server's death, not the machine's: enough to break things, and fast. `connections`:
 * the most that it takes.
 */
export async function startServer({ fsync = false, connections = 200 } = {}): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), 'skein-faults-pg-'));
  // Run by root, the server is somebody else, who must get through to its data.
  chmodSync(dataDir, 0o711);
  const quiet = () => {};
  const server = await startEmbeddedPostgres({
    dataDir,
    clock,
    log: { info: quiet, warn: quiet, error: quiet },
    flags: { fsync: fsync ? 'on' : 'off', max_connections: String(connections) },
  });
  return {
    url: server.url,
    serverPid: server.serverPid,
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** One call of the model over time: how much text had been sent when. */
export interface CallGrowth {
  readonly points: { readonly at: number; readonly length: number }[];
}

export interface World {
  readonly seed: number;
  readonly slack: SlackStandin;
  readonly model: ModelStandin;
  readonly database: pg.Pool;
  readonly bots: readonly Bot[];
  readonly context: BotsContext;
  readonly writes: readonly SlackWrite[];
  readonly troubles: readonly Trouble[];
  /** All calls of the model in their last state, and how they grew. */
  readonly calls: ReadonlyMap<number, ModelCall>;
  readonly growth: ReadonlyMap<number, CallGrowth>;
  readonly understand: ReturnType<typeof createScript>['understand'];
  /** The server of tools that the workspace has connected. */
  readonly desk: CallServer;
  /** How late timers came here, where they were late: what a starved machine adds to every time. */
  readonly lateness: readonly { readonly at: number; readonly ms: number }[];
  /** Every named moment that some process came to. */
  readonly passed: ReadonlySet<Moment>;
  /** Decides what becomes of a named moment; replaced by whoever plays the faults. */
  onMoment: (moment: Moment, bot: Bot) => Verdict;
  onDown: (bot: Bot) => void;
  /** What people do while all comes to rest: whoever is asked decides. */
  whileSettling: () => Promise<void>;
  /** Where the logs of the processes are. */
  readonly folder: string;
  note(line: string): void;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly seed: number;
  readonly mode: 'socket' | 'http';
  readonly roles: readonly Role[];
  /** Path of the built program. */
  readonly program: string;
  readonly server: Server;
  readonly tokensPerSecond: number;
  /** Further settings of the processes. */
  readonly env?: Readonly<Record<string, string>>;
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

const API_KEY = 'sk-ant-faults-key';
/** Slack's own schedule in small: nearly at once, then further apart; long enough for every outage here. */
const RETRIES = [200, 500, 1000, 2000, 4000, 8000, 8000, 8000];
const LATENESS_EVERY_MS = 50;
const CROWDED_MS = 750;
let worlds = 0;

/** Of each server a database that is migrated and audited, which worlds begin as copies of. */
const bases = new WeakMap<Server, Promise<string>>();
const BASE = 'faults_base';

async function makeBase({ url }: Server): Promise<string> {
  await once(url, `create database ${BASE}`);
  const databaseUrl = withDatabase(url, BASE);
  await migrate(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await installAudit(client);
  await client.end();
  return BASE;
}

async function once(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** Slack, the model and the database on one side, real processes of the bot on the other, doors between. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { seed, mode, roles, server } = options;
  worlds += 1;
  const name = `faults_${seed}_${worlds}`;
  const begun = bases.get(server) ?? makeBase(server);
  bases.set(server, begun);
  await once(server.url, `create database ${name} template ${await begun}`);
  const databaseUrl = withDatabase(server.url, name);
  const database = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  database.on('error', () => {});

  const folder = mkdtempSync(join(tmpdir(), `skein-faults-${seed}-`));
  mkdirSync(folder, { recursive: true });
  const slack = await startSlackStandin({ clock, tiers: 'off', retrySchedule: RETRIES, keep: 200_000 });
  // Where there is little money, what searches could come to would leave none for an answer.
  await database.query(
    `insert into skein.settings (team, scope, scope_id, key, value, set_by)
     values ($1, 'channel', 'C0LAUNCH', 'web', 'off', 'U0ANA')`,
    [slack.team],
  );
  const { script, understand } = createScript(seed, options.tokensPerSecond);
  const model = await startModelStandin({
    clock,
    apiKey: API_KEY,
    tokensPerSecond: options.tokensPerSecond,
    firstTokenMs: 60,
    script,
  });
  const calls = new Map<number, ModelCall>();
  const growth = new Map<number, CallGrowth>();
  model.onCall((call) => {
    calls.set(call.id, call);
    const { points } = growth.get(call.id) ?? { points: [] };
    growth.set(call.id, { points });
    if (call.text.length !== points.at(-1)?.length)
      points.push({ at: clock.now(), length: call.text.length });
  });

  /** Who began a call last: calls reach the server through one door, which does not see whose they are. */
  let caller: Bot | null = null;
  const desk = await startCallServer({
    databaseUrl,
    team: slack.team,
    onStep: (when) => (caller === null ? 'pass' : context.onMoment(`tool_request:${when}`, caller)),
  });
  const passed = new Set<Moment>();
  const lateness: { at: number; ms: number }[] = [];
  let due = clock.monotonic() + LATENESS_EVERY_MS;
  const stopLateness = clock.every(LATENESS_EVERY_MS, () => {
    const ms = clock.monotonic() - due;
    due = clock.monotonic() + LATENESS_EVERY_MS;
    // Programs that wait for a core: the processes under test are as late as their share of it is small.
    const crowd = Math.max(0, (loadavg()[0] ?? 0) / (2 * availableParallelism()) - 1) * CROWDED_MS;
    if (ms + crowd > LATENESS_EVERY_MS) lateness.push({ at: clock.now(), ms: ms + crowd });
  });

  const context: BotsContext = {
    program: options.program,
    env: {
      SLACK_BOT_TOKEN: slack.botToken,
      ...(mode === 'socket'
        ? { SLACK_APP_TOKEN: slack.appToken }
        : { SLACK_SIGNING_SECRET: slack.signingSecret }),
      ANTHROPIC_API_KEY: API_KEY,
      HOST: '127.0.0.1',
      PORT: '0',
      CONCURRENCY: '20',
      DEFAULT_FOOTER: 'off',
      DEFAULT_MAX_TOKENS: '16000',
      // A ping is a message that no scenario expects.
      DEFAULT_PING_AFTER: 'off',
      DEFAULT_WEB: 'on',
      TOOL_HOSTS: '127.0.0.1',
      SHUTDOWN_GRACE_SECONDS: '1',
      ...options.env,
    },
    logFile: join(folder, 'bot-%.log'),
    slackUrl: slack.url,
    modelUrl: model.url,
    databaseUrl,
    writes: [],
    troubles: [],
    callers: new Map(),
    sessions: [],
    slackDisturbed: false,
    onMoment(moment, bot) {
      passed.add(moment);
      if (moment === 'begin_run:after') caller = bot;
      return world.onMoment(moment, bot);
    },
    onDown: (bot) => world.onDown(bot),
  };
  const bots: Bot[] = [];
  for (const [slot, role] of roles.entries())
    bots.push(await openBot(context, { slot, role }, options.inherited));

  // Over HTTP Slack knows one address; what stands behind it takes whoever is there, in turn.
  let turn = 0;
  const front = await openHttpDoor({
    target() {
      const there = bots.filter((bot) => bot.role !== 'work' && bot.port() !== null);
      turn += 1;
      const port = there[turn % Math.max(1, there.length)]?.port() ?? null;
      return port === null ? null : `http://127.0.0.1:${port}`;
    },
  });
  if (mode === 'http') slack.deliverTo(`http://127.0.0.1:${front.port}/slack/events`);

  const world: World = {
    seed,
    slack,
    model,
    database,
    bots,
    context,
    writes: context.writes,
    troubles: context.troubles,
    calls,
    growth,
    understand,
    desk,
    lateness,
    passed,
    onMoment: () => 'pass',
    onDown: () => {},
    whileSettling: async () => {},
    folder,
    note(line) {
      appendFileSync(join(folder, 'supervisor.log'), `${new Date(clock.now()).toISOString()} ${line}\n`);
    },
    async stop() {
      world.onDown = () => {};
      world.onMoment = () => 'pass';
      stopLateness();
      await Promise.all(bots.map((bot) => bot.close()));
      await Promise.all([front.close(), slack.stop(), model.stop(), desk.stop()]);
      await database.end();
    },
  };
  for (const bot of bots) bot.start();
  await Promise.all(bots.map((bot) => bot.ready(60_000)));
  return world;
}
