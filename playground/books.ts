import pg from 'pg';
import type { Clock } from '../src/clock.ts';
import type { PageJob } from './protocol.ts';

/** What the inspector shows of the bot's database: its replies with tokens and cost, newest first. */
export interface Books {
  jobs(): readonly PageJob[];
  /** Decimal USD; null until the first look. */
  costUsd(): string | null;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 500;
const MOST_JOBS = 60;

/** Looks twice a second while `watched`, and tells of changes. The bot is not asked and not slowed. */
export function openBooks(options: {
  url: string;
  clock: Clock;
  watched: () => boolean;
  onChange: () => void;
}): Books {
  const pool = new pg.Pool({ connectionString: options.url, max: 1, application_name: 'skein playground' });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  let jobs: readonly PageJob[] = [];
  let cost: string | null = null;
  let last = '';
  let looking: Promise<void> | null = null;

  const look = async () => {
    try {
      const rows = await pool.query<Row>(QUERY, [MOST_JOBS]);
      const sum = await pool.query<{ nano: string }>(
        'select coalesce(sum(cost_nano), 0) as nano from skein.usage',
      );
      jobs = rows.rows.map(jobOf);
      cost = usd(sum.rows[0]?.nano ?? '0');
    } catch {
      // Not migrated yet, or away for a moment: the next look tells.
      return;
    }
    const now = JSON.stringify([jobs, cost]);
    if (now === last) return;
    last = now;
    options.onChange();
  };
  const stopLooking = options.clock.every(LOOK_EVERY_MS, () => {
    if (looking === null && options.watched())
      looking = look().finally(() => {
        looking = null;
      });
  });

  return {
    jobs: () => jobs,
    costUsd: () => cost,
    async stop() {
      stopLooking();
      await looking;
      await pool.end();
    },
  };
}

interface Row {
  id: string;
  channel: string;
  thread_ts: string;
  state: string;
  model: string;
  input: string | null;
  output: string | null;
  nano: string | null;
  created_at: Date;
}

const QUERY = `
  select r.id, c.channel, c.thread_ts, r.state, r.model, u.input, u.output, u.nano, r.created_at
  from skein.replies r
  join skein.conversations c on c.id = r.conversation
  left join lateral (
    select sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens) as input,
           sum(output_tokens) as output, sum(cost_nano) as nano
    from skein.usage u where u.reply = r.id) u on true
  order by r.created_at desc limit $1`;

function jobOf(row: Row): PageJob {
  return {
    id: row.id,
    conversation: `${row.channel}/${row.thread_ts}`,
    state: row.state,
    model: row.model,
    inputTokens: row.input === null ? null : Number(row.input),
    outputTokens: row.output === null ? null : Number(row.output),
    costUsd: row.nano === null ? null : usd(row.nano),
    createdAt: row.created_at.getTime(),
  };
}

/** Nano-dollars as decimal dollars, exactly. */
function usd(nano: string): string {
  const digits = nano.padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
