import { sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Clock } from '../clock.ts';
import { SkeinError, toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { keepPlans } from './plans.ts';

/** What stores run their statements on: the database itself or an open transaction. */
export type Queryable = Pick<NodePgDatabase, 'execute' | 'select' | 'insert' | 'update' | 'delete'>;

export interface Database {
  /** Statements outside a transaction. */
  readonly query: Queryable;
  /** The pool below, for libraries that need it (graphile-worker). */
  readonly pool: pg.Pool;
  /** Runs `work` in one transaction; rolls back if it throws. Errors of the connection become DATABASE_UNREACHABLE. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** True if the database answers within `ms`. Never throws. */
  answers(ms: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Most connections of this pool. */
  readonly max: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** A connection that is not there after this long counts as unreachable: Slack waits 3 s for our answer. */
const CONNECT_TIMEOUT_MS = 2500;

/** A connection that somebody still holds after this is left to the end of the process. */
const CLOSE_WITHIN_MS = 3000;

/** Opens a pool. Connects lazily, so it succeeds while the server is away. */
export function openDatabase({ url, max, clock, log }: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'skein',
  });
  // Without these two a server restart ends the process: pg emits 'error' on idle and on busy clients.
  pool.on('error', (err) => log.warn({ err }, 'an idle database connection was lost'));
  pool.on('connect', (client) => {
    client.on('error', (err) => log.debug({ err }, 'a database connection was lost'));
    keepPlans(client);
  });
  const db = drizzle(pool);
  return {
    query: db,
    pool,
    async transaction(work) {
      try {
        return await db.transaction(work);
      } catch (thrown) {
        throw isConnectionLoss(thrown)
          ? new SkeinError('DATABASE_UNREACHABLE', 'the transaction could not be made', { cause: thrown })
          : thrown;
      }
    },
    async answers(ms) {
      const over = new AbortController();
      const answer = db.execute(sql`select 1`).then(
        () => true,
        () => false,
      );
      const late = clock.sleep(ms, over.signal).then(() => false);
      return Promise.race([answer, late]).finally(() => over.abort());
    },
    async close() {
      const over = new AbortController();
      await Promise.race([pool.end(), clock.sleep(CLOSE_WITHIN_MS, over.signal)]);
      over.abort();
    },
  };
}

/** SQLSTATE classes and node codes that say "no connection now", as against a fault of the statement. */
const CONNECTION_CODES =
  /^(08|28|3D000|57P0[1-4]|53300|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/;

/** True if the error, or one that caused it, means that the database is away rather than that we are wrong. */
export function isConnectionLoss(thrown: unknown): boolean {
  for (let error: unknown = thrown, depth = 0; error !== undefined && error !== null && depth < 6; depth++) {
    const code = sqlState(error);
    if (code !== null && CONNECTION_CODES.test(code)) return true;
    // pg has no code for these. The last one is what a rollback on a broken connection says in place of the cause.
    if (
      /Connection terminated|timeout exceeded when trying to connect|^timeout expired|is not queryable/.test(
        toError(error).message,
      )
    )
      return true;
    error = error instanceof Error ? error.cause : undefined;
  }
  return false;
}

/** The SQLSTATE or node error code on an error or on what caused it. */
export function sqlState(thrown: unknown): string | null {
  for (let error: unknown = thrown, depth = 0; error instanceof Error && depth < 6; depth++) {
    if ('code' in error && typeof error.code === 'string') return error.code;
    error = error.cause;
  }
  return null;
}
