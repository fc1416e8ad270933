import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Hidden } from '../../incoming.ts';
import type { Log } from '../../log.ts';

const LIMIT_MS = 10_000;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Answers an interaction at the address that came with it: five times within half an hour, without a token. The
 * address came from outside, so it must be Slack's own, or that of the stand-in we were told to talk to. Never
 * throws and never repeats; false: it was not taken.
 */
export type Respond = (url: Hidden, body: Readonly<Record<string, unknown>>) => Promise<boolean>;

export function createRespond({ apiUrl, clock, log }: { apiUrl: string; clock: Clock; log: Log }): Respond {
  return async (url, body) => {
    const target = url.reveal();
    if (!isSlacks(target, apiUrl)) {
      log.warn('an answer was not sent: its address is not one of Slack');
      return false;
    }
    const over = new AbortController();
    const stop = clock.after(LIMIT_MS, () => over.abort());
    try {
      const answer = await fetch(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(body),
        redirect: 'error',
        signal: over.signal,
      });
      await answer.body?.cancel();
      if (!answer.ok) log.warn({ status: answer.status }, 'an answer to an interaction was not taken');
      return answer.ok;
    } catch (thrown) {
      log.warn({ reason: toError(thrown).name }, 'an answer to an interaction could not be sent');
      return false;
    } finally {
      stop();
    }
  };
}

/** True for https addresses of Slack, and for the stand-in's own host where the API is on this machine. */
export function isSlacks(target: string, apiUrl: string): boolean {
  try {
    const [url, api] = [new URL(target), new URL(apiUrl)];
    if (url.username !== '' || url.password !== '') return false;
    if (LOOPBACK.has(api.hostname)) return url.host === api.host && url.protocol === api.protocol;
    return url.protocol === 'https:' && (url.hostname === 'slack.com' || url.hostname.endsWith('.slack.com'));
  } catch {
    return false;
  }
}
