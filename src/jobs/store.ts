import { type SQL, sql } from 'drizzle-orm';
import { BATCH, inBatches } from '../postgres/batches.ts';
import type { Database, Queryable } from '../postgres/database.ts';

/** A durable unit of work. `mailbox` orders it among its neighbours. */
export interface Job {
  readonly mailbox: string;
  /** The workspace that it is for; '' if that is not known. */
  readonly team: string;
  readonly seq: number;
  readonly name: string;
  /** What it is about: an id that means something to whoever put it in. */
  readonly subject: string;
  /** Times this job was begun, this one included. */
  readonly attempt: number;
  /** Times it failed before. */
  readonly failures: number;
}

export interface NewJob {
  readonly mailbox: string;
  /** The workspace that it is for; '' leaves the mailbox with the one that it has. */
  readonly team: string;
  /** Orders the jobs of a mailbox, as text: what was said first is done first, whatever arrived first. */
  readonly place: string;
  /** Unique for ever: the same cause never makes a second job. */
  readonly cause: string;
  readonly name: string;
  readonly subject: string;
}

/** The right to work on a mailbox: `epoch` rises with each lease, so an old owner is told apart. */
export interface LeaseToken {
  readonly mailbox: string;
  readonly owner: string;
  readonly epoch: number;
  /** The workspace of the mailbox. */
  readonly team: string;
}

interface Enqueued {
  readonly seq: number;
  /** Set if the lease was taken for `owner` in the same transaction: the caller starts the work after commit. */
  readonly lease: LeaseToken | null;
}

/** The channel on which every process hears that a mailbox got work: the team, a blank, and the mailbox's key. */
export const BELL_CHANNEL = 'skein_bell';

/** Rings the bell for rows that have a `team` and a `key`: heard when the transaction commits. */
const ring = sql.raw(`pg_notify('${BELL_CHANNEL}', team || ' ' || key)`);

/** Puts a job into its mailbox in the caller's transaction; null if its cause is known. */
export async function enqueue(tx: Queryable, job: NewJob, owner: string | null): Promise<Enqueued | null> {
  const { mailbox, team } = job;
  const { rows } = await tx.execute<{ seq: string; epoch: string | null }>(
    sql`select seq, epoch from skein.enqueue(${mailbox}, ${team}, ${job.place}, ${job.cause}, ${job.name}, ${job.subject}, ${owner}::uuid)`,
  );
  const row = rows[0];
  if (row === undefined) return null;
  const epoch = row.epoch === null ? null : Number(row.epoch);
  const lease = epoch === null || owner === null ? null : { mailbox, owner, epoch, team };
  return { seq: Number(row.seq), lease };
}

/** Mailboxes with work that is due and nobody on it. */
const WAITING = sql`pending > 0 and lease_owner is null and (next_at is null or next_at <= now())`;
const taken = (owner: string) =>
  sql`lease_owner = ${owner}::uuid, lease_epoch = m.lease_epoch + 1, next_at = null, woken = false`;

type LeaseRow = { mailbox: string; epoch: string; team: string };
const leaseOf = (owner: string, row: LeaseRow): LeaseToken => ({ ...row, owner, epoch: Number(row.epoch) });

/** Takes the lease of a mailbox that has work which is due; null if it is leased, empty or not due. */
export async function takeLease(db: Queryable, mailbox: string, owner: string): Promise<LeaseToken | null> {
  const { rows } = await db.execute<LeaseRow>(sql`
    update skein.mailboxes m set ${taken(owner)} where key = ${mailbox} and ${WAITING}
    returning key as mailbox, lease_epoch as epoch, team`);
  return rows[0] === undefined ? null : leaseOf(owner, rows[0]);
}

/**
 * Takes the leases of at most `most` waiting mailboxes. Those of one workspace are taken in the order in which they got
 * work; between workspaces, whoever has the least at work here (`running`) comes first; `fair`: none gets one more unless it
 * has fewer than are free (`slots.ts`). What others are taking at this moment is skipped.
 */
