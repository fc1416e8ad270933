import { sql } from 'drizzle-orm';
import type { Database, Queryable } from '../postgres/database.ts';

/** A durable unit of work. `mailbox` orders it among its neighbours; `payload` is JSON text. */
export interface Job {
  readonly mailbox: string;
  readonly seq: number;
  readonly name: string;
  readonly payload: string;
  /** Times this job was begun, this one included. */
  readonly attempt: number;
  /** Times it failed before. */
  readonly failures: number;
}

export interface NewJob {
  readonly mailbox: string;
  /** Orders the jobs of a mailbox, as text: what was said first is done first, whatever arrived first. */
  readonly place: string;
  /** Unique for ever: the same cause never makes a second job. */
  readonly cause: string;
  readonly name: string;
  readonly payload: string;
}

/** The right to work on a mailbox: `epoch` rises with each lease, so an old owner is told apart. */
export interface LeaseToken {
  readonly mailbox: string;
  readonly owner: string;
  readonly epoch: number;
}

export interface Enqueued {
  readonly seq: number;
  /** Set if the lease was taken for `owner` in the same transaction: the caller starts the work after commit. */
  readonly lease: LeaseToken | null;
}

/** Puts a job into its mailbox in the caller's transaction; null if its cause is known. */
export async function enqueue(tx: Queryable, job: NewJob, owner: string | null): Promise<Enqueued | null> {
  const { rows } = await tx.execute<{ seq: string; epoch: string | null }>(
    sql`select seq, epoch from skein.enqueue(${job.mailbox}, ${job.place}, ${job.cause}, ${job.name}, ${job.payload}, ${owner}::uuid)`,
  );
  const row = rows[0];
  if (row === undefined) return null;
  const epoch = row.epoch === null ? null : Number(row.epoch);
  const lease = epoch === null || owner === null ? null : { mailbox: job.mailbox, owner, epoch };
  return { seq: Number(row.seq), lease };
}

/** Takes the lease of a mailbox that has work which is due; null if it is leased, empty or not due. */
export async function takeLease(db: Queryable, mailbox: string, owner: string): Promise<LeaseToken | null> {
  const { rows } = await db.execute<{ epoch: string }>(sql`
    update skein.mailboxes
    set lease_owner = ${owner}::uuid, lease_epoch = lease_epoch + 1, next_at = null
    where key = ${mailbox} and lease_owner is null and pending > 0 and (next_at is null or next_at <= now())
    returning lease_epoch as epoch`);
  const row = rows[0];
  return row === undefined ? null : { mailbox, owner, epoch: Number(row.epoch) };
}

/** Begins the next job of a leased mailbox and counts the attempt. Null if there is none, or the lease is lost. */
export async function beginJob(db: Queryable, lease: LeaseToken): Promise<Job | null> {
  const { rows } = await db.execute<{
    seq: string;
    name: string;
    payload: string;
    attempts: number;
    failures: number;
  }>(sql`
    update skein.jobs j set attempts = j.attempts + 1
    where j.mailbox = ${lease.mailbox} and ${fenced(lease)}
      and j.seq = (
        select seq from skein.jobs where mailbox = ${lease.mailbox} and done_at is null
        order by place collate "C", seq limit 1)
    returning j.seq, j.name, j.payload, j.attempts, j.failures`);
  const row = rows[0];
  if (row === undefined) return null;
  const { name, payload, attempts, failures } = row;
  return { mailbox: lease.mailbox, seq: Number(row.seq), name, payload, attempt: attempts, failures };
}

/**
 * Marks a job as done. 'more': the mailbox has a next job and the lease is kept for it; 'empty': the lease
 * is given back; 'lost': somebody else holds the lease, or nobody any more; nothing was changed. Asked again, because
 * the answer of the first time was lost, it counts nothing twice: only a job that becomes done is taken off `pending`,
 * and the row lock comes first, so that a first statement that still runs is seen.
 */
