import type { IncomingChange, IncomingMessage } from '../incoming.ts';

/**
 * Slack's last redelivery comes about six minutes after an event (at once, after one minute, after five), and clocks
 * differ: https://docs.slack.dev/apis/events-api/#retries
 */
const STILL_COMING_MS = 10 * 60_000;

/**
 * True if a message with this `ts` that we do not know may be on its way to us still, so that what happened to it
 * since (an edit, a removal) has overtaken it. `now`: milliseconds since the epoch.
 */
export function withinRedelivery(ts: string, now: number): boolean {
  return Number(ts) * 1000 > now - STILL_COMING_MS;
}

/** An edited message that is not stored, as a message: what Slack would tell of it if it were said now. */
export function editAsMessage({
  textChanged: _changed,
  mentionedBotBefore: _before,
  ...said
}: IncomingChange): IncomingMessage {
  return { ...said, kind: 'message', asked: false };
}
