import pg from 'pg';
import { migrate } from '../../src/postgres/migrate.ts';

/** What a company leaves behind in some years, beside the one workspace that is measured. */
export interface Size {
  /** Rows of `messages`; a third are questions, a third answers, a third remarks. */
  readonly messages: number;
  readonly workspaces: number;
  /** Calls of the present month in the workspace that is measured. */
  readonly entries: number;
}

const PER_THREAD = 12;
/** The last of the rows are from today, the first from so long ago. */
const DAYS = 400;

/** Large tables, whose indexes are built after the rows: they are then as dense as a `REINDEX` leaves them. */
const TABLES = ['conversations', 'messages', 'replies', 'segments', 'usage', 'seen', 'mailboxes', 'jobs'];

/** The rows, in the order of their foreign keys; `team` is the workspace that is measured. */
function rowsOf({ messages, workspaces, entries }: Size, team: string): readonly string[] {
  const threads = Math.ceil(messages / PER_THREAD);
  const teamOf = (id: string) =>
    `case when ${id} % ${workspaces} = 0 then '${team}' else 'T' || ${id} % ${workspaces} end`;
  const made = (thread: string) =>
    `now() - ${DAYS} * interval '1 day' * (1 - ${thread} / ${threads}::float8)`;
  const ts = (thread: string, at: string) =>
    `to_char(1700000000 + ${thread}, 'FM9999999999') || '.' || to_char(${at}, 'FM000000')`;
  return [
    `insert into skein.conversations (team, channel, thread_ts, kind, thread_read_at, created_at)
     select ${teamOf('i')}, case when i % 5 = 0 then 'D' else 'C' end || i % ${workspaces} || 'X' || i / ${workspaces} % 20,
       ${ts('i', '0')}, case when i % 5 = 0 then 'im' else 'channel' end, now(), ${made('i')}
     from generate_series(1, ${threads}) i`,
    // By thread, as they come: a question, its answer, a remark, and again.
    `insert into skein.messages (conversation, slack_ts, role, speaker, speaker_name, raw, text, blocks, created_at)
     select c, ${ts('c', 'case k % 3 when 1 then k - 1 else k end')}, case k % 3 when 1 then 'assistant' else 'user' end,
       case k % 3 when 1 then null else 'U' || c % 997 + k % 2 end, case k % 3 when 1 then null else 'Ana' end,
       case k % 3 when 1 then null else '{"text":"' || said || '"}' end, said,
       '[{"type":"text","text":"' || said || '"}]', ${made('c')}
     from generate_series(1, ${threads}) c, generate_series(0, ${PER_THREAD - 1}) k,
       lateral (select repeat(md5((c * ${PER_THREAD} + k)::text) || ' ', case k % 3 when 1 then 18 else 3 end) as said) s`,
    `insert into skein.replies (id, conversation, question, state, model, max_tokens, instructions, footer, log, log_units,
       stop_reason, calls, version_calls, begun_at, opened_at, created_at, answered_at, shown_at)
     select md5(q.id::text)::uuid, q.conversation, q.id, 'shown', 'claude-sonnet-4-6', 1024, '', true, a.text,
       length(a.text), 'end', 1, '{1}', q.created_at, q.created_at, q.created_at, q.created_at + interval '9 s',
       q.created_at + interval '9 s'
     from skein.messages q join skein.messages a
       on a.conversation = q.conversation and a.slack_ts = q.slack_ts and a.role = 'assistant'
     where q.role = 'user' order by q.id`,
    `insert into skein.segments (reply, index, ts, intent_at)
     select id, 0, '1700000000.' || to_char(question, 'FM000000000'), created_at from skein.replies`,
    `insert into skein.usage (reply, call, team, channel, person, model, input_tokens, cache_write_5m_tokens,
       cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, estimated, price_version, cost_nano, at)
     select r.id, 1, c.team, c.channel, 'U' || c.id % 997, 'claude-sonnet-4-6', 100, 300, 0, 2000, 150, 0, false, 'bench',
       4275000, r.created_at
     from skein.replies r join skein.conversations c on c.id = r.conversation order by r.created_at`,
    // What is purged after a week, and after a month.
    `insert into skein.seen (team, channel, ts, at)
     select c.team, c.channel, m.slack_ts, m.created_at
     from skein.messages m join skein.conversations c on c.id = m.conversation
     where m.role = 'user' and m.created_at > now() - interval '7 days'`,
    `insert into skein.mailboxes (key, team, last_seq, lease_epoch)
     select 'conversation:' || id, team, ${PER_THREAD / 3}, ${PER_THREAD / 3} from skein.conversations
     where created_at > now() - interval '30 days'`,
    `insert into skein.jobs (mailbox, seq, place, cause, name, subject, payload, attempts, at, done_at)
     select 'conversation:' || c.id, row_number() over (partition by c.id order by r.question), m.slack_ts,
       'reply:' || r.id, 'answer', r.id::text, '', 1, r.created_at, r.shown_at
     from skein.conversations c join skein.replies r on r.conversation = c.id join skein.messages m on m.id = r.question
     where c.created_at > now() - interval '30 days'`,
    // Entries of this month by 40 people in 20 channels of the workspace that is measured.
    `insert into skein.usage (reply, call, team, channel, person, model, input_tokens, cache_write_5m_tokens,
       cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, estimated, price_version, cost_nano, at)
     select gen_random_uuid(), 1, '${team}', case when i % 20 = 0 then 'C0GENERAL' else 'C' || i % 20 end,
       case when i % 40 = 0 then 'U0ANA' else 'U' || i % 40 end, 'claude-sonnet-4-6', 100, 0, 0, 0, 50, 0, false, 'bench',
       1000, greatest(date_trunc('month', now()), now() - i * interval '10 seconds')
     from generate_series(1, ${entries}) i`,
  ];
}

/** Fills an empty database on a server of ours (the role must be a superuser), and tells of each step. */
export async function fill(
  url: string,
  team: string,
  size: Size,
  tell: (step: string) => void,
): Promise<void> {
  await migrate(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Foreign keys are true by how the rows are made; counters are made afterwards, as a repair makes them.
    await client.query(`set session_replication_role = replica; set synchronous_commit = off;
      set maintenance_work_mem = '512MB'; set work_mem = '256MB'`);
    const { rows: indexes } = await client.query<{ name: string; made: string }>(
      `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as made from pg_index i
       join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
       where n.nspname = 'skein' and t.relname = any($1)
         and not exists (select from pg_constraint k where k.conindid = i.indexrelid)`,
      [TABLES],
    );
    for (const { name } of indexes) await client.query(`drop index ${name}`);
    for (const statement of rowsOf(size, team)) {
      tell(statement.slice(0, statement.indexOf(' (')));
      await client.query(statement);
    }
    for (const { made } of indexes) {
      tell(made.slice(0, 60));
      await client.query(made);
    }
    tell('vacuum analyze');
    await client.query('vacuum (analyze, freeze)');
  } finally {
    await client.end();
  }
}
