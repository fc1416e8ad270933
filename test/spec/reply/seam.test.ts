import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeam, goOnAfter } from '../../../src/reply/write/seam.ts';

/** What is appended when `continuation` comes after `before`, in the given pieces. */
function appended(before: string, pieces: readonly string[], cut = false): string {
  const seam = createSeam(before);
  return pieces.map((piece) => seam.push(piece)).join('') + seam.finish({ cut });
}

const letters = fc.array(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzäßéλ'), {
  minLength: 5,
  maxLength: 9,
});
/** Words that occur once each, so that one repetition has one place; blanks of all kinds between them. */
const text = fc
  .tuple(
    fc.uniqueArray(
      letters.map((word) => word.join('')),
      { minLength: 8, maxLength: 60 },
    ),
    fc.array(fc.constantFrom(' ', ' ', ' ', '\n', '\n\n', ', ', '.\n- '), { minLength: 60, maxLength: 60 }),
  )
  .map(([words, blanks]) => words.map((word, at) => word + (blanks[at] ?? ' ')).join(''));

/** Cuts `whole` into pieces at the given places. */
function inPieces(whole: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, at) => whole.slice(from, places[at] ?? whole.length));
}

it('wherever an answer was cut and however the rest arrives, a repetition of whole words joins without a seam', () => {
  fc.assert(
    fc.property(
      text,
      fc.nat(),
      fc.integer({ min: 2, max: 7 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (whole, at, words, cuts) => {
        const before = whole.slice(0, 12 + (at % (whole.length - 12)));
        // The model repeats the last words of what it was shown, which ends without blanks.
        const shown = before.trimEnd();
        const starts = [...shown.matchAll(/\S+/g)].map((word) => word.index);
        const from = starts.at(-words) ?? 0;
        fc.pre(before.length - from >= 6);
        expect(before + appended(before, inPieces(whole.slice(from), cuts))).toBe(whole);
      },
    ),
    { numRuns: 400 },
  );
});

it('an answer that was complete gains nothing when its last words are repeated', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 5 }), (whole, cuts) => {
      const end = whole.trimEnd();
      expect(appended(end, inPieces(end.slice(-30), cuts))).toBe('');
    }),
  );
});

it('nothing is dropped of a continuation that repeats nothing', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 5 }), (whole, cuts) => {
      const before = whole.toUpperCase();
      const added = appended(before, inPieces(whole, cuts));
      expect(added.trimStart()).toBe(whole.trimStart());
    }),
  );
});

describe('without a repetition', () => {
  it.each([
    ['a word that stopped in the middle goes on', 'Hello wor', 'ld and all', 'Hello world and all'],
    [
      'a sentence that ended is followed by a blank',
      'It is done.',
      'Now the next',
      'It is done. Now the next',
    ],
    ['a mark of punctuation follows at once', 'It is done', '. Next', 'It is done. Next'],
    ['blanks that are there are enough', 'One line\n', '- an item', 'One line\n- an item'],
  ])('%s', (_case, before, after, whole) => {
    expect(before + appended(before, [after])).toBe(whole);
  });
});

it('a continuation that breaks while it still repeats adds nothing', () => {
  const before = 'The quick brown fox jumps over the lazy dog';
  for (const piece of ['jumps ov', 'over the', ' jumps', 'l', ''])
    expect(appended(before, [piece], true)).toBe('');
  // What is certainly new stays, also when the stream broke right after it.
  expect(appended(before, ['the lazy dog and'], true)).toBe(' and');
  expect(appended(before, ['something else'], true)).toBe('something else');
});

