import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { storeQuestion } from '../../../src/admission/store.ts';
import { beginVersion, bringBack, loadPressed, rate } from '../../../src/controls/store.ts';
import { dropAllUnused, dropUnused, eraseWords } from '../../../src/erasure/store.ts';
import type { Queryable } from '../../../src/postgres/database.ts';
import { snapshotOf } from '../../../src/reply/snapshot.ts';
import { loadReply } from '../../../src/reply/store.ts';
import { moveInstructions } from '../../../src/reply/write/store.ts';
import { resolve } from '../../../src/settings/resolve.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';

const LONG = 'Answer in verse, like this:\n'.repeat(300);
const signal = new AbortController().signal;
const by = { team: 'T1', by: 'U1' };
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const under = (instructions: string) => ({
  ...snapshotOf(resolve(DEFAULTS, [], { direct: false })),
  instructions,
});

async function setUp() {
  const stored = await openStored();
  const { database, rows } = stored;
  let last = 0;
  /** A question whose answer is written under these instructions. */
  const asked = async (instructions: string, db: Queryable = database.query) => {
    last += 1;
    const ts = `${last}.000000`;
    const reply = randomUUID();
    const question = await storeQuestion(
      db,
      {
        ...{ team: 'T1', channel: 'C1', ts, eventId: null, threadTs: ts, kind: 'channel', speaker: 'U1' },
        ...{ raw: '{"text":"words"}', rewrite: false, reply, askerTeam: null, settings: under(instructions) },
      },
      null,
    );
    return { reply, question: question?.message ?? 0 };
  };
  return {
    ...stored,
    asked,
    read: async (reply: string) => (await loadReply(database.query, reply))?.instructions,
    texts: async () =>
      (await rows<{ text: string }>('select text from skein.instructions order by text')).map(
        ({ text }) => text,
      ),
    inRows: () =>
      rows('select instructions from skein.replies union all select instructions from skein.versions'),
  };
}

it('instructions that many answers were written under are stored once, and read back to the letter', async () => {
  const { asked, read, texts, inRows } = await setUp();
  const odd = 'Être bref; "\\" 🙂\n';
  const all = [await asked(LONG), await asked(LONG), await asked(odd), await asked('')];
  expect(await Promise.all(all.map(({ reply }) => read(reply)))).toEqual([LONG, LONG, odd, '']);
  expect(await texts()).toEqual([LONG, odd]);
  expect(await inRows()).toEqual(Array(4).fill({ instructions: '' }));
});

it('a version that is laid aside keeps its instructions, also when it is brought back and left again', async () => {
  const { database, asked, read, texts, inRows, rows } = await setUp();
  const { reply } = await asked(LONG);
  const change = (work: (tx: Queryable) => Promise<void>) => database.transaction(work);
  const pressed = async () => {
    const found = await loadPressed(database.query, reply, by);
    if (found === null) throw new Error('the reply is not there');
    return found;
  };
  const second = await pressed();
  await change((tx) => beginVersion(tx, second, under('Be brief.')));
  expect(await read(reply)).toBe('Be brief.');
  const third = await pressed();
  await change((tx) => beginVersion(tx, third, under('')));
  expect(await read(reply)).toBe('');
  for (const [version, instructions] of [
    [1, LONG],
    [3, ''],
    [2, 'Be brief.'],
    [1, LONG],
    [2, 'Be brief.'],
  ] as const) {
    const now = await pressed();
    await change((tx) => bringBack(tx, now, version));
    expect(await read(reply)).toBe(instructions);
  }
  for (const version of [1, 2, 3])
    await rate(database.query, { reply, version, person: 'U2', verdict: 'good' });
  expect(await rows('select version, instructions_hash as hash from skein.feedback order by 1')).toEqual(
    [LONG, 'Be brief.', ''].map((text, at) => ({ version: at + 1, hash: hashOf(text) })),
  );
  expect(await texts()).toEqual([LONG, 'Be brief.']);
  expect(await inRows()).toEqual(Array(4).fill({ instructions: '' }));
});

