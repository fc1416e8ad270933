import type { World } from '../world.ts';
import type { CounterRow, LedgerRow, Money, MoneyRow } from './money.ts';
import type { BudgetChange } from './raises.ts';

/** A reply as the database has it. Times: milliseconds since the epoch. */
export interface ReplyRow {
  readonly id: string;
  readonly state: string;
  readonly log: string;
  readonly stopReason: string | null;
  readonly stoppedBy: string | null;
  readonly errorCode: string | null;
  readonly calls: number;
  readonly mailbox: string;
  readonly channel: string;
  readonly threadTs: string;
  readonly questionTs: string;
  /** Number of the version that is shown; how many there are; those that are not shown. */
  readonly version: number;
  readonly versions: number;
  readonly others: readonly VersionRow[];
  readonly segments: readonly { readonly index: number; readonly ts: string | null }[];
  /** When it reached which state, in order, and what it held then. */
  readonly states: readonly StateRow[];
  /** When it went to another text, in order. */
  readonly moves: readonly MoveRow[];
  /** When its question was edited. */
  readonly edits: readonly number[];
  /** Its answer is among what the model is given: null if there is none. */
  readonly remembered: string | null;
  readonly usage: readonly UsageRow[];
}

/** A version as it was laid aside, or as it is shown. */
export interface VersionRow {
  readonly version: number;
  readonly log: string;
  readonly stopReason: string | null;
  readonly errorCode: string | null;
}

export interface StateRow {
  readonly state: string;
  readonly at: number;
  readonly version: number;
  readonly units: number;
  readonly failed: boolean;
  /** The number that its buttons were drawn with. */
  readonly changes: number;
}

export interface MoveRow {
  readonly what: 'another version' | 'shown again' | 'begun anew';
  /** What was left: a version, with its text. */
  readonly version: number;
  readonly log: string;
  readonly at: number;
}

export interface OpinionRow {
  readonly reply: string;
  readonly version: number;
  readonly person: string;
  readonly verdict: string;
  readonly reason: string | null;
}

