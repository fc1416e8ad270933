import { and, asc, eq, type SQL, sql } from 'drizzle-orm';
import { readBlocks } from '../../conversation/store.ts';
import { fenced, heldRow, LeaseLost, type LeaseToken, lockedWhileHeld } from '../../jobs/store.ts';
import { BATCH, inBatches } from '../../postgres/batches.ts';
import { type Queryable, sqlState } from '../../postgres/database.ts';
import type { ContextNote, StoredReply, ToolNote } from '../store.ts';
import { answerBlocks, pieces, replies } from '../tables.ts';
import type { LoggedBlock } from './logbook.ts';

/** SQLSTATE of a row whose key is there already. */
const UNIQUE_VIOLATION = '23505';

/**
 * The whole log of a reply: its `log` and what came since then, if it is being written. A piece that does not begin where
 * the one before it ended belongs to nothing that is there.
 */
export async function joinedLog(
  db: Queryable,
  {
    id,
    state,
    calls,
    log,
    logUnits,
  }: Pick<StoredReply, 'id' | 'state' | 'calls' | 'log'> & { logUnits: number },
): Promise<string> {
  if (calls === 0 || (state !== 'waiting' && state !== 'writing')) return log;
  const stored = await db.select().from(pieces).where(eq(pieces.reply, id)).orderBy(asc(pieces.at));
  let all = log;
  let units = logUnits;
  for (const piece of stored) {
    if (piece.at !== units) continue;
    all += piece.text;
    units += piece.units;
  }
  return all;
}

/**
 * Adds received text to the log of a reply that is being written. `at` is the length that the log has before it (UTF-16
 * units, as JavaScript counts); a write whose outcome was unclear can be repeated, and one that says something else about
 * the same place is refused. A takeover of the lease waits for the lock on its row: what a former owner sent late is
 * never added. Nothing of what is there is read, which would cost more with each piece; and a place that is taken is told by
 * its key, because "on conflict" writes twice as often into the write-ahead log. Not for a transaction. Throws LeaseLost.
 */
export async function appendLog(
  db: Queryable,
  lease: LeaseToken,
  id: string,
  { at, text }: { at: number; text: string },
): Promise<void> {
  const added = await addPiece(db, lease, id, { at, text });
  if (added === 'added') return;
  if (added === 'lost') throw new LeaseLost(lease);
  const known = await db
    .select({ text: pieces.text })
    .from(pieces)
    .where(and(eq(pieces.reply, id), eq(pieces.at, at)));
  if (known[0]?.text !== text)
    throw new Error(`the log of reply ${id} has no place for ${text.length} units at ${at}`);
}

/** The stored blocks of a version, in order, up to the first that can't be read. */
export async function loggedBlocks(
  db: Queryable,
  { id, version }: { readonly id: string; readonly version: number },
): Promise<readonly LoggedBlock[]> {
  const rows = await db
    .select()
    .from(answerBlocks)
    .where(and(eq(answerBlocks.reply, id), eq(answerBlocks.version, version)))
    .orderBy(asc(answerBlocks.seq));
  const found: LoggedBlock[] = [];
  for (const { seq, upto, call, block: json } of rows) {
    const block = json === null ? null : readBlocks(`[${json}]`)?.[0];
    if (block === undefined || seq !== found.length) break;
    found.push({ seq, upto, call, block });
  }
  return found;
}

/**
 * Stores a block of the version that is being written; its text is in the log. May be repeated. Throws LeaseLost.
 */
export async function appendBlock(
  db: Queryable,
  lease: LeaseToken,
  { id, version }: { readonly id: string; readonly version: number },
  { seq, upto, call, block }: LoggedBlock,
): Promise<void> {
  const json = block === null ? null : JSON.stringify(block);
  const { rows } = await db.execute<{ held: boolean }>(sql`
    with held as (${lockedWhileHeld(lease)}),
    flagged as (
      update skein.replies set has_blocks = true
      where id = ${id}::uuid and not has_blocks and exists (select 1 from held)),
    added as (
      insert into skein.answer_blocks (reply, version, seq, upto, call, block)
      select ${id}::uuid, ${version}::int, ${seq}::int, ${upto}::int, ${call}::int, ${json}::text from held
      where exists (select 1 from skein.replies where id = ${id}::uuid and state in ('waiting', 'writing'))
      on conflict do nothing returning seq)
    select exists (select 1 from held) as held`);
  if (rows[0]?.held !== true) throw new LeaseLost(lease);
}

async function addPiece(
  db: Queryable,
  lease: LeaseToken,
  id: string,
  { at, text }: { at: number; text: string },
): Promise<'added' | 'lost' | 'taken' | 'over'> {
  try {
    const { rows } = await db.execute<{ held: boolean; added: boolean }>(sql`
      with held as (${lockedWhileHeld(lease)}),
      added as (
        insert into skein.pieces (reply, at, units, text)
        select ${id}::uuid, ${at}::int, ${text.length}::int, ${text}::text from held
        where exists (select 1 from skein.replies where id = ${id}::uuid and state in ('waiting', 'writing'))
        returning at)
      select exists (select 1 from held) as held, exists (select 1 from added) as added`);
    const [row] = rows;
    if (row?.held !== true) return 'lost';
    return row.added ? 'added' : 'over';
  } catch (thrown) {
    if (sqlState(thrown) === UNIQUE_VIOLATION) return 'taken';
    throw thrown;
  }
}

