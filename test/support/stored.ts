import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { storeQuestion } from '../../src/admission/store.ts';
import { systemClock } from '../../src/clock.ts';
import { addMessage } from '../../src/conversation/store.ts';
import type { Defaults } from '../../src/defaults.ts';
import type { LeaseToken } from '../../src/jobs/store.ts';
import { createLog } from '../../src/log.ts';
import { openDatabase } from '../../src/postgres/database.ts';
import { snapshotOf } from '../../src/reply/snapshot.ts';
import { type AnswerEnd, commitAnswer } from '../../src/reply/store.ts';
import { resolve } from '../../src/settings/resolve.ts';
import { createTestDatabase } from './database.ts';

export const DEFAULTS: Defaults = {
  model: 'claude-sonnet-4-6',
  maxTokens: 1024,
  contextTokens: 100_000,
  instructions: '',
  followUps: 'one_on_one',
  footer: true,
  filesOut: 'auto',
  streaming: 'edit',
  effort: 'auto',
  pingAfter: null,
  budgetMonth: null,
  budgetDay: null,
  access: null,
  retention: null,
  web: false,
  webDomains: { rule: 'not', hosts: [] },
  webSearches: 5,
};

interface Asked {
  readonly conversation: number;
  readonly question: number;
  readonly questionTs: string;
  readonly reply: string;
  readonly lease: LeaseToken;
}

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
  const rows = async <Row extends Record<string, unknown>>(
    text: string,
    values: unknown[] = [],
  ): Promise<Row[]> => (await database.pool.query<Row>(text, values)).rows;
  const conversation = async (more: Partial<typeof place> = {}, complete = true) => {
    const { team, channel, threadTs } = { ...place, ...more };
    const [row] = await rows<{ id: number }>(
      `insert into skein.conversations as c (team, channel, thread_ts, kind, thread_read_at)
       values ($1, $2, $3, 'channel', case when $4 then now() end)
       on conflict (team, channel, thread_ts) do update set kind = c.kind returning id::int`,
      [team, channel, threadTs, complete],
    );
    return row?.id ?? 0;
  };
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
      const [at] = await rows<{ team: string; channel: string; threadTs: string }>(
        'select team, channel, thread_ts as "threadTs" from skein.conversations where id = $1',
        [id],
      );
      if (at === undefined) throw new Error(`there is no conversation ${id}`);
      const reply = randomUUID();
      const asked = await storeQuestion(
        database.query,
        {
          ...at,
          ts: slackTs,
          eventId: null,
          kind: 'channel',
          speaker: 'U1',
          raw: JSON.stringify({ text: 'words' }),
          rewrite: false,
          reply,
          askerTeam: null,
          settings: snapshotOf(resolve(DEFAULTS, [], { direct: false })),
        },
        randomUUID(),
      );
      if (asked?.begun == null) throw new Error('the lease was not taken');
      const { message: question, begun } = asked;
      const { lease } = begun;
      const lost = { ...lease, epoch: lease.epoch - 1 };
      return { conversation: id, question, questionTs: slackTs, reply, lease, lost };
    },
    /** Commit 2 of such a reply. */
    answer(asked: Asked, end: Partial<AnswerEnd> = {}, lease = asked.lease): Promise<void> {
      return commitAnswer(
        database.query,
        lease,
        { ...asked, id: asked.reply },
        { log: 'words', stopReason: 'end', stoppedBy: null, errorCode: null, requestId: null, ...end },
        { remembered: true, inContext: true },
      );
    },
    rows,
  };
}