export async function finishJob(
  db: Queryable,
  lease: LeaseToken,
  seq: number,
): Promise<'more' | 'empty' | 'lost'> {
  const { rows } = await db.execute<{ pending: number }>(sql`
    with box as materialized (${lockedWhileHeld(lease)}),
    done as (
      update skein.jobs set done_at = now()
      where mailbox = ${lease.mailbox} and seq = ${seq} and done_at is null and exists (select from box)
      returning seq)
    update skein.mailboxes m
    set pending = m.pending - (select count(*) from done), next_at = null,
        lease_owner = case when m.pending > (select count(*) from done) then m.lease_owner end
    where m.key = ${lease.mailbox} and exists (select from box)
    returning m.pending`);
  const row = rows[0];
  if (row === undefined) return 'lost';
  return row.pending > 0 ? 'more' : 'empty';
}

/**
 * Gives a lease back with its work undone. With `delayMs` it is due after that time; `uncount` names a job
 * whose attempt is taken back (a hand-over is no failure), `failed` one whose failure is counted. Does nothing if the lease is lost.
 */
export async function releaseLease(
  db: Queryable,
  lease: LeaseToken,
  {
    delayMs = 0,
    uncount = null,
    failed = null,
  }: { delayMs?: number; uncount?: number | null; failed?: number | null } = {},
): Promise<void> {
  await db.execute(sql`
    with freed as (
      update skein.mailboxes
      set lease_owner = null,
          next_at = case when ${delayMs} > 0 then now() + ${delayMs} * interval '1 millisecond' end
      where key = ${lease.mailbox} and lease_owner = ${lease.owner}::uuid and lease_epoch = ${lease.epoch}
      returning key, next_at),
    uncounted as (
      update skein.jobs set attempts = greatest(0, attempts - 1)
      where mailbox = ${lease.mailbox} and seq = ${uncount}::bigint and exists (select 1 from freed)),
    counted as (
      update skein.jobs set failures = failures + 1
      where mailbox = ${lease.mailbox} and seq = ${failed}::bigint and exists (select 1 from freed))
    select graphile_worker.add_job('drain', json_build_object('mailbox', key)) from freed where next_at is null`);
}

/** All leases that stand in the name of one worker. */
export async function leasesOf(db: Queryable, owner: string): Promise<LeaseToken[]> {
  const { rows } = await db.execute<{ key: string; epoch: string }>(
    sql`select key, lease_epoch as epoch from skein.mailboxes where lease_owner = ${owner}::uuid`,
  );
  return rows.map(({ key, epoch }) => ({ mailbox: key, owner, epoch: Number(epoch) }));
}

/** Mailboxes with work that is due and nobody on it: what every wake-up that was missed leaves behind. */
export async function waitingMailboxes(db: Queryable, limit: number): Promise<string[]> {
  const { rows } = await db.execute<{ key: string }>(sql`
    select key from skein.mailboxes
    where pending > 0 and lease_owner is null and (next_at is null or next_at <= now())
    order by next_at nulls first limit ${limit}`);
  return rows.map((row) => row.key);
}

/**
 * Frees the leases of dead workers and returns how many leases that were. Dead is who lost the advisory
 * lock and was not seen for `graceMs` (a reconnect is no death), or who was not seen for `frozenMs` (a
 * stopped process or a lost network keeps the lock). After a restart of the server everybody has `graceMs` to
 * come back: nobody could while it was down. Any number of processes may ask at once: deleting the
 * worker's row elects one, and the epoch keeps a lease that was freed and taken anew meanwhile.
 */