/**
 * Deletes pieces of replies that nobody writes: an owner that lost its reply may have sent one while it was ended or
 * deleted. Reads the whole table, which holds what is being written at the moment. Returns how many those were.
 */
export async function purgePieces(db: Queryable): Promise<number> {
  const { rowCount } = await db.execute(sql`
    delete from skein.pieces p where not exists (
      select from skein.replies r where r.id = p.reply and r.state in ('waiting', 'writing'))`);
  return rowCount ?? 0;
}

/**
 * Joins the log of a reply that is given to another owner: that may be a process of a version from before `pieces`, during a
 * deploy or after one that was taken back. `log`: all text of this version. Throws LeaseLost.
 */
export async function foldLog(db: Queryable, lease: LeaseToken, id: string, log: string): Promise<void> {
  const { rows } = await db.execute<{ held: boolean }>(sql`
    with held as (${lockedWhileHeld(lease)}),
    joined as (delete from skein.pieces where reply = ${id}::uuid and exists (select 1 from held)),
    folded as (
      update skein.replies set log = ${log}, log_units = ${log.length}
      where id = ${id}::uuid and state in ('waiting', 'writing') and exists (select 1 from held))
    select exists (select 1 from held) as held`);
  if (rows[0]?.held !== true) throw new LeaseLost(lease);
}

/** The part of commit 2 that stores what of the blocks is not stored yet, for one who `held` the lease. */
export function keptBlocks(id: string, logged: readonly LoggedBlock[]): SQL {
  const column = (of: (block: LoggedBlock) => number | string | null) => sql.param(logged.map(of));
  return sql`kept as (
    insert into skein.answer_blocks (reply, version, seq, upto, call, block)
    select r.id, r.version, b.* from held join skein.replies r on r.id = ${id}::uuid cross join unnest(
      ${column(({ seq }) => seq)}::int[], ${column(({ upto }) => upto)}::int[], ${column(({ call }) => call)}::int[],
      ${column(({ block }) => (block === null ? null : JSON.stringify(block)))}::text[]) b
    on conflict do nothing),`;
}

/**
 * Notes what is to be said under the answer about its tools; what would be said under every answer of a thread, once.
 * Throws LeaseLost.
 */
export async function noteTools(
  db: Queryable,
  lease: LeaseToken,
  { id, conversation }: Pick<StoredReply, 'id' | 'conversation'>,
  note: ToolNote,
): Promise<void> {
  const { rows } = await db.execute(sql`
    update skein.replies set tool_note = case when ${note} <> 'web_forbidden' or not exists (
        select 1 from skein.replies r
        where r.conversation = ${conversation}::bigint and r.tool_note = ${note} and r.id <> ${id}::uuid)
      then ${note} end
    where id = ${id}::uuid and ${fenced(lease)} returning id`);
  heldRow(rows, lease);
}

/** Notes that the model was not given all of the thread word by word. Throws LeaseLost. */
export async function noteContext(
  db: Queryable,
  lease: LeaseToken,
  id: string,
  contextNote: ContextNote,
): Promise<void> {
  const rows = await db
    .update(replies)
    .set({ contextNote })
    .where(and(eq(replies.id, id), fenced(lease)))
    .returning({ id: replies.id });
  heldRow(rows, lease);
}

/** Slack messages of a conversation that are ours, answers and cards: what is read from Slack later must not bring them again. */
export async function shownTs(db: Queryable, conversation: number): Promise<ReadonlySet<string>> {
  const { rows } = await db.execute<{ ts: string }>(sql`
    select s.ts from skein.segments s join skein.replies r on s.reply = r.id
    where r.conversation = ${conversation} and s.ts is not null
    union
    select t.card_ts from skein.tool_calls t join skein.replies r on t.reply = r.id
    where r.conversation = ${conversation} and t.card_ts is not null`);
  return new Set(rows.map(({ ts }) => ts));
}

/**
 * The instructions that answers were written under can be long and are mostly the same, so each text is stored once
 * (`instructions`) and named by its hash. Everybody writes the text into the column of a reply or a version: triggers
 * (migration 0032) put the hash in its place. While a program from before that migration is alive, the text stays as
 * well, and is moved later.
 */

/** The instructions of a row of `replies` or `versions`, given by its alias. */
export const keptInstructions = (row: SQL) => sql`
  coalesce((select i.text from skein.instructions i where i.hash = ${row}.instructions_hash), ${row}.instructions)`;

/** Their SHA-256 in hex; also of none. */
export const instructionsHash = (row: SQL) => sql`
  coalesce(${row}.instructions_hash, encode(sha256(convert_to(${row}.instructions, 'UTF8')), 'hex'))`;

/**
 * Moves the texts that still stand in rows, once no program is alive that reads them there. Returns how many rows that
 * were.
 */
export async function moveInstructions(db: Queryable, signal: AbortSignal): Promise<number> {
  const all = sql`not exists (select from skein.workers w where w.program is null)`;
  const replies = await inBatches(async () => {
    const { rowCount } = await db.execute(sql`
      update skein.replies set instructions = instructions where ${all} and id = any(array(
        select id from skein.replies where instructions <> '' limit ${BATCH}))`);
    return rowCount ?? 0;
  }, signal);
  const versions = await inBatches(async () => {
    const { rowCount } = await db.execute(sql`
      update skein.versions set instructions = instructions where ${all} and (reply, version) in (
        select reply, version from skein.versions where instructions <> '' limit ${BATCH})`);
    return rowCount ?? 0;
  }, signal);
  return replies + versions;
}