export interface UsageRow {
  readonly call: number;
  readonly requestId: string | null;
  readonly estimated: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What people think of versions now. */
export async function opinionsIn({ database }: World): Promise<OpinionRow[]> {
  const { rows } = await database.query<OpinionRow>(
    'select reply, version, person, verdict, reason from skein.feedback order by reply, version, person',
  );
  return rows;
}

/** All replies, with what the triggers of `audit.ts` have seen of them. */
export async function repliesIn({ database }: World): Promise<ReplyRow[]> {
  const { rows: replies } = await database.query<{
    id: string;
    state: string;
    log: string;
    streaming: string;
    stop_reason: string | null;
    stopped_by: string | null;
    error_code: string | null;
    calls: number;
    conversation: string;
    question: string;
    version: number;
    versions: number;
    remembered: string | null;
    channel: string;
    thread_ts: string;
    slack_ts: string;
  }>(`select r.*, c.channel, c.thread_ts, m.slack_ts, a.text as remembered from skein.replies r
      join skein.conversations c on c.id = r.conversation join skein.messages m on m.id = r.question
      left join skein.messages a on a.conversation = r.conversation and a.slack_ts = m.slack_ts
        and a.role = 'assistant' and a.deleted_at is null
      order by r.created_at`);
  const { rows: segments } = await database.query<{ reply: string; index: number; ts: string | null }>(
    'select reply, index, ts from skein.segments order by reply, index',
  );
  const { rows: states } = await database.query<Omit<StateRow, 'at'> & { reply: string; at: Date }>(
    'select * from audit.states order by at',
  );
  const { rows: moves } = await database.query<Omit<MoveRow, 'at'> & { reply: string; at: Date }>(
    'select * from audit.moves order by at',
  );
  const { rows: edits } = await database.query<{ question: string; at: Date }>('select * from audit.edits');
  const { rows: versions } = await database.query<{
    reply: string;
    version: number;
    text: string;
    stop_reason: string | null;
    error_code: string | null;
  }>('select * from skein.versions order by reply, version');
  const { rows: usage } = await database.query<{
    reply: string;
    call: number;
    request_id: string | null;
    estimated: boolean;
    input: number;
    output_tokens: number;
  }>(`select reply, call, request_id, estimated, output_tokens,
        input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens as input
      from skein.usage order by reply, call`);
  return replies.map((row) => ({
    id: row.id,
    state: row.state,
    log: row.log,
    stopReason: row.stop_reason,
    stoppedBy: row.stopped_by,
    errorCode: row.error_code,
    calls: row.calls,
    mailbox: `conversation:${row.conversation}`,
    channel: row.channel,
    threadTs: row.thread_ts,
    questionTs: row.slack_ts,
    version: row.version,
    versions: row.versions,
    // One that was brought back may lie here still, as it was before.
    others: versions
      .filter(({ reply, version }) => reply === row.id && version !== row.version)
      .map(({ version, text, stop_reason, error_code }) => ({
        version,
        log: text,
        stopReason: stop_reason,
        errorCode: error_code,
      })),
    remembered: row.remembered,
    segments: segments.filter(({ reply }) => reply === row.id),
    states: states
      .filter(({ reply }) => reply === row.id)
      .map(({ at, ...state }) => ({ ...state, at: at.getTime() })),
    moves: moves
      .filter(({ reply }) => reply === row.id)
      .map(({ at, ...move }) => ({ ...move, at: at.getTime() })),
    edits: edits.filter(({ question }) => question === row.question).map(({ at }) => at.getTime()),
    usage: usage
      .filter(({ reply }) => reply === row.id)
      .map((entry) => ({
        call: Number(entry.call),
        requestId: entry.request_id,
        estimated: entry.estimated,
        inputTokens: Number(entry.input),
        outputTokens: Number(entry.output_tokens),
      })),
  }));
}

/** The record of the money, the ledger and the counters. */
export async function moneyIn({ database }: World): Promise<Money> {
  const { rows } = await database.query<Omit<MoneyRow, 'cost' | 'at'> & { cost: string; at: Date }>(
    'select what, reply, call, channel, cost::text, open, tx, at from audit.money order by seq',
  );
  const { rows: entries } = await database.query<Omit<LedgerRow, 'cost'> & { cost: string }>(`
    select reply, call, model, team, channel, person, (at at time zone 'utc')::date::text as day, open,
      coalesce(cost_nano, assumed_nano, 0)::text as cost, input_tokens as input, cache_write_5m_tokens as write5m,
      cache_write_1h_tokens as write1h, cache_read_tokens as read, output_tokens as output,
      web_searches as searches
    from skein.usage order by reply, call`);
  const { rows: counters } = await database.query<
    Omit<CounterRow, 'cost' | 'tokens'> & { cost: string; tokens: string }
  >(
    `select team, scope, scope_id as "scopeId", day::text, cost_nano::text as cost, tokens::text from skein.spent`,
  );
  return {
    rows: rows.map((row) => ({ ...row, cost: BigInt(row.cost), at: row.at.getTime() })),
    entries: entries.map((row) => ({ ...row, cost: BigInt(row.cost) })),
    counters: counters.map((row) => ({ ...row, cost: BigInt(row.cost), tokens: BigInt(row.tokens) })),
  };
}

/** A file of a message, as it is kept: its content by hash, or why there is none. */
export interface AttachmentRow {
  readonly channel: string;
  readonly ts: string;
  readonly name: string;
  readonly hash: string | null;
  readonly why: string | null;
}

export async function attachmentsIn({ database }: World): Promise<AttachmentRow[]> {
  const { rows } = await database.query<AttachmentRow>(`
    select c.channel, m.slack_ts as ts, a.name, a.hash, a.why from skein.attachments a
      join skein.messages m on m.id = a.message join skein.conversations c on c.id = m.conversation order by a.id`);
  return rows;
}

/** A file that goes with an answer. */
export interface SentFileRow {
  readonly reply: string;
  readonly version: number;
  readonly at: number;
  readonly state: string;
  readonly file: string | null;
}

export async function sentFilesIn({ database }: World): Promise<SentFileRow[]> {
  const { rows } = await database.query<SentFileRow>(
    'select reply, version, at, state, file from skein.sent_files order by reply, version, at',
  );
  return rows;
}

/** The setting that people send, by scope and id. */
export async function settingsIn({ database }: World): Promise<Map<string, string>> {
  const { rows } = await database.query<{ scope: string; scope_id: string; value: string }>(
    `select scope, scope_id, value from skein.settings where key = 'context_tokens'`,
  );
  return new Map(rows.map(({ scope, scope_id, value }) => [`${scope} ${scope_id}`, value]));
}

/** Changes of the budgets of channels and days, in order. */
export async function budgetChangesIn({ database }: World): Promise<BudgetChange[]> {
  const { rows } = await database.query<{
    scope_id: string;
    from_value: string | null;
    to_value: string | null;
    by: string;
    at: Date;
  }>(`select scope_id, from_value, to_value, by, at from skein.setting_changes
      where key = 'budget_day' and scope = 'channel' order by id`);
  const nano = (value: string | null) =>
    value === null ? null : BigInt(Math.round(Number(value.slice(1)) * 1e9));
  return rows.map(({ scope_id: channel, from_value: from, to_value: to, by, at }) => ({
    ...{ channel, by },
    from: nano(from),
    to: nano(to),
    at: at.getTime(),
  }));
}