it('words that occur twice are not doubled, wherever the continuation that repeats them is cut', () => {
  const before = 'Each of them holds what it holds what it';
  const whole = `${before} holds for the others.`;
  for (const from of [
    'holds what it holds what it',
    'them holds what it holds what it',
    'what it holds what it',
  ]) {
    const continuation = whole.slice(before.indexOf(from));
    for (let end = 0; end <= continuation.length; end += 1)
      expect(whole.startsWith(before + appended(before, [continuation.slice(0, end)], true))).toBe(true);
  }
  const words = (from: number, to: number) =>
    fc.array(
      letters.map((word) => word.join('')),
      { minLength: from, maxLength: to },
    );
  fc.assert(
    fc.property(
      fc.tuple(words(2, 5), words(1, 4), words(1, 4), words(2, 5)),
      fc.integer({ min: 2, max: 9 }),
      fc.nat(),
      ([ahead, twice, between, after], repeated, at) => {
        fc.pre(
          new Set([...ahead, ...twice, ...between, ...after]).size ===
            [ahead, twice, between, after].flat().length,
        );
        const known = [...ahead, ...twice, ...between, ...twice];
        const before = known.join(' ');
        const whole = [...known, ...after].join(' ');
        const continuation = whole.slice(known.slice(0, -repeated).join(' ').length).trimStart();
        const cut = continuation.slice(0, at % (continuation.length + 1));
        expect(whole.startsWith(before + appended(before, [cut], true))).toBe(true);
      },
    ),
    { numRuns: 400 },
  );
});

describe('after an answer that was cut at a word’s end', () => {
  it.each([
    ['it repeats nothing', 'One two three ', 'four five', 'One two three four five'],
    ['it begins with a blank', 'One two three ', ' four five', 'One two three four five'],
    [
      'it repeats with other blanks',
      'One two\nthree four ',
      'two three\nfour five',
      'One two\nthree four five',
    ],
    ['it repeats and breaks the line', 'One two three ', 'two three\n\nfour', 'One two three \n\nfour'],
    ['it repeats a line’s end', 'One two three\n', 'two three\nfour', 'One two three\nfour'],
    ['it repeats no line’s end', 'One two three\n\n', 'two three four', 'One two three\n\nfour'],
    ['it goes on with code', 'if (a) {\n', '  return b;\n}', 'if (a) {\n  return b;\n}'],
    ['it goes on with a mark', 'It is ', '**done** now', 'It is **done** now'],
    ['there are no blanks at all', '一二三四五六七八', '三四五六七八九十', '一二三四五六七八九十'],
  ])('joins where %s, however it is cut', (_case, before, after, whole) => {
    for (let cut = 0; cut <= after.length; cut++)
      expect(before + appended(before, inPieces(after, [cut]))).toBe(whole);
  });
});

it('words that came whole are kept even if they occurred before', () => {
  expect(appended('I like tea and co', ['ffee and tea'])).toBe('ffee and tea');
});

it('what is held back is short: new words are not kept waiting', () => {
  const seam = createSeam('The quick brown fox jumps');
  expect(seam.push('brown fox ju')).toBe('');
  expect(seam.push('mps over')).toBe(' over');
  expect(seam.push(' the')).toBe(' the');
  expect(seam.finish({ cut: false })).toBe('');
});

describe('the question that asks to go on', () => {
  /** The words that the model is asked to repeat. */
  const quoted = (received: string) => /exactly \("([\s\S]*?)"\), then/.exec(goOnAfter(received))?.[1] ?? '';

  it('quotes the last words as they stand, line breaks included, so that they come back as they stand', () => {
    expect(quoted('A list:\n\n- one two\n- three four')).toBe('- one two\n- three four');
    expect(quoted('Ends with blanks \n\n')).toBe('Ends with blanks');
  });

  it('quotes an end of what was received that the seam can join at, in any script', () => {
    const script = fc.constantFrom('字', '語', '😀', 'a', ' ', '\n', 'ÿ');
    fc.assert(
      fc.property(fc.array(script, { minLength: 1, maxLength: 1500 }), (units) => {
        const received = units.join('');
        fc.pre(received.trim() !== '');
        const last = quoted(received);
        expect(last).not.toBe('');
        expect(received.trimEnd().endsWith(last)).toBe(true);
        expect(last.length).toBeLessThanOrEqual(160);
        expect(last.isWellFormed()).toBe(true);
      }),
    );
  });

  it('a script without blanks is joined as well', () => {
    const before = Array.from({ length: 900 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join('');
    expect(appended(before, [`${quoted(before)}然后`])).toBe('然后');
  });
});
