import { sql } from 'drizzle-orm';
import type { Queryable } from '../postgres/database.ts';

/** Notes that an installation is there, with the bot user of its token. */
export async function noteInstallation(db: Queryable, id: string, botUserId: string): Promise<void> {
  await db.execute(sql`
    insert into skein.installations (id, bot_user_id) values (${id}, ${botUserId})
    on conflict (id) do update set bot_user_id = excluded.bot_user_id, gone_at = null`);
}

/** Notes that an installation is gone, or its token dead. */
export async function noteGone(db: Queryable, id: string): Promise<void> {
  await db.execute(sql`update skein.installations set gone_at = now() where id = ${id} and gone_at is null`);
}

/** A channel, and the team that it is stored under. */
export interface Place {
  readonly team: string;
  readonly channel: string;
}

/**
 * Channels that are stored under a team that never installed the app and that were not found to be out of our sight:
 * at most `limit`, and none of `to`. The teams are found by jumping along an index, so that it costs nothing where
 * there are none.
 */
export async function placesOfHosts(db: Queryable, to: string, limit: number): Promise<Place[]> {
  const { rows } = await db.execute<{ team: string; channel: string }>(sql`
    with recursive teams(team) as (
      (select min(team) from skein.conversations)
      union all
      select (select min(c.team) from skein.conversations c where c.team > t.team)
      from teams t where t.team is not null),
    hosts(team) as (
      select team from teams where team is not null
      union select team from skein.settings where scope = 'channel'
      except select id from skein.installations
      except select ${to})
    select p.team, p.channel
    from hosts s,
    lateral (
      select team, channel from skein.conversations where team = s.team
      union select team, scope_id from skein.settings where team = s.team and scope = 'channel') p
    where not exists (
      select 1 from skein.unseen_places u where u.team = p.team and u.channel = p.channel)
    order by p.team, p.channel limit ${limit}`);
  return rows.map(({ team, channel }) => ({ team, channel }));
}

/** Our token does not see this channel: it stays as it is. */
export async function noteUnseen(db: Queryable, { team, channel }: Place): Promise<void> {
  await db.execute(sql`
    insert into skein.unseen_places (team, channel) values (${team}, ${channel}) on conflict do nothing`);
}

/**
 * Puts what is stored of a channel under the installation `to`, with at most `limit` of its conversations; where both
 * have the same, it is made one. 'more': there are further conversations; 'busy': an older process is working on all
 * that is left. May be repeated.
 */
export async function adoptPlace(
  tx: Queryable,
  place: Place,
  to: string,
  limit: number,
): Promise<'done' | 'more' | 'busy'> {
  return moveChannel(tx, place, to, { most: limit, ledger: true });
}

/** Those of `teams` that have settings or conversations of a channel. */
export async function storedUnder(
  db: Queryable,
  teams: readonly string[],
  channel: string,
): Promise<string[]> {
  const { rows } = await db.execute<{ team: string }>(sql`
    select t.team from unnest(${sql.param([...teams])}::text[]) as t (team)
    where exists (select from skein.conversations c where c.team = t.team and c.channel = ${channel})
      or exists (select from skein.settings s
        where s.team = t.team and s.scope = 'channel' and s.scope_id = ${channel})`);
  return rows.map(({ team }) => team);
}

/**
 * Puts what people have set for themselves under the installation `to`, where they have not set it there, with its history.
 * True: there was some, or the first of it.
 */
