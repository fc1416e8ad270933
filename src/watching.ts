import type { Clock } from './clock.ts';
import { waitingWork } from './jobs/store.ts';
import { type Check, createHealth } from './operations/health.ts';
import type { Route } from './operations/http.ts';
import type { Metrics } from './operations/metrics.ts';
import type { Database } from './postgres/database.ts';

/** What `/healthz`, `/readyz` and `/metrics` tell of this process. */
export function watching({
  metrics,
  checks,
  database,
  active,
  installations,
  clock,
}: {
  readonly metrics: Metrics;
  readonly checks: readonly Check[];
  readonly database: Database;
  /** Replies that are being written. */
  readonly active: () => number;
  /** Workspaces that can be served. */
  readonly installations: () => number;
  readonly clock: Clock;
}): Route[] {
  metrics.readFrom({
    waiting: () => waitingWork(database.query),
    pool() {
      const { totalCount, idleCount: idle, waitingCount: waiting } = database.pool;
      return { used: totalCount - idle, idle, waiting };
    },
    active,
    installations,
    checks: () =>
      Promise.all(
        checks.map(async ({ name, problem }) => ({
          name,
          works: (await problem().catch(() => 'failed')) === null,
        })),
      ),
  });
  return [createHealth(checks, clock), metrics.route];
}
