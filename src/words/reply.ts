import { entryOf } from '../errors.ts';
import { count, many } from './numbers.ts';
import { searches } from './tools.ts';

/** Every line that Skein says about itself under (or instead of) an answer, and its buttons. Plain text, no markup. */

export const THINKING = 'Thinking…';
/** An answer is being written, and will be seen when it is whole. */
export const WRITING = 'Writing…';

/** The model has not begun to answer. */
export const WAITING = 'Waiting for Claude…';

/** The model thinks, as hard as it was asked to; `effort` as in the setting. */
export function thinkingWith(effort: string): string {
  return effort === 'auto' ? THINKING : `Thinking with effort ${effort}…`;
}

/** For so many seconds no word has come. */
export function quietFor(notice: string, seconds: number): string {
  return `${notice.replace(/…$/, '')}, ${seconds} s without a word…`;
}

/** What stands beside a thread, behind the app's name, while this notice has no message to stand in. */
export function statusOf(notice: string): string {
  return /^\p{Lu}\p{Ll}+ing\b/u.test(notice)
    ? `is ${notice.slice(0, 1).toLowerCase()}${notice.slice(1)}`
    : 'is trying again…';
}

export const NOTHING = 'There is nothing to show.';

export const HINT =
  'Hi! Ask me anything: mention me together with your question, or just write to me in a direct message. I remember what was said in this thread.';

export function busy(code: string, attempt: number, of: number): string {
  const what = entryOf(code).person ?? 'Claude is not available right now.';
  return `${what.replace(/\.$/, '')}, trying again (${attempt} of ${of})…`;
}

/** While a thread that has become too long is shortened. */
export const SUMMARISING = 'Summarising the earlier part of this thread…';

/** Under the first answer that was given less than the whole thread. */
export const contextNotes = {
  summarised:
    'This thread has become long: I keep a summary of its earlier part from here on. To see it, mention me with the word context.',
  left_out:
    'This thread is too long, and its earlier part could not be summarised: it was left out of this answer.',
  unread:
    'Slack did not let me read what was said in this thread before: this answer does not know it. Ask again in a moment, and I try once more.',
} as const;

/** While other answers hold what is left of a budget. */
export const WAITING_FOR_BUDGET = 'Other answers are using what is left of a budget; waiting for them…';

export function failed(code: string, hasText: boolean): string {
  const entry = entryOf(code);
  const what = entry.person ?? 'Something went wrong on my side.';
  const kept = hasText ? ' What is above stays, the rest is missing.' : '';
  return `⚠️ ${what}${kept} (${code})`;
}

/** Stands for who stopped an answer where that is not known. */
export const SOMEONE = 'someone';

export function stopped(by: string): string {
  return `Stopped by ${by}.`;
}

export const WITHDRAWN = 'Withdrawn.';

export const REFUSED = 'Claude declined to answer this. (MODEL_REFUSED)';

export function cut(maxTokens: number, again: boolean): string {
  const tokens = count(maxTokens);
  return again ? `Cut again after ${tokens} more tokens.` : `Cut at ${tokens} tokens.`;
}

export const OUTDATED = 'The question was edited after this answer.';

export function versionOf(version: number, versions: number): string {
  return `Version ${version} of ${versions}`;
}

/** In a message that another version of the answer needed, and this one does not. */
export const SURPLUS = 'The version shown above does not reach this message.';

export const CONTEXT_FULL =
  'The thread has filled up what Claude can hold, so the answer ends here. A new thread starts fresh.';

interface FooterFacts {
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly webSearches: number;
  readonly estimated: boolean;
  /** A written amount; null: the model has no known price. */
  readonly cost: string | null;
  /** Null: it was written at several times. */
  readonly seconds: number | null;
}

/** The grey line: `claude-sonnet-4-6 · 1,204 in, 350 out · $0.0089 · 6.2 s`. `~` marks an estimate. */
export function footer(facts: FooterFacts): string {
  const { model, inputTokens, outputTokens, webSearches, estimated, cost, seconds } = facts;
  const looked = webSearches === 0 ? '' : ` · ${searches(webSearches)}`;
  const about = estimated ? '~' : '';
  const price = cost === null ? 'cost unknown' : `${about}${cost}`;
  const time = seconds === null ? '' : ` · ${seconds.toFixed(1)} s`;
  return `${model} · ${count(inputTokens)} in, ${about}${count(outputTokens)} out${looked} · ${price}${time}`;
}

/** A button, and what it is called where it is read aloud. */
interface ButtonText {
  readonly label: string;
  readonly accessibilityLabel: string;
}

export const STOP_BUTTON: ButtonText = { label: 'Stop', accessibilityLabel: 'Stop this answer' };

/** Under an answer that failed. */
export function retryButton(hasText: boolean): ButtonText {
  return {
    label: hasText ? 'Continue' : 'Try again',
    accessibilityLabel: hasText ? 'Continue this answer' : 'Try this question again',
  };
}

/** Under an answer that a budget refused. */
export const RAISE_BUTTON = {
  label: 'Raise the budget',
  accessibilityLabel: 'Raise the budget that refused this question, for admins',
  confirm: {
    title: 'Raise the budget?',
    text: 'It becomes larger by half, and at least by $1, from now on. Only admins of the workspace can do that.',
    yes: 'Raise it',
    no: 'Cancel',
  },
} as const;

/** Under an answer that was cut. */
export const CONTINUE_BUTTON: ButtonText = {
  label: 'Continue',
  accessibilityLabel: 'Continue this answer where it was cut',
};

/** `outdated`: the question was edited after this answer. */
export function regenerateButton(outdated: boolean): ButtonText {
  return {
    label: outdated ? 'Answer again' : 'Regenerate',
    accessibilityLabel: outdated ? 'Answer the edited question' : 'Write another version of this answer',
  };
}

/** To the version before the one that is shown. */
export function earlierButton(version: number, versions: number): ButtonText {
  return { label: `‹ Version ${version}`, accessibilityLabel: showVersion(version, versions) };
}

/** To the version after it. */
export function laterButton(version: number, versions: number): ButtonText {
  return { label: `Version ${version} ›`, accessibilityLabel: showVersion(version, versions) };
}

function showVersion(version: number, versions: number): string {
  return `Show version ${version} of ${versions}`;
}

/** In place of what Slack takes in no form. */
export const REFUSED_BY_SLACK =
  '⚠️ Slack does not let me show this part of the answer. It is stored; `/skein export` sends it to you as a file.';
/** Under words that are not all. */
export const REST_IN_EXPORT = '(cut here: `/skein export` sends the whole as a file)';

/** The caption of a long table, which Slack asks for. */
export function tableCaption(rows: number): string {
  return many(rows, 'row');
}

export const GOOD_BUTTON: ButtonText = { label: '👍 Good', accessibilityLabel: 'This answer is good' };
export const BAD_BUTTON: ButtonText = { label: '👎 Poor', accessibilityLabel: 'This answer is poor' };

export const DELETE_BUTTON = 'Delete this answer';
/** Asked before an answer is deleted. */
export const DELETE_QUESTION = {
  title: 'Delete this answer?',
  text: 'All its versions and its files are deleted here and in what I remember of this thread. What it cost stays counted.',
  yes: 'Delete',
  no: 'Keep',
} as const;
