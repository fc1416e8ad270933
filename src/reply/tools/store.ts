import { and, asc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { fenced, LeaseLost, type LeaseToken, lockedWhileHeld } from '../../jobs/store.ts';
import type { Queryable } from '../../postgres/database.ts';
import type { StoredReply } from '../store.ts';
import { type CallState, callStateOf, type Sharing, sharingOf, statesBefore } from './rules.ts';
import { toolCalls, toolGrants } from './tables.ts';

/** A call as it is stored. */
export type StoredCall = Omit<typeof toolCalls.$inferSelect, 'state' | 'sharing'> & {
  readonly state: CallState;
  readonly sharing: Sharing | null;
};

/** What is written of a call when it is first seen. */
export type NewCall = Pick<
  StoredCall,
  | 'id'
  | 'use'
  | 'server'
  | 'tool'
  | 'title'
  | 'input'
  | 'reads'
  | 'repeatable'
  | 'account'
  | 'state'
  | 'result'
>;

type OfReply = Pick<StoredReply, 'id' | 'version'>;

/** The calls of the version of an answer that is shown or written, in the order in which they were made. */
export async function callsOf(db: Queryable, { id, version }: OfReply): Promise<readonly StoredCall[]> {
  const rows = await db
    .select()
    .from(toolCalls)
    .where(and(eq(toolCalls.reply, id), eq(toolCalls.version, version)))
    .orderBy(asc(toolCalls.createdAt), asc(toolCalls.use));
  return rows.map(toCall);
}

/** Ids of the calls of all versions of an answer, also of those that were given up. */
export async function usesOf(db: Queryable, id: string): Promise<readonly string[]> {
  const rows = await db.select({ use: toolCalls.use }).from(toolCalls).where(eq(toolCalls.reply, id));
  return rows.map(({ use }) => use);
}

/** Writes calls down before anything is done about them; one that is there already stays as it is. Throws LeaseLost. */
export async function addCalls(
  db: Queryable,
  lease: LeaseToken,
  reply: Pick<StoredReply, 'id' | 'version' | 'team' | 'asker'>,
  calls: readonly NewCall[],
): Promise<void> {
  const column = (of: (call: NewCall) => string | boolean | null) => sql.param(calls.map(of));
  const { rows } = await db.execute<{ held: boolean }>(sql`
    with held as (${lockedWhileHeld(lease)}),
    added as (
      insert into skein.tool_calls (id, reply, version, use, team, server, tool, title, input, reads, repeatable, account,
        person, state, result, created_at, ended_at)
      select c.id, ${reply.id}::uuid, ${reply.version}::int, c.use, ${reply.team}::text, c.server, c.tool, c.title, c.input,
        c.reads, c.repeatable, c.account, ${reply.asker}::text, c.state, c.result,
        -- Calls of one round keep their order.
        clock_timestamp() + (c.at - 1) * interval '1 microsecond', case c.state when 'refused' then clock_timestamp() end
      from held cross join unnest(
        ${column(({ id }) => id)}::uuid[], ${column(({ use }) => use)}::text[], ${column(({ server }) => server)}::text[],
        ${column(({ tool }) => tool)}::text[], ${column(({ title }) => title)}::text[],
        ${column(({ input }) => input)}::text[], ${column(({ reads }) => reads)}::boolean[],
        ${column(({ repeatable }) => repeatable)}::boolean[], ${column(({ account }) => account)}::text[],
        ${column(({ state }) => state)}::text[], ${column(({ result }) => result)}::text[])
        with ordinality c(id, use, server, tool, title, input, reads, repeatable, account, state, result, at)
      on conflict (reply, use) do nothing returning id)
    select exists (select 1 from held) as held`);
  if (rows[0]?.held !== true) throw new LeaseLost(lease);
}

/** Names of the tools that this person granted in this conversation, as `server tool`. */
export async function grantedIn(
  db: Queryable,
  conversation: number,
  person: string,
): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ server: toolGrants.server, tool: toolGrants.tool })
    .from(toolGrants)
    .where(and(eq(toolGrants.conversation, conversation), eq(toolGrants.person, person)));
  return new Set(rows.map(({ server, tool }) => `${server} ${tool}`));
}

