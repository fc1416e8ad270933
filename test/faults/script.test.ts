import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSeam, goOnAfter } from '../../src/reply/write/seam.ts';
import { createScript, draftOf, repeatedFrom } from './script.ts';
import { answerTo, numberIn, tagOf } from './texts.ts';

const SEED = 5;

function turns(number: number, received: string) {
  const question = {
    role: 'user' as const,
    text: `[Ana Ruiz]: @Skein please tell me about ${tagOf(number)}`,
  };
  if (received.trim() === '') return [question];
  return [
    question,
    { role: 'assistant' as const, text: received.trimEnd() },
    { role: 'user' as const, text: goOnAfter(received) },
  ];
}

function requestOf(number: number, received: string) {
  const said = turns(number, received);
  const messages = said.map(({ role, text }) => ({ role, content: [{ type: 'text', text }] }));
  return { turns: said, body: { messages } };
}

it('an answer that was cut anywhere and gone on with is the whole answer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (number, share) => {
        const { text, kind } = answerTo(SEED, number);
        fc.pre(kind === 'whole');
        const received = text.slice(0, Math.floor(share * text.length));
        const request = {
          number: 1,
          model: 'm',
          maxTokens: 1,
          system: '',
          ...requestOf(number, received),
        };
        const { script } = createScript(SEED, 100);
        const said = (await script(request)).text;
        const seam = received.trim() === '' ? null : createSeam(received);
        const rest = seam === null ? String(said) : seam.push(String(said)) + seam.finish({ cut: false });
        expect((received.trim() === '' ? '' : received) + rest).toBe(text);
      },
    ),
    { numRuns: 200 },
  );
});

it('a request that claims text which was never said is told apart', () => {
  const { understand } = createScript(SEED, 100);
  const { text } = answerTo(SEED, 3);
  expect(understand(requestOf(3, text.slice(0, 200)))).toMatchObject({ question: 3, strange: null });
  expect(understand(requestOf(3, `${text.slice(0, 200)} and more`)).strange).toContain('and more');
  // A blank that was a block alone can't be sent.
  expect(understand(requestOf(3, text.slice(0, 200).replace(' ', '')))).toMatchObject({ strange: null });
});

it('no answer contains a tag, so that a question is never taken for another', () => {
  for (let number = 1; number <= 300; number++)
    for (const draft of [0, 1, 7]) expect(numberIn(answerTo(SEED, number, draft).text)).toBeNull();
  expect(numberIn(`@Skein kindly (2) tell me about ${tagOf(12)}`)).toBe(12);
});

it('the words that are repeated are the last six before the cut', () => {
  const text = 'one two three four five six seven eight nine';
  expect(text.slice(repeatedFrom(text, 33))).toBe('two three four five six seven eight nine');
});

it('one character of a draft is enough to tell it from the drafts after it', () => {
  for (let draft = 0; draft < 40; draft++) {
    const [first = ''] = answerTo(SEED, 4, draft).text;
    expect(draftOf(SEED, 4, first, 40)).toBe(draft);
  }
});
