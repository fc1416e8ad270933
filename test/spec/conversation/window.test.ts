import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Placed, part, pieces, turnTokens } from '../../../src/conversation/window.ts';

/** A thread: questions, most with an answer. */
const thread: fc.Arbitrary<Placed[]> = fc
  .array(fc.tuple(fc.string({ unit: 'binary', maxLength: 300 }), fc.option(fc.string({ maxLength: 300 }))), {
    minLength: 1,
    maxLength: 12,
  })
  .map((turns) =>
    turns.flatMap(([question, answer], at) => {
      const slackTs = `${1_700_000_000 + at}.000000`;
      const said = { speakerName: 'Ana', blocks: null, raw: null, slackTs };
      return [
        { ...said, id: 2 * at, role: 'user' as const, text: question },
        ...(answer === null ? [] : [{ ...said, id: 2 * at + 1, role: 'assistant' as const, text: answer }]),
      ];
    }),
  );
const sizeOf = (said: readonly Placed[]) => said.reduce((sum, { text }) => sum + turnTokens(text), 0);

test('a thread is parted between questions: nothing is lost, and as much of its end is kept as fits', () => {
  fc.assert(
    fc.property(thread, fc.nat({ max: 3000 }), (said, target) => {
      const { earlier, kept } = part(said, target);
      expect([...earlier, ...kept]).toEqual(said);
      expect(kept[0]?.role).toBe('user');
      expect(kept.at(-1)).toBe(said.at(-1));
      const first = kept[0]?.slackTs;
      expect(earlier.every(({ slackTs }) => slackTs !== first)).toBe(true);
      // More than the target only if it is the last question alone, and no other question would have fitted.
      if (new Set(kept.map(({ slackTs }) => slackTs)).size > 1)
        expect(sizeOf(kept)).toBeLessThanOrEqual(target);
      const before = earlier.at(-1)?.slackTs;
      if (before !== undefined)
        expect(sizeOf([...earlier.filter(({ slackTs }) => slackTs === before), ...kept])).toBeGreaterThan(
          target,
        );
    }),
  );
});

test('pieces are in order, within their size, and lose nothing but the middle of a message that is too long', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 400 }), { maxLength: 12 }),
      fc.integer({ min: 40, max: 500 }),
      (lines, most) => {
        const found = pieces(lines, most);
        for (const piece of found) expect(turnTokens(piece)).toBeLessThanOrEqual(most + 2 * lines.length);
        if (lines.every((line) => turnTokens(line) <= most))
          expect(found.join('\n\n')).toBe(lines.join('\n\n'));
      },
    ),
  );
  const long = `begin ${'x'.repeat(5000)} end`;
  expect(pieces([long], 100)).toHaveLength(1);
  expect(pieces([long], 100)[0]).toMatch(/^begin x+ \[…\] x+ end$/);
});
