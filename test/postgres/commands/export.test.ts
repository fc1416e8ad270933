import { expect, it } from 'vitest';
import { exportFile } from '../../../src/commands/export.ts';
import { openStored } from '../../support/stored.ts';

const AT = '2026-11-28T12:00:00.000Z';
const WHERE = { team: 'T1', channel: 'C1', threadTs: null };

/** Threads of so many messages each, the first one first. */
async function stored(sizes: readonly number[]) {
  const { database, rows, conversation } = await openStored();
  for (const [index, size] of sizes.entries()) {
    const id = await conversation({ threadTs: `${index + 1}.000000` });
    await rows(
      `insert into skein.messages (conversation, slack_ts, role, speaker, speaker_name, text)
       select $1, $2 || '.' || lpad(n::text, 6, '0'), 'user', 'U1', 'Ana', 'message ' || n || ' ' || repeat('é', 20)
       from generate_series(1, $3) n`,
      [id, String(index + 1), size],
    );
  }
  return async (limits: { conversations?: number; messages?: number; bytes?: number }) => {
    const most = { conversations: 10, messages: 1000, bytes: 1_000_000, ...limits };
    const made = await exportFile(database.query, WHERE, AT, most);
    const file = JSON.parse(made.pieces.join('')) as {
      complete: boolean;
      conversations: { thread_ts: string; complete: boolean; messages: { ts: string; text: string }[] }[];
    };
    expect(file.complete).toBe(made.complete);
    expect(file.conversations).toHaveLength(made.conversations);
    return file;
  };
}

it('a file holds all conversations in order, over any number of pages', async () => {
  const exported = await stored([3, 250, 1]);
  const file = await exported({});
  expect(file).toMatchObject({ exported_at: AT, team: 'T1', channel: 'C1', complete: true });
  expect(file.conversations.map(({ thread_ts, messages }) => [thread_ts, messages.length])).toEqual([
    ['1.000000', 3],
    ['2.000000', 250],
    ['3.000000', 1],
  ]);
  const times = file.conversations[1]?.messages.map(({ ts }) => ts) ?? [];
  expect(times).toEqual([...times].sort());
});

it('a file that is full has the latest conversations and says that there is more', async () => {
  const exported = await stored([3, 5, 2]);
  const byMessages = await exported({ messages: 4 });
  expect(
    byMessages.conversations.map(({ thread_ts, complete, messages }) => [
      thread_ts,
      complete,
      messages.length,
    ]),
  ).toEqual([
    ['2.000000', false, 2],
    ['3.000000', true, 2],
  ]);
  expect(byMessages).toMatchObject({ complete: false });
  const byConversations = await exported({ conversations: 2 });
  expect(byConversations.conversations.map(({ thread_ts }) => thread_ts)).toEqual(['2.000000', '3.000000']);
  expect(byConversations.complete).toBe(false);
  expect((await exported({ conversations: 3, messages: 10 })).complete).toBe(true);
});

it('a file stays within its bytes, counted as they are sent', async () => {
  const exported = await stored([40]);
  const bytes = 5000;
  const file = await exported({ bytes });
  const words = file.conversations.flatMap(({ messages }) => messages);
  expect(words.length).toBeGreaterThan(5);
  expect(words.length).toBeLessThan(40);
  expect(
    Buffer.byteLength(words.map((message) => JSON.stringify(message, null, 2)).join('')),
  ).toBeLessThanOrEqual(bytes);
});

it('of a place without conversations there is nothing', async () => {
  const exported = await stored([]);
  expect((await exported({})).conversations).toEqual([]);
});