export async function freeDeadWorkers(db: Queryable, graceMs: number, frozenMs: number): Promise<number> {
  const { rows } = await db.execute<{ freed: string }>(sql`
    with dead as (
      delete from skein.workers w
      where pg_postmaster_start_time() < now() - ${graceMs} * interval '1 millisecond'
        and (w.seen_at < now() - ${frozenMs} * interval '1 millisecond'
         or (w.seen_at < now() - ${graceMs} * interval '1 millisecond'
             and not exists (
               select 1 from pg_locks l
               where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                 and l.database = (select oid from pg_database where datname = current_database())
                 and ((l.classid::bigint << 32) | l.objid::bigint) = w.lock_key)))
      returning w.id),
    orphaned as (
      select key, lease_epoch from skein.mailboxes
      where lease_owner in (select id from dead)
         or (lease_owner is not null and lease_owner not in (select id from skein.workers))),
    freed as (
      update skein.mailboxes m set lease_owner = null, next_at = null
      from orphaned o where m.key = o.key and m.lease_owner is not null and m.lease_epoch = o.lease_epoch
      returning m.key)
    select count(*) as freed from freed, lateral graphile_worker.add_job('drain', json_build_object('mailbox', freed.key))`);
  return Number(rows[0]?.freed ?? 0);
}

/**
 * Sets `pending` to the number of open jobs in mailboxes where the two differ and nobody holds the lease; returns how
 * many those were. The counter is changed together with the jobs, so this finds nothing unless somebody changed rows by
 * hand or a restore was partial; but a mailbox that counts too few would never be worked on again.
 */
export async function recountMailboxes({ query, transaction }: Database): Promise<number> {
  // Mailboxes with something open are few, however many there are; both sides are read from partial indexes.
  const { rows } = await query.execute<{ key: string }>(sql`
    with open as (select mailbox as key, count(*) as jobs from skein.jobs where done_at is null group by mailbox)
    select m.key from skein.mailboxes m left join open o on o.key = m.key
    where m.pending > 0 and m.lease_owner is null and m.pending <> coalesce(o.jobs, 0)
    union
    select o.key from open o join skein.mailboxes m on m.key = o.key
    where m.pending <> o.jobs and m.lease_owner is null`);
  let mended = 0;
  for (const { key } of rows)
    mended += await transaction(async (tx) => {
      // The lock first: a job that is being put in or finished holds it, and the count after it sees that job.
      const locked = await tx.execute(
        sql`select from skein.mailboxes where key = ${key} and lease_owner is null for no key update`,
      );
      if (locked.rowCount === 0) return 0;
      const { rowCount } = await tx.execute(sql`
        update skein.mailboxes m set pending = o.jobs
        from (select count(*) as jobs from skein.jobs where mailbox = ${key} and done_at is null) o
        where m.key = ${key} and m.pending <> o.jobs`);
      return rowCount ?? 0;
    });
  return mended;
}

/** Thrown when a write is refused because somebody else holds the lease now. */
export class LeaseLost extends Error {
  constructor(lease: LeaseToken) {
    super(`the lease of ${lease.mailbox} (epoch ${lease.epoch}) is lost`);
    this.name = 'LeaseLost';
  }
}

/**
 * Fences a transaction: locks the mailbox's row while the lease still stands, so that it cannot change
 * hands before the commit. Throws LeaseLost otherwise.
 */
export async function fence(tx: Queryable, lease: LeaseToken): Promise<void> {
  const { rows } = await tx.execute(lockedWhileHeld(lease));
  if (rows.length === 0) throw new LeaseLost(lease);
}

/** What `fence` asks, as a part of one statement: a row, which is locked, while the lease stands; else none. */
export function lockedWhileHeld(lease: LeaseToken) {
  return sql`select 1 from skein.mailboxes
    where key = ${lease.mailbox} and lease_owner = ${lease.owner}::uuid and lease_epoch = ${lease.epoch}
    for no key update`;
}

/** The same fence as a condition inside one statement. */
export function fenced(lease: LeaseToken) {
  return sql`exists (
    select 1 from skein.mailboxes
    where key = ${lease.mailbox} and lease_owner = ${lease.owner}::uuid and lease_epoch = ${lease.epoch})`;
}
