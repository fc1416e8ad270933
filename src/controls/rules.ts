import type { Press } from '../reply/actions.ts';
import type { ReplyState } from '../reply/lifecycle.ts';
import { LINES, tooManyVersions } from '../words/controls.ts';

/** What must be known of a reply to say whether a press may change it. */
export interface PressFacts {
  readonly state: ReplyState;
  readonly stopReason: string | null;
  /** The answer ended in a failure. */
  readonly failed: boolean;
  readonly version: number;
  readonly versions: number;
  readonly changes: number;
  readonly questionDeleted: boolean;
  /** The words of the question and of its answer are not kept any more. */
  readonly erased: boolean;
  /** The one who presses asked the question. */
  readonly isAsker: boolean;
  /** The one who presses has written in the thread. */
  readonly hasWritten: boolean;
}

/** `line` is what the person is told, and nobody else; null: nothing, because nothing is amiss. */
export type Judgement =
  | { readonly kind: 'do' }
  | { readonly kind: 'leave'; readonly reason: string; readonly line: string | null };

const MOST_VERSIONS = 10;

/**
 * May this press be carried out? A press is good for the state in which its button was drawn (`changes`): a second
 * press of it, or one on an old message, changes nothing.
 */
export function judge(press: Press, facts: PressFacts | null): Judgement {
  if (facts === null) return leave('unknown_reply', LINES.unknown);
  if (facts.state === 'deleted' || facts.state === 'removing')
    return leave('deleted', press.control === 'delete' ? null : LINES.deleted);
  // It never had a message, so the value of this button was made up.
  if (facts.state === 'refused') return leave('refused', LINES.refused);
  if (facts.erased && press.control !== 'delete' && press.control !== 'stop')
    return leave('erased', LINES.erased);
  if (press.control === 'rate')
    return press.version <= facts.versions ? DO : leave('no_such_version', LINES.outOfDate);
  // A budget is for those who look after it, who need not have written there.
  if (press.control === 'raise')
    return facts.failed && press.changes === facts.changes ? DO : leave('out_of_date', LINES.outOfDate);
  if (press.control === 'delete' && !facts.isAsker) return leave('not_asker', LINES.notAsker);
  if (!facts.isAsker && !facts.hasWritten) return leave('not_in_thread', LINES.notInThread);
  const over = facts.state === 'shown' || facts.state === 'failed';
  if (press.control === 'stop')
    return over || facts.state === 'answered' ? leave('nothing_to_stop', LINES.nothingToStop) : DO;
  // Its last look is there, and only the note that it is there is not: nobody can know that from the outside.
  const nearly = facts.state === 'answered' && press.changes === facts.changes;
  const stale = press.changes !== null && press.changes !== facts.changes;
  // A second press while the first one is carried out needs no words: the answer moves before everyone's eyes.
  if (!over && !nearly) return leave('busy', stale ? null : LINES.busy);
  if (stale) return leave('out_of_date', LINES.outOfDate);
  return afterwards(press, facts);
}

function afterwards(
  press: Exclude<Press, { control: 'stop' | 'rate' | 'raise' }>,
  facts: PressFacts,
): Judgement {
  const gone = facts.questionDeleted ? leave('question_deleted', LINES.questionGone) : null;
  switch (press.control) {
    case 'delete':
      return DO;
    case 'show':
      return press.version !== facts.version && press.version <= facts.versions
        ? DO
        : leave('no_such_version', LINES.outOfDate);
    case 'regenerate':
      if (facts.versions >= MOST_VERSIONS) return leave('too_many_versions', tooManyVersions(MOST_VERSIONS));
      return gone ?? DO;
    case 'retry':
      return facts.failed ? (gone ?? DO) : leave('nothing_to_retry', LINES.outOfDate);
    case 'continue':
      return !facts.failed && facts.stopReason === 'max_tokens'
        ? (gone ?? DO)
        : leave('nothing_to_continue', LINES.outOfDate);
  }
}

const DO: Judgement = { kind: 'do' };

function leave(reason: string, line: string | null): Judgement {
  return { kind: 'leave', reason, line };
}
