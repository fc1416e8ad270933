import { RETRY_ACTION } from './actions.ts';
import * as notices from './notices.ts';
import type { Button } from './ports.ts';

/** What is stored about the end of a reply, and all that its last look is made of. */
export interface End {
  /** A `StopReason`, or 'stopped', 'hint', 'failed'. */
  readonly stopReason: string;
  readonly stoppedBy: string | null;
  readonly errorCode: string | null;
  readonly requestId: string | null;
}

export interface LastLine {
  readonly notice: string | null;
  readonly buttons: readonly Button[];
  /** False: the answer's text is withdrawn. */
  readonly keepText: boolean;
}

/** The line and the buttons under a reply that is over. Every end has words that a person understands. */
export function lastLine(
  end: End,
  facts: { reply: string; hasText: boolean; stoppedByName: string; maxTokens: number; footer: string | null },
): LastLine {
  const say = (line: string | null, buttons: readonly Button[] = [], keepText = true): LastLine => ({
    notice: [line, facts.footer].filter((part) => part !== null).join('\n') || null,
    buttons,
    keepText,
  });
  if (end.errorCode !== null) {
    const again: Button = {
      action: RETRY_ACTION,
      label: facts.hasText ? 'Continue' : 'Try again',
      value: facts.reply,
      accessibilityLabel: facts.hasText ? 'Continue this answer' : 'Try this question again',
    };
    return say(notices.failed(end.errorCode, facts.hasText), [again]);
  }
  switch (end.stopReason) {
    case 'stopped':
      return say(notices.stopped(facts.stoppedByName));
    case 'refusal':
      return say(notices.REFUSED, [], false);
    case 'max_tokens':
      return say(notices.cut(facts.maxTokens));
    case 'context_full':
      return say(notices.CONTEXT_FULL);
    default:
      return say(null);
  }
}
