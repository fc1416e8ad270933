import type { Evidence, Violation } from './evidence.ts';

const SIGNS = [
  ['"reply_stop"', 'a Stop button'],
  ['Thinking…', 'a placeholder'],
  ['trying again', 'a promise to try again'],
  ['"reply_retry"', 'a button to try again'],
  ['"reply_continue"', 'a button to go on'],
] as const;

const WAYS_ON: ReadonlySet<string> = new Set(['"reply_retry"', '"reply_continue"']);

/** In the end, after all was gone on with that could be, no placeholder, button, lease or job is left. */
export function nothingHangs({ messages, replies, questions, leftovers }: Evidence): Violation[] {
  // The deletion may come when all is over: then whoever presses is told that the question is gone.
  const isGone = (id: string | null) => {
    const reply = replies.find((one) => one.id === id);
    return questions.some(
      ({ channel, ts, deletedAt }) =>
        deletedAt !== null && channel === reply?.channel && ts === reply.questionTs,
    );
  };
  const mayStay = (sign: string, id: string | null) => WAYS_ON.has(sign) && isGone(id);
  const promise = 'nothing hangs';
  return [
    ...leftovers.map((what) => ({ promise, question: null, what })),
    ...messages.flatMap(({ seen, around, reply }) =>
      SIGNS.filter(([sign]) => around.includes(sign) && !mayStay(sign, reply)).map(([, what]) => ({
        promise,
        question: null,
        what: `${what} is left in message ${seen.ts} of reply ${reply}`,
      })),
    ),
  ];
}