export async function takeWaiting(
  db: Queryable,
  owner: string,
  { most, fair, running }: { most: number; fair: boolean; running: ReadonlyMap<string, number> },
): Promise<LeaseToken[]> {
  const [teams, counts] = [[...running.keys()], [...running.values()]];
  const { rows } = await db.execute<LeaseRow>(sql`
    with queued as (
      select m.key, m.next_at, coalesce(r.jobs, 0) + row_number() over (
        partition by m.team order by m.next_at nulls first, m.key) as turn
      from skein.mailboxes m
      left join unnest(${sql.param(teams)}::text[], ${sql.param(counts)}::int[]) r(team, jobs) on r.team = m.team
      where ${WAITING}),
    ranked as (
      select key, turn, next_at, row_number() over (order by turn, next_at nulls first, key) as rank from queued),
    chosen as (
      select m.key from skein.mailboxes m join (
        select key, turn, next_at from ranked
        where rank <= ${most} and (not ${fair}::boolean or turn + rank <= ${most} + 1)) q on q.key = m.key
      where m.lease_owner is null and m.pending > 0
      order by q.turn, q.next_at nulls first for no key update of m skip locked)
    update skein.mailboxes m set ${taken(owner)} from chosen c where m.key = c.key
    returning m.key as mailbox, m.lease_epoch as epoch, m.team`);
  return rows.map((row) => leaseOf(owner, row));
}

