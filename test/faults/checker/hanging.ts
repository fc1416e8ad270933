import type { Evidence, Violation } from './evidence.ts';

const SIGNS = [
  ['"reply_stop"', 'a Stop button'],
  ['Thinking…', 'a placeholder'],
  ['trying again', 'a promise to try again'],
  ['"reply_retry"', 'a button to try again'],
  ['"reply_continue"', 'a button to go on'],
] as const;

/** In the end, after all was gone on with that could be, no placeholder, button, lease or job is left. */
export function nothingHangs({ messages, leftovers }: Evidence): Violation[] {
  const promise = 'nothing hangs';
  return [
    ...leftovers.map((what) => ({ promise, question: null, what })),
    ...messages.flatMap(({ seen, around, reply }) =>
      SIGNS.filter(([sign]) => around.includes(sign)).map(([, what]) => ({
        promise,
        question: null,
        what: `${what} is left in message ${seen.ts} of reply ${reply}`,
      })),
    ),
  ];
}
