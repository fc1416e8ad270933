import { sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { type Clock, LATE, within } from '../clock.ts';
import { SkeinError, toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Address, connectionTo } from './address.ts';
import { keepPlans } from './plans.ts';

/** What stores run their statements on: the database itself or an open transaction. */
export type Queryable = Pick<NodePgDatabase, 'execute' | 'select' | 'insert' | 'update' | 'delete'>;

export interface Database {
  /** Statements outside a transaction. One that a deadlock undid is repeated at once. */
  readonly query: Queryable;
  /** The pool below, for libraries that need it (graphile-worker). */
  readonly pool: pg.Pool;
  /**
   * Runs `work` in one transaction; rolls back if it throws. A transaction that a deadlock or a serialisation failure
   * undid is run again at once, so `work` may run several times. Throws DATABASE_UNREACHABLE while the database is
   * away, and DATABASE_BUSY if no connection of the pool became free.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** What the database is to this process within `ms`. Never throws. */
  condition(ms: number): Promise<'ok' | 'DATABASE_BUSY' | 'DATABASE_UNREACHABLE'>;
  close(): Promise<void>;
}

export interface DatabaseOptions extends Address {
  /** Most connections of this pool. */
  readonly max: number;
  readonly clock: Clock;
  readonly log: Log;
  /** How long anything may wait; default `LIMITS`. */
  readonly limits?: Limits;
  /** False where a pooler gives each transaction another session: no settings and no named statements then. */
  readonly sessions?: boolean;
}

/** Milliseconds. */
interface Limits {
  /** For a new connection: Slack waits 3 s for our answer. */
  readonly connect: number;
  /**
   * For a connection of the pool to become free. All who wait have their turn; giving up sooner would only add the same
   * statements once more.
   */
  readonly free: number;
  /**
   * For the answer to a statement, by our own clock: a host that vanished without a word never answers. Longer than
   * the server's own limits below, so that a server that lives says so itself and the connection stays.
   */
  readonly query: number;
  readonly statement: number;
  readonly lock: number;
  /** For the next statement of a transaction, so that nobody who hangs keeps its locks. */
  readonly idleInTransaction: number;
}

const LIMITS: Limits = {
  connect: 2500,
  free: 10_000,
  query: 10_000,
  statement: 8000,
  lock: 5000,
  idleInTransaction: 60_000,
};

/** A connection that says nothing for so long is asked by the kernel whether its other end lives. */
export const KEEP_ALIVE_MS = 5000;
/** A connection that somebody still holds after this is left to the end of the process. */
const CLOSE_WITHIN_MS = 3000;
/** How often a deadlock or a serialisation failure is answered by the same work once more. */
const MOST_REPEATS = 3;

/** Opens a pool. Connects lazily, so it succeeds while the server is away. */
export function openDatabase(options: DatabaseOptions): Database {
  const { max, clock, log, limits = LIMITS, sessions = true } = options;
  const { statement, lock, idleInTransaction } = limits;
  const pool = new pg.Pool({
    ...connectionTo(options),
    max,
    // The pool's own limit is for a free connection; a client that it makes has another one for getting through.
    connectionTimeoutMillis: limits.free,
    Client: class extends pg.Client {
      constructor(config?: pg.ClientConfig) {
        super({ ...config, connectionTimeoutMillis: limits.connect });
      }
    },
    query_timeout: limits.query,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'skein',
    // Not as parameters of the start: PgBouncer refuses those that it does not know.
    ...(sessions && {
      onConnect: (client) =>
        client.query(`set statement_timeout = ${statement}; set lock_timeout = ${lock};
          set idle_in_transaction_session_timeout = ${idleInTransaction}`),
    }),
  });
  // Without these two a server restart ends the process: pg emits 'error' on idle and on busy clients.
  pool.on('error', (err) => log.warn({ err }, 'an idle database connection was lost'));
  pool.on('connect', (client) => {
    client.on('error', (err) => log.debug({ err }, 'a database connection was lost'));
    if (sessions) keepPlans(client);
  });
  repeatDeadlocks(pool);
  const db = drizzle(pool);

  /** One try. A client that may still be waiting for an answer, or that has a read-only server, is closed. */
  const attempt = async <T>(work: (tx: Queryable) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let broken = false;
    try {
      await client.query('begin');
      const result = await work(drizzle(client));
      await client.query('commit');
      return result;
    } catch (thrown) {
      broken = failureOf(thrown) === 'away';
      if (!broken)
        await client.query('rollback').catch(() => {
          broken = true;
        });
      throw thrown;
    } finally {
      client.release(broken);
    }
  };

  return {
    query: db,
    pool,
    async transaction(work) {
      for (let tries = 1; ; tries++) {
        try {
          return await attempt(work);
        } catch (thrown) {
          const failure = failureOf(thrown);
          if (failure === 'again' && tries < MOST_REPEATS) continue;
          if (failure === 'busy' || failure === 'away')
            throw new SkeinError(CODES[failure], 'the transaction could not be made', { cause: thrown });
          throw thrown;
        }
      }
    },
    async condition(ms) {
      const question = sql`select current_setting('transaction_read_only') = 'off' as writable`;
      const answer = db.execute(question).then(
        ({ rows }) => (rows[0]?.['writable'] === true ? ('ok' as const) : CODES.away),
        (thrown) => CODES[failureOf(thrown) === 'busy' ? 'busy' : 'away'],
      );
      // All connections are out and work: whoever waits for one says nothing about the server.
      const full = () => pool.totalCount >= max && pool.idleCount === 0;
      const condition = await within(clock, ms, answer);
      return condition === LATE ? CODES[full() ? 'busy' : 'away'] : condition;
    },
    async close() {
      await within(clock, CLOSE_WITHIN_MS, pool.end());
    },
  };
}

const CODES = { busy: 'DATABASE_BUSY', away: 'DATABASE_UNREACHABLE' } as const;

/** A single statement that was undone by a deadlock did nothing, so it is sent again. */
function repeatDeadlocks(pool: pg.Pool): void {
  const { query } = pool;
  const repeated = async (...given: unknown[]): Promise<unknown> => {
    for (let tries = 1; ; tries++) {
      try {
        return await Reflect.apply(query, pool, given);
      } catch (thrown) {
        if (failureOf(thrown) !== 'again' || tries >= MOST_REPEATS) throw thrown;
      }
    }
  };
  Object.defineProperty(pool, 'query', { value: repeated, configurable: true });
}

/**
 * What a failure means for whoever sent the statement. `away`: the server can't be reached, gave no answer in time, or
 * can't write at the moment (read-only after a failover, disk or memory full); `busy`: all our connections were in use;
 * `again`: another transaction was in the way, and the same work may pass now; `fault`: the statement is wrong.
 */
type DatabaseFailure = 'away' | 'busy' | 'again' | 'fault';

/** SQLSTATE of a write to a standby, or to a primary that was made read-only. */
export const READ_ONLY = '25006';

const CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY)_|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|INVALID_CA|INVALID_PURPOSE)/;
const NO_TLS = /^The server does not support SSL connections/;

