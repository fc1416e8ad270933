/**
 * The life of a reply. Each state says what is durable and so what the next owner does, whoever that is and
 * however the last one ended:
 *
 *   waiting   the question is stored               → begin
 *   writing   some text may be in the log          → go on after the logged text, in the same messages
 *   answered  answer, usage and reason are stored  → only show it; the model is never called again
 *   shown     all is done                          → nothing
 *   failed    a notice was shown                   → nothing, until a person tries again
 */
export type ReplyState = 'waiting' | 'writing' | 'answered' | 'shown' | 'failed';

export type NextStep = 'begin' | 'go_on' | 'show' | 'nothing';

export function nextStep(state: ReplyState): NextStep {
  switch (state) {
    case 'waiting':
      return 'begin';
    case 'writing':
      return 'go_on';
    case 'answered':
      return 'show';
    case 'shown':
    case 'failed':
      return 'nothing';
  }
}

export function isReplyState(value: string): value is ReplyState {
  return ['waiting', 'writing', 'answered', 'shown', 'failed'].includes(value);
}
