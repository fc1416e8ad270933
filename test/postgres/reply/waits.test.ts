import { expect, it } from 'vitest';
import { LeaseLost, releaseLease } from '../../../src/jobs/store.ts';
import type { Lease } from '../../../src/jobs/worker.ts';
import { beginCall, loadReply, requestStop } from '../../../src/reply/store.ts';
import { noteTold, wakeWaiting } from '../../../src/reply/waits/store.ts';
import { beginWait, moneyOf, type Wait } from '../../../src/reply/waits/waits.ts';
import { appendLog, foldLog } from '../../../src/reply/write/store.ts';
import { openStored } from '../../support/stored.ts';

const money: Wait = { topic: moneyOf('T1'), notice: 'waits', mostMs: 120_000, lookAgainMs: 5000 };
const approval: Wait = { topic: 'approval:1', notice: 'waits', mostMs: 600_000, lookAgainMs: null };

async function setUp() {
  const stored = await openStored();
  const { database, rows } = stored;
  const ask = async (threadTs: string) => stored.ask(threadTs, await stored.conversation({ threadTs }));
  const begin = ({ lease, reply }: Awaited<ReturnType<typeof ask>>, wait: Wait) =>
    beginWait({ database, lease: { token: lease } as Lease }, { id: reply }, wait);
  /** Begins to wait, and is given back. */
  const rest = async (asked: Awaited<ReturnType<typeof ask>>, wait = money) => {
    await begin(asked, wait);
    await releaseLease(database.query, asked.lease, { delayMs: null });
  };
  const due = async () =>
    (
      await rows<{ key: string }>(
        `select key from skein.mailboxes where lease_owner is null and next_at <= clock_timestamp() order by next_at, key`,
      )
    ).map(({ key }) => key);
  return { ...stored, ask, begin, rest, due };
}

it('patience counts from the first look on, over owners; another topic begins anew', async () => {
  const { ask, begin, rows, database } = await setUp();
  const asked = await ask('1.000000');
  const first = await begin(asked, money);
  expect(first).toMatchObject({ notice: 'waits', told: false, delayMs: 5000 });
  await noteTold(database.query, asked.lease, asked.reply);
  expect(await begin(asked, money)).toMatchObject({ told: true });
  await rows(`update skein.replies set waits_since = now() - interval '118 seconds'`);
  const late = await begin(asked, money);
  expect(late?.delayMs).toBeGreaterThan(0);
  expect(late?.delayMs).toBeLessThanOrEqual(2000);
  await rows(`update skein.replies set waits_since = now() - interval '120 seconds'`);
  expect(await begin(asked, money)).toBeNull();
  const other = await begin(asked, approval);
  expect(other).toMatchObject({ told: false });
  expect(other?.delayMs).toBeGreaterThan(590_000);
});

it('a call that begins and an end are the end of a wait, and what waits under a lost lease is noted nowhere', async () => {
  const { ask, begin, answer, database } = await setUp();
  const asked = await ask('1.000000');
  const waits = async () => (await loadReply(database.query, asked.reply))?.waitsFor;
  await begin(asked, money);
  expect(await waits()).toBe('money:T1');
  await beginCall(database.query, asked.lease, asked.reply, { from: 0, prompt: 1 });
  expect(await waits()).toBeNull();
  await begin(asked, money);
  await answer(asked);
  expect(await waits()).toBeNull();
  await expect(begin({ ...asked, lease: asked.lost }, money)).rejects.toThrow(LeaseLost);
});

it('those who have waited longest are woken first, for their topic alone, and Stop wakes its own', async () => {
  const { ask, rest, due, rows, database } = await setUp();
  const asked = [];
  for (const ts of ['1.000000', '2.000000', '3.000000', '4.000000']) asked.push(await ask(ts));
  const [a, b, c, d] = asked;
  if (a === undefined || b === undefined || c === undefined || d === undefined)
    throw new Error('unreachable');
  for (const one of [b, a, c]) await rest(one);
  await rest(d, approval);
  await rows(`update skein.replies set waits_since = now() - interval '1 hour' where id = $1`, [c.reply]);
  await wakeWaiting(database.query, money.topic, 2);
  const keyOf = ({ conversation }: typeof a) => `conversation:${conversation}`;
  expect((await due()).sort()).toEqual([keyOf(b), keyOf(c)].sort());
  await requestStop(database.query, d.reply, 'U1');
  expect(await due()).toContain(keyOf(d));
  await wakeWaiting(database.query, money.topic, 9);
  expect(await due()).toHaveLength(4);
});

it('who is woken while it is about to be given back is due at once', async () => {
  const { ask, begin, due, database } = await setUp();
  const asked = await ask('1.000000');
  await begin(asked, approval);
  await wakeWaiting(database.query, approval.topic, 1);
  await releaseLease(database.query, asked.lease, { delayMs: null });
  expect(await due()).toEqual([asked.lease.mailbox]);
});

it('a reply that is handed over has its whole text in its row, and a former owner changes none of it', async () => {
  const { ask, rows, database } = await setUp();
  const { lease, lost, reply } = await ask('1.000000');
  await beginCall(database.query, lease, reply, { from: 0, prompt: 1 });
  await appendLog(database.query, lease, reply, { at: 0, text: 'Some ' });
  await expect(foldLog(database.query, lost, reply, 'Nothing')).rejects.toThrow(LeaseLost);
  await foldLog(database.query, lease, reply, 'Some words 👋');
  expect(await rows('select log, log_units from skein.replies')).toEqual([
    { log: 'Some words 👋', log_units: 13 },
  ]);
  expect(await rows('select 1 from skein.pieces')).toEqual([]);
  await appendLog(database.query, lease, reply, { at: 13, text: ' and more' });
  expect((await loadReply(database.query, reply))?.log).toBe('Some words 👋 and more');
});
