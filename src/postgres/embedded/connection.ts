import { realpathSync } from 'node:fs';
import pg from 'pg';
import { DATABASE, ROLE } from './cluster.ts';
import { codeOf, EmbeddedPostgresError, reasonOf } from './failure.ts';
import { HOST } from './ports.ts';

/** Of one attempt to connect. The server is on this machine. */
const CONNECT_MS = 5_000;

export function urlOf(port: number, password: string): string {
  return `postgres://${ROLE}:${encodeURIComponent(password)}@${HOST}:${port}/${DATABASE}`;
}

/**
 * Asks the server on `port` whether it serves this cluster, and makes our database there if it is new.
 * 'silent': it takes no connections (yet, or any more). 'other': a server of somebody else.
 */
export async function greet(
  port: number,
  password: string,
  pgdata: string,
): Promise<'ready' | 'silent' | 'other'> {
  const client = new pg.Client({
    host: HOST,
    port,
    user: ROLE,
    password,
    database: 'postgres',
    connectionTimeoutMillis: CONNECT_MS,
  });
  client.on('error', () => {}); // a server that goes away while asked; the query tells
  try {
    await client.connect();
    const { rows } = await client.query<{ dir: string; made: boolean }>(
      "select current_setting('data_directory') as dir, exists(select from pg_database where datname = $1) as made",
      [DATABASE],
    );
    const [row] = rows;
    if (row === undefined || realpathSync(row.dir) !== realpathSync(pgdata)) return 'other';
    if (!row.made) await client.query(`create database ${DATABASE}`);
    return 'ready';
  } catch (thrown) {
    const code = codeOf(thrown);
    // 28P01, 28000: it knows no such role or password.
    if (code?.startsWith('28') === true) {
      throw new EmbeddedPostgresError(
        'START_FAILED',
        `The database in ${pgdata} refuses the password in secret.json (${reasonOf(thrown)}). Restore the file that belongs to these data.`,
        thrown,
      );
    }
    return 'silent';
  } finally {
    await client.end().catch(() => {});
  }
}

/** Sessions of others on the server; 0 also if it cannot be asked. */
export async function countOtherClients(port: number, password: string): Promise<number> {
  const client = new pg.Client({
    connectionString: urlOf(port, password),
    connectionTimeoutMillis: CONNECT_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ others: number }>(
      "select count(*)::int as others from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    );
    return rows[0]?.others ?? 0;
  } catch {
    return 0;
  } finally {
    await client.end().catch(() => {});
  }
}
