import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { LeaseToken } from '../../src/jobs/store.ts';
import type { Database } from '../../src/postgres/database.ts';
import { beginCall, commitAnswer } from '../../src/reply/store.ts';
import { appendLog } from '../../src/reply/write/store.ts';

const WORDS =
  'thread answer because light running between small question never about other people where stream'.split(
    ' ',
  );
/** So much comes between two writes at 60 tokens a second: 48 characters. */
const PIECE = 48;

/** `words`: nine words of prose; `noise`: what no compression makes smaller (base64, six bits a character). */
export type Wording = 'words' | 'noise';

function pieceOf(at: number, wording: Wording): string {
  const hash = createHash('sha512').update(`${wording} ${at}`).digest();
  if (wording === 'noise') return hash.toString('base64').slice(0, PIECE);
  return [...hash.subarray(0, 9)]
    .map((byte) => WORDS[byte % WORDS.length])
    .join(' ')
    .slice(0, PIECE - 1)
    .padEnd(PIECE, ' ');
}

export function piecesOf(bytes: number, wording: Wording): string[] {
  return Array.from({ length: Math.ceil(bytes / PIECE) }, (_, at) => pieceOf(at, wording));
}

/** Bytes of write-ahead log that the server has written during `work`, for whomever. */
export async function walOf(client: pg.Client, work: () => Promise<unknown>): Promise<number> {
  const { rows } = await client.query<{ at: string }>('select pg_current_wal_lsn()::text as at');
  await work();
  const { rows: after } = await client.query<{ bytes: string }>(
    'select pg_wal_lsn_diff(pg_current_wal_lsn(), $1::pg_lsn)::text as bytes',
    [rows[0]?.at],
  );
  return Number(after[0]?.bytes);
}

let asked = 0;

/** A question with a reply, and the lease under which it may be written. */
export async function askedReply(client: pg.Client) {
  asked += 1;
  const ts = `${asked}.${String(process.pid).padStart(6, '0').slice(-6)}`;
  const one = async (text: string, values: unknown[]): Promise<Record<string, string>> =>
    (await client.query<Record<string, string>>(text, values)).rows[0] ?? {};
  const { id: conversation } = await one(
    `insert into skein.conversations (team, channel, thread_ts, kind) values ('TWAL', 'C1', $1, 'channel')
     on conflict (team, channel, thread_ts) do update set kind = 'channel' returning id::text`,
    [ts],
  );
  const { id: question } = await one(
    `insert into skein.messages (conversation, slack_ts, role, speaker, raw) values ($1, $2, 'user', 'U1', '{}')
     on conflict (conversation, slack_ts, role) do update set raw = '{}' returning id::text`,
    [conversation, ts],
  );
  const { id = '' } = await one(
    `insert into skein.replies (id, conversation, question, model, max_tokens, instructions, footer)
     values (gen_random_uuid(), $1, $2, 'm', 1024, '', true) returning id::text`,
    [conversation, question],
  );
  const { owner = '' } = await one(
    `insert into skein.mailboxes (key, lease_owner, lease_epoch) values ($1, gen_random_uuid(), 1) returning lease_owner::text as owner`,
    [id],
  );
  const lease: LeaseToken = { team: 'TWAL', mailbox: id, owner, epoch: 1 };
  const done = () => client.query('delete from skein.mailboxes where key = $1', [id]);
  return { id, conversation: Number(conversation), question: Number(question), questionTs: ts, lease, done };
}

/** Write-ahead log of one answer, from its first piece to commit 2, for each byte of it. */
export async function answerWal(
  client: pg.Client,
  database: Database,
  bytes: number,
  wording: Wording,
): Promise<number> {
  const pieces = piecesOf(bytes, wording);
  const text = pieces.join('');
  const reply = await askedReply(client);
  await beginCall(database.query, reply.lease, reply.id, { from: 0, prompt: 12 });
  const written = await walOf(client, async () => {
    for (const [at, piece] of pieces.entries())
      await appendLog(database.query, reply.lease, reply.id, { at: at * PIECE, text: piece });
    const end = { log: text, stopReason: 'end', stoppedBy: null, errorCode: null, requestId: null };
    await commitAnswer(database.query, reply.lease, reply, end, { remembered: true, inContext: true });
  });
  await reply.done();
  return written / Buffer.byteLength(text);
}
