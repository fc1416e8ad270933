/** What a person is told about a press of a button under an answer, and the form that asks why it is poor. Plain text. */

/** Every line that a person is told privately about a press. */
export const LINES = {
  good: 'Noted: this answer is good. Press 👍 again to take it back.',
  takenBack: 'Taken back: I forgot what you thought of this answer.',
  notInThread: 'Only people who have written in this thread can do that.',
  notAsker: 'Only the person who asked can delete this answer.',
  outOfDate: 'That button is out of date. Please use the ones that are under the answer now.',
  busy: 'This answer is being written. Wait for its end, or press Stop first.',
  nothingToStop: 'There is nothing to stop: this answer is finished.',
  deleted: 'This answer was deleted.',
  questionGone: 'The question was deleted, so it cannot be answered again.',
  erased: 'I do not keep the words of this question and answer any more, so I can only delete the answer.',
  unknown: 'I do not know this answer any more.',
  refused: 'This question was not answered, because the person who asked may not ask here.',
  askerRefused: 'The person who asked this may not ask here any more, so I cannot answer it again.',
  budgetAnew: 'That budget has started anew since. Try again goes on with the question.',
  budgetChanged:
    'That budget was changed since. Try again goes on with the question if there is enough of it now.',
  waits: 'My database is away at the moment. I do this as soon as it is back.',
  notDone: 'I could not do that just now. Please press again in a moment.',
} as const;

const BUDGET_OF = {
  workspace: 'this workspace',
  channel: 'this channel',
  person: 'the person who asked',
} as const;

/** Told privately to the admin who raised a budget; written amounts. */
export function budgetRaised(
  scope: keyof typeof BUDGET_OF,
  period: 'day' | 'month',
  from: string,
  to: string,
): string {
  return `The budget of ${BUDGET_OF[scope]} for a ${period} is now ${to}; it was ${from}. Try again goes on with the question.`;
}

/** Told privately to who wants one version more than there may be. */
export function tooManyVersions(most: number): string {
  return `An answer can have ${most} versions at most.`;
}

/** The form that a 👎 opens. */
export const REASON_TEXTS = {
  title: 'What was wrong?',
  submit: 'Send',
  close: 'Skip',
  label: 'Reason',
  hint: 'Kept with the answer for whoever looks after me. The 👎 counts without it, too.',
  placeholder: 'It is wrong, out of date, too long, …',
} as const;

/** Told privately where that form could not be opened. */
export const POOR_WITHOUT_FORM = 'Noted: this answer is poor. Press 👎 twice to tell why.';

/** At the field of that form. */
export const REASON_NOT_STORED = 'This could not be stored just now. Please send it again.';
