import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSeal } from '../../../src/installations/tokens/seal.ts';

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');

it('what is sealed is opened at its own place and at no other, and is never in what is stored', () => {
  const seal = createSeal([key(1)]);
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 8 }),
      fc.string(),
      fc.string(),
      (text, place, other) => {
        fc.pre(place !== other && text.isWellFormed() && place.isWellFormed() && other.isWellFormed());
        const sealed = seal.seal(text, place);
        expect(seal.open(sealed, place)).toEqual({ ok: true, text });
        expect(seal.open(sealed, other)).toEqual({ ok: false, why: 'damaged' });
        expect(sealed).not.toContain(text);
        expect(seal.seal(text, place)).not.toBe(sealed);
      },
    ),
  );
});

it('a change of any letter is noticed', () => {
  const seal = createSeal([key(1)]);
  const sealed = seal.seal('xoxb-something-secret', 'here');
  for (let at = 0; at < sealed.length; at += 1) {
    const letter = sealed[at] === 'A' ? 'B' : 'A';
    const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1);
    // The last letter of base64url may carry bits that say nothing.
    const read = seal.open(changed, 'here');
    if (read.ok) expect([at, read.text]).toEqual([sealed.length - 1, 'xoxb-something-secret']);
  }
});

it('while a key is replaced both open, the first seals, and one that is gone is told as unknown', () => {
  const before = createSeal([key(1)]).seal('secret', 'here');
  const both = createSeal([key(2), key(1)]);
  expect(both.open(before, 'here')).toEqual({ ok: true, text: 'secret' });
  expect([both.current(before), both.current(both.seal('secret', 'here'))]).toEqual([false, true]);
  expect(createSeal([key(2)]).open(before, 'here')).toEqual({ ok: false, why: 'unknown_key' });
  expect(createSeal([key(2)]).open('nothing of ours', 'here')).toEqual({ ok: false, why: 'damaged' });
  expect(() => createSeal([])).toThrow(/no key/);
  expect(() => createSeal(['c2hvcnQ='])).toThrow(/32 bytes/);
});
