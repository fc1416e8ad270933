import { eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Queryable } from '../../postgres/database.ts';
import { messages } from '../tables.ts';

/** Which files a message has, as Slack says in its payloads. */

/** Puts what Slack says of a message in place of what its event said; false if it was changed since. */
export async function replaceRaw(db: Queryable, id: number, before: string, raw: string): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    update skein.messages set raw = ${raw} where id = ${id} and raw = ${before} and text is null and deleted_at is null`);
  return rowCount === 1;
}

/** Whether a message has exactly these files, by Slack's ids, as far as it was stored with any. */
export async function hasFiles(db: Queryable, id: number, files: readonly string[]): Promise<boolean> {
  const rows = await db.select({ raw: messages.raw }).from(messages).where(eq(messages.id, id));
  const there = filesThere(JSON.parse(rows[0]?.raw ?? '{}'));
  return there.length === files.length && there.every((one) => files.includes(one));
}

const FILES = z.object({
  files: z.array(z.object({ id: z.string(), mode: z.string().nullish() })).optional(),
});

/** Ids of the files of a message as Slack sent it; one that was deleted stays in it as a tombstone. */
export function filesThere(message: unknown): readonly string[] {
  const files = FILES.safeParse(message).data?.files ?? [];
  return files.flatMap(({ id, mode }) => (mode === 'tombstone' ? [] : [id]));
}

/**
 * The other event of a message brings files that the first one did not have: it is read again. False if it has files, was
 * edited since, or is not there any more. `raw` ends with the files (`rawOf` in `admission/admit.ts`).
 */
export async function addFiles(db: Queryable, id: number, raw: string): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    update skein.messages set raw = ${raw}, text = null, blocks = null, edited_at = now()
    where id = ${id} and deleted_at is null and edited_at is null and raw like '%"files":[]}'`);
  return rowCount === 1;
}
