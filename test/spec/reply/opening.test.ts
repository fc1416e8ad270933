import { expect, it } from 'vitest';
import { setUp } from './stage.ts';

/** A reply without words yet, in a workspace where an edit would show its first ones after `firstWordsMs`. */
function begin(firstWordsMs: number, more: { showsStatus?: boolean; posted?: boolean } = {}) {
  const known = more.posted === true ? [{ index: 0, ts: null }] : [];
  const stage = setUp({ known, looks: [''], notice: 'Thinking…' });
  stage.state.firstWordsMs = firstWordsMs;
  stage.state.showsStatus = more.showsStatus ?? true;
  return stage;
}

it('where edits are there for its first words, a reply has its placeholder at once', async () => {
  const { clock, sent, events } = begin(200);
  await clock.advance(60);
  expect(sent.map(({ method, notice }) => `${method} ${notice}`)).toEqual(['post Thinking…']);
  expect(events).toEqual([]);
});

it('in a crowd Slack’s own line says that it is thought about, and the first words come with the post', async () => {
  const { clock, sent, events, turns, show } = begin(3000);
  await clock.advance(400);
  expect(events).toEqual(['status is thinking…']);
  expect(sent).toEqual([]);
  show('First words');
  await clock.advance(60);
  expect(sent.map(({ method, markdown }) => `${method} ${markdown}`)).toEqual(['post First words']);
  show('First words and more');
  await clock.advance(60);
  expect(turns).toEqual(['post', 'interim']);
});

it.each([
  [300, 1000],
  [3000, 3000],
  [60_000, 5000],
])('where an edit would take %i ms, words are waited for no longer than %i', async (editMs, holdMs) => {
  const { clock, sent } = begin(editMs);
  await clock.advance(holdMs - 10);
  expect(sent).toEqual([]);
  await clock.advance(70);
  expect(sent.map(({ notice }) => notice)).toEqual(['Thinking…']);
});

it('where Slack shows no line, the placeholder comes at once however crowded it is', async () => {
  const { clock, sent } = begin(3000, { showsStatus: false });
  await clock.advance(110);
  expect(sent.map(({ notice }) => notice)).toEqual(['Thinking…']);
});

it('a message that may be there already is looked for at once', async () => {
  const { clock, events, turns } = begin(3000, { posted: true });
  await clock.advance(60);
  expect(events).toEqual(['find']);
  expect(turns).toEqual(['post']);
});

it('where no edit is left for its end, an answer comes whole, with its post, while Slack’s own line says that it is written', async () => {
  const { clock, sent, events, show, finish, state } = begin(3000);
  state.room = false;
  await clock.advance(400);
  show('First words');
  await clock.advance(8000);
  expect(sent).toEqual([]);
  expect(events).toEqual(['status is thinking…', 'status is writing…']);
  expect(await finish('First words and all others.')).toBe('shown');
  expect(sent.map(({ method, markdown }) => `${method} ${markdown}`)).toEqual([
    'post First words and all others.',
  ]);
});

it('an answer that waits for an edit to be left is begun as soon as there is one', async () => {
  const { clock, sent, show, state } = begin(3000);
  state.room = false;
  show('First words');
  await clock.advance(2000);
  state.room = true;
  show('First words and more');
  await clock.advance(60);
  expect(sent.map(({ method, markdown }) => `${method} ${markdown}`)).toEqual(['post First words and more']);
});

it('an answer that ends while its first words are waited for is posted whole', async () => {
  const { clock, finish, sent } = begin(3000);
  await clock.advance(100);
  expect(await finish('All of it')).toBe('shown');
  expect(sent.map(({ method, markdown }) => `${method} ${markdown}`)).toEqual(['post All of it']);
});
