import { buildTranscript, type Said } from '../../conversation/transcript.ts';
import type { Keep } from '../ports.ts';

/** What of a thread the provider's prompt cache should hold, told from the thread alone. */

type Placed = Said & { readonly slackTs: string };

/** A little less than the five minutes and the hour that the provider keeps a prompt: a call takes time to begin. */
const KEPT_MINUTES = 4.5;
const KEPT_HOUR_MINUTES = 58;

/**
 * When the next question of a thread is to be expected, told by the pauses before. `said`: what was said up to the
 * question with ts `questionTs`. One pause that an hour bridges and five minutes don't is worth the hour from then on: it
 * costs 2 instead of 1.25 for what is new with each question, and the next such pause costs 1.25 for the whole thread.
 */
export function nextQuestion(said: readonly Placed[], questionTs: string): Keep['next'] {
  // An answer has the ts of its question.
  const asked = said.filter(({ role, slackTs }) => role === 'assistant' && slackTs !== questionTs);
  const times = [...asked.map(({ slackTs }) => slackTs), questionTs].map(Number);
  const pauses = times.slice(1).map((time, at) => (time - (times[at] ?? time)) / 60);
  const last = pauses.slice(-2);
  if (last.length === 2 && last.every((pause) => pause >= KEPT_HOUR_MINUTES)) return 'never';
  return pauses.some((pause) => pause > KEPT_MINUTES && pause < KEPT_HOUR_MINUTES) ? 'hour' : 'minutes';
}

/** How many turns of a thread the call before the last message ended with: up to the last message that was sent. */
export function sentBefore(said: readonly Placed[], named: boolean): number {
  const question = said.length - 1;
  const sent = said.findLastIndex(
    ({ role, blocks }, at) => role === 'user' && blocks !== null && at < question,
  );
  return buildTranscript(said.slice(0, sent + 1), { named }).turns.length;
}
