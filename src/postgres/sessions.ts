import pg from 'pg';
import { type Clock, LATE, within } from '../clock.ts';
import { SkeinError } from '../errors.ts';
import { type Address, connectionTo } from './address.ts';
import { startFailure } from './database.ts';

/** A word that nobody else listens for. */
const CHANNEL = 'skein_self_test';
const HEARD_WITHIN_MS = 3000;
const PID = 'select pg_backend_pid() as pid';

/**
 * Throws DATABASE_POOLED unless a connection is one session of the server for as long as it lives: what is listened for
 * arrives, and locks stay with who took them. A pooler in transaction mode (PgBouncer's `pool_mode`) takes all of it and
 * does none of it. Throws DATABASE_UNREACHABLE or DATABASE_CERTIFICATE if there is no connection.
 */
export async function requireSessions(address: Address, clock: Clock): Promise<void> {
  const connect = () =>
    new pg.Client({ ...connectionTo(address), connectionTimeoutMillis: 5000, query_timeout: 5000 });
  const [one, other] = [connect(), connect()];
  for (const client of [one, other]) client.on('error', () => {});
  try {
    await Promise.all([one.connect(), other.connect()]);
    if (!(await keepSessions(one, other)) || !(await hears(one, other, clock)))
      throw new SkeinError(
        'DATABASE_POOLED',
        'this way to the database gives each transaction another session (a pooler in transaction mode): set DATABASE_DIRECT_URL to the server itself, or the pooler to session mode',
      );
  } catch (thrown) {
    throw startFailure(thrown, 'the database could not be looked at');
  } finally {
    await Promise.all([one.end(), other.end()]).catch(() => {});
  }
}

/** While one is in a transaction the other gets another session; after it, a pooler hands out what is free. */
async function keepSessions(one: pg.Client, other: pg.Client): Promise<boolean> {
  const pidOf = async (client: pg.Client) => (await client.query<{ pid: number }>(PID)).rows[0]?.pid;
  await one.query('begin');
  const first = [await pidOf(one), await pidOf(other)];
  await one.query('commit');
  const second = [await pidOf(one), await pidOf(other)];
  return first[0] !== first[1] && first[0] === second[0] && first[1] === second[1];
}

async function hears(one: pg.Client, other: pg.Client, clock: Clock): Promise<boolean> {
  const heard = new Promise<boolean>((resolve) => other.once('notification', () => resolve(true)));
  await other.query(`listen ${CHANNEL}`);
  await one.query(`notify ${CHANNEL}`);
  return (await within(clock, HEARD_WITHIN_MS, heard)) !== LATE;
}
