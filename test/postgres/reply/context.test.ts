import { expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { editMessage, historyUpTo } from '../../../src/conversation/store.ts';
import { loadSummary } from '../../../src/conversation/summaries/store.ts';
import { buildTranscript, wordsOf } from '../../../src/conversation/transcript.ts';
import type { Database } from '../../../src/postgres/database.ts';
import type { Model } from '../../../src/reply/ports.ts';
import { loadReply } from '../../../src/reply/store.ts';
import { fitContext } from '../../../src/reply/write/context.ts';
import { counted, REQUEST, scripted, started, stopped, text } from '../../spec/reply/model.ts';
import { openStored } from '../../support/stored.ts';

const SUMMARY = [started, text('A summary.'), counted(3), stopped()];

/** A thread of about 7,500 tokens (10,000 by a rough count) and its last question, fitted into `contextTokens`. */
async function fitted(
  model: Pick<Model, 'stream'>,
  most: { inputTokens: number; counted: boolean },
  { contextTokens = 5000, refused = false, onCount = async (_db: Database, _first: number) => {} } = {},
) {
  const { database, log, conversation, say, ask } = await openStored();
  const id = await conversation();
  const first = await say(id, '1.000000', 'old words '.repeat(3000));
  const { reply } = await ask('2.000000', id);
  const stored = await loadReply(database.query, reply);
  if (stored === null) throw new Error('there is no reply');
  const history = await historyUpTo(database.query, id, '2.000000');
  const said = history.map((message) => ({ ...message, text: String(JSON.parse(message.raw ?? '{}').text) }));
  const { turns } = buildTranscript(said, { named: true });
  const keep = { next: 'minutes', sentBefore: 0, keptBefore: 0 } as const;
  const result = await fitContext(
    {
      database,
      log,
      clock: systemClock,
      contextTokens,
      refused,
      requestOf: (turns, keep) => ({ ...REQUEST, turns, keep }),
      signal: new AbortController().signal,
      allowed: () => true,
      onBusy: () => {},
      calls: {
        begin: async ({ maxTokens }) => ({ kind: 'begun', call: 1, maxTokens }),
        started: () => {},
        ended: async () => {},
      },
      model: {
        stream: model.stream,
        async mostTokens() {
          await onCount(database, first);
          return { ...most, outputTokens: 1024, windowTokens: null };
        },
      },
    },
    stored,
    { turns, keep, said, media: new Map(), summary: null, empty: false, unread: false, save: async () => {} },
  );
  return { ...result, summary: (await loadSummary(database.query, id))?.text ?? null };
}

it.each([
  ['is stored', false],
  ['of words that were edited while the provider counted them is not stored', true],
])('a summary %s', async (_what, edited) => {
  const onCount = async ({ query }: Database, first: number) => {
    if (edited) await editMessage(query, first, '{"text":"new words"}');
  };
  const { note, summary } = await fitted(
    scripted(SUMMARY),
    { inputTokens: 9000, counted: true },
    { onCount },
  );
  expect(note).toBe('summarised');
  expect(summary).toBe(edited ? null : 'A summary.');
});

it('a summary is asked for in so many words, at low effort, and not kept in the prompt cache', async () => {
  const model = scripted(SUMMARY);
  await fitted(model, { inputTokens: 9000, counted: true });
  const [asked] = model.requests;
  expect(asked).toMatchObject({ effort: 'low', keep: { next: 'never' } });
  const words = Number(/at most (\d+) words/.exec(wordsOf(asked?.turns[0]?.blocks ?? []))?.[1]);
  // Room for three and more tokens a word, whatever the script.
  expect(asked?.maxTokens).toBeGreaterThanOrEqual(3 * words);
});

it('a summary that was cut by its limit is asked for again, shorter, and only a whole one is kept', async () => {
  const cut = [started, text('A summary that is cut in the mid'), counted(9), stopped('max_tokens')];
  const model = scripted(cut, SUMMARY);
  const { note, summary, turns } = await fitted(model, { inputTokens: 9000, counted: true });
  expect(note).toBe('summarised');
  expect(summary).toBe('A summary.');
  expect(JSON.stringify(turns)).not.toContain('in the mid');
  const words = model.requests.map(({ turns }) => /at most (\d+) words/.exec(JSON.stringify(turns))?.[1]);
  expect(Number(words[1])).toBeLessThan(Number(words[0]));

  const never = await fitted(scripted(cut), { inputTokens: 9000, counted: true });
  expect(never).toMatchObject({ note: 'left_out', summary: null });
});

it('a thread that fits is not summarised because the provider can’t be asked to count it', async () => {
  const bytes = { inputTokens: 30_000, counted: false };
  const model = scripted(SUMMARY);
  expect(await fitted(model, bytes, { contextTokens: 8000 })).toMatchObject({ note: null, summary: null });
  expect(model.requests).toEqual([]);
  // One that certainly does not is.
  expect(await fitted(scripted(SUMMARY), bytes)).toMatchObject({ note: 'summarised' });
});

it('a thread that the model refused as too long is shortened, whatever was reckoned', async () => {
  const counted = { inputTokens: 4000, counted: true };
  const most = { contextTokens: 100_000, refused: true };
  expect(await fitted(scripted(SUMMARY), counted, most)).toMatchObject({ note: 'summarised' });
});
