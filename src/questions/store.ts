import { eq, sql } from 'drizzle-orm';
import type { Question } from '../commands/ports.ts';
import { fence, type LeaseToken } from '../jobs/store.ts';
import type { Queryable } from '../postgres/database.ts';
import { pendingQuestions } from './tables.ts';

/** A question that is to be posted, or may have been. */
export interface PendingQuestion extends Omit<Question, 'cause'> {
  readonly id: string;
  /** Posts that were begun. */
  readonly tries: number;
  /** When it was asked, by the database's clock. */
  readonly at: Date;
  /** Milliseconds since then. */
  readonly ageMs: number;
}

/** Keeps a question before anything of it is shown. */
export async function addPending(tx: Queryable, id: string, question: Question): Promise<void> {
  const { team, channel, threadTs, user: person, userTeam: personTeam, direct } = question;
  // Postgres text cannot hold NUL.
  const [shown, text] = [question.shown.replaceAll('\0', ''), question.text.replaceAll('\0', '')];
  await tx
    .insert(pendingQuestions)
    .values({ id, team, channel, threadTs, person, personTeam, direct, shown, question: text });
}

/** Null: it was taken, or given up. */
export async function loadPending(db: Queryable, id: string): Promise<PendingQuestion | null> {
  const rows = await db
    .select({
      pending: pendingQuestions,
      ageMs: sql<number>`(extract(epoch from now() - ${pendingQuestions.at}) * 1000)::float8`,
    })
    .from(pendingQuestions)
    .where(eq(pendingQuestions.id, id));
  const row = rows[0];
  if (row === undefined) return null;
  const { person: user, personTeam: userTeam, question: text, ...pending } = row.pending;
  return { ...pending, user, userTeam, text, ageMs: row.ageMs };
}

/** Notes that a post begins now. Throws if the lease is lost: then it is another one's to post. */
export async function beginPost(tx: Queryable, lease: LeaseToken, id: string): Promise<void> {
  await fence(tx, lease);
  await tx.execute(sql`update skein.pending_questions set tries = tries + 1 where id = ${id}::uuid`);
}

/** Nothing more is to be done about it. */
export async function removePending(db: Queryable, id: string): Promise<void> {
  await db.execute(sql`delete from skein.pending_questions where id = ${id}::uuid`);
}

/** Drops what nobody could carry out or even give up within `days`. */
export async function purgePending(db: Queryable, days: number): Promise<void> {
  await db.execute(sql`delete from skein.pending_questions where at < now() - ${days} * interval '1 day'`);
}
