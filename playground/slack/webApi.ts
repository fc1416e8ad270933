/** The Web API's front: reads the call, lets faults have their way, checks token and rate, answers, records. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import { Args, parseArgs } from './args.ts';
import type { Fault, Faults } from './faults.ts';
import type { Journal, TokenKind } from './journal.ts';
import type { Json } from './json.ts';
import type { Methods } from './methods/method.ts';
import { Refusal } from './refusal.ts';
import { checkScopes, type Granted, scopeHeaders } from './scopes.ts';
import type { Tiers } from './tiers.ts';
import { wholeBody } from './wholeBody.ts';
import type { Workspace } from './workspace.ts';

export interface Tokens {
  /** The newest token; with rotation an older one lives on until its own end. */
  bot: string;
  readonly app: string;
  former: readonly string[];
  /** With rotation: when each token ends (milliseconds since the epoch), and what the next is had for, once. */
  ends: ReadonlyMap<string, number>;
  refresh: string | null;
  /** The error word for every call with the bot token, once it is dead; events still flow over the app token. */
  botRefusal: string | undefined;
  /** What the bot token may do. */
  scopes: Granted;
  /** Whether the app is in the workspace: where it is not, nothing is delivered. */
  installed: boolean;
}

export interface WebApiOptions {
  readonly clock: Clock;
  readonly workspace: Workspace;
  readonly methods: Methods;
  readonly tokens: Tokens;
  readonly tiers: Tiers;
  readonly faults: Faults;
  readonly journal: Journal;
}

/** Methods that take the app-level token, and those that take none. */
const appMethods = new Set(['apps.connections.open']);
const openMethods = new Set(['api.test', 'oauth.v2.access']);

interface Outcome {
  readonly status: number;
  readonly body: Json;
  readonly retryAfter?: number;
  readonly effect: boolean;
}

const gone: Outcome = { status: 0, body: {}, effect: false };

function tokenOf(request: IncomingMessage, args: Args): string | null {
  const header = /^Bearer\s+(\S+)/i.exec(request.headers.authorization ?? '')?.[1];
  return header ?? args.text('token') ?? null;
}

export class WebApi {
  readonly #options: WebApiOptions;

  constructor(options: WebApiOptions) {
    this.#options = options;
  }

  /** Answers `POST /api/<method>` (or GET). Never rejects; what goes wrong inside is `internal_error`. */
  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { clock, tiers, journal } = this.#options;
    const at = clock.monotonic();
    const wallAt = clock.now();
    const method = url.pathname.slice('/api/'.length);
    const body = await wholeBody(request);
    if (!body) return;
    let args = new Args({});
    let outcome: Outcome;
    try {
      args = parseArgs(body.toString('utf8'), request.headers['content-type'] ?? '', url.searchParams);
      outcome = await this.#answer(method, args, tokenOf(request, args), response);
    } catch (error) {
      outcome = refused(error);
    }
    const token = tokenOf(request, args);
    const { ok, error } = outcome.body;
    const { scopes, botRefusal } = this.#options.tokens;
    const good = this.#kind(token) === 'bot' && botRefusal === undefined;
    const headers = good ? scopeHeaders(method, scopes) : {};
    if (outcome.status > 0 && !response.destroyed) send(response, outcome, headers);
    journal.record({
      at,
      wallAt,
      method,
      args: args.forJournal(),
      tokenKind: this.#kind(token),
      token,
      status: outcome.status,
      ok: ok === true,
      error: typeof error === 'string' ? error : outcome.status === 200 ? null : `http_${outcome.status}`,
      effect: outcome.effect,
      response: outcome.body,
      tookMs: clock.monotonic() - at,
      tier: tiers.use(method),
    });
  }

  async #answer(
    method: string,
    args: Args,
    token: string | null,
    response: ServerResponse,
  ): Promise<Outcome> {
    const fault = this.#options.faults.take(method, args.forJournal());
    const timed = fault?.kind === 'rate_limited' ? { ...fault, when: 'before' as const } : fault;
    const early =
      timed && (timed.when ?? 'before') === 'before' ? await this.#suffer(timed, response, false) : undefined;
    if (early) return early;
    const outcome = this.#run(method, args, token);
    const late = timed?.when === 'after' ? await this.#suffer(timed, response, outcome.effect) : undefined;
    return late ?? outcome;
  }

  /** What the caller gets because of a fault; `undefined` if the call goes on. */
  async #suffer(fault: Fault, response: ServerResponse, effect: boolean): Promise<Outcome | undefined> {
    switch (fault.kind) {
      case 'rate_limited':
        return limited(fault.retryAfterSeconds);
      case 'status':
        return { status: fault.status, body: { message: 'upstream failure (stand-in)' }, effect };
      case 'error':
        return { status: 200, body: { ok: false, error: fault.error }, effect };
      case 'delay':
        await this.#options.clock.sleep(fault.ms);
        return undefined;
      case 'drop':
        response.destroy();
        return { ...gone, effect };
      case 'hang':
        return { ...gone, effect };
    }
  }

  #run(method: string, args: Args, token: string | null): Outcome {
    try {
      const run = this.#options.methods[method];
      if (!run) throw new Refusal('unknown_method');
      this.#checkToken(method, token);
      if (this.#kind(token) === 'bot')
        checkScopes(method, args, this.#options.tokens.scopes, this.#options.workspace);
      const wait = this.#options.tiers.take(method, args.text('channel'));
      if (wait !== undefined) return limited(wait);
      return { status: 200, body: { ok: true, ...run(args) }, effect: true };
    } catch (error) {
      return refused(error);
    }
  }

  #kind(token: string | null): TokenKind {
    if (token === null || token === '') return 'none';
    const { bot, app } = this.#options.tokens;
    if (token === bot || this.#options.tokens.former.includes(token)) return 'bot';
    return token === app ? 'app' : 'unknown';
  }

  #checkToken(method: string, token: string | null): void {
    if (openMethods.has(method)) return;
    const kind = this.#kind(token);
    if (kind === 'none') throw new Refusal('not_authed');
    if (kind === 'unknown') throw new Refusal('invalid_auth');
    if ((kind === 'app') !== appMethods.has(method)) throw new Refusal('not_allowed_token_type');
    const refusal = this.#options.tokens.botRefusal;
    if (kind === 'bot' && refusal) throw new Refusal(refusal);
    const ends = this.#options.tokens.ends.get(token ?? '');
    if (ends !== undefined && ends <= this.#options.clock.now()) throw new Refusal('token_expired');
  }
}

function limited(seconds: number): Outcome {
  return { status: 429, body: { ok: false, error: 'ratelimited' }, retryAfter: seconds, effect: false };
}

function refused(error: unknown): Outcome {
  if (error instanceof Refusal)
    return { status: 200, body: { ok: false, error: error.code, ...error.extra }, effect: false };
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { status: 200, body: { ok: false, error: 'internal_error', detail }, effect: false };
}

function send(response: ServerResponse, outcome: Outcome, scopes: Readonly<Record<string, string>>): void {
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8', ...scopes };
  if (outcome.retryAfter !== undefined) headers['retry-after'] = String(outcome.retryAfter);
  response.writeHead(outcome.status, headers).end(JSON.stringify(outcome.body));
}