/** Begins the next job of a leased mailbox and counts the attempt. Null if there is none, or the lease is lost. */
export async function beginJob(db: Queryable, lease: LeaseToken): Promise<Job | null> {
  const { rows } = await db.execute<Omit<Job, 'mailbox' | 'team' | 'seq'> & { seq: string }>(sql`
    update skein.jobs j set attempts = j.attempts + 1
    where j.mailbox = ${lease.mailbox} and ${fenced(lease)}
      and j.seq = (
        select seq from skein.jobs where mailbox = ${lease.mailbox} and done_at is null
        order by place collate "C", seq limit 1)
    returning j.seq, j.name, coalesce(j.subject, '') as subject, j.attempts as attempt, j.failures`);
  const row = rows[0];
  if (row === undefined) return null;
  const { mailbox, team } = lease;
  return { ...row, mailbox, team, seq: Number(row.seq) };
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

/** How work is given back undone. */
interface GivenBack {
  /** Milliseconds after which it is due; null: not before `wakeMailbox`. Default: at once, behind what waits. */
  readonly delayMs?: number | null;
  /** A job whose attempt is taken back: a hand-over or a wait is no failure. */
  readonly uncount?: number | null;
  /** A job whose failure is counted. */
  readonly failed?: number | null;
}

/** Gives a lease back with its work undone. Does nothing if the lease is lost. */
export async function releaseLease(
  db: Queryable,
  lease: LeaseToken,
  { delayMs = 0, uncount = null, failed = null }: GivenBack = {},
): Promise<void> {
  const dueAt =
    delayMs === null
      ? sql`'infinity'::timestamptz`
      : sql`clock_timestamp() + ${delayMs}::double precision * interval '1 millisecond'`;
  await db.execute(sql`
    with freed as (
      update skein.mailboxes
      set lease_owner = null, next_at = case when woken then clock_timestamp() else ${dueAt} end
      where key = ${lease.mailbox} and lease_owner = ${lease.owner}::uuid and lease_epoch = ${lease.epoch}
      returning key, team, woken),
    uncounted as (
      update skein.jobs set attempts = greatest(0, attempts - 1)
      where mailbox = ${lease.mailbox} and seq = ${uncount}::bigint and exists (select 1 from freed)),
    counted as (
      update skein.jobs set failures = failures + 1
      where mailbox = ${lease.mailbox} and seq = ${failed}::bigint and exists (select 1 from freed))
    select ${ring} from freed where woken or ${delayMs === 0}`);
}

/**
 * Makes work due that was given back with a time (`Later`): what it waits for has come. If somebody holds the lease at
 * this moment, the wait that it may be about to ask for is over as soon as it asks.
 */
export async function wakeMailbox(db: Queryable, mailbox: string): Promise<void> {
  await db.execute(waking(sql`select ${mailbox}::text`));
}

/** The same for all mailboxes whose keys a query gives, as a statement or a part of one. */
export function waking(keys: SQL): SQL {
  return sql`
    update skein.mailboxes m
    set woken = m.lease_owner is not null,
      next_at = case when m.lease_owner is null then least(m.next_at, clock_timestamp()) end
    from (
      -- Two that wake the same ones take them in the same order.
      select key as woken_key from skein.mailboxes where key = any(array(${keys})) and pending > 0
      order by key for no key update) w
    where m.key = w.woken_key
    returning case when m.lease_owner is null then ${ring} end`;
}

/** All leases that stand in the name of one worker. */
export async function leasesOf(db: Queryable, owner: string): Promise<LeaseToken[]> {
  const { rows } = await db.execute<LeaseRow>(
    sql`select key as mailbox, lease_epoch as epoch, team from skein.mailboxes where lease_owner = ${owner}::uuid`,
  );
  return rows.map((row) => leaseOf(owner, row));
}

/**
 * Frees the leases of dead workers and returns how many leases that were. Dead is who lost the advisory
 * lock and was not seen for `graceMs` (a reconnect is no death), or who was not seen for `frozenMs` (a
 * stopped process or a lost network keeps the lock). Only a worker may judge who was itself seen within `graceMs`: else
 * all may be late for the same reason (a failover, a clock that jumped, a machine that slept). One that was seen in the
 * future, before the server's clock was set back, counts as silent. Any number of processes may ask at once: deleting
 * the worker's row elects one, and the epoch keeps a lease that was freed and taken anew meanwhile.
 */
export async function freeDeadWorkers(
  db: Queryable,
  judge: string,
  graceMs: number,
  frozenMs: number,
): Promise<number> {
  const silent = (ms: number) =>
    sql`abs(extract(epoch from clock_timestamp() - w.seen_at)) * 1000 > ${ms}::double precision`;
  const { rows } = await db.execute<{ freed: string }>(sql`
    with judge as (
      select w.id from skein.workers w where w.id = ${judge}::uuid and not ${silent(graceMs)}),
    dead as (
      delete from skein.workers w
      where w.id <> ${judge}::uuid and exists (select from judge)
        and (${silent(frozenMs)}
         or (${silent(graceMs)}
             and not exists (
               select 1 from pg_locks l
               where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                 and l.database = (select oid from pg_database where datname = current_database())
                 and ((l.classid::bigint << 32) | l.objid::bigint) = w.lock_key)))
      returning w.id),
    orphaned as (
      select key, lease_epoch from skein.mailboxes
      where lease_owner is not null and exists (select from judge)
        and (lease_owner in (select id from dead) or lease_owner not in (select id from skein.workers))),
    freed as (
      update skein.mailboxes m set lease_owner = null, next_at = clock_timestamp()
      from orphaned o where m.key = o.key and m.lease_owner is not null and m.lease_epoch = o.lease_epoch
      returning m.key, m.team)
    select count(*) as freed from freed, lateral ${ring}`);
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
        update skein.mailboxes m set pending = o.jobs, next_at = coalesce(m.next_at, now())
        from (select count(*) as jobs from skein.jobs where mailbox = ${key} and done_at is null) o
        where m.key = ${key} and m.pending <> o.jobs`);
      return rowCount ?? 0;
    });
  return mended;
}

/**
 * Deletes jobs that were done more than `days` ago, with the mailboxes that have nothing else; not those named `except`,
 * whose causes must stay known for ever. `days` is longer than anybody can give the same cause again.
 */
export async function purgeJobs(
  db: Queryable,
  days: number,
  except: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  await inBatches(async () => {
    const { rows } = await db.execute<{ mailbox: string }>(sql`
      delete from skein.jobs where ctid = any(array(
        select ctid from skein.jobs
        where done_at < now() - ${days} * interval '1 day' and name <> all(${sql.param(except)}::text[])
        limit ${BATCH}))
      returning mailbox`);
    const boxes = [...new Set(rows.map(({ mailbox }) => mailbox))];
    // A job that is being put in holds the row, and the mailbox is looked at again after it.
    await db.execute(sql`
      delete from skein.mailboxes m
      where m.key = any(${sql.param(boxes)}::text[]) and m.pending = 0 and m.lease_owner is null
        and not exists (select from skein.jobs j where j.mailbox = m.key)`);
    return rows.length;
  }, signal);
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
  heldRow((await tx.execute(lockedWhileHeld(lease))).rows, lease);
}

/** The first row of what a fenced statement gave. Throws LeaseLost where it gave none. */
export function heldRow<T>(rows: readonly T[], lease: LeaseToken): T {
  const row = rows[0];
  if (row === undefined) throw new LeaseLost(lease);
  return row;
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

/** Mailboxes with work that nobody holds and that is due, and for how long the oldest is: for whoever watches. */
export async function waitingWork(db: Queryable): Promise<{ due: number; oldestSeconds: number }> {
  const { rows } = await db.execute<{ due: string; oldest: string | null }>(sql`
    select count(*) as due, extract(epoch from now() - min(next_at)) as oldest from skein.mailboxes
    where pending > 0 and lease_owner is null and next_at <= now()`);
  return { due: Number(rows[0]?.due ?? 0), oldestSeconds: Math.max(0, Number(rows[0]?.oldest ?? 0)) };
}
