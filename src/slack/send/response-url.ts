import { type Clock, limited } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Hidden } from '../../incoming.ts';
import type { Log } from '../../log.ts';

const LIMIT_MS = 10_000;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** What became of an answer. */
export type Responded =
  | { readonly kind: 'done' }
  /** Slack did not take this content; a simpler one may be taken at the same address. */
  | { readonly kind: 'refused' }
  /** Nothing can be said there: the address is used up or expired, or Slack can't be reached. */
  | { readonly kind: 'failed' };

/**
 * Answers an interaction at the address that came with it: five times within half an hour, without a token. The
 * address came from outside, so it must be Slack's own, or that of the stand-in we were told to talk to. Never
 * throws and never repeats.
 */
export type Respond = (url: Hidden, body: Readonly<Record<string, unknown>>) => Promise<Responded>;

export function createRespond({ apiUrl, clock, log }: { apiUrl: string; clock: Clock; log: Log }): Respond {
  return async (url, body) => {
    const target = url.reveal();
    if (!isSlacks(target, apiUrl)) {
      log.warn('an answer was not sent: its address is not one of Slack');
      return { kind: 'failed' };
    }
    try {
      return await limited(clock, LIMIT_MS, async (signal) => {
        const answer = await fetch(target, {
          method: 'POST',
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify(body),
          redirect: 'error',
          signal,
        });
        const word = wordOf(await answer.text());
        if (answer.ok && word === null) return { kind: 'done' };
        const kind = refuses(answer.status, word) ? 'refused' : 'failed';
        log.warn({ status: answer.status, word, kind }, 'an answer to an interaction was not taken');
        return { kind };
      });
    } catch (thrown) {
      log.warn({ reason: toError(thrown).name }, 'an answer to an interaction could not be sent');
      return { kind: 'failed' };
    }
  };
}

/** Words of Slack that say something about the address and not about the content. */
const PLACE_WORDS = new Set([
  'expired_url',
  'used_url',
  'expired_trigger_id',
  'channel_not_found',
  'channel_is_archived',
  'is_archived',
  'no_team',
  'team_disabled',
  'user_not_found',
  'action_prohibited',
]);

/**
 * Slack's error word; null: the body says nothing of an error. Seen are `{"ok":false,"error":"invalid_blocks"}` with
 * status 200 or 400, and the word alone as text with 4xx, as incoming webhooks have it; a success is `ok` or JSON.
 */
function wordOf(body: string): string | null {
  const start = body.slice(0, 2000).trim();
  const said = /"ok"\s*:\s*false/.test(start)
    ? (/"error"\s*:\s*"([a-z_]{1,60})"/.exec(start)?.[1] ?? '')
    : null;
  return said ?? (start !== 'ok' && /^[a-z]+(?:_[a-z]+){1,8}$/.test(start) ? start : null);
}

function refuses(status: number, word: string | null): boolean {
  if (word !== null && PLACE_WORDS.has(word)) return false;
  // 404 and 410 are an address that is over, 403 one that may not be used, 429 and 5xx a Slack that can't now.
  return status < 500 && ![403, 404, 410, 429].includes(status);
}

/** The domains of Slack: its own, and the one of GovSlack. */
const DOMAINS = ['slack.com', 'slack-gov.com'];

/**
 * True for https addresses of the Slack whose API we use, and for the stand-in's own host where the API is on this
 * machine. Behind a proxy with another name the API's Slack is taken to be slack.com.
 */
export function isSlacks(target: string, apiUrl: string): boolean {
  try {
    const [url, api] = [new URL(target), new URL(apiUrl)];
    if (url.username !== '' || url.password !== '') return false;
    if (LOOPBACK.has(api.hostname)) return url.host === api.host && url.protocol === api.protocol;
    const domain = DOMAINS.find((one) => isBelow(api.hostname, one)) ?? 'slack.com';
    return url.protocol === 'https:' && isBelow(url.hostname, domain);
  } catch {
    return false;
  }
}

function isBelow(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}
