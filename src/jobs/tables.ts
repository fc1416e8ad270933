import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { moment, skein } from '../postgres/schema.ts';

/** Processes that work on jobs. A process holds `lock_key` as an advisory lock as long as it lives. */
export const workers = skein.table('workers', {
  id: uuid().primaryKey(),
  lockKey: bigint('lock_key', { mode: 'number' }).notNull(),
  /** `PROGRAM` of `presence.ts`; null: one from before it was counted. */
  program: integer(),
  startedAt: moment('started_at').notNull().default(sql`now()`),
  seenAt: moment('seen_at').notNull().default(sql`now()`),
});

/**
 * One row for each key whose jobs run one at a time. The lease (owner, epoch) says who may work on them; the
 * epoch rises with each lease and fences old owners.
 */
export const mailboxes = skein.table(
  'mailboxes',
  {
    key: text().primaryKey(),
    /** The workspace that its work is for, so that slots are shared out fairly; '' is one of its own. */
    team: text().notNull().default(''),
    /** Jobs ever put in; numbers them. */
    lastSeq: bigint('last_seq', { mode: 'number' }).notNull().default(0),
    /** Jobs that are not done. */
    pending: integer().notNull().default(0),
    leaseOwner: uuid('lease_owner'),
    leaseEpoch: bigint('lease_epoch', { mode: 'number' }).notNull().default(0),
    /**
     * Where work waits for a worker: since when, or not before when. It is set when work comes or is given back, so
     * it is the order in which mailboxes are begun. Null while somebody holds the lease.
     */
    nextAt: moment('next_at'),
    /** Somebody was told to go on while the lease was held: a wait that its holder asks for is over at once. */
    woken: boolean().notNull().default(false),
  },
  (t) => [
    check('mailboxes_pending', sql`${t.pending} >= 0`),
    index('mailboxes_waiting').on(t.nextAt).where(sql`${t.pending} > 0 and ${t.leaseOwner} is null`),
    index('mailboxes_leased').on(t.leaseOwner).where(sql`${t.leaseOwner} is not null`),
  ],
);

export const jobs = skein.table(
  'jobs',
  {
    mailbox: text()
      .notNull()
      .references(() => mailboxes.key, { onDelete: 'cascade' }),
    seq: bigint({ mode: 'number' }).notNull(),
    /**
     * What orders the jobs of a mailbox (C collation), `seq` after it: Slack's deliveries overtake each other,
     * so the order of arrival is not the order in which things were said.
     */
    place: text().notNull(),
    /** Unique for ever: the same cause never makes a second job. */
    cause: text().notNull(),
    name: text().notNull(),
    /** What it is about, by an id of the folder that made it; null in rows of programs before 0015. */
    subject: text(),
    /** Read by programs before 0015 instead of `subject`; goes with a later migration. */
    payload: text().notNull().default(''),
    /** Times it was begun, counted before the work: a job that kills its process is given up as well. */
    attempts: integer().notNull().default(0),
    /** Times it failed by itself: a death of its process or an outage of the database is not counted. */
    failures: integer().notNull().default(0),
    at: moment().notNull().default(sql`now()`),
    doneAt: moment('done_at'),
  },
  (t) => [
    primaryKey({ columns: [t.mailbox, t.seq] }),
    unique('jobs_cause').on(t.cause),
    index('jobs_open').on(t.mailbox, t.place, t.seq).where(sql`${t.doneAt} is null`),
    // What is old enough to be purged.
    index('jobs_done').on(t.doneAt).where(sql`${t.doneAt} is not null`).concurrently(),
  ],
);