/** By SQLSTATE (Postgres, appendix A) or by node's code; the first that fits counts. */
const BY_CODE: readonly (readonly [RegExp, DatabaseFailure])[] = [
  // Serialisation failure, deadlock.
  [/^40(001|P01)$/, 'again'],
  // No connection, login refused, no such database.
  [/^(08|28|3D000)/, 'away'],
  // Statement cancelled by its limit, lock not had in time, transaction idle for too long.
  [/^(57014|55P03|25P03)$/, 'away'],
  // Shut down, crashed, starting up, database dropped, session idle for too long.
  [/^57P0[1-5]$/, 'away'],
  [new RegExp(`^${READ_ONLY}$`), 'away'],
  // Resources (disk, memory, connections) and the system below (files, I/O).
  [/^(53|58)/, 'away'],
  // The certificate is not trusted, or has run out (codes of OpenSSL and of node:tls).
  [CERTIFICATE, 'away'],
  [/^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/, 'away'],
];

/** pg and pg-pool (8.23) have no code for these; `is not queryable` is said of a client that was closed before. */
const BY_MESSAGE: readonly (readonly [RegExp, DatabaseFailure])[] = [
  [/^timeout exceeded when trying to connect/, 'busy'],
  [NO_TLS, 'away'],
  [/Connection terminated|^Query read timeout|^timeout expired|is not queryable/, 'away'],
];

/** What an error, or one that caused it, means. */
export function failureOf(thrown: unknown): DatabaseFailure {
  for (let error: unknown = thrown, depth = 0; error !== undefined && error !== null && depth < 6; depth++) {
    const [code, { message }] = [sqlState(error), toError(error)];
    const found =
      BY_CODE.find(([pattern]) => code !== null && pattern.test(code)) ??
      BY_MESSAGE.find(([pattern]) => pattern.test(message));
    if (found !== undefined) return found[1];
    error = error instanceof Error ? error.cause : undefined;
  }
  return 'fault';
}

/** True if the same work may pass later without any change: the database is away, or no connection was free. */
export function isConnectionLoss(thrown: unknown): boolean {
  return failureOf(thrown) !== 'fault';
}

/**
 * A failure at the start, as what a person can do about it: DATABASE_CERTIFICATE, or DATABASE_UNREACHABLE, which may
 * pass. Anything else is returned as it is.
 */
export function startFailure(thrown: unknown, what: string): unknown {
  const code = sqlState(thrown) ?? '';
  const { message } = toError(thrown);
  if (CERTIFICATE.test(code) || NO_TLS.test(message))
    return new SkeinError(
      'DATABASE_CERTIFICATE',
      NO_TLS.test(message)
        ? 'the database takes no TLS connections; use sslmode=disable, or turn TLS on there'
        : `the certificate of the database is not trusted (${code}); give its authority with DATABASE_CA, or use sslmode=no-verify`,
      { cause: thrown },
    );
  return isConnectionLoss(thrown) ? new SkeinError('DATABASE_UNREACHABLE', what, { cause: thrown }) : thrown;
}

/** The SQLSTATE or node error code on an error or on what caused it. */
export function sqlState(thrown: unknown): string | null {
  for (let error: unknown = thrown, depth = 0; error instanceof Error && depth < 6; depth++) {
    if ('code' in error && typeof error.code === 'string') return error.code;
    error = error.cause;
  }
  return null;
}
