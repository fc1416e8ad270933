import { buildTranscript, type Said } from '../../conversation/transcript.ts';
import type { Keep } from '../ports.ts';

/** What of a thread the provider's prompt cache should hold, told from the thread alone. */

type Placed = Said & { readonly slackTs: string };

/** A little less than the five minutes and the hour that the provider keeps a prompt: a call takes time to begin. */
const KEPT_MINUTES = 4.5;
const KEPT_HOUR_MINUTES = 58;
/**
 * Times the price of a token of input: what a pause costs that was not foreseen (written again at 1.25, not read at 0.1),
 * and what an hour costs that was not needed (2, not 1.25).
 */
const LOST = 1.15;
const PREMIUM = 0.75;
/** Pauses that are taken to have been besides those of the thread: few enough short ones that a first long one is not dear. */
const LIKELY_LONG = 3;
const LIKELY_SHORT = 1;

/** Something that an hour was paid for: everything up to a message. */
interface Hour {
  readonly characters: number;
  readonly messages: number;
  readonly minute: number;
}
const NOTHING: Hour = { characters: 0, messages: 0, minute: Number.NEGATIVE_INFINITY };

/**
 * What the call for the question with ts `questionTs` should have kept. `said`: what was said up to it; `ahead`:
 * characters that every prompt of the thread has before that.
 *
 * An hour saves writing the whole thread again after a pause that is longer than minutes. Everything is kept for it where
 * most pauses need it, or the last two did, or where such a pause has just cost the thread. Nobody foresees the first one: while what was sent
 * before is still kept, it is given the hour for the price of one answer (`stable`), whenever what that protects is worth it
 * by the share of long pauses so far and some more. What earlier calls were told is told again from the
 * pauses, so that nothing of it is stored. What any rule must pay for not knowing the pauses to come: `docs/benchmarks.md`.
 */
export function keepOf(said: readonly Placed[], questionTs: string, named: boolean, ahead = 0): Keep {
  const seen = { short: 0, long: 0, inRow: 0, endless: 0 };
  let next: Keep['next'] = 'minutes';
  let hour = NOTHING;
  let kept = hour;
  let before: { readonly minute: number; readonly at: number } | null = null;
  const upTo = charactersUpTo(said, ahead);
  for (const [at, { role, slackTs }] of said.entries()) {
    // An answer has the ts of its question and stands behind it.
    if (role !== 'user' || (slackTs !== questionTs && said[at + 1]?.role !== 'assistant')) continue;
    const minute = Number(slackTs) / 60;
    if (before !== null) {
      const pause = minute - before.minute;
      const bridged = pause < KEPT_HOUR_MINUTES;
      const long = bridged && pause > KEPT_MINUTES;
      if (minute - hour.minute >= KEPT_HOUR_MINUTES) hour = NOTHING;
      // What is read is kept for another hour.
      else if (long && hour.messages > 0) hour = { ...hour, minute };
      const alive: boolean = next !== 'never' && bridged && !(long && hour.messages === 0);
      seen.inRow = long ? seen.inRow + 1 : 0;
      if (long) seen.long += 1;
      else if (bridged) seen.short += 1;
      seen.endless = bridged ? 0 : seen.endless + 1;
      const share = (seen.long + LIKELY_LONG) / (seen.long + seen.short + LIKELY_LONG + LIKELY_SHORT);
      // Read from here on: all of the call before, or after a long pause what an hour was paid for.
      const read = long ? hour.messages : before.at + 1;
      const answered = upTo(before.at + 2);
      const worth = share * LOST * (answered - hour.characters) > PREMIUM * (answered - upTo(read));
      kept = hour;
      if (seen.endless >= 2) next = 'never';
      else if (seen.long > seen.short || seen.inRow > 1 || (long && !alive)) next = 'hour';
      else next = alive && worth && answered > upTo(read) ? 'stable' : 'minutes';
      if (next === 'hour') hour = { characters: upTo(at + 1), messages: at + 1, minute };
      if (next === 'stable') hour = { characters: answered, messages: before.at + 2, minute };
    }
    before = { minute, at };
  }
  const turns = (messages: number) => buildTranscript(said.slice(0, messages), { named }).turns.length;
  return { next, sentBefore: turns(sentBefore(said)), keptBefore: turns(kept.messages) };
}

/** With how many messages the call before the last one ended: up to the last that was sent. */
function sentBefore(said: readonly Placed[]): number {
  const question = said.length - 1;
  return (
    1 + said.findLastIndex(({ role, blocks }, at) => role === 'user' && blocks !== null && at < question)
  );
}

/** Characters of the first so many messages. */
function charactersUpTo(said: readonly Placed[], ahead: number): (messages: number) => number {
  let sum = ahead;
  const sums = [sum, ...said.map(({ text }) => (sum += text.length))];
  return (messages) => sums[messages] ?? sum;
}
