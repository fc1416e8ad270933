import { budgetOfCode } from '../../budgets/rules.ts';
import * as notices from '../../words/reply.ts';
import { ROUNDS_OVER, toolNotes } from '../../words/tools.ts';
import {
  bin,
  continueButton,
  type Drawn,
  raiseButton,
  rating,
  regenerateButton,
  retryButton,
  versionButtons,
} from '../actions.ts';
import type { Control } from '../ports.ts';
import type { ContextNote, ToolNote } from '../store.ts';

/** What is stored about the end of a reply, and all that its last look is made of. */
export interface End {
  /** A `StopReason`, or 'stopped', 'hint', 'failed', 'filtered' (failed, and kept from the model). */
  readonly stopReason: string;
  readonly stoppedBy: string | null;
  readonly errorCode: string | null;
  readonly requestId: string | null;
}

export interface LastLine {
  readonly notice: string | null;
  readonly buttons: readonly Control[];
  /** False: the answer's text is withdrawn. */
  readonly keepText: boolean;
}

export interface LastFacts extends Drawn {
  readonly hasText: boolean;
  readonly stoppedByName: string;
  readonly maxTokens: number;
  /** The answer was continued before, so that it is longer than `maxTokens`. */
  readonly continued: boolean;
  /** The question was edited after this version was begun. */
  readonly outdated: boolean;
  readonly questionDeleted: boolean;
  /** What became of the earlier part of the thread for this answer. */
  readonly contextNote: ContextNote | null;
  readonly toolNote: ToolNote | null;
  /** What its tools did not find out, a line each. */
  readonly misses: readonly string[];
  /** What was not read of the files that were shared; null: nothing. */
  readonly files: string | null;
  readonly footer: string | null;
}

/** Whether the model is given a turn that ended like this again: no refused or filtered one, and not our own words. */
export function staysInContext(stopReason: string): boolean {
  return stopReason !== 'refusal' && stopReason !== 'filtered' && stopReason !== 'hint';
}

/** The line and the buttons under a reply that is over. Every end has words that a person understands. */
export function lastLine(end: End, facts: LastFacts): LastLine {
  const failed = end.errorCode !== null;
  const keepText = failed || end.stopReason !== 'refusal';
  const lines = [lineOf(end, facts), ...aside(facts), facts.footer];
  return {
    notice: lines.filter((line) => line !== null).join('\n') || null,
    // Our own words are no answer: there is nothing to be done about them until the question says something.
    buttons:
      end.stopReason === 'hint' && !facts.outdated ? [] : controlsOf(end, facts, keepText && facts.hasText),
    keepText,
  };
}

function lineOf(end: End, facts: LastFacts): string | null {
  if (end.errorCode !== null) return notices.failed(end.errorCode, facts.hasText);
  switch (end.stopReason) {
    case 'stopped':
      return notices.stopped(facts.stoppedByName);
    case 'refusal':
      return notices.REFUSED;
    case 'max_tokens':
      return notices.cut(facts.maxTokens, facts.continued);
    case 'context_full':
      return notices.CONTEXT_FULL;
    case 'paused':
      return ROUNDS_OVER;
    default:
      return null;
  }
}

function aside(facts: LastFacts): readonly string[] {
  const { outdated, version, versions, questionDeleted, contextNote, toolNote, misses, files } = facts;
  return [
    ...misses,
    ...(toolNote === null ? [] : [toolNotes[toolNote]]),
    ...(contextNote === null ? [] : [notices.contextNotes[contextNote]]),
    ...(files === null ? [] : [files]),
    ...(outdated && !questionDeleted ? [notices.OUTDATED] : []),
    ...(versions > 1 ? [notices.versionOf(version, versions)] : []),
  ];
}

/** A budget refused it that the workspace's own admins can raise. */
function isRaisable({ errorCode }: End): boolean {
  const budget = budgetOfCode(errorCode);
  return budget !== null && budget.scope !== 'deployment';
}

function controlsOf(end: End, facts: LastFacts, readable: boolean): readonly Control[] {
  const failed = end.errorCode !== null;
  const open: Control[] = [];
  if (!facts.questionDeleted) {
    if (failed)
      open.push(retryButton(facts, facts.hasText), ...(isRaisable(end) ? [raiseButton(facts)] : []));
    // To go on with the edited question would begin anew and lose what is there; Answer again keeps it.
    else if (end.stopReason === 'max_tokens' && !facts.outdated) open.push(continueButton(facts));
    // Without any text, trying again is the same and says it better.
    if (!failed || facts.hasText) open.push(regenerateButton(facts, facts.outdated));
  }
  return [...open, ...versionButtons(facts), ...(readable ? [rating(facts)] : []), bin(facts)];
}
