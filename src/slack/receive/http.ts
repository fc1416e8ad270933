import type { IncomingMessage, ServerResponse } from 'node:http';
import { type App, type Receiver, type ReceiverEvent, verifySlackRequest } from '@slack/bolt';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { createHold } from './hold.ts';
import { header, isForm, parseBody, readBody } from './http-request.ts';

/** Largest request body, as in Bolt; Slack's own payloads stay far below. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** A signed request may be this old or this early, in seconds; Slack asks for five minutes. */
const CLOCK_TOLERANCE_SECONDS = 300;

/** Longest body of Slack's certificate check (`ssl_check=1&token=…`), in characters. Longer ones are not looked into. */
const MOST_SSL_CHECK = 1000;

/** Slack gives up after 3 s; a little later the connection is answered, whatever is still running. */
const ANSWER_WITHIN_MS = 3_001;

/** How long `stop` waits for deliveries that are being processed. */
const DRAIN_MS = 5_000;

interface HttpReceiverOptions {
  readonly signingSecret: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Default `/slack/events`: events, interactions and commands. */
  readonly path?: string;
  /** Receives `app_rate_limited` bodies, which Bolt knows no listener for. */
  readonly onRateLimited?: (body: unknown) => void;
}

/** A Bolt receiver without a server of its own: hand `requestListener` the requests of ours. */
export interface HttpReceiver extends Receiver {
  readonly path: string;
  /**
   * Answers any request, never throws: 200 after the event was processed, 503 at once if that failed (Slack
   * delivers it again), 401 for a bad signature or time, 400 for what can't be parsed, 404, 405, 413.
   */
  requestListener(request: IncomingMessage, response: ServerResponse): void;
  start(): Promise<void>;
  /** Refuses new deliveries (503) and waits for those being processed, at most 5 s. */
  stop(): Promise<void>;
}

export function createHttpReceiver(options: HttpReceiverOptions): HttpReceiver {
  const { signingSecret, log, clock, path = '/slack/events' } = options;
  // An empty secret would make a signature that anybody can compute.
  if (signingSecret === '') throw new Error('an HTTP receiver needs a signing secret');
  const hold = createHold(options);
  let app: App | null = null;

  function authentic(request: IncomingMessage, body: string): boolean {
    const timestamp = header(request, 'x-slack-request-timestamp');
    const seconds = Number(timestamp);
    if (!/^\d{1,12}$/.test(timestamp)) return false;
    // Bolt refuses old requests only: a time far ahead would make a captured request good for as long.
    if (seconds > clock.now() / 1000 + CLOCK_TOLERANCE_SECONDS) return false;
    try {
      verifySlackRequest({
        signingSecret,
        body,
        headers: {
          'x-slack-signature': header(request, 'x-slack-signature'),
          'x-slack-request-timestamp': seconds,
        },
        nowMilliseconds: clock.now(),
      });
      return true;
    } catch {
      return false;
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // People enter the address with a slash at its end.
    const requested = (request.url ?? '').split('?')[0]?.replace(/\/$/, '');
    if (requested !== path) {
      if (request.method === 'POST')
        log.warn(
          { code: 'REQUEST_MALFORMED', path: requested?.slice(0, 100) },
          `a delivery to another path than ${path}`,
        );
      return send(response, 404);
    }
    if (request.method !== 'POST') return send(response, 405, { allow: 'POST' });
    const body = await readBody(request, BODY_LIMIT);
    if (body.kind === 'aborted') return;
    if (body.kind === 'too_large') return send(response, 413, { connection: 'close' });
    const text = body.bytes.toString('utf8');
    const form = isForm(request);
    if (!authentic(request, text)) {
      // Slack's certificate check is not signed; nothing of it is used, and it is short.
      if (form && text.length <= MOST_SSL_CHECK && new URLSearchParams(text).get('ssl_check') === '1')
        return send(response, 200);
      log.warn({ code: 'REQUEST_MALFORMED' }, 'request without a valid signature and time');
      return send(response, 401);
    }
    const parsed = parseBody(text, form);
    if (parsed === null) {
      log.warn({ code: 'REQUEST_MALFORMED' }, 'signed request with a body that is no JSON object or form');
      return send(response, 400);
    }
    if (parsed['type'] === 'url_verification')
      return sendContent(response, { challenge: String(parsed['challenge']) });
    if (app === null) return send(response, 503);
    await deliver(app, request, response, parsed);
  }

  async function deliver(
    target: App,
    request: IncomingMessage,
    response: ServerResponse,
    body: ReceiverEvent['body'],
  ): Promise<void> {
    response.once(
      'close',
      clock.after(ANSWER_WITHIN_MS, () => send(response, 503)),
    );
    const retryNum = Number.parseInt(header(request, 'x-slack-retry-num'), 10);
    const retryReason = header(request, 'x-slack-retry-reason');
    const outcome = await hold.deliver(target, {
      body,
      ack: async (content: unknown) => sendContent(response, content),
      ...(Number.isNaN(retryNum) ? {} : { retryNum }),
      ...(retryReason === '' ? {} : { retryReason }),
    });
    if (outcome === 'failed' || outcome === 'refused') send(response, 503);
  }

  return {
    path,
    init(given) {
      app = given;
    },
    requestListener(request, response) {
      answer(request, response).catch((error: unknown) => {
        log.error({ err: error }, 'a request could not be handled');
        send(response, 500);
      });
    },
    start: async () => {},
    stop: async () => {
      hold.close();
      if (!(await hold.idle(DRAIN_MS))) log.warn('stopped while deliveries were still being processed');
    },
  };
}

/** An answer without a body, unless one was given already. */
function send(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, headers);
  response.end();
}

/** What a listener acknowledged with: nothing, text, or an object as JSON. */
function sendContent(response: ServerResponse, content: unknown): void {
  if (response.headersSent || response.destroyed) return;
  if (content === undefined || content === null || content === '') {
    send(response, 200);
    return;
  }
  const json = typeof content !== 'string';
  response.writeHead(200, { 'content-type': json ? 'application/json' : 'text/plain; charset=utf-8' });
  response.end(json ? JSON.stringify(content) : content);
}
