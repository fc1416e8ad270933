import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkView } from '../../../playground/slack/blockLimits.ts';
import type { SeenView } from '../../../src/incoming.ts';
import {
  ABOUT_FORM,
  ANYWHERE_FORM,
  aboutForm,
  anywhereForm,
  readWish,
} from '../../../src/shortcuts/forms.ts';

const about = { channel: 'C1', ts: '1766458026.240809' };

function seen(
  callbackId: string,
  values: Record<string, string | null>,
  metadata = 'C1:1766458026.240809',
): SeenView {
  return { id: 'V1', callbackId, metadata, values: new Map(Object.entries(values)) };
}

it('both forms are what Slack takes', () => {
  for (const form of [aboutForm(about), anywhereForm()]) {
    expect(() => checkView(JSON.parse(JSON.stringify(form)))).not.toThrow();
    expect(form.title.text.length).toBeLessThanOrEqual(24);
    expect(form.submit?.text.length).toBeLessThanOrEqual(24);
  }
});

it.each([
  ['a typed question', { question: ' Why? ' }, { kind: 'about', about, question: 'Why?', privately: false }],
  ['a ready one', { ready: 'explain', to: 'me' }, { kind: 'about', privately: true }],
  ['a ready one that there is not', { ready: 'hack' }, { kind: 'no_question' }],
  ['blanks', { question: '  ' }, { kind: 'no_question' }],
])('about a message: %s', (_what, values, expected) => {
  expect(readWish(seen(ABOUT_FORM, values))).toMatchObject(expected);
});

it('a ready question and a typed one are asked together', () => {
  const wish = readWish(seen(ABOUT_FORM, { ready: 'explain', question: 'In French.' }));
  expect(wish).toMatchObject({ question: 'Explain this message in plain words.\nIn French.' });
});

it.each(['', 'C1', 'C1:x', 'C1:1.2:3', '<!channel>:1.2', '{"channel":"C1"}'])(
  'a form from %j is out of date',
  (metadata) => {
    expect(readWish(seen(ABOUT_FORM, { question: 'Why?' }, metadata))).toEqual({ kind: 'unreadable' });
  },
);

it('whatever a form holds is a wish or none, and never an exception', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(ABOUT_FORM, ANYWHERE_FORM, 'other'),
      fc.dictionary(fc.constantFrom('question', 'ready', 'to', 'channel'), fc.option(fc.string())),
      fc.string(),
      (callbackId, values, metadata) => {
        const wish = readWish(seen(callbackId, values, metadata));
        if (wish.kind === 'about' || wish.kind === 'anywhere') expect(wish.question.trim()).not.toBe('');
        if (wish.kind === 'anywhere') expect(wish.channel ?? 'C1').toMatch(/^[A-Z0-9]+$/);
      },
    ),
  );
});
