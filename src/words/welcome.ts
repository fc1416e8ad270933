/** What Skein says of itself where it is new. Plain mrkdwn, without names, ids or emoji that carry meaning. */

/** Said once in a channel that we were added to. */
export const GREETING = [
  'Hello! Mention me together with your question, and I answer in its thread, in one message that grows while I write.',
  'Each thread is one conversation: I know what was said in it, and nothing of your other threads. *Stop* ends an answer at any moment. `/skein help` tells the rest.',
].join('\n');

/** Above the prompts. */
export const PROMPTS_TITLE = 'What can I do for you?';

/** Offered where somebody opens the app's messages: at most four (Slack). */
export const PROMPTS: readonly { readonly title: string; readonly message: string }[] = [
  {
    title: 'Explain something',
    message: 'Explain to me, in a few plain sentences, how a database index works.',
  },
  {
    title: 'Improve a text',
    message: 'I will send you a text. Make it shorter and clearer, and tell me what you changed.',
  },
  {
    title: 'Think something through',
    message: 'Help me to weigh a decision: ask me what you need to know, one question at a time.',
  },
  { title: 'What can you do?', message: 'What can you do here, and what not?' },
];
