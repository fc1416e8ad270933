import { createHmac, randomUUID } from 'node:crypto';
import { withPatience } from './admission/patience.ts';
import { createReceive } from './admission/receive.ts';
import { openSpending } from './allowances/store.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { purgeSeen } from './conversation/store.ts';
import { SkeinError, toError } from './errors.ts';
import { startWorker, type Worker } from './jobs/worker.ts';
import type { Log } from './log.ts';
import { type AnthropicModel, createAnthropicModel } from './model/anthropic.ts';
import { IDLE_LIMITS, type IdleLimits } from './model/stream.ts';
import { type Check, createHealth } from './operations/health.ts';
import { type HttpServer, type Route, serve } from './operations/http.ts';
import { openDatabase } from './postgres/database.ts';
import { migrate } from './postgres/migrate.ts';
import { createAnswer } from './reply/answer.ts';
import { resumeForgotten } from './reply/forgotten.ts';
import { createGiveUp } from './reply/give-up.ts';
import { createLengths, REMEMBERED } from './reply/lengths.ts';
import { createPacer, type PacerOptions } from './reply/pacer.ts';
import { createPermit } from './reply/permit.ts';
import { createStops } from './reply/stops.ts';
import { lastLengths, STOP_CHANNEL, stopsAmong } from './reply/store.ts';
import { createStreamPacer } from './reply/stream-pacer.ts';
import type { Native } from './reply/stream-setting.ts';
import { createSlackApp } from './slack/app.ts';
import { createAside } from './slack/aside.ts';
import { createClient } from './slack/clients.ts';
import { createDirectory } from './slack/directory.ts';
import { type Identity, identify } from './slack/identity.ts';
import { createPeople } from './slack/people.ts';
import { createReader } from './slack/reader.ts';
import { createHttpReceiver, type HttpReceiver } from './slack/receiver/http.ts';
import { createSocketReceiver, type SocketReceiver } from './slack/receiver/socket.ts';
import { createStreams } from './slack/streams.ts';
import { createSurface } from './slack/surface.ts';

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

const PURGE_SPENDINGS_EVERY_MS = 60 * 1000;
const RESUME_EVERY_MS = 5000;
const PURGE_EVERY_MS = 60 * 60 * 1000;
/** Slack delivers again for at most a day ("delayed events"). */
const SEEN_DAYS = 7;
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
  const processId = randomUUID();
  const spending = openSpending(database.query, processId);
  const stops = createStops();
  const lengths = createLengths();
  const aside = createAside(clients, log);
  const pacer = createPacer({ clock, spending, lengths, ...options.tuning?.pacer });
  const answering = {
    database,
    aside,
    permit: createPermit({ database, defaults: config.defaults, people, aside, clock }),
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

  let worker: Worker | null = null;
  const admission = createReceive({
    database,
    defaults: config.defaults,
    newId: randomUUID,
    claimant: () => worker?.claimant() ?? null,
    begin: (lease) => worker?.begin(lease),
  });
  const patience = withPatience(admission, { clock, log });
  const receiver = receives ? createReceiver() : null;
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
      await learnLengths();
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
        receive: async (incoming) => {
          const received = await patience.receive(incoming);
          const at = 'team' in incoming ? { team: incoming.team, event: incoming.eventId } : {};
          log.debug({ ...at, kind: incoming.kind, ...received }, 'incoming');
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

  /** A process that has just begun paces by the replies that others wrote. */
  async function learnLengths(): Promise<void> {
    await lastLengths(database.query, REMEMBERED).then(
      (known) => known.forEach(lengths.note),
      (err) => log.warn({ err: toError(err) }, 'how long earlier replies took could not be read'),
    );
  }

  /** The live connection had a gap: what was told in it is read instead. */
  function missedStops(): void {
    stopsAmong(database.query, stops.running())
      .then((ids) => {
        for (const id of ids) stops.stop(id);
      })
      .catch((err) => log.warn({ err: toError(err) }, 'stops that were missed could not be read'));
  }

  async function startWorkerHere(): Promise<Worker> {
    const stopPurging = clock.every(PURGE_EVERY_MS, () => {
      purgeSeen(database.query, SEEN_DAYS).catch((err) =>
        log.warn({ err: toError(err) }, 'old delivery marks were not purged'),
      );
    });
    const stopResuming = clock.every(RESUME_EVERY_MS, () => {
      resumeForgotten(database)
        .then((count) => count > 0 && log.warn({ replies: count }, 'replies without an end get a new job'))
        .catch((err) => log.warn({ err: toError(err) }, 'replies without an end were not looked for'));
    });
    stopping.signal.addEventListener('abort', stopResuming, { once: true });
    const stopPurgingSpendings = clock.every(PURGE_SPENDINGS_EVERY_MS, () => {
      spending.purge().catch((err) => log.warn({ err: toError(err) }, 'old spendings were not purged'));
    });
    stopping.signal.addEventListener(
      'abort',
      () => {
        stopPurging();
        stopPurgingSpendings();
      },
      { once: true },
    );
    return startWorker({
      database,
      databaseUrl,
      clock,
      log,
      concurrency: config.concurrency,
      handle: createAnswer(answering),
      giveUp: createGiveUp(answering),
      listen: { [STOP_CHANNEL]: (reply) => (reply === '' ? missedStops() : stops.stop(reply)) },
    });
  }

  function createReceiver():
    | { kind: 'socket'; receiver: SocketReceiver }
    | { kind: 'http'; receiver: HttpReceiver } {
    const onRateLimited = () =>
      log.warn({ code: 'SLACK_RATE_LIMITED' }, 'Slack holds back events of this workspace: too many');
    const { appToken, signingSecret, apiUrl } = config.slack;
    if (appToken !== null) {
      const ping = options.tuning?.clientPingTimeout;
      const more = ping === undefined ? {} : { clientPingTimeout: ping };
      return {
        kind: 'socket',
        receiver: createSocketReceiver({
          appToken,
          slackApiUrl: apiUrl,
          log,
          clock,
          onFatal: options.onFatal,
          onRateLimited,
          ...more,
        }),
      };
    }
    return {
      kind: 'http',
      receiver: createHttpReceiver({ signingSecret: signingSecret ?? '', log, clock, onRateLimited }),
    };
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
    await worker?.stop(graceMs);
    await http.stop(1000);
    await database
      .close()
      .catch((err) => log.warn({ err: toError(err) }, 'the database pool did not close cleanly'));
    log.info('stopped');
  }
}

/** Readiness asks the model's provider at most once a minute: the answer is cached, a failure for 5 s. */
function createModelCheck(model: AnthropicModel, clock: Clock): () => Promise<string | null> {
  let known: { problem: string | null; until: number } | null = null;
  return async () => {
    const now = clock.monotonic();
    if (known !== null && known.until > now) return known.problem;
    const answer = await model.checkModel();
    const problem = answer.ok ? null : answer.failure.code;
    known = { problem, until: clock.monotonic() + (problem === null ? 60_000 : 5000) };
    return problem;
  };
}

/** A keyed hash: stable for one person, meaningless to the model's provider. */
function pseudonymiser(secret: string): (team: string, user: string) => string {
  const key = createHmac('sha256', secret).update('model user id').digest();
  return (team, user) => createHmac('sha256', key).update(`${team} ${user}`).digest('hex').slice(0, 32);
}