/**
 * **Before a call leaves**: it is `running`, and from now on nobody runs it again unless that changes nothing more. For one
 * who has read it as approved under this lease, so that it is they who began it if it runs already: the answer of a
 * statement may be lost. False: something else became of it. Throws LeaseLost.
 */
export async function beginRun(db: Queryable, lease: LeaseToken, id: string): Promise<boolean> {
  const set = sql`state = 'running', begun_at = clock_timestamp()`;
  if (await changed(db, lease, id, set, 'running')) return true;
  const rows = await db.select({ state: toolCalls.state }).from(toolCalls).where(eq(toolCalls.id, id));
  return rows[0]?.state === 'running';
}

/** What came of a call. False: that was known already. Throws LeaseLost. */
export async function endRun(
  db: Queryable,
  lease: LeaseToken,
  id: string,
  {
    state,
    result,
    sharing,
  }: { state: 'done' | 'failed' | 'unknown'; result: string; sharing: Sharing | null },
): Promise<boolean> {
  const set = sql`state = ${state}, result = ${result}, sharing = ${sharing}, ended_at = clock_timestamp()`;
  return changed(db, lease, id, set, state);
}

async function changed(
  db: Queryable,
  lease: LeaseToken,
  id: string,
  set: SQL,
  to: CallState,
): Promise<boolean> {
  const { rows } = await db.execute<{ held: boolean; changed: boolean }>(sql`
    with held as (${lockedWhileHeld(lease)}),
    changed as (
      update skein.tool_calls set ${set}
      where id = ${id}::uuid and state = any(${sql.param([...statesBefore(to)])}::text[]) and exists (select 1 from held)
      returning id)
    select exists (select 1 from held) as held, exists (select 1 from changed) as changed`);
  const row = rows[0];
  if (row?.held !== true) throw new LeaseLost(lease);
  return row.changed;
}

/** What nobody decided within its time lapses, and what nobody let be shared is kept back. Throws LeaseLost. */
export async function lapseCalls(db: Queryable, lease: LeaseToken, ids: readonly string[]): Promise<void> {
  await db
    .update(toolCalls)
    .set({ state: 'expired', endedAt: sql`clock_timestamp()` })
    .where(and(inArray(toolCalls.id, [...ids]), eq(toolCalls.state, 'proposed'), fenced(lease)));
  await db
    .update(toolCalls)
    .set({ sharing: 'kept' })
    .where(and(inArray(toolCalls.id, [...ids]), eq(toolCalls.sharing, 'withheld'), fenced(lease)));
}

/**
 * The open calls of the version that a reply holds end with it: what was not run is not run any more, and of what was
 * running nobody knows. A statement, or a part of one.
 */
export function abandoning(id: string): SQL {
  return sql`
    update skein.tool_calls c
    set state = case when c.state = 'running' then 'unknown' when c.state in ('proposed', 'approved') then 'expired'
        else c.state end,
      sharing = case c.sharing when 'withheld' then 'kept' else c.sharing end,
      ended_at = coalesce(c.ended_at, clock_timestamp())
    from skein.replies o where o.id = ${id}::uuid and c.reply = o.id and c.version = o.version
      and (c.state in ('proposed', 'approved', 'running') or c.sharing = 'withheld')`;
}

/** The same by the owner of the reply: one that was taken over has another one to go on with it. */
export async function abandonCalls(db: Queryable, lease: LeaseToken, id: string): Promise<void> {
  await db.execute(sql`${abandoning(id)} and ${fenced(lease)}`);
}

function toCall(row: typeof toolCalls.$inferSelect): StoredCall {
  return { ...row, state: callStateOf(row.state), sharing: sharingOf(row.sharing) };
}
