import { expect, it } from 'vitest';
import { callOfCard, callsWithCards, expireOver, staleReplies } from '../../../src/reply/cards/store.ts';
import { openStored } from '../../support/stored.ts';
import { accessOf } from '../explain.ts';

it('who looks for what is undecided or to be drawn reads the open calls alone, whatever was ever called', async () => {
  const { database, rows } = await openStored();
  for (const statement of [
    `insert into skein.conversations (team, channel, thread_ts, kind)
     select 'T1', 'C' || i, (1700000000 + i) || '.000000', 'channel' from generate_series(1, 5000) i`,
    `insert into skein.messages (conversation, slack_ts, role, speaker, raw)
     select id, thread_ts, 'user', 'U1', '{"text":"words"}' from skein.conversations`,
    `insert into skein.replies (id, conversation, question, state, model, max_tokens, instructions, footer)
     select gen_random_uuid(), conversation, id, 'shown', 'm', 1024, '', true from skein.messages`,
    `insert into skein.tool_calls (id, reply, version, use, team, server, tool, title, input, reads, repeatable, account, person,
       state, card_intent, card_ts, card_shown)
     select gen_random_uuid(), id, 1, 'toolu_' || n, 'T1', 'tracker', 'create', 'Create', '{}', false, false, 'none', 'U1',
       'done', now(), '1.' || n, 'done' from skein.replies, generate_series(1, 4) n`,
    'analyze',
  ])
    await rows(statement);
  expect(await accessOf(database, expireOver)).toContain('tool_calls_open');
  expect(await accessOf(database, (db) => staleReplies(db, 100))).toContain('tool_calls_stale');
  for (const work of [expireOver, (db: Parameters<typeof expireOver>[0]) => staleReplies(db, 100)])
    expect(await accessOf(database, work)).not.toContain('tool_calls read whole');
});

it('the calls of a reply and of a card are found by key', async () => {
  const { database, rows, ask } = await openStored();
  const { reply, conversation } = await ask();
  const made = await rows<{ id: number }>(
    `insert into skein.conversations (team, channel, thread_ts, kind)
     select 'T2', 'C' || n, '1.0', 'channel' from generate_series(1, 2000) n returning id::int`,
  );
  expect(made.length).toBe(2000);
  await rows('analyze skein.conversations');
  const at = { team: 'T1', channel: 'C1', threadTs: '1.000000', ts: '2.0' };
  expect(await callOfCard(database.query, at)).toBeNull();
  expect(await callsWithCards(database.query, reply)).toEqual([]);
  expect(await accessOf(database, (db) => callOfCard(db, at))).not.toContain('conversations read whole');
  expect(conversation).toBeGreaterThan(0);
});
