import type { ErrorCode } from '../errors.ts';
import type { Check } from './health.ts';

/** What `/readyz` looks at. Functions are asked each time and never throw; null: it works. */
export interface Parts {
  /** Takes deliveries of Slack, or works on replies only. */
  readonly receives: boolean;
  readonly works: boolean;
  readonly stopping: () => boolean;
  /** 'ok', or the code of what is wrong with the database. */
  readonly database: () => Promise<'ok' | ErrorCode>;
  readonly migrated: () => boolean;
  /** Slack's word for why it refuses the bot token; null: it does not, as far as anybody knows. */
  readonly tokenRefused: () => string | null;
  /** It is known whose token it is. */
  readonly identified: () => boolean;
  /** Deliveries can come: always true over HTTP. */
  readonly connected: () => boolean;
  readonly workerAlive: () => boolean;
  readonly model: () => Promise<string | null>;
}

/**
 * Ready means: deliveries can be taken and kept, or, without a receiver, replies worked on. A model or a Slack that
 * is away does not take a process out of service, because nothing is lost by it; they are told beside.
 */
export function readiness(parts: Parts): Check[] {
  const { receives, works } = parts;
  const away = (works: boolean, code: ErrorCode): ErrorCode | null => (works ? null : code);
  return [
    {
      name: 'database',
      needed: true,
      problem: async () => {
        const condition = await parts.database();
        if (condition !== 'ok') return condition;
        return parts.migrated() ? null : 'starting';
      },
    },
    {
      name: 'slack',
      needed: receives,
      problem: async () => {
        if (parts.stopping()) return 'stopping';
        if (parts.tokenRefused() !== null) return 'SLACK_AUTH_FAILED';
        return away(parts.identified() && parts.connected(), 'SLACK_UNREACHABLE');
      },
    },
    {
      name: 'jobs',
      needed: !receives,
      problem: async () => away(parts.workerAlive(), 'DATABASE_UNREACHABLE'),
    },
    { name: 'model', needed: false, problem: parts.model },
  ].slice(0, works ? 4 : 2);
}
