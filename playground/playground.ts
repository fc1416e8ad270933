import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../src/clock.ts';
import { startEmbeddedPostgres } from '../src/postgres/embedded/launcher.ts';
import { openBooks } from './books.ts';
import { runBot } from './bot-process.ts';
import { buildPage } from './bundle.ts';
import { buildGate } from './gate.ts';
import { toPageCall } from './model/page.ts';
import { startModelStandin } from './model/server.ts';
import { createPageServer } from './page-server.ts';
import type { PageAction, PageActionResult, PageFault, PageModelCall, PageStatus } from './protocol.ts';
import { startRelay } from './relay.ts';
import { readFeatures } from './slack/manifest.ts';
import { northwindWithHarbor, tidewater } from './slack/seed.ts';
import { startSlackStandin } from './slack/standin.ts';
import { startToolServers } from './tool-servers.ts';

export interface PlaygroundOptions {
  /** Everything that survives a restart lies in here. */
  readonly dataDir: string;
  /** 0: any free port. */
  readonly port: number;
  /** Set: Claude answers, over the real API; null: the scripted stand-in. */
  readonly anthropic: { readonly apiKey: string; readonly baseUrl: string } | null;
  /** Settings of the bot that are passed on as they are (`DEFAULT_…`, `LOG_LEVEL`). */
  readonly botEnv: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** The bot could not start at all; its log says why. */
  readonly onBroken: (exitCode: number | null) => void;
}

