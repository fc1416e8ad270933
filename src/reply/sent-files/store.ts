import { sql } from 'drizzle-orm';
import { fenced, heldRow, LeaseLost, type LeaseToken } from '../../jobs/store.ts';
import type { Queryable } from '../../postgres/database.ts';

/** A file that goes with one version of an answer. */
interface SentFileKey {
  readonly reply: string;
  readonly version: number;
  /** -1: the answer itself, which goes to its asker. */
  readonly at: number;
}

interface SentFile {
  readonly state: 'intended' | 'sharing' | 'over';
  /** Slack's id. */
  readonly file: string | null;
}

/** Notes that a file is to be sent, and says how far that has come. Throws LeaseLost. */
export async function intend(db: Queryable, lease: LeaseToken, key: SentFileKey): Promise<SentFile> {
  const { reply, version, at } = key;
  const { rows } = await db.execute<{ state: SentFile['state']; file: string | null }>(sql`
    insert into skein.sent_files as s (reply, version, at) select ${reply}::uuid, ${version}, ${at} where ${fenced(lease)}
    on conflict (reply, version, at) do update set state = s.state returning s.state, s.file`);
  return heldRow(rows, lease);
}

/** Its bytes are with Slack, and it is about to be shown. Throws LeaseLost. */
export async function sharing(
  db: Queryable,
  lease: LeaseToken,
  key: SentFileKey,
  file: string,
): Promise<void> {
  await change(db, lease, key, 'sharing', file);
}

/** It is shown, or never will be. Throws LeaseLost. */
export async function over(db: Queryable, lease: LeaseToken, key: SentFileKey): Promise<void> {
  await change(db, lease, key, 'over', null);
}

async function change(
  db: Queryable,
  lease: LeaseToken,
  { reply, version, at }: SentFileKey,
  state: SentFile['state'],
  file: string | null,
): Promise<void> {
  const { rowCount } = await db.execute(sql`
    update skein.sent_files set state = ${state}, file = coalesce(${file}, file)
    where reply = ${reply}::uuid and version = ${version} and at = ${at} and ${fenced(lease)}`);
  if (rowCount === 0) throw new LeaseLost(lease);
}

/** Slack's ids of the files that may have been shown beside any version of an answer. */
export async function filesBeside(db: Queryable, reply: string): Promise<string[]> {
  const { rows } = await db.execute<{ file: string }>(
    sql`select distinct file from skein.sent_files where reply = ${reply}::uuid and file is not null order by file`,
  );
  return rows.map(({ file }) => file);
}

/** Whether nobody has deleted the question, or the answer to it. */
export async function isWanted(db: Queryable, reply: string): Promise<boolean> {
  const { rows } = await db.execute<{ wanted: boolean }>(sql`
    select r.deleted_by is null and r.state <> 'removing' and m.deleted_at is null as wanted
    from skein.replies r join skein.messages m on m.id = r.question where r.id = ${reply}::uuid`);
  return rows[0]?.wanted === true;
}

/** Whether the version that a reply holds has not been shown as a whole before. */
export async function isFirstShown(db: Queryable, reply: string): Promise<boolean> {
  const { rows } = await db.execute<{ first: boolean }>(sql`
    select shown_at is null or shown_at < begun_at as first from skein.replies where id = ${reply}::uuid`);
  return rows[0]?.first === true;
}
