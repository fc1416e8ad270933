/** Deliveries as signed HTTP requests, the way Slack sends them to a Request URL. */
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import type { Carrier, Envelope, SendOutcome } from './deliveries.ts';
import { type Json, parseJson } from './json.ts';

export interface HttpOptions {
  readonly clock: Clock;
  readonly signingSecret: string;
  readonly ackTimeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** How a raw delivery differs from a proper one. */
export interface Forgery {
  /** Added to the timestamp, in seconds: -600 makes it ten minutes old. */
  readonly shiftSeconds?: number;
  /** Signed with this instead of the app's secret. */
  readonly secret?: string;
  readonly unsigned?: boolean;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function formOf(payload: Json): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(payload)) form.set(name, String(value));
  return form.toString();
}

export class HttpCarrier implements Carrier {
  readonly name = 'http';
  readonly #options: HttpOptions;
  url: string | undefined;

  constructor(options: HttpOptions, url: string | undefined) {
    this.#options = options;
    this.url = url;
  }

  ready(): boolean {
    return this.url !== undefined;
  }

  async send(envelope: Envelope): Promise<SendOutcome> {
    const event = envelope.kind === 'events_api';
    const body = event
      ? JSON.stringify(envelope.payload)
      : formOf(
          envelope.kind === 'interactive' ? { payload: JSON.stringify(envelope.payload) } : envelope.payload,
        );
    const headers: Record<string, string> = {};
    if (envelope.retryNum > 0) {
      headers['x-slack-retry-num'] = String(envelope.retryNum);
      headers['x-slack-retry-reason'] = envelope.retryReason;
    }
    const contentType = event ? 'application/json' : 'application/x-www-form-urlencoded';
    const answer = await this.raw(body, { contentType, headers });
    if (typeof answer === 'string') return { acked: false, reason: answer };
    if (answer.status >= 200 && answer.status < 300) {
      return { acked: true, response: parseJson(answer.body) ?? answer.body };
    }
    return { acked: false, reason: 'http_error', noRetry: answer.headers['x-slack-no-retry'] === '1' };
  }

  /** Sends any body; answers the response, or Slack's word for why there was none in time. */
  raw(body: string, forgery: Forgery = {}): Promise<HttpAnswer | 'http_timeout' | 'connection_failed'> {
    const { url } = this;
    if (url === undefined) return Promise.resolve('connection_failed');
    const { clock, signingSecret, ackTimeoutMs } = this.#options;
    const timestamp = String(Math.floor(clock.now() / 1000) + (forgery.shiftSeconds ?? 0));
    const signature = createHmac('sha256', forgery.secret ?? signingSecret)
      .update(`v0:${timestamp}:${body}`)
      .digest('hex');
    const headers = {
      'content-type': forgery.contentType ?? 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Slackbot 1.0 (stand-in)',
      ...(forgery.unsigned
        ? {}
        : { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${signature}` }),
      ...forgery.headers,
    };
    return new Promise((resolve) => {
      // No keep-alive: a server that is being stopped must not wait for us.
      const outgoing = request(url, { method: 'POST', agent: false, headers }, (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('end', () => {
          cancel();
          const text = Buffer.concat(parts).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
        });
      });
      const cancel = clock.after(ackTimeoutMs, () => {
        resolve('http_timeout');
        outgoing.destroy();
      });
      outgoing.on('error', () => {
        cancel();
        resolve('connection_failed');
      });
      outgoing.end(body);
    });
  }
}