it('while a program that knows no hash is alive, the text stays where it reads it, and is moved afterwards', async () => {
  const { database, asked, read, texts, inRows, rows } = await setUp();
  // As it registers itself, and as it begins an answer anew.
  await rows('insert into skein.workers (id, lock_key) values (gen_random_uuid(), 1)');
  const { reply } = await asked(LONG);
  const other = await asked(LONG);
  expect(await inRows()).toEqual(Array(2).fill({ instructions: LONG }));
  await rows(`update skein.replies set instructions = 'Be brief.' where id = $1`, [reply]);
  await rows(`update skein.replies set instructions = '' where id = $1`, [other.reply]);
  await rows(
    `insert into skein.versions (reply, version, text, units, model, max_tokens, instructions, calls, begun_at, continued_at)
     select id, 1, '', 0, 'm', 1, instructions, '{}', now(), 0 from skein.replies where id = $1
     on conflict (reply, version) do update set instructions = excluded.instructions`,
    [reply],
  );
  expect([await read(reply), await read(other.reply)]).toEqual(['Be brief.', '']);
  expect(await moveInstructions(database.query, signal)).toBe(0);
  expect(await rows(`select instructions from skein.replies where id = $1`, [reply])).toEqual([
    { instructions: 'Be brief.' },
  ]);
  await rows('delete from skein.workers');
  expect(await moveInstructions(database.query, signal)).toBe(2);
  expect(await moveInstructions(database.query, signal)).toBe(0);
  expect(await inRows()).toEqual(Array(3).fill({ instructions: '' }));
  expect([await read(reply), await read(other.reply)]).toEqual(['Be brief.', '']);
  await dropAllUnused(database, signal);
  expect(await texts()).toEqual(['Be brief.']);
});

it('what is in rows from before is read there, and moved', async () => {
  const { database, asked, read, texts, rows } = await setUp();
  const { reply } = await asked('');
  await rows('alter table skein.replies disable trigger user');
  await rows(`update skein.replies set instructions = 'Be brief.'`);
  await rows('alter table skein.replies enable trigger user');
  expect(await read(reply)).toBe('Be brief.');
  expect(await texts()).toEqual([]);
  expect(await moveInstructions(database.query, signal)).toBe(1);
  expect(await read(reply)).toBe('Be brief.');
  expect(await texts()).toEqual(['Be brief.']);
});

it('a text goes when the words of the last answer under it are erased, in the same transaction', async () => {
  const { database, asked, texts, rows } = await setUp();
  const [one, two, alone] = [await asked(LONG), await asked(LONG), await asked('Be brief.')];
  await rows(`update skein.replies set state = 'shown'`);
  const erase = (...messages: number[]) => database.transaction((tx) => eraseWords(tx, messages, 'wait'));
  await erase(one.question);
  expect(await texts()).toEqual([LONG, 'Be brief.']);
  await erase(two.question, alone.question);
  expect(await texts()).toEqual([]);
});

it('a question that comes while its instructions are taken for unused has them, whoever is first', async () => {
  const { database, asked, read, texts, rows } = await setUp();
  const first = await asked(LONG);
  await rows('update skein.replies set instructions = $1 where id = $2', ['', first.reply]);
  let second = asked('never');
  await database.transaction(async (tx) => {
    expect(await dropUnused(tx, [hashOf(LONG)])).toBe(1);
    // It waits for the end of this transaction.
    second = asked(LONG);
    await expect
      .poll(async () => (await rows(`select from pg_locks where not granted`)).length, { timeout: 10_000 })
      .toBeGreaterThan(0);
  });
  const { reply } = await second;
  expect(await read(reply)).toBe(LONG);
  await rows('update skein.replies set instructions = $1 where id = $2', ['', reply]);
  await database.transaction(async (tx) => {
    const third = await asked(LONG, tx);
    // Nobody waits for it, and it is not dropped.
    expect(await dropAllUnused(database, signal)).toBeLessThanOrEqual(1);
    await tx.execute(sql`select 1`);
    expect((await loadReply(tx, third.reply))?.instructions).toBe(LONG);
  });
  expect(await texts()).toContain(LONG);
});
