import { randomInt, randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

/**
 * One process's sign of life: a row in `workers`, an advisory lock that Postgres drops the moment the
 * connection breaks (kill -9 included), and a heartbeat for what keeps the connection yet does nothing
 * (SIGSTOP, a lost network). All on one connection of its own, which also listens for notifications.
 */
export interface Presence {
  /** Our id while we are registered; null while the connection is away. */
  owner(): string | null;
  /** True as long as nobody else may think that we are dead. */
  alive(): boolean;
  stop(): Promise<void>;
}

export interface PresenceOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Channels to listen on, and who hears them. */
  readonly listen: Readonly<Record<string, (payload: string) => void>>;
  /** Called when leases under `owner` must be taken for lost: stop what runs under it. */
  readonly onLost: (owner: string) => void;
}

export const HEARTBEAT_MS = 2000;
/** After this long without a heartbeat that Postgres confirmed, we stop calling ourselves the owner. */
export const SELF_FENCE_MS = 7000;
/** Others take over after this long without a heartbeat: later than our own fence, so that never two write. */
export const FROZEN_MS = 10_000;
/** Others take over after this long without lock and heartbeat. */
export const GRACE_MS = 2500;

const RECONNECT_MS = [100, 250, 500, 1000, 2000] as const;

/** Registers this process and keeps it registered; returns after the first registration. */
export async function appear(options: PresenceOptions): Promise<Presence> {
  const { clock, log } = options;
  const stopping = new AbortController();
  let current: { client: pg.Client; owner: string; beatAt: number } | null = null;

  const lose = (reason: string) => {
    if (current === null) return;
    const { client, owner } = current;
    current = null;
    log.warn({ owner, reason }, 'the live connection was lost; leases are given up');
    options.onLost(owner);
    client.end().catch(() => {});
  };

  const register = async () => {
    const client = new pg.Client({
      connectionString: options.url,
      connectionTimeoutMillis: 5000,
      keepAlive: true,
      application_name: 'skein presence',
    });
    const owner = randomUUID();
    client.on('error', () => current?.client === client && lose('error'));
    client.on('end', () => current?.client === client && lose('end'));
    client.on('notification', ({ channel, payload }) => options.listen[channel]?.(payload ?? ''));
    try {
      await client.connect();
      const lockKey = randomInt(1, 2 ** 47);
      await client.query('select pg_advisory_lock($1)', [lockKey]);
      await client.query('insert into skein.workers (id, lock_key) values ($1, $2)', [owner, lockKey]);
      for (const channel of Object.keys(options.listen))
        await client.query(`listen ${client.escapeIdentifier(channel)}`);
    } catch (thrown) {
      await client.end().catch(() => {});
      throw thrown;
    }
    current = { client, owner, beatAt: clock.monotonic() };
  };

  const beat = async () => {
    if (current === null) return;
    const { client, owner } = current;
    const sentAt = clock.monotonic();
    try {
      const result = await client.query('update skein.workers set seen_at = now() where id = $1', [owner]);
      // No row: somebody found us dead (we were frozen) and freed our leases.
      if (result.rowCount === 0) lose('declared dead');
      else if (current?.owner === owner) current.beatAt = sentAt;
    } catch {
      lose('heartbeat failed');
    }
  };

  const keepAlive = async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      if (current === null) {
        try {
          await register();
          failures = 0;
        } catch (err) {
          const wait = RECONNECT_MS[Math.min(failures++, RECONNECT_MS.length - 1)] ?? 2000;
          log.warn({ err, waitMs: wait }, 'no live connection to the database');
          await clock.sleep(wait, stopping.signal);
        }
      } else {
        await clock.sleep(HEARTBEAT_MS, stopping.signal);
        if (!stopping.signal.aborted)
          await Promise.race([beat(), clock.sleep(SELF_FENCE_MS, stopping.signal)]);
        if (current !== null && !isFresh(current.beatAt)) lose('heartbeat late');
      }
    }
  };
  const isFresh = (beatAt: number) => clock.monotonic() - beatAt < SELF_FENCE_MS;

  await register();
  const running = keepAlive();
  return {
    owner: () => (current !== null && isFresh(current.beatAt) ? current.owner : null),
    alive: () => current !== null && isFresh(current.beatAt),
    async stop() {
      stopping.abort();
      await running;
      const last = current;
      current = null;
      if (last === null) return;
      await last.client.query('delete from skein.workers where id = $1', [last.owner]).catch(() => {});
      await last.client.end().catch(() => {});
    },
  };
}
