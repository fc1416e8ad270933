import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { systemClock as clock } from '../../src/clock.ts';
import { type HttpDoor, openHttpDoor, type Passing, type Verdict } from './doors/http.ts';
import { openPostgresDoor, type PostgresDoor } from './doors/postgres.ts';
import { type Moment, READS, stepOfFile, stepOfSlack } from './steps.ts';

export type Role = 'all' | 'receive' | 'work';
export type BotState = 'down' | 'starting' | 'ready' | 'frozen';

/** A write that a process sent to Slack, as it arrived at its door. Times: milliseconds since the epoch. */
export interface SlackWrite {
  readonly at: number;
  /** `slot#life` of the process. */
  readonly who: string;
  readonly method: string;
  readonly body: string;
}

/** Something that was done to a process, or that happened to it. */
export interface Trouble {
  readonly who: string;
  readonly what: Harm | Hindrance;
  readonly from: number;
  to: number;
}

/** What may cost a process its leases, or what it has in memory. */
export type Harm = 'killed' | 'frozen' | 'asked to stop' | 'database' | 'ended';
/**
 * What its database refuses or leaves unanswered for a time while the process lives and nobody can take anything from
 * it: all that it received is still there when this is over.
 */
export type Hindrance = 'lost answer' | 'read-only' | 'disk full' | 'pool full' | 'table locked';

/** What the processes share, and what is written down about them. */
export interface BotsContext {
  /** Path of the built program. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly slackUrl: string;
  readonly modelUrl: string;
  readonly databaseUrl: string;
  readonly writes: SlackWrite[];
  readonly troubles: Trouble[];
  /** Which process a model call was made by, by the request id of its answer. */
  readonly callers: Map<string, string>;
  /** Something of Slack was made to fail, or the way to it cut, while processes live. */
  slackDisturbed: boolean;
  /** Which process a database connection belonged to, by its port and the moment it was made. */
  readonly sessions: { readonly port: number; readonly who: string; readonly at: number }[];
  /** Looks at each named moment as it passes; may act on the process. */
  readonly onMoment: (moment: Moment, bot: Bot) => Verdict;
  readonly onDown: (bot: Bot) => void;
}

/** One place for a process: the same doors through all its lives. */
export interface Bot {
  readonly slot: number;
  readonly role: Role;
  state(): BotState;
  /** `slot#life` */
  who(): string;
  /** Port of `/slack/events`; null while not ready. */
  port(): number | null;
  readonly database: PostgresDoor;
  start(): void;
  /** Resolves at the next `ready`; rejects after `limitMs`. */
  ready(limitMs: number): Promise<void>;
  /** kill -9. From this moment on nothing of this life passes its doors. */
  kill(): void;
  /** SIGSTOP; the returned function is SIGCONT. */
  freeze(): () => void;
  /** SIGTERM; resolves at its end. */
  terminate(): Promise<void>;
  /** Its connections to the database are in trouble from now on; the returned function ends that. */
  troubled(what?: 'database' | Hindrance): () => void;
  close(): Promise<void>;
}

const KEPT = ['PATH', 'HOME', 'LANG', 'TMPDIR'] as const;

