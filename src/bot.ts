import { randomUUID } from 'node:crypto';
import { withPatience } from './admission/patience.ts';
import { createReceive } from './admission/receive.ts';
import { openSpending } from './allowances/store.ts';
import { createAlerts } from './budgets/alerts.ts';
import { createPurse } from './budgets/purse.ts';
import { hearPeople, startChores } from './chores.ts';
import type { Clock } from './clock.ts';
import { isCommandPress } from './commands/run.ts';
import type { Config } from './config.ts';
import { createReasons } from './controls/reasons.ts';
import { SkeinError, toError } from './errors.ts';
import { startWorker, type Worker } from './jobs/worker.ts';
import type { Log } from './log.ts';
import { createAnthropicModel } from './model/anthropic.ts';
import { createModelCheck } from './model/check.ts';
import { createModelChoices } from './model/choices.ts';
import { createModels } from './model/menu.ts';
import { pseudonymiser } from './model/pseudonym.ts';
import { IDLE_LIMITS, type IdleLimits } from './model/stream.ts';
import { type Check, createHealth } from './operations/health.ts';
import { type HttpServer, type Route, serve } from './operations/http.ts';
import { openDatabase } from './postgres/database.ts';
import { migrate } from './postgres/migrate.ts';
import { createQuestions } from './questions/questions.ts';
import { createAnswer } from './reply/answer.ts';
import { createGiveUp } from './reply/give-up.ts';
import { createLearning } from './reply/pace/learning.ts';
import { createLengths } from './reply/pace/lengths.ts';
import { createPacer, type PacerOptions } from './reply/pace/pacer.ts';
import { createStreamPacer } from './reply/pace/stream-pacer.ts';
import { createPermit } from './reply/permit.ts';
import type { Native } from './reply/show/stream-setting.ts';
import { createStops } from './reply/stops.ts';
import { createShortcuts } from './shortcuts/shortcuts.ts';
import { createSlackApp } from './slack/app.ts';
import { createClient } from './slack/clients.ts';
import { type Identity, identify } from './slack/identity.ts';
import { createDirectory } from './slack/read/names.ts';
import { createPeople } from './slack/read/people.ts';
import { createReader } from './slack/read/reader.ts';
import { createAsking } from './slack/read/shortcut-queries.ts';
import { chooseReceiver } from './slack/receive/choose.ts';
import { createDesk } from './slack/send/command-responder.ts';
import { createAside } from './slack/send/ephemeral.ts';
import { createSendFile } from './slack/send/files.ts';
import { createHost } from './slack/send/greeter.ts';
import { createBoard } from './slack/send/question-poster.ts';
import { createRespond } from './slack/send/response-url.ts';
import { createStreams } from './slack/send/streams.ts';
import { createSurface } from './slack/send/surface.ts';
import { createTell, createTellPerson } from './slack/send/tell.ts';
import { createWindows } from './slack/send/views.ts';
import { whereaboutsOf } from './slack/send/whereabouts.ts';
import { createViews } from './views/views.ts';
import { createGreet, GREET } from './welcome/greeting.ts';
import { PROMPTS, PROMPTS_TITLE } from './words/welcome.ts';

export interface BotOptions {
  readonly config: Config;
  /** Where Postgres is: `config.database.url`, or what the embedded server says. */
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The bot can't go on (a token was revoked): the process should end with this error. */
  readonly onFatal: (error: SkeinError) => void;
  /** For tests: other limits of waiting and pacing than the real world needs. */
  readonly tuning?: {
    readonly idleMs?: IdleLimits;
    readonly pacer?: Omit<PacerOptions, 'clock'>;
    readonly clientPingTimeout?: number;
    readonly streamAgeMs?: number;
  };
}

export interface Bot {
  /** Port of `/healthz`, `/readyz` and, over HTTP, Slack's deliveries. */
  readonly port: number;
  /** Resolves when everything that is needed to answer is there. */
  readonly ready: Promise<void>;
  /** Replies being written now. */
  active(): number;
  /** Stops receiving, lets replies finish within the grace period, hands over the rest, releases everything. */
  stop(graceMs?: number): Promise<void>;
}

const DATABASE_WAIT_MS = [250, 500, 1000, 2000, 5000] as const;

/**
 * The composition root: wires the folders, in the order in which a message meets them. Resolves when the
 * HTTP server listens; Slack, the database and the model may still be away, which `/readyz` says.
 */
