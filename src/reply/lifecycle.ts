/**
 * The life of a reply. Each state says what is durable and so what the next owner does, whoever that is and
 * however the last one ended:
 *
 *   waiting   the question is stored               → begin
 *   writing   some text may be in the log          → go on after the logged text, in the same messages
 *   answered  answer, usage and reason are stored  → only show it; the model is never called again
 *   shown     all is done                          → nothing
 *   failed    a notice was shown                   → nothing, until a person tries again
 *   refused   its asker may not ask here           → nothing, until the question is edited
 *   removing  its asker does not want it any more  → delete its messages
 *   deleted   its messages are gone                → nothing
 *
 * A reply that waits for something outside (`waits/waits.ts`) is `waiting` or `writing` as before, with a note of what for.
 *
 * A person's press can open a shown or failed reply again (`controls/store.ts`): for another version it becomes
 * `writing`, for another look `answered`, and a new job goes with it. Whoever presses passes the gate of `people/gate.ts`
 * first, as a `waiting` question does. A refused reply has no message, so nothing to press; an edit of its question makes
 * it `waiting`, and the gate is asked again.
 */
export const REPLY_STATES = [
  'waiting',
  'writing',
  'answered',
  'shown',
  'failed',
  'refused',
  'removing',
  'deleted',
] as const;
export type ReplyState = (typeof REPLY_STATES)[number];

type NextStep = 'begin' | 'go_on' | 'show' | 'remove' | 'nothing';

export function nextStep(state: ReplyState): NextStep {
  switch (state) {
    case 'waiting':
      return 'begin';
    case 'writing':
      return 'go_on';
    case 'answered':
      return 'show';
    case 'removing':
      return 'remove';
    case 'shown':
    case 'failed':
    case 'refused':
    case 'deleted':
      return 'nothing';
  }
}

/**
 * How a segment comes to be in Slack exactly once. Slack has no idempotent post, so the intent is stored before
 * it, the message carries a mark, and whoever finds an intent without a place looks for the mark first:
 *
 *   nothing stored          → store the intent, then post
 *   intent, place unknown   → look in the thread for the mark; adopt what is found, post only if nothing is
 *   place known             → edit
 */
type Placement = 'post' | 'look_first' | 'edit';

export function placementOf({ intended, placed }: { intended: boolean; placed: boolean }): Placement {
  if (placed) return 'edit';
  return intended ? 'look_first' : 'post';
}

export function isReplyState(value: string): value is ReplyState {
  return REPLY_STATES.some((state) => state === value);
}
