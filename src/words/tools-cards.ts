/**
 * What people read of calls that somebody has to decide about: the card in the thread, the private one that shows a result,
 * and what is told about a press. Plain text, but where it is said.
 */

/** Under an answer that waits for an account. Plain text. */
export const WAITING_FOR_LINK = 'Waiting for the person who asked to link an account…';

export const CALL_BUTTONS = {
  approve: { label: 'Approve', accessibilityLabel: 'Approve this call' },
  deny: { label: 'Deny', accessibilityLabel: 'Deny this call' },
  always: { label: 'Always for this thread' },
  showAll: { label: 'Show all' },
  askAgain: { label: 'Ask again', accessibilityLabel: 'Ask again before this tool is used in this thread' },
  share: { label: 'Share', accessibilityLabel: 'Let this result into the thread' },
  keep: { label: 'Don’t share', accessibilityLabel: 'Keep this result out of the thread' },
  shareAlways: { label: 'Always for this thread' },
  link: { label: 'Link my account' },
} as const;

/** Asked back before a tool needs no further word. */
export function alwaysQuestion(tool: string, server: string, own: boolean) {
  return {
    title: 'Not ask again?',
    text: own
      ? `In this thread I then use ${tool} of ${server} with your account for your questions, without asking, and what it gives may be used here. You can take that back.`
      : `In this thread I then use ${tool} of ${server} for your questions without asking. You can take that back.`,
    yes: 'Don’t ask again',
    no: 'Cancel',
  } as const;
}

/** First line of a card, behind the name of who is asked. */
export function asksFor(tool: string, server: string): string {
  return `Claude wants to use ${tool} of ${server}`;
}

/** Where a call has no arguments. */
export const NO_ARGUMENTS = 'It has no arguments.';

/** Below the arguments that are shown. */
export function moreArguments(count: number): string {
  return count === 1 ? '… and one more' : `… and ${count} more`;
}

/** Beginnings and ends of the grey line: names of people and times come between. */
export const CARD_LINE = {
  account: {
    none: 'Without an account',
    workspace: 'With the account of the workspace',
    person: 'With the account of ',
  },
  decides: 'to be decided by ',
  orManagers: ' or whoever may change the settings of this channel',
  until: 'until ',
  approvedBy: 'approved by ',
  deniedBy: 'denied by ',
  approved: 'approved',
  running: 'under way',
  done: 'done',
  failed: 'it did not work',
  unknown: 'not known whether it happened',
  notAsked: 'not done, because nobody could be asked',
  expired: 'not done: nobody decided before the answer went on',
  ended: 'not done, because the answer ended before',
  notAllowed: 'not done: it may not be used here any more',
  refused: 'not done: it is not allowed',
  always: 'not asked again in this thread',
} as const;

/** The private card that shows a result to its owner. */
export const SHARE_LINE = {
  title: (tool: string, server: string) => `What ${tool} of ${server} gave with your account`,
  place: 'For your question in ',
  only: 'only you see it so far',
  until: 'kept from the thread unless you share it until ',
  shared: 'shared with the thread',
  kept: 'not shared',
} as const;

/** Stands for a picture in a result that is shown as text. */
export const A_PICTURE = '[a picture]';
/** Where a result has no words. */
export const AN_EMPTY_RESULT = '(nothing)';

/** What a person is told privately about a press of a card's button. */
export const CALL_LINES = {
  unknown: 'I do not know this call any more.',
  notYours: 'Only the person who asked can decide about this.',
  notManager:
    'Only the person who asked, or somebody who may change the settings of this channel, can decide about this.',
  onlyAsker: 'Only the person who asked can have me stop asking.',
  notOwner: 'Only the person whose account it is can decide about this.',
  approved: 'This was approved already.',
  denied: 'This was denied already.',
  over: 'This can’t be decided any more: its answer is over, was begun anew, or waited too long. Nothing was done.',
  notAllowed: 'This tool may not be used here any more, so nothing was done.',
  absent: 'You are not in that channel any more, so you can’t decide about this.',
  weLeft: 'I am not in that channel any more, so nothing was done.',
  askerGone: 'The person who asked may not use this here any more, so nothing was done.',
  asksAgain: 'From now on I ask again before I use this tool in this thread.',
  asksAlready: 'I ask before I use this tool in this thread.',
  file: 'It is too long for a window, so I sent you all of it as a file.',
  notShown: 'I could not show it just now. Please press again in a moment.',
} as const;

/** The window with all that was shortened. */
export const WHOLE = {
  title: 'All of it',
  close: 'Close',
  fileTitle: (tool: string) => `All of ${tool}`,
} as const;

/** Told privately to somebody whose own account is needed. Mrkdwn of ours; the server's name has letters, digits and `-` only. */
export function linkAccount(server: string, minutes: number): string {
  return `For your question I need your own account at ${server}. Link it within ${minutes} minutes and I go on by myself; the link is for you alone.`;
}

/** Given to the model in place of a result. */
export const INSTEAD = {
  notAsked: 'Nobody could be asked about this call, so it was not done. Say so, and go on without it.',
  notAllowed: 'This may not be used here any more, so it was not done. Say so, and go on without it.',
} as const;
