import pg from 'pg';
import { expect, it } from 'vitest';
import { countForgettable, forgetOpinions, forgetWords } from '../../src/commands/store.ts';
import type { Queryable } from '../../src/postgres/database.ts';
import { daysOf, recentConversations } from '../../src/views/store.ts';
import { openStored } from '../support/stored.ts';
import { accessOf } from './explain.ts';

/** A workspace in which 1,200 people ask, as Postgres sees it after its statistics were gathered. */
const FILL = [
  `insert into skein.conversations (team, channel, thread_ts, kind)
   select 'T1', 'C' || i % 100, (1700000000 + i) || '.000000', 'channel' from generate_series(1, 12000) i`,
  `insert into skein.messages (conversation, slack_ts, role, speaker, raw)
   select c.id, c.thread_ts, 'user', 'U' || c.id % 1200, '{"text":"words"}'
   from skein.conversations c`,
  `insert into skein.replies (id, conversation, question, state, model, max_tokens, instructions, footer)
   select gen_random_uuid(), conversation, id, 'shown', 'm', 1024, '', true from skein.messages`,
  `insert into skein.mailboxes (key) select 'conversation:' || id from skein.conversations`,
  `insert into skein.usage (reply, call, team, channel, person, model, input_tokens, cache_write_5m_tokens,
     cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, estimated, price_version)
   select r.id, 1, 'T1', 'C1', m.speaker, 'm', 1, 0, 0, 0, 1, 0, false, 'v'
   from skein.replies r join skein.messages m on m.id = r.question`,
  `insert into skein.feedback (reply, version, person, verdict, reason, instructions_hash)
   select r.id, 1, m.speaker, 'bad', 'because', '' from skein.replies r join skein.messages m on m.id = r.question`,
  `insert into skein.versions (reply, version, text, units, model, max_tokens, instructions, calls, begun_at,
     continued_at) select id, 2, '', 0, 'm', 1024, '', '{}', now(), 0 from skein.replies`,
  `insert into skein.pieces (reply, at, units, text) select id, 0, 1, 'x' from skein.replies`,
  `insert into skein.answer_blocks (reply, version, seq, upto, call, block) select id, 1, 1, 1, 1, '{}' from skein.replies`,
  `insert into skein.tool_calls (id, reply, version, use, team, server, tool, title, input, reads, repeatable, account, person, state)
   select gen_random_uuid(), id, 1, 'toolu_1', 'T1', 'tickets', 'find', 'Find', '{}', true, true, 'none', 'U1', 'done' from skein.replies`,
  `insert into skein.tool_grants (conversation, server, tool, person) select id, 'tickets', 'find', 'U1' from skein.conversations`,
  'analyze',
];

it('what is read of one person is found by the person, however much others wrote and asked', async () => {
  const { database, rows, url } = await openStored();
  // Over a connection of its own: the bot's may not work for so long at one statement.
  const filling = new pg.Client({ connectionString: url });
  await filling.connect();
  for (const statement of FILL) await filling.query(statement);
  await filling.end();
  const everywhere = { team: 'T1', channel: null, threadTs: null };
  const mine = { team: 'T1', person: 'U7' };
  const since = new Date(0);
  const statements: Record<string, [(db: Queryable) => Promise<unknown>, string[]]> = {
    countForgettable: [(db) => countForgettable(db, everywhere, 'U7'), ['messages_speaker']],
    daysOf: [(db) => daysOf(db, mine, since), ['usage_person_at']],
    recentConversations: [(db) => recentConversations(db, mine, since, 5), ['usage_person_at']],
    forgetWords: [
      async (db) => {
        await forgetWords({ query: db, transaction: (work) => work(db) }, everywhere, 'U7');
        await forgetOpinions(db, everywhere, 'U7');
      },
      ['feedback_person', 'messages_speaker', 'replies_question'],
    ],
  };
  for (const [name, [work, indexes]] of Object.entries(statements)) {
    const found = await accessOf(database, work);
    expect(found, name).toEqual(expect.arrayContaining(indexes));
    expect(
      found.filter((one) => one.endsWith('read whole')),
      name,
    ).toEqual([]);
  }
  expect(await rows(`select 1 from skein.messages where speaker = 'U7' and deleted_at is null`)).toEqual([]);
  expect(await rows(`select 1 from skein.feedback where person = 'U7' and reason is not null`)).toEqual([]);
  const [others] = await rows(`select count(*)::int as reasons from skein.feedback where reason is not null`);
  expect(others).toEqual({ reasons: 12_000 - 10 });
});