export async function movePeople(tx: Queryable, team: string, to: string): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    with gone as (
      delete from skein.settings where team = ${team} and scope = 'person'
      returning scope_id, key, value, set_by, set_at)
    insert into skein.settings (team, scope, scope_id, key, value, set_by, set_at)
    select ${to}, 'person', scope_id, key, value, set_by, set_at from gone on conflict do nothing`);
  const { rowCount: changes } = await tx.execute(
    sql`update skein.setting_changes set team = ${to} where team = ${team} and scope = 'person'`,
  );
  return (rowCount ?? 0) + (changes ?? 0) > 0;
}

/**
 * Puts what is stored of a channel under the installation `to`, with at most `most` of its conversations; where both have
 * the same, it is made one. `ledger`: with what was spent there. 'more': there are further conversations; 'busy': an older
 * process is working on all that is left. May be repeated.
 */
export async function moveChannel(
  tx: Queryable,
  { team, channel }: Place,
  to: string,
  { most: limit, ledger }: { readonly most: number; readonly ledger: boolean },
): Promise<'done' | 'more' | 'busy'> {
  await adoptFacts(tx, { team, channel }, to);
  if (ledger) await adoptLedger(tx, { team, channel }, to);
  const { rows } = await tx.execute<{ old: string; kept: string | null }>(sql`
    select o.id as old, n.id as kept
    from skein.conversations o
    left join skein.conversations n
      on n.team = ${to} and n.channel = o.channel and n.thread_ts = o.thread_ts
    where o.team = ${team} and o.channel = ${channel}
    order by o.id limit ${limit} for update of o`);
  await adoptFiles(
    tx,
    rows.map(({ old }) => Number(old)),
    { team, to },
  );
  const free = rows.flatMap(({ old, kept }) => (kept === null ? [Number(old)] : []));
  if (free.length > 0)
    await tx.execute(sql`
      update skein.conversations set team = ${to}
      where id in (${sql.join(free, sql`, `)})`);
  // Work that waits there is that installation's from now on.
  if (free.length > 0)
    await tx.execute(sql`
      update skein.mailboxes set team = ${to}
      where key = any(${sql.param(free.map((id) => `conversation:${id}`))}::text[])`);
  let busy = 0;
  for (const { old, kept } of rows)
    if (kept !== null && !(await mergeConversations(tx, Number(old), Number(kept)))) busy += 1;
  if (rows.length === limit && busy < limit) return 'more';
  return busy > 0 ? 'busy' : 'done';
}

/** Files of the messages of some conversations, and what was made of them. */
async function adoptFiles(
  tx: Queryable,
  conversations: readonly number[],
  { team, to }: { readonly team: string; readonly to: string },
): Promise<void> {
  if (conversations.length === 0) return;
  const theirs = sql`a.team = ${team} and a.message in (
    select m.id from skein.messages m where m.conversation = any(${sql.param([...conversations])}::bigint[]))`;
  await tx.execute(sql`
    insert into skein.contents (team, hash, media, bytes, size, width, height, pages, kept_at)
    select ${to}, c.hash, c.media, c.bytes, c.size, c.width, c.height, c.pages, c.kept_at
    from skein.contents c
    where c.team = ${team} and c.hash in (select a.hash from skein.attachments a where ${theirs})
    on conflict do nothing`);
  const { rows } = await tx.execute<{ hash: string }>(sql`
    update skein.attachments a set team = ${to} where ${theirs} returning a.hash`);
  // The trigger that drops a content looks at attachments that go, not at those that move.
  const moved = [...new Set(rows.flatMap(({ hash }) => (hash === null ? [] : [hash])))];
  await tx.execute(sql`
    delete from skein.contents c
    where c.team = ${team} and c.hash = any(${sql.param(moved)}::text[])
      and not exists (select from skein.attachments a where a.team = c.team and a.hash = c.hash)`);
}

/** All but the conversations and the ledger of a channel: settings with their history, marks, what waits to be posted. */
async function adoptFacts(tx: Queryable, { team, channel }: Place, to: string): Promise<void> {
  await tx.execute(sql`
    with gone as (delete from skein.seen where team = ${team} and channel = ${channel} returning ts, event_id, at)
    insert into skein.seen (team, channel, ts, event_id, at)
    select ${to}, ${channel}, ts, event_id, at from gone on conflict do nothing`);
  await tx.execute(sql`
    with gone as (delete from skein.refusals where team = ${team} and channel = ${channel} returning person, day)
    insert into skein.refusals (team, channel, person, day)
    select ${to}, ${channel}, person, day from gone on conflict do nothing`);
  // What was set under our own name was set by our own people.
  await tx.execute(sql`
    with gone as (
      delete from skein.settings where team = ${team} and scope = 'channel' and scope_id = ${channel}
      returning key, value, set_by, set_at)
    insert into skein.settings (team, scope, scope_id, key, value, set_by, set_at)
    select ${to}, 'channel', ${channel}, key, value, set_by, set_at from gone on conflict do nothing`);
  await tx.execute(sql`
    update skein.setting_changes set team = ${to}
    where team = ${team} and scope = 'channel' and scope_id = ${channel}`);
  await tx.execute(
    sql`update skein.pending_questions set team = ${to} where team = ${team} and channel = ${channel}`,
  );
}

/** What was spent in a channel; the counters follow within the hour (`repairSpent`). */
async function adoptLedger(tx: Queryable, { team, channel }: Place, to: string): Promise<void> {
  await tx.execute(sql`
    with gone as (
      delete from skein.budget_alerts where team = ${team} and scope = 'channel' and scope_id = ${channel}
      returning period, starts, most_nano, level, spent_nano, at, told_at)
    insert into skein.budget_alerts
      (team, scope, scope_id, period, starts, most_nano, level, spent_nano, at, told_at)
    select ${to}, 'channel', ${channel}, period, starts, most_nano, level, spent_nano, at, told_at from gone
    on conflict do nothing`);
  await tx.execute(sql`update skein.usage set team = ${to} where team = ${team} and channel = ${channel}`);
  await tx.execute(
    sql`update skein.reservations set team = ${to} where team = ${team} and channel = ${channel}`,
  );
}

/**
 * Makes one conversation of two of the same thread: messages that both have stay as the kept one has them, replies and
 * jobs go over. False: somebody is working on the old one, and nothing was changed.
 */
async function mergeConversations(tx: Queryable, old: number, kept: number): Promise<boolean> {
  const [from, into] = [`conversation:${old}`, `conversation:${kept}`];
  await tx.execute(sql`insert into skein.mailboxes (key) values (${into}) on conflict do nothing`);
  const { rows: boxes } = await tx.execute<{ key: string; leased: boolean }>(sql`
    select key, lease_owner is not null as leased from skein.mailboxes
    where key in (${from}, ${into}) order by key for update`);
  if (boxes.some(({ key, leased }) => key === from && leased)) return false;

  await tx.execute(sql`delete from skein.summaries where conversation in (${old}, ${kept})`);
  await tx.execute(sql`
    update skein.replies r set question = n.id
    from skein.messages o join skein.messages n
      on n.conversation = ${kept} and n.slack_ts = o.slack_ts and n.role = o.role
    where o.conversation = ${old} and r.question = o.id`);
  await tx.execute(sql`
    with twice as (
      delete from skein.messages o using skein.messages n
      where o.conversation = ${old} and n.conversation = ${kept}
        and n.slack_ts = o.slack_ts and n.role = o.role
      returning n.id, o.deleted_at)
    update skein.messages m set deleted_at = t.deleted_at from twice t
    where m.id = t.id and m.deleted_at is null and t.deleted_at is not null`);
  await tx.execute(sql`update skein.messages set conversation = ${kept} where conversation = ${old}`);
  await tx.execute(sql`update skein.replies set conversation = ${kept} where conversation = ${old}`);
  await tx.execute(sql`
    update skein.conversations n set thread_read_at = coalesce(n.thread_read_at, o.thread_read_at)
    from skein.conversations o where n.id = ${kept} and o.id = ${old}`);
  await tx.execute(sql`
    update skein.jobs j set mailbox = ${into}, seq = j.seq + n.last_seq
    from skein.mailboxes n where j.mailbox = ${from} and n.key = ${into}`);
  // A waiting mailbox is found by the sweep of any worker; nobody needs to be woken.
  await tx.execute(sql`
    with gone as (delete from skein.mailboxes where key = ${from} returning last_seq, pending)
    update skein.mailboxes n set last_seq = n.last_seq + g.last_seq, pending = n.pending + g.pending
    from gone g where n.key = ${into}`);
  await tx.execute(sql`delete from skein.conversations where id = ${old}`);
  return true;
}