export async function startBot(options: BotOptions): Promise<Bot> {
  const { config, clock, log, databaseUrl } = options;
  const stopping = new AbortController();
  const receives = config.role !== 'work';
  const works = config.role !== 'receive';

  // Each live reply may hold a connection for a moment; admission needs its own share.
  const database = openDatabase({
    url: databaseUrl,
    max: Math.min(30, 6 + Math.ceil(config.concurrency / 2)),
    clock,
    log,
  });
  const client = createClient({ token: config.slack.botToken, slackApiUrl: config.slack.apiUrl, log });
  const clients = { of: () => client };
  let identity: Identity | null = null;
  const people = createPeople(clients, { clock, log, admins: config.adminUsers });
  const directory = createDirectory(clients, people, clock);
  const reader = createReader({ clients, directory, self: () => identity, log });
  const model = createAnthropicModel({
    apiKey: config.anthropic.apiKey,
    baseUrl: config.anthropic.baseUrl,
    clock,
    idleMs: options.tuning?.idleMs ?? IDLE_LIMITS,
    maxRetries: 1,
    log,
  });
  const host = createHost(clients, log);
  const processId = randomUUID();
  const spending = openSpending(database.query, processId);
  const stops = createStops();
  const lengths = createLengths();
  const learn = createLearning(database.query, lengths);
  const aside = createAside(clients, log);
  const pacer = createPacer({ clock, spending, lengths, ...options.tuning?.pacer });
  const purse = createPurse({ database, clock, log });
  const answering = {
    database,
    aside,
    permit: createPermit({ database, defaults: config.defaults, people, aside, purse, clock }),
    purse,
    model,
    surface: createSurface(clients),
    reader,
    pacer,
    native: nativeStreams(),
    stops,
    clock,
    log,
    pseudonym: pseudonymiser(config.slack.botToken),
  };

  const modelChoices = createModelChoices(model, clock);
  const windows = createWindows(clients, log);
  const reasons = createReasons({ database, windows, aside, clock, log });
  const views = createViews({
    database,
    defaults: config.defaults,
    people,
    windows,
    models: createModels(modelChoices, clock),
    bot: () => identity?.botUserId ?? null,
    clock,
    log,
  });

  let worker: Worker | null = null;
  const hands: Pick<Worker, 'claimant' | 'begin'> = {
    claimant: () => worker?.claimant() ?? null,
    begin: (...begun) => worker?.begin(...begun),
  };
  const admission = createReceive({
    ...hands,
    database,
    defaults: config.defaults,
    clock,
    newId: randomUUID,
    onCommand: (message, command) => void desk.mention(message, command),
  });
  const tell = createTell(clients, aside, log);
  const questions = createQuestions({
    ...hands,
    database,
    board: createBoard(clients),
    receive: admission,
    tell,
    newId: randomUUID,
    clock,
    log,
  });
  const asking = createAsking(clients, reader, log);
  const shortcuts = createShortcuts({ windows, tell, people, asking, ask: questions.ask, clock, log });
  const patience = withPatience(admission, { clock, log });
  const desk = createDesk({
    ports: {
      database,
      defaults: config.defaults,
      people,
      names: directory,
      models: modelChoices,
      openSettings: async ({ team, user, channel, direct, triggerId }, scope) => {
        const place = { team, user, channel: direct ? null : channel, scope, triggerId };
        return (await views.openSettings(place)) === 'done';
      },
      ask: questions.ask,
      sendFile: createSendFile(clients, config.slack.apiUrl, log),
      clock,
      log,
    },
    clients,
    respond: createRespond({ apiUrl: config.slack.apiUrl, clock, log }),
    clock,
    log,
  });
  const { onFatal, tuning: { clientPingTimeout } = {} } = options;
  const receiver = receives
    ? chooseReceiver({ slack: config.slack, clock, log, onFatal, clientPingTimeout })
    : null;
  const state = { migrated: false };

  const routes: Route[] = [createHealth(checks(), clock)];
  if (receiver?.kind === 'http')
    routes.push((request, response) => {
      receiver.receiver.requestListener(request, response);
      return true;
    });
  const http: HttpServer = await serve({ ...config.http, routes, clock, log });
  log.info({ port: http.port, role: config.role, mode: receiver?.kind ?? 'none' }, 'listening');

  const ready = bringUp().catch((thrown) => {
    if (stopping.signal.aborted) return;
    const error =
      thrown instanceof SkeinError
        ? thrown
        : new SkeinError('REPLY_FAILED', 'the bot could not start', { cause: thrown });
    options.onFatal(error);
    throw error;
  });
  ready.catch(() => {});

  let stopped: Promise<void> | null = null;
  return {
    port: http.port,
    ready,
    active: () => worker?.active() ?? 0,
    stop: (graceMs = config.shutdownGraceMs) => {
      stopped ??= shutDown(graceMs);
      return stopped;
    },
  };

  function nativeStreams(): Native {
    const ageMs = options.tuning?.streamAgeMs;
    // Each reads for itself what others did.
    const account = () => openSpending(database.query, processId);
    return {
      streams: createStreams(clients, () => identity),
      pacer: createStreamPacer({
        clock,
        edits: pacer,
        lengths,
        spending: { appends: account(), others: account() },
      }),
      ...(ageMs === undefined ? {} : { ageMs }),
    };
  }

  /** Database first: without it nothing may be taken from Slack. Then hands, then ears. */
  async function bringUp(): Promise<void> {
    await migrated();
    stopping.signal.throwIfAborted();
    if (works) {
      await learn().catch((err) =>
        log.warn({ err: toError(err) }, 'how long earlier replies took could not be read'),
      );
      worker = await startWorkerHere();
    }
    identity = await identify(client, { clock, log, signal: stopping.signal });
    if (receiver !== null) {
      createSlackApp({
        receiver: receiver.receiver,
        identity: () => identity,
        botToken: config.slack.botToken,
        slackApiUrl: config.slack.apiUrl,
        clients,
        log,
        gesture: (gesture) =>
          shortcuts.gesture(gesture) ?? reasons.gesture(gesture) ?? views.gesture(gesture),
        receive: async (incoming) => {
          // Beside the acknowledgement, which must not wait for Slack to take a view.
          if (incoming.kind === 'home_opened' && incoming.tab === 'home')
            void views.home(incoming.team, incoming.user);
          if (incoming.kind === 'home_opened' && incoming.tab === 'messages' && incoming.channel !== null)
            void host.prompts(incoming.team, incoming.channel, PROMPTS_TITLE, PROMPTS);
          if (incoming.kind === 'shortcut') void shortcuts.open(incoming);
          if (incoming.kind === 'command') return desk.slash(incoming);
          if (incoming.kind === 'action' && isCommandPress(incoming.actionId)) return desk.press(incoming);
          const received = await patience.receive(incoming);
          const at = 'team' in incoming ? { team: incoming.team, event: incoming.eventId } : {};
          const { outcome, reason, reply, line = null, poor = null } = received;
          log.debug({ ...at, kind: incoming.kind, outcome, reason, reply }, 'incoming');
          const where = whereaboutsOf(incoming);
          // Only niceties: nobody waits for them.
          if (where !== null && line !== null) void aside.whisper(where, where.user, line);
          if (where !== null && poor !== null) void reasons.ask(where, where.user, poor, where.triggerId);
          return received;
        },
      });
      await receiver.receiver.start();
    }
    log.info({ team: identity.team, mode: receiver?.kind ?? 'none' }, 'ready');
  }

  async function migrated(): Promise<void> {
    for (let failures = 0; ; failures++) {
      stopping.signal.throwIfAborted();
      try {
        await migrate(databaseUrl);
        state.migrated = true;
        return;
      } catch (thrown) {
        if (!(thrown instanceof SkeinError) || thrown.code !== 'DATABASE_UNREACHABLE') throw thrown;
        const waitMs = DATABASE_WAIT_MS[Math.min(failures, DATABASE_WAIT_MS.length - 1)] ?? 5000;
        log.warn({ err: thrown, waitMs }, 'the database is away; trying again');
        await clock.sleep(waitMs, stopping.signal);
      }
    }
  }

  async function startWorkerHere(): Promise<Worker> {
    const tell = createTellPerson(clients, log);
    const alert = createAlerts({ database, tell, operators: config.adminUsers, log });
    startChores({
      database,
      defaults: config.defaults,
      spending,
      clock,
      log,
      learn,
      alert,
      signal: stopping.signal,
    });
    const answer = createAnswer(answering);
    const greet = createGreet({ host, log });
    return startWorker({
      database,
      databaseUrl,
      clock,
      log,
      concurrency: config.concurrency,
      ...questions.handlers({
        handle: (job, lease) => (job.name === GREET ? greet(job) : answer(job, lease)),
        giveUp: createGiveUp(answering),
      }),
      listen: { ...hearPeople({ database, stops, log }), ...purse.listen },
    });
  }

  function checks(): Check[] {
    const list: Check[] = [
      {
        name: 'database',
        problem: async () => {
          if (!(await database.answers(1500))) return 'DATABASE_UNREACHABLE';
          return state.migrated ? null : 'starting';
        },
      },
      { name: 'slack', problem: async () => slackProblem() },
    ];
    if (works) {
      list.push({ name: 'jobs', problem: async () => (worker?.alive() ? null : 'DATABASE_UNREACHABLE') });
      list.push({ name: 'model', problem: createModelCheck(model, clock) });
    }
    return list;
  }

  function slackProblem(): string | null {
    if (stopping.signal.aborted) return 'stopping';
    if (identity === null) return 'SLACK_UNREACHABLE';
    return receiver?.kind === 'socket' && !receiver.receiver.connected() ? 'SLACK_UNREACHABLE' : null;
  }

  async function shutDown(graceMs: number): Promise<void> {
    log.info({ graceMs, active: worker?.active() ?? 0 }, 'stopping');
    stopping.abort();
    patience.stop();
    await receiver?.receiver
      .stop()
      .catch((err) => log.warn({ err: toError(err) }, 'the Slack connection did not close cleanly'));
    await ready.catch(() => {});
    await shortcuts.idle();
    await worker?.stop(graceMs);
    await desk.idle();
    await http.stop(1000);
    await database
      .close()
      .catch((err) => log.warn({ err: toError(err) }, 'the database pool did not close cleanly'));
    log.info('stopped');
  }
}
