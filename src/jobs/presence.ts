import { randomInt, randomUUID } from 'node:crypto';
import pg from 'pg';
import { backoff, type Clock, within } from '../clock.ts';
import type { Log } from '../log.ts';
import { type Address, connectionTo } from '../postgres/address.ts';
import { KEEP_ALIVE_MS, READ_ONLY, sqlState } from '../postgres/database.ts';

/**
 * One process's sign of life: a row in `workers`, an advisory lock that Postgres drops the moment the
 * connection breaks (kill -9 included), and a heartbeat for what keeps the connection yet does nothing
 * (SIGSTOP, a lost network). All on one connection of its own, which also listens for notifications.
 *
 * States:
 *   present    connected, and the last heartbeat is fresh: our leases stand
 *   suspended  the connection is gone or the heartbeat late: nothing may be written outside until we are
 *              back under the same id, or know that we lost it
 *   offline    suspended, and the server itself says that it is down, from a moment on at which nobody could
 *              have freed our leases yet: nobody can take one now either, so what is being written goes on
 *   lost       somebody freed our leases, or may have: all work under the id ends, a new id is taken
 */
interface Presence {
  /** Our id while leases may be taken under it (`present`); else null. */
  owner(): string | null;
  /** True while a lease under `owner` may be relied on for an effect outside the database. */
  stands(owner: string): boolean;
  /** True while a lease under `owner` stands only because the server is down (`offline`). */
  offline(owner: string): boolean;
  /**
   * Our id if we have been connected without a gap for long enough to tell who is dead from who has not come back yet;
   * else null. Right after an outage, a failover or a sleep of the machine everybody else is as late as we were, and a
   * process that has just started can't know whether there was one.
   */
  judge(): string | null;
  /** Resolves when `stands(owner)` is true again or `signal` aborts. */
  standing(owner: string, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

interface PresenceOptions extends Address {
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Channels to listen on, and who hears them. '' is told after a gap in which something may have been
   * missed (a real payload is never empty).
   */
  readonly listen: Readonly<Record<string, (payload: string) => void>>;
  /** Called when leases under `owner` are lost: stop what runs under it. */
  readonly onLost: (owner: string) => void;
}

/**
 * What this program reads that earlier ones could not; rises with each migration whose rows they would not understand.
 * 1: instructions by hash.
 */
const PROGRAM = 1;

const HEARTBEAT_MS = 800;
/**
 * Our leases stand for this long after a heartbeat that Postgres confirmed. Shorter than `GRACE_MS`: where
 * the network breaks on the server's side alone, others take over then, and we hear nothing of it.
 */
const SURE_MS = 2300;
/** After this long without a heartbeat that Postgres confirmed, our leases are taken for lost. */
const SELF_FENCE_MS = 7000;
/** Others take over after this long without a heartbeat: later than our own fence, so that never two write. */
export const FROZEN_MS = 10_000;
/** Others take over after this long without lock and heartbeat. A return within it is no death. */
export const GRACE_MS = 2500;

const LEAVE_MS = 2000;
const QUERY_WITHIN_MS = 5000;
const RETRY = { first: 50, most: 500 };
/** How long a server's word that it is down is believed. */
const DOWN_VALID_MS = 1500;
/** By the clock that stands still while the machine is paused, and by the one that may be set. */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** SQLSTATE and node codes by which a server (or its machine) says that it takes nobody at the moment. */
const DOWN = new Set(['ECONNREFUSED', '57P01', '57P02', '57P03']);

interface Live {
  readonly owner: string;
  client: pg.Client | null;
  /** Before the last confirmed heartbeat was sent. */
  beatAt: Moment;
  /** The server has said that it is down ever since a moment at which our leases were certainly ours. */
  kept: boolean;
}

/** Registers this process and keeps it registered; returns after the first registration. */
export async function appear(options: PresenceOptions): Promise<Presence> {
  const { clock, log } = options;
  const stopping = new AbortController();
  const waiting = new Set<() => void>();
  let live: Live | null = null;
  let downAt: Moment = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };
  /** Since when there was no gap in our heartbeats. */
  let backAt = 0;
  let wakeLoop = new AbortController();

  const now = (): Moment => ({ monotonic: clock.monotonic(), wall: clock.now() });
  // A machine that was paused or slept did not count that time on its monotonic clock; the others did.
  const since = (then: Moment) => Math.max(clock.monotonic() - then.monotonic, clock.now() - then.wall);
  const sure = (who: Live) => since(who.beatAt) < SURE_MS;
  const fresh = (who: Live) => since(who.beatAt) < SELF_FENCE_MS;
  const offline = (who: Live) => who.client === null && who.kept && since(downAt) < DOWN_VALID_MS;
  /** The server's word that it is down. A word that comes late says nothing about what was before it. */
  const heardDown = (who: Live | null) => {
    if (who !== null) who.kept = who.kept ? since(downAt) < DOWN_VALID_MS : since(who.beatAt) < GRACE_MS;
    downAt = now();
  };
  /**
   * True if the error is the server's word that nobody can write to it. A server that was made read-only is as down as
   * one that was stopped, for all of us; a standby is not: others may write to its primary.
   */
  const saysDown = async (client: pg.Client, thrown: unknown): Promise<boolean> => {
    const code = sqlState(thrown) ?? '';
    if (code !== READ_ONLY) return DOWN.has(code);
    const answer = client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
    return answer.then(
      ({ rows }) => rows[0]?.standby === false,
      () => false,
    );
  };
  const stands = (owner: string) =>
    live !== null && live.owner === owner && (live.client === null ? offline(live) : sure(live));
  const told = () => {
    for (const wake of waiting) wake();
  };

  const lose = (why: string) => {
    if (live === null) return;
    const { owner, client } = live;
    live = null;
    log.warn({ owner, why }, 'leases are lost; another process may go on with them');
    options.onLost(owner);
    client?.end().catch(() => {});
    told();
  };

  const suspend = (client: pg.Client, why: string) => {
    if (live?.client !== client) return;
    live.client = null;
    log.warn({ owner: live.owner, why }, 'the live connection to the database is gone; coming back');
    client.end().catch(() => {});
    wakeLoop.abort();
  };

  /** Connects, takes a lock and says that `owner` lives. False: `owner` was declared dead. */
  const enrol = async (owner: string, isNew: boolean): Promise<pg.Client | null> => {
    const client = new pg.Client({
      ...connectionTo(options),
      connectionTimeoutMillis: 3000,
      // A network that swallows everything must not hold us up for longer than our leases stand.
      query_timeout: QUERY_WITHIN_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      application_name: 'skein presence',
    });
    client.on('error', () => suspend(client, 'error'));
    client.on('end', () => suspend(client, 'ended'));
    client.on('notification', ({ channel, payload }) => options.listen[channel]?.(payload ?? ''));
    try {
      await client.connect();
      // A heartbeat that a crash takes back is one of many; waiting for the disk or a standby would cost all leases.
      await client.query('set synchronous_commit = off');
      const lockKey = randomInt(1, 2 ** 47);
      await client.query('select pg_advisory_lock($1)', [lockKey]);
      const result = isNew
        ? await client.query('insert into skein.workers (id, lock_key, program) values ($1, $2, $3)', [
            owner,
            lockKey,
            PROGRAM,
          ])
        : await client.query('update skein.workers set lock_key = $2, seen_at = now() where id = $1', [
            owner,
            lockKey,
          ]);
      if (result.rowCount === 0) {
        await client.end().catch(() => {});
        return null;
      }
      for (const channel of Object.keys(options.listen))
        await client.query(`listen ${client.escapeIdentifier(channel)}`);
      return client;
    } catch (thrown) {
      if (await saysDown(client, thrown)) heardDown(isNew ? null : live);
      client.end().catch(() => {});
      throw thrown;
    }
  };

  const arrive = async () => {
    const owner = randomUUID();
    const sentAt = now();
    const client = await enrol(owner, true);
    backAt = clock.monotonic();
    live = { owner, client, beatAt: sentAt, kept: false };
    told();
  };

  const comeBack = async (who: Live) => {
    const sentAt = now();
    const client = await enrol(who.owner, false);
    if (client === null) return lose('declared dead');
    if (live !== who) return void client.end().catch(() => {});
    who.client = client;
    who.beatAt = sentAt;
    who.kept = false;
    backAt = clock.monotonic();
    log.info({ owner: who.owner }, 'the live connection is back; leases were kept');
    told();
    for (const hear of Object.values(options.listen)) hear('');
  };

  const beat = async (who: Live, client: pg.Client) => {
    const sentAt = now();
    try {
      const { rows } = await client.query<{ gap: string }>(
        `with last as (select seen_at from skein.workers where id = $1)
        update skein.workers w set seen_at = clock_timestamp() from last where w.id = $1
        returning abs(extract(epoch from clock_timestamp() - last.seen_at)) * 1000 as gap`,
        [who.owner],
      );
      // No row: somebody found us dead (we were frozen) and freed our leases.
      if (rows[0] === undefined) return lose('declared dead');
      who.beatAt = sentAt;
      // We slept, or the server's clock was set: the others may not have had the time to beat again.
      if (Number(rows[0].gap) > GRACE_MS) backAt = clock.monotonic();
    } catch (thrown) {
      if (await saysDown(client, thrown)) heardDown(who);
      suspend(client, 'heartbeat failed');
    }
  };

  const run = async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      wakeLoop = new AbortController();
      const who = live;
      if (who !== null && who.client !== null) {
        failures = 0;
        await clock.sleep(HEARTBEAT_MS, AbortSignal.any([stopping.signal, wakeLoop.signal]));
        if (stopping.signal.aborted || who.client === null) continue;
        const { client } = who;
        await within(clock, SELF_FENCE_MS, beat(who, client), stopping.signal);
        if (live === who && who.client === client && !fresh(who)) {
          suspend(client, 'heartbeat late');
          lose('heartbeat late');
        }
        continue;
      }
      try {
        await (who === null ? arrive() : comeBack(who));
      } catch (err) {
        if (live === who && who !== null && !fresh(who) && !offline(who)) lose('no way to say that we live');
        failures += 1;
        if (failures % 10 === 1) log.warn({ err }, 'no live connection to the database');
        await clock.sleep(backoff(RETRY, failures), stopping.signal);
      }
    }
  };

  await arrive();
  const running = run();
  return {
    owner: () => (live !== null && live.client !== null && sure(live) ? live.owner : null),
    stands,
    offline: (owner) => live !== null && live.owner === owner && offline(live),
    judge: () =>
      live !== null && live.client !== null && sure(live) && clock.monotonic() - backAt >= GRACE_MS
        ? live.owner
        : null,
    async standing(owner, signal) {
      while (!stands(owner) && !signal.aborted) {
        const over = new AbortController();
        const wake = () => over.abort();
        waiting.add(wake);
        // The state also changes with time alone: a server's word that it is down runs out and is renewed.
        await clock.sleep(100, AbortSignal.any([over.signal, signal]));
        waiting.delete(wake);
      }
    },
    async stop() {
      stopping.abort();
      await running;
      const last = live;
      live = null;
      if (last?.client == null) return;
      const { client, owner } = last;
      const leave = client
        .query('delete from skein.workers where id = $1', [owner])
        .catch(() => {})
        .then(() => client.end())
        .catch(() => {});
      // A server that does not answer finds out by itself; nobody waits for it.
      await within(clock, LEAVE_MS, leave);
    },
  };
}
