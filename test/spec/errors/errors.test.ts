import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CATALOGUE, entryOf, isErrorCode, SkeinError, toError } from '../../../src/errors.ts';

it('a code that nobody knows is told as an unknown failure, also one that is the name of a built-in', () => {
  for (const code of ['NEW_CODE', '', 'constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    expect(isErrorCode(code)).toBe(false);
    expect(entryOf(code)).toBe(CATALOGUE.REPLY_FAILED);
  }
});

it('what a person reads is plain sentences: no id, no code, no JSON', () => {
  for (const [code, { person, meaning }] of Object.entries(CATALOGUE)) {
    expect(meaning, code).toMatch(/^[A-Z].*\.$/);
    if (person === null) continue;
    expect(person, code).toMatch(/^[A-Z].*\.$/);
    // UTC is a word that people read.
    expect(person.replaceAll('UTC', ''), code).not.toMatch(/[{}<>_]|\b[A-Z]{3,}\b|undefined|null/);
  }
});

it('an error carries its code, its facts and its cause', () => {
  const cause = new Error('below');
  const error = new SkeinError('MODEL_BUSY', 'over the limit', { cause, facts: { requestId: 'req_1' } });
  expect(error).toMatchObject({
    name: 'SkeinError',
    code: 'MODEL_BUSY',
    message: 'MODEL_BUSY: over the limit',
    facts: { requestId: 'req_1' },
    retryable: true,
    cause,
  });
  expect(new SkeinError('CONFIG_INVALID', 'x')).not.toHaveProperty('cause');
});

it('anything that can be thrown becomes an Error', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const odd = [undefined, null, 0, 10n, Symbol('s'), circular, () => {}, Object.create(null)];
  for (const thrown of odd) expect(toError(thrown)).toBeInstanceOf(Error);
  const original = new TypeError('kept');
  expect(toError(original)).toBe(original);
  expect(toError('words').message).toBe('words');
  fc.assert(fc.property(fc.anything(), (thrown) => toError(thrown) instanceof Error));
});
