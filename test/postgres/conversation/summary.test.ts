import { expect, it } from 'vitest';
import {
  addEarlier,
  deleteAnswer,
  deleteMessage,
  editMessage,
  saveAnswer,
  saveMade,
  setInContext,
} from '../../../src/conversation/store.ts';
import {
  beginSummary,
  dropSummary,
  finishSummary,
  loadSummary,
  purgeDrafts,
} from '../../../src/conversation/summaries/store.ts';
import { eraseWords } from '../../../src/erasure/store.ts';
import { openStored } from '../../support/stored.ts';

const RAW = JSON.stringify({ text: 'words' });

/** A thread of two questions, the first answered; a summary covers the first question with its answer. */
async function setUp() {
  const stored = await openStored();
  const { database } = stored;
  const conversation = await stored.conversation();
  const first = await stored.say(conversation, '1.000000');
  const answer = { conversation, questionTs: '1.000000', text: 'An answer.', inContext: true };
  await saveAnswer(database.query, answer);
  const second = await stored.say(conversation, '2.000000');
  const draft = await beginSummary(database, conversation, '1.000000');
  return { ...stored, conversation, first, second, answer, draft };
}

type World = Awaited<ReturnType<typeof setUp>>;

const changes: readonly (readonly [string, (world: World) => Promise<unknown>])[] = [
  ['is edited', ({ database, first }) => editMessage(database.query, first, '{"text":"others"}')],
  ['is deleted', ({ database, first }) => deleteMessage(database.query, first)],
  ['is erased', ({ database, first }) => eraseWords(database.query, [first], 'wait')],
  [
    'loses its answer',
    ({ database, conversation }) => deleteAnswer(database.query, { conversation, questionTs: '1.000000' }),
  ],
  [
    'gets another answer',
    ({ database, answer }) => saveAnswer(database.query, { ...answer, text: 'Another.' }),
  ],
  ['is kept from the model', ({ database, first }) => setInContext(database.query, first, false)],
  [
    'comes after something that was read late',
    ({ database, conversation }) =>
      addEarlier(database.query, conversation, [
        { slackTs: '0.500000', role: 'user', speaker: 'U2', raw: RAW },
      ]),
  ],
];

it.each(changes)(
  'a summary goes, and a draft is not kept, when a message of it %s',
  async (_what, change) => {
    const drafted = await setUp();
    await change(drafted);
    expect(await finishSummary(drafted.database, drafted.draft, 'Summary.')).toBe(false);
    expect(await loadSummary(drafted.database.query, drafted.conversation)).toBeNull();
    const finished = await setUp();
    expect(await finishSummary(finished.database, finished.draft, 'Summary.')).toBe(true);
    await change(finished);
    expect(await finished.rows('select 1 from skein.summaries')).toEqual([]);
  },
);

it('what comes later, and words that are read from what Slack sent, leave a summary as it is', async () => {
  const { database, conversation, first, second, draft, say } = await setUp();
  await saveMade(database.query, [{ id: first, raw: RAW, reading: { text: 'words', speakerName: 'Ana' } }]);
  await editMessage(database.query, second, '{"text":"others"}');
  await say(conversation, '3.000000');
  expect(await finishSummary(database, draft, 'Summary.\0')).toBe(true);
  expect(await loadSummary(database.query, conversation)).toEqual({ until: '1.000000', text: 'Summary.' });
});

it('a later summary takes the place of an earlier one, and a draft that is dropped takes nothing with it', async () => {
  const { database, conversation, draft, rows } = await setUp();
  await finishSummary(database, draft, 'Of one.');
  const abandoned = await beginSummary(database, conversation, '2.000000');
  expect(await loadSummary(database.query, conversation)).toMatchObject({ text: 'Of one.' });
  await dropSummary(database.query, abandoned);
  const next = await beginSummary(database, conversation, '2.000000');
  await finishSummary(database, next, 'Of both.');
  expect(await loadSummary(database.query, conversation)).toEqual({ until: '2.000000', text: 'Of both.' });
  expect(await rows('select 1 from skein.summaries')).toHaveLength(1);
});

it('a draft that nobody finished goes after a day, and no summary goes with it', async () => {
  const { database, conversation, draft, rows } = await setUp();
  await finishSummary(database, draft, 'Of one.');
  await beginSummary(database, conversation, '2.000000');
  expect(await purgeDrafts(database.query)).toBe(0);
  await rows(`update skein.summaries set at = at - interval '2 days'`);
  expect(await purgeDrafts(database.query)).toBe(1);
  expect(await loadSummary(database.query, conversation)).toMatchObject({ text: 'Of one.' });
});

it('a summary that begins while somebody edits a message waits for that, and is made of the new words', async () => {
  const { database, conversation, first, draft } = await setUp();
  await dropSummary(database.query, draft);
  let begun = false;
  let summary: Promise<string> | null = null;
  await database.transaction(async (tx) => {
    await editMessage(tx, first, '{"text":"others"}');
    summary = beginSummary(database, conversation, '1.000000').finally(() => {
      begun = true;
    });
    // Its lock is asked for behind ours.
    await expect
      .poll(async () => (await database.pool.query('select 1 from pg_locks where not granted')).rows.length)
      .toBeGreaterThan(0);
    expect(begun).toBe(false);
  });
  expect(await finishSummary(database, (await summary) ?? '', 'New words.')).toBe(true);
});
