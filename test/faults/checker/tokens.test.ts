import { expect, it } from 'vitest';
import type { QuestionCall } from './evidence.ts';
import { lengthBy } from './tokens.ts';

const TEXT = 'One two three four five six seven eight nine ten.';

/** A call that went on after so many characters and had one more each millisecond. */
function call(who: string, since: number, from: number, count: number): QuestionCall {
  const points = Array.from({ length: count }, (_, at) => ({ at: since + at, length: at + 1 }));
  return {
    ...{ draft: 0, text: TEXT, who, blocks: [], growth: { points } },
    asked: { question: 1, draft: 0, from, strange: null, exact: true },
  } as unknown as QuestionCall;
}

it('what a process had received at a moment counts over its calls one after the other', () => {
  const calls = [call('a', 100, 0, 20), call('a', 200, 20, 10)];
  expect(lengthBy(calls, 204)).toBe(25);
  expect(lengthBy(calls, 199)).toBe(20);
  expect(lengthBy(calls, 109)).toBe(10);
  expect(lengthBy(calls, 99)).toBe(0);
  // Behind what another process received it could only go on because that was stored.
  expect(lengthBy([call('b', 100, 0, 20), call('a', 200, 20, 10)], 109)).toBe(20);
});
