import { randomUUID } from 'node:crypto';
import { createReceive } from './admission/receive.ts';
import { createAlerts } from './budgets/alerts.ts';
import { counted } from './budgets/counted.ts';
import { createPurse } from './budgets/purse.ts';
import { type CallingOptions, wireCalling } from './calling.ts';
import { startChores } from './chores.ts';
import type { Clock } from './clock.ts';
import { COMMAND, createSaidCommands } from './commands/job.ts';
import { formPlace } from './commands/place.ts';
import { isCommandPress } from './commands/run.ts';
import { createSendFile } from './commands/sending.ts';
import type { Config } from './config.ts';
import { createConnecting } from './connecting.ts';
import { createPress } from './controls/press.ts';
import { createPressing } from './controls/pressing.ts';
import { createRaise } from './controls/raise.ts';
import { createReasons } from './controls/reasons.ts';
import { createStopControls } from './controls/stops.ts';
import { createDispatch } from './dispatch.ts';
import { createExamine } from './doctor/in-slack.ts';
import { SkeinError, toError } from './errors.ts';
import { handlersByName } from './jobs/handlers.ts';
import { startWorker, type Worker } from './jobs/worker.ts';
import type { Log } from './log.ts';
import { createAnthropicModel } from './model/anthropic.ts';
import { createModelCheck } from './model/check.ts';
import { createModels } from './model/choices.ts';
import { metered } from './model/metered.ts';
import { pseudonymiser } from './model/pseudonym.ts';
import { IDLE_LIMITS, type IdleLimits } from './model/stream.ts';
import type { Check } from './operations/health.ts';
import { type HttpServer, type Route, serve } from './operations/http.ts';
import { createMetrics, type Metrics } from './operations/metrics.ts';
import { readiness } from './operations/readiness.ts';
import { createPacing } from './pacing.ts';
import { createGate, createIsAdmin } from './people/gate.ts';
import { openDatabase } from './postgres/database.ts';
import { migrateWhenThere } from './postgres/migrate-when-there.ts';
import { POST_QUESTION } from './questions/job.ts';
import { createQuestions } from './questions/questions.ts';
import { createReplyJobs } from './reply/handlers.ts';
import type { PacerOptions } from './reply/pace/pacer.ts';
import { createPermit } from './reply/permit.ts';
import { createStops, hearPeople } from './reply/stops.ts';
import { createBudgetWaking } from './reply/waits/waits.ts';
import { createServers } from './servers.ts';
import { createShortcuts } from './shortcuts/shortcuts.ts';
import { WISH } from './shortcuts/store.ts';
import { createAnswerFiles } from './slack/answer-files.ts';
import { createSlackApp } from './slack/app.ts';
import { createLinks } from './slack/read/links.ts';
import { createDirectory } from './slack/read/names.ts';
import { createPeople } from './slack/read/people.ts';
import { createReader } from './slack/read/reader.ts';
import { createAsking } from './slack/read/shortcut-queries.ts';
import { chooseReceiver } from './slack/receive/choose.ts';
import { createCommandResponder } from './slack/send/command-responder.ts';
import { createAside } from './slack/send/ephemeral.ts';
import { createGreeter } from './slack/send/greeter.ts';
import { createQuestionPoster } from './slack/send/question-poster.ts';
import { createRefusedForms } from './slack/send/refused-forms.ts';
import { createRespond } from './slack/send/response-url.ts';
import { createSurface } from './slack/send/surface.ts';
import { createTell, createTellPerson } from './slack/send/tell.ts';
import { createWindows } from './slack/send/views.ts';
import { createWeb } from './slack/send/web.ts';
import { createViews, type ViewsOptions } from './views/views.ts';
import { watching } from './watching.ts';
import { createGreet, GREET } from './welcome/greeting.ts';
import { joined } from './welcome/joined.ts';
import { NOTHING_TO_STOP } from './words/asides.ts';
import { PROMPTS, PROMPTS_TITLE } from './words/welcome.ts';
import { createWorkspaces, keyFormOf } from './workspaces.ts';

