import { expect, it } from 'vitest';
import { countForgettable, forgetWords } from '../../../src/commands/store.ts';
import { markShown } from '../../../src/reply/store.ts';
import { openStored } from '../../support/stored.ts';

const HERE = { team: 'T1', channel: 'C1', threadTs: null };

async function withAnswer() {
  const stored = await openStored();
  const asked = await stored.ask();
  await stored.answer(asked);
  return { ...stored, asked, query: stored.database.query };
}

it('an answer whose question was deleted in Slack before is counted and forgotten with it', async () => {
  const { rows, asked, query, database } = await withAnswer();
  await markShown(query, asked.lease, asked.reply, 'shown');
  await rows(`update skein.messages set raw = null, deleted_at = now() where id = $1`, [asked.question]);
  expect(await countForgettable(query, HERE, 'U1')).toEqual({ messages: 0, answers: 1, running: 0 });
  expect(await forgetWords(database, HERE, 'U1')).toEqual({ messages: 0, answers: 1, running: 0 });
  expect(await rows('select 1 from skein.messages where coalesce(raw, text, blocks) is not null')).toEqual(
    [],
  );
  expect(await rows('select log from skein.replies')).toEqual([{ log: '' }]);
  expect(await countForgettable(query, HERE, 'U1')).toEqual({ messages: 0, answers: 0, running: 0 });
});

it('a question that is being answered is stopped and keeps its words, and what others wrote stays', async () => {
  const { asked, say, rows, database } = await withAnswer();
  await say(asked.conversation, '2.000000', 'mine');
  await say(asked.conversation, '3.000000', 'theirs', 'U2');
  expect(await forgetWords(database, HERE, 'U1')).toEqual({ messages: 1, answers: 0, running: 1 });
  expect(
    await rows(
      'select slack_ts, role from skein.messages where erased_at is null order by slack_ts, role desc',
    ),
  ).toEqual([
    { slack_ts: '1.000000', role: 'user' },
    { slack_ts: '1.000000', role: 'assistant' },
    { slack_ts: '3.000000', role: 'user' },
  ]);
});

it('however much a person wrote is forgotten in transactions of a few hundred messages each', async () => {
  const { asked, rows, database, query } = await withAnswer();
  await markShown(query, asked.lease, asked.reply, 'shown');
  await rows(
    `insert into skein.messages (conversation, slack_ts, role, speaker, raw)
     select $1, '2.' || lpad(n::text, 6, '0'), 'user', 'U1', '{}' from generate_series(1, 450) n`,
    [asked.conversation],
  );
  expect(await forgetWords(database, HERE, 'U1')).toEqual({ messages: 451, answers: 1, running: 0 });
  const [most] = await rows<{ most: number }>(
    'select max(count)::int as most from (select count(*) from skein.messages group by xmin::text) each',
  );
  expect(most?.most).toBeLessThan(250);
});