export interface Playground {
  readonly url: string;
  readonly logFile: string;
  readonly answers: PageStatus['answers'];
  /** Resolves when the bot answers for the first time. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

const SPEED = 60;
const BOT_GRACE_MS = 8000;
const STANDIN_KEY = 'sk-ant-playground-stand-in';

/** Database, Slack stand-in, model, the real bot in a process of its own, and the page. */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const { clock, dataDir } = options;
  mkdirSync(dataDir, { recursive: true });
  const page = buildPage();
  page.catch(() => {});
  const faultsOff = new Map<PageFault, () => void>();
  let speed = SPEED;
  let announceReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    announceReady = resolve;
  });

  const [database, model, tools] = await Promise.all([
    startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), clock, log: options.log }),
    startModel(),
    startToolServers({ clock, dataDir, onCall: (call) => server.send({ type: 'tool_call', call }) }),
  ]);
  const server = createPageServer({
    clock,
    page,
    snapshot: (team) => ({
      ...teamOf(team).page.snapshot(),
      modelCalls: model.calls(),
      toolCalls: tools.calls(),
      jobs: books.jobs(),
      status: status(),
    }),
    act,
    // Ids of one workspace are never those of another.
    file: (id) => slack.page.file(id) ?? second.page.file(id),
  });
  const slack = await startSlackStandin({
    clock,
    port: options.port,
    persistDir: join(dataDir, 'slack'),
    keep: 2000,
    seed: northwindWithHarbor,
    features: readFeatures(),
    onRequest: (request, response) => server.handle(request, response),
  }).catch(async (thrown) => {
    await Promise.all([database.stop(), model.stop(), tools.stop()]);
    throw thrown;
  });
  const second = slack.addTeam(tidewater, 'xoxb-playground-tidewater', false);
  const unsubscribe = [slack, second].map(({ page, team }) =>
    page.subscribe((event) => server.send(event, team)),
  );
  const teamOf = (id: string | null) => (id === second.team ? second : slack);
  const books = openBooks({
    url: database.url,
    clock,
    watched: () => server.watchers() > 0,
    onChange: () => {
      server.send({ type: 'jobs', jobs: books.jobs() });
      server.send({ type: 'status', status: status() });
    },
  });
  const gate = await buildGate(database.url);
  const botPort = await freePort();
  const botUrl = `http://127.0.0.1:${botPort}`;
  const logFile = join(dataDir, 'bot.log');
  const bot = runBot({
    env: {
      ...options.botEnv,
      SLACK_BOT_TOKEN: slack.botToken,
      // The second workspace installs the app as a person would.
      SLACK_CLIENT_ID: slack.client.id,
      SLACK_CLIENT_SECRET: slack.client.secret,
      SLACK_STATE_SECRET: 'playground-state-secret',
      TOKEN_ENCRYPTION_KEY: keyIn(dataDir),
      PUBLIC_URL: botUrl,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: slack.apiUrl,
      ANTHROPIC_API_KEY: options.anthropic?.apiKey ?? STANDIN_KEY,
      ANTHROPIC_BASE_URL: model.url,
      DATABASE_URL: gate.url,
      // Servers of tools on this machine, which no other deployment may call.
      TOOL_HOSTS: tools.hosts.join(','),
      HOST: '127.0.0.1',
      PORT: String(botPort),
      SHUTDOWN_GRACE_SECONDS: '5',
    },
    inherited: options.environment,
    logFile,
    clock,
    onBroken: options.onBroken,
    onChange: () =>
      queueMicrotask(() => {
        if (bot.state() === 'ready') announceReady();
        server.send({ type: 'status', status: status() });
      }),
  });

  return {
    url: slack.url,
    logFile,
    answers: options.anthropic === null ? 'scripted' : 'anthropic',
    ready: Promise.all([ready, page]).then(() => {}),
    async stop() {
      for (const end of unsubscribe) end();
      await bot.stop(BOT_GRACE_MS);
      server.stop();
      await Promise.all([slack.stop(), model.stop(), tools.stop(), books.stop(), gate.stop()]);
      await database.stop();
    },
  };

  function status(): PageStatus {
    const since = bot.since();
    return {
      teams: [slack, second].map((one) => ({
        id: one.team,
        name: one.workspace.seed.team.name,
        installed: one.installed(),
        installUrl: `${botUrl}/slack/install`,
      })),
      answers: options.anthropic === null ? 'scripted' : 'anthropic',
      bot: bot.state(),
      botSince: since,
      costUsd: books.costUsd(),
      toolServers: tools.servers,
      speed,
      faults: [...slack.page.faults(), ...faultsOff.keys()],
    };
  }

  async function act(action: PageAction, team: string | null): Promise<PageActionResult> {
    const result = (await teamOf(team).page.act(action)) ?? (await actOnRest(action));
    if (action.type === 'fault' || action.type === 'speed') server.send({ type: 'status', status: status() });
    return result;
  }

  async function actOnRest(action: PageAction): Promise<PageActionResult> {
    if (action.type === 'kill_bot')
      return bot.kill() ? { ok: true } : { ok: false, error: 'The bot is not running.' };
    if (action.type !== 'fault' || action.fault !== 'database_away') return actOnModel(action);
    if (action.on) {
      gate.shut();
      faultsOff.set(action.fault, () => {});
    } else {
      await gate.open();
      faultsOff.delete(action.fault);
    }
    return { ok: true };
  }

  function actOnModel(action: PageAction): PageActionResult {
    if (model.standin === null) return { ok: false, error: 'That works with the scripted stand-in only.' };
    if (action.type === 'speed') {
      if (!Number.isFinite(action.tokensPerSecond)) return { ok: false, error: 'A speed is a number.' };
      speed = Math.min(1000, Math.max(1, action.tokensPerSecond));
      model.standin.setSpeed(speed);
      return { ok: true };
    }
    if (action.type !== 'fault') return { ok: false, error: 'Unknown action.' };
    faultsOff.get(action.fault)?.();
    faultsOff.delete(action.fault);
    if (!action.on) return { ok: true };
    if (action.fault === 'model_overloaded')
      faultsOff.set(
        action.fault,
        model.standin.fault({ kind: 'status', status: 529 }, Number.POSITIVE_INFINITY),
      );
    // Once: with every call cut, nobody would see the reply go on after the cut.
    else if (action.fault === 'model_cut')
      faultsOff.set(action.fault, model.standin.fault({ kind: 'reset', afterTokens: 30 }));
    else return { ok: false, error: 'Unknown fault.' };
    return { ok: true };
  }

  async function startModel() {
    const onCall = (call: PageModelCall) => server.send({ type: 'model_call', call });
    if (options.anthropic !== null) {
      const relay = await startRelay({ to: options.anthropic.baseUrl, now: () => clock.now(), onCall });
      return { url: relay.url, standin: null, calls: () => relay.calls(), stop: () => relay.stop() };
    }
    const standin = await startModelStandin({
      clock,
      apiKey: STANDIN_KEY,
      tokensPerSecond: speed,
      firstTokenMs: 600,
      persist: join(dataDir, 'model'),
    });
    standin.onCall((call) => {
      onCall(toPageCall(call));
      if (call.fault === 'reset' && faultsOff.delete('model_cut'))
        server.send({ type: 'status', status: status() });
    });
    return {
      url: standin.url,
      standin,
      calls: () => standin.calls().slice(-100).map(toPageCall),
      stop: () => standin.stop(),
    };
  }
}

/** The key that the bot seals tokens with: the same over restarts. */
function keyIn(dataDir: string): string {
  const file = join(dataDir, 'token-key');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/** One that nobody listens on: the bot's address must be known before the bot is. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
