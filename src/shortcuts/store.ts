import { eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { NewJob } from '../jobs/store.ts';
import type { Queryable } from '../postgres/database.ts';
import type { Question } from './forms.ts';
import { pendingWishes } from './tables.ts';

/** What a submitted form asks, kept until it is a question or was told why it can't be one. */
export interface PendingWish {
  readonly id: string;
  readonly team: string;
  /** Slack user id of the one who asks. */
  readonly user: string;
  /** Their own workspace, where Slack named it; it may differ from `team`. */
  readonly userTeam: string | null;
  /** Id of the form's view. */
  readonly form: string;
  readonly wish: Question;
}

/** Name of the job that looks into such a form. */
export const WISH = 'wish';
/** What nobody could carry out or even give up goes after so many days. */
const KEPT_DAYS = 7;

/** The job goes into the mailbox in which the person's questions are posted, so that they keep their order. */
export function wishJob({ id, team, user, form }: Omit<PendingWish, 'wish' | 'userTeam'>): NewJob {
  return {
    mailbox: `questions:${team}:${user}`,
    team,
    place: '0',
    cause: `wish:${team}:${form}`,
    name: WISH,
    subject: id,
  };
}

const STORED: z.ZodType<Question> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('about'),
    about: z.object({ channel: z.string(), ts: z.string() }),
    question: z.string(),
    privately: z.boolean(),
  }),
  z.object({ kind: z.literal('anywhere'), question: z.string(), channel: z.string().nullable() }),
]);

/** Keeps a wish before Slack is told that its form is done. */
export async function addWish(
  tx: Queryable,
  { id, team, user, userTeam, form, wish }: PendingWish,
): Promise<void> {
  await tx.execute(sql`delete from skein.pending_wishes where at < now() - ${KEPT_DAYS} * interval '1 day'`);
  await tx
    .insert(pendingWishes)
    .values({ id, team, person: user, personTeam: userTeam, form, wish: JSON.stringify(wish) });
}

/** With its age in milliseconds, by the database's clock. Null: it became a question, or was given up. */
export async function loadWish(
  db: Queryable,
  id: string,
): Promise<(PendingWish & { readonly ageMs: number }) | null> {
  const rows = await db
    .select({
      pending: pendingWishes,
      ageMs: sql<number>`(extract(epoch from now() - ${pendingWishes.at}) * 1000)::float8`,
    })
    .from(pendingWishes)
    .where(eq(pendingWishes.id, id));
  const row = rows[0];
  if (row === undefined) return null;
  const { team, person: user, personTeam: userTeam, form, wish } = row.pending;
  return { id, team, user, userTeam, form, wish: STORED.parse(JSON.parse(wish)), ageMs: row.ageMs };
}

/** Nothing more is to be done about it. */
export async function removeWish(db: Queryable, id: string): Promise<void> {
  await db.execute(sql`delete from skein.pending_wishes where id = ${id}::uuid`);
}