/** Also when the supervisor is stopped half way, none of them is left, frozen or not. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

export async function openBot(
  context: BotsContext,
  traits: { slot: number; role: Role },
  inherited: Readonly<Record<string, string | undefined>>,
): Promise<Bot> {
  const { slot, role } = traits;
  let child: ChildProcess | null = null;
  let state: BotState = 'down';
  let life = 0;
  let httpPort: number | null = null;
  const waiting = new Set<() => void>();

  const who = () => `${slot}#${life}`;
  const trouble = (what: Trouble['what'], to = Number.POSITIVE_INFINITY): Trouble => {
    const entry = { who: who(), what, from: clock.now(), to };
    context.troubles.push(entry);
    return entry;
  };
  /** A life that is over sends nothing more, even if bytes of it are still under way here. */
  const moment = (name: Moment): Verdict => {
    if (child === null) return 'swallow';
    const verdict = context.onMoment(name, bot);
    return child === null ? 'swallow' : verdict;
  };

  const methodOf = ({ path }: Passing) => path.split('?')[0]?.split('/').at(-1) ?? '';
  const slackStep = (passing: Passing) =>
    stepOfFile(passing.path) ??
    stepOfSlack(methodOf(passing), decodeURIComponent(passing.body.replaceAll('+', ' ')));
  const slackDoor: HttpDoor = await openHttpDoor({
    target: () => (child === null ? null : context.slackUrl),
    onRequest(passing) {
      const method = methodOf(passing);
      const step = slackStep(passing);
      if (step === null) return 'pass';
      if (!READS.has(step)) context.writes.push({ at: clock.now(), who: who(), method, body: passing.body });
      return moment(`${step}:before`);
    },
    onResponse(passing) {
      const step = slackStep(passing);
      return step === null ? 'pass' : moment(`${step}:after`);
    },
  });
  const modelDoor = await openHttpDoor({
    target: () => (child === null ? null : context.modelUrl),
    onRequest({ path, body }) {
      if (!path.includes('/v1/messages')) return 'pass';
      return moment(isRound(body) ? 'model_round:before' : 'model_request:before');
    },
    onResponse({ body }, response) {
      context.callers.set(requestIdOf(response), who());
      return isRound(body) ? moment('model_round:after') : 'pass';
    },
    onPiece(_, piece) {
      if (piece.includes('event: message_delta')) return moment('model_last:after');
      return piece.includes('text_delta') ? moment('model_token:after') : 'pass';
    },
  });
  const target = new URL(context.databaseUrl);
  const database = await openPostgresDoor({
    target: { host: target.hostname, port: Number(target.port) },
    onStep: (step, when) => moment(`${step}:${when}`),
    onConnection: (port) => context.sessions.push({ port, who: who(), at: clock.now() }),
  });
  target.port = String(database.port);

  const bot: Bot = {
    slot,
    role,
    state: () => state,
    who,
    port: () => (state === 'ready' ? httpPort : null),
    database,
    start() {
      if (child !== null) throw new Error(`bot ${slot} runs already`);
      life += 1;
      const log = openSync(context.logFile.replace('%', String(slot)), 'a');
      const kept = KEPT.flatMap((name) => {
        const value = inherited[name];
        return value === undefined ? [] : [[name, value] as const];
      });
      const started = spawn(process.execPath, [context.program], {
        env: {
          ...Object.fromEntries(kept),
          ...context.env,
          ROLE: role,
          SLACK_API_URL: `http://127.0.0.1:${slackDoor.port}/api/`,
          ANTHROPIC_BASE_URL: `http://127.0.0.1:${modelDoor.port}`,
          DATABASE_URL: target.href,
        },
        stdio: ['ignore', log, log, 'ipc'],
      });
      child = started;
      living.add(started);
      started.once('exit', () => living.delete(started));
      state = 'starting';
      started.on('message', (message: unknown) => {
        if (child !== started || typeof message !== 'object' || message === null || !('port' in message))
          return;
        httpPort = Number(message.port);
        state = 'ready';
        for (const wake of waiting) wake();
      });
      started.on('exit', () => {
        if (child !== started) return;
        trouble('ended');
        child = null;
        state = 'down';
        context.onDown(bot);
      });
    },
    ready(limitMs) {
      if (state === 'ready') return Promise.resolve();
      return new Promise((resolve, reject) => {
        const cancel = clock.after(limitMs, () => {
          waiting.delete(wake);
          reject(new Error(`bot ${slot} was not ready within ${limitMs} ms`));
        });
        const wake = () => {
          cancel();
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
      });
    },
    kill() {
      if (child === null) return;
      const dying = child;
      trouble('killed');
      child = null;
      state = 'down';
      dying.kill('SIGKILL');
      dying.once('exit', () => context.onDown(bot));
    },
    freeze() {
      const frozen = child;
      if (frozen === null) return () => {};
      const entry = trouble('frozen');
      frozen.kill('SIGSTOP');
      const before = state;
      state = 'frozen';
      return () => {
        entry.to = clock.now();
        frozen.kill('SIGCONT');
        if (child === frozen) state = before;
      };
    },
    async terminate() {
      const asked = child;
      if (asked === null) return;
      trouble('asked to stop');
      state = 'starting';
      const ended = new Promise<void>((resolve) => asked.once('exit', () => resolve()));
      asked.kill('SIGTERM');
      await ended;
    },
    troubled(what = 'database') {
      const entry = trouble(what);
      return () => {
        entry.to = clock.now();
      };
    },
    async close() {
      const last = child;
      child = null;
      state = 'down';
      if (last !== null) {
        const ended = new Promise<void>((resolve) => last.once('exit', () => resolve()));
        last.kill('SIGKILL');
        await ended;
      }
      await Promise.all([slackDoor.close(), modelDoor.close(), database.close()]);
    },
  };
  return bot;
}

/** A request to the model that what was called goes back with. */
const isRound = (body: string) => body.includes('"type":"tool_result"');

function requestIdOf(response: IncomingMessage): string {
  return String(response.headers['request-id'] ?? '');
}
