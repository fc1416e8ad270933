import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { toError } from '../errors.ts';
import type { Finding } from '../operations/finding.ts';
import { BOT_SCOPES } from '../slack/install/scopes.ts';
import { doctorWords as words } from '../words/doctor.ts';

const LIMIT_MS = 8000;
/** Slack refuses nothing by this, but nobody's clock is so far off unnoticed; at five minutes signatures fail. */
const CLOCK_WARNING_S = 30;
const CLOCK_WRONG_S = 300;

export interface SlackSurroundings {
  /** Ends in a slash. */
  readonly apiUrl: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

type Answer =
  | {
      readonly ok: true;
      readonly body: Record<string, unknown>;
      readonly headers: Headers;
      readonly at: number;
    }
  | { readonly ok: false; readonly why: string };

/** A bot token: whether Slack takes it, and its scopes against what is asked for. */
export async function checkToken(
  surroundings: SlackSurroundings,
  token: string,
  { todo, named }: { readonly todo: string; readonly named?: string },
): Promise<Finding[]> {
  const { names } = words;
  const answer = await call(surroundings, 'auth.test', token);
  if (!answer.ok) return [wrong(names.token, words.token.away(answer.why), words.token.way)];
  const { body, headers } = answer;
  if (body['ok'] !== true) {
    const found = words.token.refused(String(body['error'] ?? ''));
    return [wrong(names.token, named === undefined ? found : `${named}: ${found}`, todo)];
  }
  const whose = named ?? String(body['team'] ?? body['team_id'] ?? body['enterprise_id'] ?? '');
  const had =
    headers
      .get('x-oauth-scopes')
      ?.split(',')
      .map((scope) => scope.trim()) ?? null;
  return [ok(names.token, words.token.ok(whose)), scopesOf(had)];
}

/** The scopes that a token has against what is asked for; null: Slack did not say. */
export function scopesOf(had: readonly string[] | null): Finding {
  const { names, scopes } = words;
  if (had === null) return unchecked(names.scopes, scopes.unknown, scopes.todo);
  const missing = BOT_SCOPES.filter((scope) => !had.includes(scope));
  return missing.length > 0
    ? wrong(names.scopes, scopes.missing(missing.join(', ')), scopes.todo)
    : ok(names.scopes, scopes.ok(BOT_SCOPES.length));
}

/** Slack's clock against ours, by a method that needs no token. */
export async function checkClock(surroundings: SlackSurroundings): Promise<Finding> {
  const answer = await call(surroundings, 'api.test', null);
  const { names, clock } = words;
  if (!answer.ok) return unchecked(names.clock, clock.unknown, clock.todo);
  const { headers, at } = answer;
  const theirs = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(theirs)) return unchecked(names.clock, clock.unknown, clock.todo);
  // Their header has whole seconds.
  const off = Math.round(Math.abs(at - theirs) / 1000);
  if (off >= CLOCK_WRONG_S) return wrong(names.clock, clock.off(off), clock.todo);
  if (off >= CLOCK_WARNING_S) return warning(names.clock, clock.off(off), clock.todo);
  return ok(names.clock, clock.ok);
}

/** The way on which events come. */
export async function checkWay(
  { slack: { appToken, signingSecret }, publicUrl }: Pick<Config, 'slack' | 'publicUrl'>,
  surroundings: SlackSurroundings,
): Promise<Finding> {
  const { names, events } = words;
  if (appToken !== null) return checkSocket(surroundings, appToken);
  return publicUrl === null
    ? unchecked(names.events, events.httpUnchecked, events.httpUncheckedTodo)
    : checkRequestUrl(surroundings, publicUrl, signingSecret ?? '');
}

/** Whether Slack gives a connection for the app-level token; the address that it gives is not used. */
async function checkSocket(surroundings: SlackSurroundings, appToken: string): Promise<Finding> {
  const { names, events, token } = words;
  const answer = await call(surroundings, 'apps.connections.open', appToken);
  if (!answer.ok) return wrong(names.events, token.away(answer.why), token.way);
  if (answer.body['ok'] === true) return ok(names.events, events.socketOk);
  return wrong(names.events, events.socketRefused(String(answer.body['error'] ?? '')), events.socketTodo);
}

/** Sends what Slack sends when the address is saved, signed as Slack signs: the challenge must come back. */
async function checkRequestUrl(
  { fetch, clock }: SlackSurroundings,
  publicUrl: string,
  signingSecret: string,
): Promise<Finding> {
  const { names, events } = words;
  const url = `${publicUrl}/slack/events`;
  const challenge = 'skein-doctor';
  const body = JSON.stringify({ type: 'url_verification', token: 'doctor', challenge });
  const timestamp = String(Math.floor(clock.now() / 1000));
  const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: limited(clock),
      headers: {
        'content-type': 'application/json',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${signature}`,
      },
    });
    const text = await answer.text();
    if (answer.status === 200 && text.includes(challenge)) return ok(names.events, events.httpOk(url));
    return wrong(names.events, events.httpWrong(url, `HTTP ${answer.status}`), events.httpTodo);
  } catch (thrown) {
    return wrong(names.events, events.httpWrong(url, reasonOf(thrown)), events.httpTodo);
  }
}

async function call(
  { apiUrl, fetch, clock }: SlackSurroundings,
  method: string,
  token: string | null,
): Promise<Answer> {
  try {
    const answer = await fetch(`${apiUrl}${method}`, {
      method: 'POST',
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      signal: limited(clock),
    });
    const at = clock.now();
    const body: unknown = await answer.json();
    if (typeof body !== 'object' || body === null) return { ok: false, why: `HTTP ${answer.status}` };
    return { ok: true, body: { ...body }, headers: answer.headers, at };
  } catch (thrown) {
    return { ok: false, why: reasonOf(thrown) };
  }
}

function limited(clock: Clock): AbortSignal {
  const over = new AbortController();
  clock.after(LIMIT_MS, () => over.abort());
  return over.signal;
}

/** `fetch` says "fetch failed" and keeps the reason below it. */
export function reasonOf(thrown: unknown): string {
  const error = toError(thrown);
  const cause: unknown = error.cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
  return code ?? (cause instanceof Error ? cause.message : error.message);
}

export function ok(name: string, found: string): Finding {
  return { name, state: 'ok', found, todo: null };
}

export function wrong(name: string, found: string, todo: string): Finding {
  return { name, state: 'wrong', found, todo };
}

export function warning(name: string, found: string, todo: string): Finding {
  return { name, state: 'warning', found, todo };
}

export function unchecked(name: string, found: string, todo: string): Finding {
  return { name, state: 'unchecked', found, todo };
}
