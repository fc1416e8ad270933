import { expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { editMessage, historyUpTo, loadSummary } from '../../../src/conversation/store.ts';
import { buildTranscript } from '../../../src/conversation/transcript.ts';
import { loadReply } from '../../../src/reply/store.ts';
import { fitContext } from '../../../src/reply/write/context.ts';
import { counted, REQUEST, scripted, started, stopped, text } from '../../spec/reply/model.ts';
import { openStored } from '../../support/stored.ts';

it.each([
  ['is stored', false],
  ['of words that were edited while the provider counted them is not stored', true],
])('a summary %s', async (_what, edited) => {
  const { database, log, conversation, say, ask } = await openStored();
  const id = await conversation();
  const first = await say(id, '1.000000', 'old words '.repeat(3000));
  const { reply } = await ask('2.000000', id);
  const stored = await loadReply(database.query, reply);
  if (stored === null) throw new Error('there is no reply');
  const history = await historyUpTo(database.query, id, '2.000000');
  const said = history.map((message) => ({ ...message, text: String(JSON.parse(message.raw ?? '{}').text) }));
  const { turns } = buildTranscript(said, { named: true });
  const model = scripted([started, text('A summary.'), counted(3), stopped()]);
  const fitted = await fitContext(
    {
      database,
      log,
      clock: systemClock,
      contextTokens: 5000,
      requestOf: (some) => ({ ...REQUEST, turns: some }),
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
        async most() {
          if (edited) await editMessage(database.query, first, '{"text":"new words"}');
          return { inputTokens: 9000, outputTokens: 1024, windowTokens: null };
        },
      },
    },
    stored,
    { turns, said, summary: null, empty: false, unread: false, save: async () => {} },
  );
  expect(fitted.note).toBe('summarised');
  expect((await loadSummary(database.query, id))?.text ?? null).toBe(edited ? null : 'A summary.');
});
