import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Defaults } from '../../src/config.ts';
import { addMessage, openConversation } from '../../src/conversation/store.ts';
import { enqueue } from '../../src/jobs/store.ts';
import { createLog } from '../../src/log.ts';
import { openDatabase } from '../../src/postgres/database.ts';
import { answerJob, mailboxOf } from '../../src/reply/job.ts';
import { snapshotOf } from '../../src/reply/snapshot.ts';
import { addReply } from '../../src/reply/store.ts';
import { resolve } from '../../src/settings/resolve.ts';
import { createTestDatabase } from './database.ts';

export const DEFAULTS: Defaults = {
  model: 'claude-sonnet-4-6',
  maxTokens: 1024,
  instructions: '',
  followUps: 'one_on_one',
  footer: true,
  streaming: 'edit',
  effort: 'auto',
  pingAfter: null,
  budgetMonth: null,
  budgetDay: null,
  access: null,
};

/** A database of the running test's own, kept if the test fails, and its first rows. */
export async function openStored() {
  const { url, drop } = await createTestDatabase();
  const log = createLog('error', { write: () => {} });
  const database = openDatabase({ url, max: 10, clock: systemClock, log });
  onTestFinished(async ({ task }) => {
    await database.close();
    if (task.result?.state === 'fail') console.error(`The database of this test is kept: ${url}`);
    else await drop();
  });
  const place = { team: 'T1', channel: 'C1', threadTs: '1.000000' };
  const conversation = async (more: Partial<typeof place> = {}, complete = true) =>
    (await openConversation(database.query, { ...place, ...more, kind: 'channel', complete })).id;
  const say = async (id: number, slackTs: string, text = 'words', speaker: string | null = 'U1') => {
    const message = await addMessage(database.query, {
      conversation: id,
      slackTs,
      speaker,
      raw: JSON.stringify({ text }),
    });
    if (message === null) throw new Error(`${slackTs} was said before`);
    return message;
  };
  return {
    url,
    database,
    log,
    conversation,
    say,
    /** A question with its reply, and the lease under which it may be written. */
    async ask(slackTs = '1.000000', conversationId?: number) {
      const id = conversationId ?? (await conversation());
      const question = await say(id, slackTs);
      const reply = randomUUID();
      const owner = randomUUID();
      const lease = await database.transaction(async (tx) => {
        await addReply(tx, {
          id: reply,
          conversation: id,
          question,
          askerTeam: null,
          settings: snapshotOf(resolve(DEFAULTS, [], { direct: false })),
        });
        const job = answerJob({ mailbox: mailboxOf(id), reply, questionTs: slackTs, press: null });
        return (await enqueue(tx, job, owner))?.lease ?? null;
      });
      if (lease === null) throw new Error('the lease was not taken');
      return { conversation: id, question, reply, lease, lost: { ...lease, epoch: lease.epoch - 1 } };
    },
    async rows<Row extends Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
      return (await database.pool.query<Row>(text, values)).rows;
    },
  };
}
