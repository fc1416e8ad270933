import { sql } from 'drizzle-orm';
import { storable } from '../conversation/store.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import { WHYS, type Why } from './made.ts';

/** What Claude gets of a file. */
export interface Content {
  /** SHA-256 of `bytes`, in hexadecimal. */
  readonly hash: string;
  readonly media: 'image/png' | 'image/jpeg' | 'application/pdf' | 'text/plain';
  readonly bytes: Uint8Array;
  /** Bytes, in number. */
  readonly size: number;
  readonly width: number;
  readonly height: number;
  readonly pages: number;
}

/** A file of a message, and what was made of it. */
export interface Attachment {
  readonly message: number;
  /** Slack's id. */
  readonly file: string;
  readonly name: string;
  /** Bytes, as Slack claims; null: it does not say. */
  readonly size: number | null;
  /** What it is, for the model; null: not read. */
  readonly what: string | null;
  readonly cut: boolean;
  readonly why: Why | null;
  readonly content: Omit<Content, 'bytes'> | null;
}

/** What is known of the files of these messages. */
export async function loadAttachments(db: Queryable, messages: readonly number[]): Promise<Attachment[]> {
  if (messages.length === 0) return [];
  const { rows } = await db.execute<
    Omit<Attachment, 'message' | 'size' | 'why'> & {
      message: string;
      size: string | null;
      why: string | null;
    }
  >(sql`
    select a.message, a.file, a.name, a.size, a.what, a.cut, a.why,
      case when c.hash is not null then json_build_object('hash', c.hash, 'media', c.media, 'size', c.size,
        'width', c.width, 'height', c.height, 'pages', c.pages) end as content
    from skein.attachments a left join skein.contents c on c.team = a.team and c.hash = a.hash
    where a.message = any(${sql.param([...messages])}::bigint[]) order by a.id`);
  return rows.map((row) => ({
    ...row,
    message: Number(row.message),
    size: row.size === null ? null : Number(row.size),
    why: whyOf(row.why),
  }));
}

function whyOf(word: string | null): Why | null {
  if (word === null) return null;
  return WHYS.find((why) => why === word) ?? 'broken';
}

/** The bytes of contents, by hash; those that are not kept any more are left out. */
export async function loadContents(
  db: Queryable,
  team: string,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (hashes.length === 0) return new Map();
  const { rows } = await db.execute<{ hash: string; bytes: Uint8Array }>(sql`
    select hash, bytes from skein.contents where team = ${team} and hash = any(${sql.param([...hashes])}::text[])`);
  return new Map(rows.map(({ hash, bytes }) => [hash, bytes]));
}

/**
 * Keeps what was made of a file, or why nothing was, and for which reply. Nothing is kept of a message that was deleted,
 * erased or edited while its files were read (`raw` is what they were read from).
 */
export async function keepAttachment(
  database: Database,
  { team, reply, raw }: { readonly team: string; readonly reply: string; readonly raw: string | null },
  { message, file, name, size, what, cut, why }: Omit<Attachment, 'content'>,
  content: Content | null,
): Promise<void> {
  await database.transaction(async (tx) => {
    // The same order of locks as where a message is erased: the message, its attachment, the content.
    const { rows } = await tx.execute(sql`
      select 1 from skein.messages where id = ${message} and deleted_at is null and raw is not distinct from ${raw} for share`);
    if (rows.length === 0) return;
    await tx.execute(sql`
      select 1 from skein.attachments where message = ${message} and file = ${file} for update`);
    if (content !== null) {
      const { hash, media, bytes, size: stored, width, height, pages } = content;
      await tx.execute(sql`
        insert into skein.contents (team, hash, media, bytes, size, width, height, pages)
        values (${team}, ${hash}, ${media}, ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)},
          ${stored}, ${width}, ${height}, ${pages})
        on conflict (team, hash) do update set kept_at = now()`);
    }
    await tx.execute(sql`
      insert into skein.attachments (message, team, file, name, size, what, hash, cut, why, reply)
      values (${message}, ${team}, ${file}, ${storable(name)}, ${size}, ${what}, ${content?.hash ?? null}, ${cut}, ${why},
        ${reply}::uuid)
      on conflict (message, file) do update set name = excluded.name, what = excluded.what, hash = excluded.hash, cut = excluded.cut,
        why = excluded.why, reply = excluded.reply, at = now()`);
  });
}

/**
 * Drops what is kept of files that a message does not have any more: it was edited, or a file of it was deleted. `files`:
 * ids of those that it has itself; `forwards`: what it forwards, as JSON text.
 */
export async function dropOtherAttachments(
  tx: Queryable,
  message: number,
  files: readonly string[],
  forwards: string,
): Promise<void> {
  await tx.execute(sql`
    delete from skein.attachments where message = ${message} and not file = any(${sql.param([...files])}::text[])
      and strpos(${forwards}, '"' || file || '"') = 0`);
}

/** Of a file that was to be read for a reply: why it was not, or null where only a part of it was left out. */
interface Told {
  readonly name: string;
  readonly why: Why | null;
}

/**
 * What was not read, or not all of it, for an answer, in the order of the thread. Files of its own question are told of
 * whoever read them first: in a direct message they are also read for the question after it, which may be quicker.
 */
export async function notRead(db: Queryable, reply: string): Promise<readonly Told[]> {
  const { rows } = await db.execute<{ name: string; why: string | null }>(sql`
    select name, why from skein.attachments
    where (reply = ${reply}::uuid or message = (select question from skein.replies where id = ${reply}::uuid))
      and (why is not null or cut)
    order by id`);
  return rows.map(({ name, why }) => ({ name, why: whyOf(why) }));
}

/** The model takes no such contents: they are dropped, and `reply` tells of it. */
export async function dropRefused(
  db: Queryable,
  team: string,
  reply: string,
  hashes: readonly string[],
): Promise<void> {
  await db.execute(sql`
    update skein.attachments set hash = null, what = null, why = 'refused', reply = ${reply}::uuid
    where team = ${team} and hash = any(${sql.param([...hashes])}::text[])`);
}

/**
 * Drops the contents that a workspace has kept for longest, until it keeps `mostBytes` at most. Returns how many
 * attachments lost theirs.
 */
export async function dropOldContents(db: Queryable, team: string, mostBytes: number): Promise<number> {
  const { rowCount } = await db.execute(sql`
    update skein.attachments a set hash = null, why = 'not_kept', what = null
    from (select hash, sum(size) over (order by kept_at desc, hash) as upto from skein.contents where team = ${team}) c
    where a.team = ${team} and a.hash = c.hash and c.upto > ${mostBytes}`);
  return rowCount ?? 0;
}
