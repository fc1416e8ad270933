/** The forms of the shortcuts, what is told about them, and how a question that came by one stands in Slack. */

/** Labels of the questions that need no typing. */
export const READY_LABELS = {
  summarise: 'Summarise this thread',
  explain: 'Explain this message',
  reply: 'Draft a reply',
} as const;

/** Those questions as they are asked, in the name of the person who picked one. */
export const READY_QUESTIONS: Readonly<Record<keyof typeof READY_LABELS, string>> = {
  summarise: 'Summarise this thread: what was decided, what is open, and who does what.',
  explain: 'Explain this message in plain words.',
  reply: 'Draft a reply to this message, short and friendly.',
};

/** The question and the buttons of both forms. */
export const QUESTION_TEXTS = { label: 'Your question', submit: 'Ask', close: 'Cancel' } as const;

/** The form of "Ask about this" on a message. */
export const ABOUT_TEXTS = {
  title: 'Ask about this',
  ready: 'Ready question',
  readyPlaceholder: 'Pick one, or write your own below',
  where: 'Where should the answer go?',
  inThread: 'In the thread, for everybody there',
  onlyToMe: 'Only to me, in a direct message',
} as const;

/** The form of "Ask Skein" from anywhere. */
export const ANYWHERE_TEXTS = {
  title: 'Ask Skein',
  channel: 'Channel',
  channelHint: 'Left empty, the answer comes in a direct message, only to you.',
  channelPlaceholder: 'A direct message to me',
} as const;

/** Why a question can't be asked: at a field of the form, or privately when it is closed. */
export const LINES = {
  late: 'Slack gave me no time to open the form. Please try the shortcut again.',
  notOpened: 'Slack could not open the form just now. Please try the shortcut again in a moment.',
  noQuestion: 'Please write a question, or pick a ready one.',
  unreadable: 'This form is out of date. Please close it and try the shortcut again.',
  notThere: 'I am not in that channel, or cannot read it. Invite me first.',
  notYours: 'You are not in that channel.',
  gone: 'That message is not there any more.',
  failed: 'I could not ask that. Please try again in a moment.',
  slow: 'I could not store that in time. Please send it again; it is asked once.',
} as const;

/**
 * The question as I show it in Slack, in safe mrkdwn. `quoted`: the question as a quote; `asker`: a mention, null
 * where only the asker reads it; `about`: what `aboutMessage` gives, null: about no message.
 */
export function shownQuestion(asker: string | null, about: string | null, quoted: string): string {
  const asks = asker === null ? 'You asked' : `${asker} asks`;
  return `${asks}${about === null ? '' : ` about ${about}`}:\n${quoted}`;
}

/** A message in such a line; `link`: its address, null if it is not known. */
export function aboutMessage(link: string | null): string {
  return link === null ? 'a message' : `<${link}|this message>`;
}

/** What is asked, as the asker's own message: exports show it. */
export function askedAbout(question: string, quotedMessage: string): string {
  return `${question}\n\nThe message that I ask about:\n${quotedMessage}`;
}

/** What follows it where the thread can't be seen from the place of the answer. */
export function askedAround(quotedThread: string): string {
  return `\n\nThe thread that it is in:\n${quotedThread}`;
}
