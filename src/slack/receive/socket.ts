import type { App, Receiver } from '@slack/bolt';
import type { Clock } from '../../clock.ts';
import { SkeinError, toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { mayPass } from '../error-words.ts';
import { fieldsOf } from '../parse/fields.ts';
import { waitBefore } from './backoff.ts';
import { type Connection, openConnection } from './connection.ts';
import { createHold } from './hold.ts';

/** A connection that lived less was a failed attempt: reconnecting at once would be a tight loop. */
const LIVED_MS = 10_000;

/** How long `stop` waits for deliveries that are being processed. */
const DRAIN_MS = 5_000;

interface SocketReceiverOptions {
  /** App-level token with scope `connections:write`. */
  readonly appToken: string;
  readonly slackApiUrl: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Slack will not have us any more (token revoked, Socket Mode switched off): no further attempt is made. */
  readonly onFatal: (error: SkeinError) => void;
  /** Milliseconds without a pong until a connection counts as lost. Default of the SDK: 5,000. */
  readonly clientPingTimeout?: number;
  /** Receives `app_rate_limited` bodies, which Bolt knows no listener for. */
  readonly onRateLimited?: (body: unknown) => void;
}

/** A Bolt receiver that keeps one socket to Slack open until it is stopped. */
export interface SocketReceiver extends Receiver {
  /** Slack can reach us now. For readiness. */
  connected(): boolean;
  /**
   * Resolves when the first attempt came to an end, also when Slack could not be reached (then it goes on
   * trying, and `connected` says false). Rejects with `SLACK_AUTH_FAILED` if Slack refuses the token.
   */
  start(): Promise<void>;
  /** Refuses new deliveries, waits for those being processed (at most 5 s), and for the socket to be closed. */
  stop(): Promise<void>;
}

export function createSocketReceiver(options: SocketReceiverOptions): SocketReceiver {
  const { log, clock } = options;
  const hold = createHold(options);
  const stopping = new AbortController();
  const sockets = new Set<Connection>();
  let app: App | null = null;
  let current: Connection | null = null;
  let loop: Promise<void> | null = null;

  function open(): Connection {
    const connection = openConnection({
      ...options,
      onEnvelope: (event) => {
        // `deliver` never rejects. Without an app nothing is acknowledged, and Slack delivers it again.
        if (app !== null) void hold.deliver(app, event);
      },
    });
    sockets.add(connection);
    return connection;
  }

  async function shut(connection: Connection): Promise<void> {
    await connection.close();
    sockets.delete(connection);
  }

  /** One connection from its start to its end. */
  async function live(onFirst: () => void): Promise<Attempt> {
    const connection = open();
    current = connection;
    try {
      await connection.opened;
    } catch (error) {
      await shut(connection);
      return { kind: 'failed', error };
    }
    const since = clock.monotonic();
    log.info('connected to Slack over Socket Mode');
    onFirst();
    const end = await connection.ended;
    // The old socket closes by itself, while the next one is opened.
    void shut(connection);
    if (end.reason === 'link_disabled') return { kind: 'failed', error: new LinkDisabled() };
    log.info({ why: end.reason ?? end.kind }, 'connection to Slack ended, connecting again');
    return { kind: 'lived', ms: clock.monotonic() - since };
  }

  /** Runs until `stop` or a permanent refusal. `onFirst` learns how the first attempt went. */
  async function run(onFirst: (problem: SkeinError | null) => void): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const attempt = await live(() => onFirst(null));
      if (stopping.signal.aborted) break;
      if (attempt.kind === 'failed') {
        const fatal = permanentProblem(attempt.error);
        if (fatal !== null) return onFirst(fatal);
        log.warn(
          { code: 'SLACK_UNREACHABLE', err: toError(attempt.error) },
          'no connection to Slack, trying again',
        );
        onFirst(null);
      }
      failures = attempt.kind === 'lived' && attempt.ms >= LIVED_MS ? 0 : failures + 1;
      await clock.sleep(waitBefore(failures, askedWait(attempt), clock.random()), stopping.signal);
    }
    onFirst(null);
  }

  return {
    connected: () => current?.isOpen() ?? false,
    init(given) {
      app = given;
    },
    start() {
      if (loop !== null) return Promise.reject(new Error('the socket receiver was started already'));
      return new Promise((resolve, reject) => {
        let first = true;
        const tell = (problem: SkeinError | null) => {
          if (first && problem !== null) reject(problem);
          else if (first) resolve();
          else if (problem !== null) options.onFatal(problem);
          first = false;
        };
        loop = run(tell).catch((error: unknown) => {
          tell(new SkeinError('SLACK_UNREACHABLE', 'the Socket Mode client failed', { cause: error }));
        });
      });
    },
    async stop() {
      hold.close();
      if (!(await hold.idle(DRAIN_MS))) log.warn('stopped while deliveries were still being processed');
      stopping.abort();
      await Promise.all([...sockets].map(shut));
      await loop;
    },
  };
}

type Attempt =
  | { readonly kind: 'lived'; readonly ms: number }
  | { readonly kind: 'failed'; readonly error: unknown };

class LinkDisabled extends Error {
  override readonly name = 'LinkDisabled';
}

/** Slack's own waiting time of a 429, in milliseconds. */
function askedWait(attempt: Attempt): number | null {
  const seconds = attempt.kind === 'failed' ? propertyOf(attempt.error, 'retryAfter') : null;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : null;
}

function permanentProblem(error: unknown): SkeinError | null {
  if (error instanceof LinkDisabled) {
    return new SkeinError('SLACK_AUTH_FAILED', 'Socket Mode was switched off for this app', {
      facts: { slack: 'link_disabled' },
    });
  }
  const word = fieldsOf(propertyOf(error, 'data'))?.['error'];
  if (typeof word !== 'string' || mayPass(word)) return null;
  return new SkeinError('SLACK_AUTH_FAILED', `Slack refuses the app-level token: ${word}`, {
    cause: error,
    facts: { slack: word },
  });
}

function propertyOf(thrown: unknown, name: 'data' | 'retryAfter'): unknown {
  return thrown instanceof Error && name in thrown ? Reflect.get(thrown, name) : undefined;
}