export interface BotOptions {
  readonly config: Config;
  /** Where Postgres is: `config.database.url`, or what the embedded server says. */
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: made here, without the codes of the log. */
  readonly metrics?: Metrics;
  /** The bot can't go on (a token was revoked): the process should end with this error. */
  readonly onFatal: (error: SkeinError) => void;
  /** For tests: other limits of waiting and pacing than the real world needs. */
  readonly tuning?: {
    readonly idleMs?: IdleLimits;
    readonly pacer?: Omit<PacerOptions, 'clock'>;
    readonly clientPingTimeout?: number;
    readonly streamAgeMs?: number;
  } & Pick<CallingOptions, 'calling'>;
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

/**
 * The composition root: wires the folders, in the order in which a message meets them. Resolves when the
 * HTTP server listens; Slack, the database and the model may still be away, which `/readyz` says.
 */
export async function startBot(options: BotOptions): Promise<Bot> {
  const { config, clock, log, databaseUrl, metrics = createMetrics(clock) } = options;
  const { defaults } = config;
  const stopping = new AbortController();
  const receives = config.role !== 'work';
  const works = config.role !== 'receive';

  const { directUrl, ca, pool: max } = config.database;
  const direct = { url: directUrl ?? databaseUrl, ca };
  // A way beside the pool is given where the pool's own leads through a pooler.
  const sessions = directUrl === null;
  const database = openDatabase({ url: databaseUrl, ca, max, clock, log, sessions });
  const queue = sessions ? null : openDatabase({ ...direct, max: 2, clock, log });
  const { signal } = stopping;
  const shared = { config, database, clock, log, meter: metrics, signal, onFatal: options.onFatal };
  const workspaces = createWorkspaces(shared);
  const clients = workspaces.installations;
  const bot = (team: string) => clients.self(team)?.botUserId ?? null;
  const web = createWeb(clients);
  const people = createPeople(clients, { clock, log, admins: config.adminUsers });
  const gate = createGate({ database, defaults, people });
  const directory = createDirectory(clients, people, clock);
  const reader = createReader({ clients, directory, self: clients.self, clock, log });
  const anthropic = createAnthropicModel({
    apiKey: config.anthropic.apiKey,
    baseUrl: config.anthropic.baseUrl,
    clock,
    idleMs: options.tuning?.idleMs ?? IDLE_LIMITS,
    maxRetries: 1,
    log,
    keyOf: workspaces.keyOf,
  });
  const model = metered(anthropic, metrics, clock);
  const filing = createAnswerFiles({ config, database, clients, web, clock, log });
  const greeter = createGreeter(web, log);
  const { spending, pacer, native, learn } = createPacing({ ...shared, clients, web, ...options });
  const stops = createStops();
  const aside = createAside(web, log);
  const purse = counted(createPurse({ database, clock, log }), metrics, clock);
  const refused = createRefusedForms();
  const windows = createWindows(clients, log);
  const sendFile = createSendFile({ outlet: filing.outlet, clock, log });
  const tellPerson = createTellPerson(web, log);
  const { fitImage } = filing.files;
  const connecting = createConnecting({ ...shared, people, nameOf: directory.user, tellPerson, fitImage });
  const { tools, names: servers, linkFor } = createServers({ ...shared, connecting });
  const connected = { calling: { connected: connecting.connected, newId: randomUUID }, linkFor };
  const sending = { web, pacer, windows, aside, sendFile, clock, log };
  const deciding = { database, defaults, gate, people };
  const calls = wireCalling({ ...connected, ...options.tuning, ...sending, ...deciding });
  const answering = {
    database,
    aside,
    ...calls.answering,
    permit: createPermit({ database, defaults, installed: web.installed, gate, aside, purse, clock, bot }),
    purse,
    model,
    surface: createSurface(web, refused),
    reader,
    links: createLinks({ clients, reader, directory, isIn: people.inChannel, clock, log }),
    ...filing,
    pacer,
    native,
    stops,
    meter: metrics,
    clock,
    log,
    pseudonym: pseudonymiser(workspaces.pseudonymSecret),
  };

  const models = createModels(model, clock);
  const keyForm = keyFormOf(workspaces.keys, { model, windows, people, clock, log });
  const reasons = createReasons({ database, windows, aside, clock, log });
  const onChanged = createBudgetWaking(database.query, log);
  const editing = { database, defaults, people, models, onChanged, servers };
  const showUsage: ViewsOptions['showUsage'] = (team, user, kind) =>
    commands.inDirect(team, user, { verb: 'usage', whose: { kind }, period: 'month', as: 'charts' });
  const views = createViews({ ...editing, windows, tools, bot, showUsage, clock, log });

  let worker: Worker | null = null;
  let chores: ReturnType<typeof startChores> | null = null;
  const hands: Pick<Worker, 'claimant' | 'begin'> = {
    claimant: (team) => worker?.claimant(team) ?? null,
    begin: (...begun) => worker?.begin(...begun),
  };
  const admission = createReceive({
    ...hands,
    database,
    defaults,
    clock,
    newId: randomUUID,
    botUser: bot,
    arrived: workspaces.arrivals(web),
    onNothingToStop: (message) => void aside.whisper(message, message.user, NOTHING_TO_STOP),
  });
  const raise = createRaise({ ...editing, clock });
  const press = createPress({ ...hands, database, defaults, gate, raise, newId: randomUUID });
  const tell = createTell(web, aside, log);
  const pressing = createPressing({ press, ...calls.pressing, tell, reasons, clock, log });
  const poster = createQuestionPoster(web);
  const asked = { ...hands, database, tell, newId: randomUUID, clock, log };
  const questions = createQuestions({ ...asked, poster, receive: admission });
  const asking = createAsking(clients, reader, log);
  const shortcuts = createShortcuts({ ...asked, windows, people, asking, gate, ask: questions.ask });
  const commands = createCommandResponder({
    ports: {
      ...editing,
      names: directory,
      direct: asking.direct,
      openSettings: async (asked, target) =>
        (await views.openSettings({ ...formPlace(asked), target })) === 'done',
      ask: questions.ask,
      ...(connecting.accounts && { forgetAccounts: connecting.accounts.forget }),
      ...(keyForm === null ? {} : { openKey: keyForm.open }),
      tools: {
        ...tools,
        open: async (asked, connect) => (await views.openTools(formPlace(asked), connect)) === 'done',
      },
      examine: createExamine({ ...shared, databaseUrl, web, model, tools: connecting.servers, fetch }),
      sendFile,
      clock,
      log,
    },
    clients,
    refused,
    respond: createRespond({ apiUrl: config.slack.apiUrl, clock, log }),
  });
  const { dispatch, stop: stopRetrying } = createDispatch({
    atOnce: config.slack.install === null ? Number.POSITIVE_INFINITY : Math.ceil(max / 4),
    admission,
    pressing,
    stops: createStopControls(database),
    commands: { ...commands, isPress: isCommandPress },
    shortcuts,
    views: [shortcuts, reasons, views, ...(keyForm === null ? [] : [keyForm])],
    home: { publish: views.home },
    welcome: {
      joined: (join) => joined(join, { ...hands, database }),
      opened: async ({ team, channel }) =>
        channel === null ? false : greeter.prompts(team, channel, PROMPTS_TITLE, PROMPTS),
    },
    installationGone: ({ team, why }) => clients.check(team, why),
    clock,
    log,
  });
  const { onFatal, tuning: { clientPingTimeout } = {} } = options;
  const receiver = receives
    ? chooseReceiver({ slack: config.slack, clock, log, onFatal, clientPingTimeout })
    : null;
  const state = { migrated: false };

  const routes: Route[] = watching({
    metrics,
    checks: checks(),
    database,
    active: () => worker?.active() ?? 0,
    installations: clients.count,
    clock,
  });
  if (receives) for (const { route } of [workspaces, connecting]) if (route !== null) routes.push(route);
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

  /**
   * The database first: without it nothing may be taken from Slack. Then who we are: without it nothing can be
   * shown. Then the worker, then the deliveries.
   */
  async function bringUp(): Promise<void> {
    await migrateWhenThere(direct, { clock, log, signal: stopping.signal });
    state.migrated = true;
    stopping.signal.throwIfAborted();
    const facts = await workspaces.start();
    if (works) {
      await learn().catch((err) =>
        log.warn({ err: toError(err) }, 'how long earlier replies took could not be read'),
      );
      worker = await startWorkerHere();
      void workspaces.tend(web);
    }
    if (receiver !== null) {
      createSlackApp({
        receiver: receiver.receiver,
        slackApiUrl: config.slack.apiUrl,
        know: clients.know,
        dispatch,
        selfOf: clients.selfOf,
        clock,
        log,
      });
      await receiver.receiver.start();
    }
    log.info({ ...facts, mode: receiver?.kind ?? 'none' }, 'ready');
  }

  async function startWorkerHere(): Promise<Worker> {
    const isAdmin = createIsAdmin(people);
    const alert = createAlerts({ database, isAdmin, tell: tellPerson, operators: config.adminUsers, log });
    const pool = (queue ?? database).pool;
    const replies = createReplyJobs(answering);
    const tending = { name: 'tool-servers', cron: '7 * * * *', run: connecting.tend };
    const more = [...workspaces.tasks, tending, replies.tidying];
    chores = startChores({ database, pool, defaults, spending, clock, log, learn, alert, more });
    const greet = createGreet({ greeter, log });
    const said = createSaidCommands({ query: database.query, botUser: bot, mention: commands.mention });
    return startWorker({
      database,
      direct,
      clock,
      log,
      concurrency: config.concurrency,
      fair: config.slack.install !== null,
      onFreed: metrics.leases,
      ...handlersByName(
        {
          [POST_QUESTION]: questions.jobs,
          [WISH]: shortcuts.jobs,
          [COMMAND]: { handle: said, giveUp: async () => {} },
          // A greeting that Slack does not take is missed by nobody.
          [GREET]: { handle: greet, giveUp: async () => {} },
          ...calls.jobs,
          ...replies.named,
        },
        replies.answers,
      ),
      listen: { ...hearPeople({ database, stops, log }), ...purse.listen, ...workspaces.listen },
    });
  }

  function checks(): Check[] {
    return readiness({
      receives,
      works,
      stopping: () => stopping.signal.aborted,
      database: () => database.condition(1500),
      migrated: () => state.migrated,
      tokenRefused: clients.dead,
      identified: clients.identified,
      connected: () => receiver?.kind !== 'socket' || receiver.receiver.connected(),
      workerAlive: () => worker?.alive() ?? false,
      model: createModelCheck(model, clock),
    });
  }

  async function shutDown(graceMs: number): Promise<void> {
    log.info({ graceMs, active: worker?.active() ?? 0 }, 'stopping');
    stopping.abort();
    await receiver?.receiver
      .stop()
      .catch((err) => log.warn({ err: toError(err) }, 'the Slack connection did not close cleanly'));
    await ready.catch(() => {});
    stopRetrying();
    workspaces.stop();
    await pressing.stop();
    // What is done now and then can be done by the next one.
    await Promise.all([worker?.stop(graceMs), chores?.stop()]);
    await Promise.all([filing.files.close(), connecting.close()]);
    await commands.idle();
    await http.stop(1000);
    await Promise.all([database.close(), queue?.close()]).catch((err) =>
      log.warn({ err: toError(err) }, 'the database pool did not close cleanly'),
    );
    log.info('stopped');
  }
}
