import type pg from 'pg';

/**
 * The database's own record of who held which lease, when a reply reached which state, what it held when it went to
 * another version, and what was set aside and entered in which transaction, kept by triggers, so that the checker need
 * not believe the program under test. Triggers also refuse what grows, while a row of `audit.faults` says so.
 */
const TRIGGERS = `
  create schema audit;
  create table audit.leases (mailbox text, owner uuid, epoch bigint, at timestamptz default clock_timestamp());
  create table audit.workers (id uuid, port integer, at timestamptz default clock_timestamp());
  create table audit.states (reply uuid, state text, version integer, units integer, failed boolean, changes integer,
    at timestamptz default clock_timestamp());
  create table audit.moves (reply uuid, what text, version integer, log text, at timestamptz default clock_timestamp());
  create table audit.edits (question bigint, at timestamptz default clock_timestamp());
  create table audit.deaths (id uuid, at timestamptz default clock_timestamp());
  create table audit.faults (name text primary key);
  create table audit.money (what text, reply uuid, call integer, team text, channel text, person text, cost bigint,
    open boolean, tx text default pg_current_xact_id()::text, seq bigint generated always as identity,
    at timestamptz default clock_timestamp());
  create table audit.calls (id uuid, reply uuid, use text, tool text, reads boolean, repeatable boolean, input text,
    person text, state text, decided_by text, seq bigint generated always as identity, at timestamptz default clock_timestamp());
  create function audit.called() returns trigger language plpgsql as $$ begin
    if tg_op = 'UPDATE' and old.state = new.state then return null; end if;
    insert into audit.calls (id, reply, use, tool, reads, repeatable, input, person, state, decided_by)
    values (new.id, new.reply, new.use, new.tool, new.reads, new.repeatable, new.input, new.person, new.state, new.decided_by);
    return null;
  end $$;
  create function audit.death() returns trigger language plpgsql as $$ begin
    insert into audit.deaths (id) values (old.id); return null;
  end $$;
  create function audit.held() returns trigger language plpgsql as $$ begin
    if tg_op = 'DELETE' then
      insert into audit.money (what, reply, call, team, channel, person, cost)
      values ('dropped', old.reply, old.call, old.team, old.channel, old.person, old.cost_nano);
    else
      insert into audit.money (what, reply, call, team, channel, person, cost)
      values ('held', new.reply, new.call, new.team, new.channel, new.person, new.cost_nano);
    end if;
    return null;
  end $$;
  create function audit.entered() returns trigger language plpgsql as $$ begin
    insert into audit.money (what, reply, call, team, channel, person, cost, open)
    values ('entered', new.reply, new.call, new.team, new.channel, new.person,
      coalesce(new.cost_nano, new.assumed_nano, 0), new.open);
    return null;
  end $$;
  create function audit.grow() returns trigger language plpgsql as $$ begin
    if exists (select from audit.faults where name = 'disk full') then
      raise exception 'could not extend file "base/1/%": No space left on device', tg_relid using errcode = '53100';
    end if;
    if tg_level = 'ROW' then return new; end if;
    return null;
  end $$;
  create function audit.lease() returns trigger language plpgsql as $$ begin
    insert into audit.leases (mailbox, owner, epoch) values (new.key, new.lease_owner, new.lease_epoch); return null;
  end $$;
  create function audit.worker() returns trigger language plpgsql as $$ begin
    insert into audit.workers (id, port) values (new.id, inet_client_port()); return null;
  end $$;
  create function audit.state() returns trigger language plpgsql as $$ begin
    insert into audit.states (reply, state, version, units, failed, changes)
    values (new.id, new.state, new.version, new.log_units, new.error_code is not null, new.changes); return null;
  end $$;
  create function audit.move() returns trigger language plpgsql as $$ begin
    insert into audit.moves (reply, what, version, log) values (new.id,
      case when new.version > old.versions then 'another version' when new.version <> old.version then 'shown again'
        else 'begun anew' end, old.version, old.log || coalesce((select string_agg(p.text, '' order by p.at)
        from skein.pieces p where p.reply = old.id and p.at >= old.log_units and old.state in ('waiting', 'writing')), ''));
    return null;
  end $$;
  create function audit.edit() returns trigger language plpgsql as $$ begin
    insert into audit.edits (question) values (new.id); return null;
  end $$;
  create trigger audit after update of lease_owner, lease_epoch on skein.mailboxes for each row
    when (old.lease_owner is distinct from new.lease_owner or old.lease_epoch <> new.lease_epoch)
    execute function audit.lease();
  create trigger audit after insert on skein.workers for each row execute function audit.worker();
  create trigger audit after insert or update of state on skein.replies for each row execute function audit.state();
  create trigger moved after update on skein.replies for each row
    when (old.version <> new.version or old.begun_at <> new.begun_at) execute function audit.move();
  create trigger audit after insert or update of state on skein.tool_calls for each row execute function audit.called();
  create trigger audit_death after delete on skein.workers for each row execute function audit.death();
  create trigger audit after insert or update or delete on skein.reservations for each row execute function audit.held();
  create trigger audit after insert or update on skein.usage for each row execute function audit.entered();
  create trigger grow before update on skein.replies for each row
    when (length(new.log) > length(old.log) + 200) execute function audit.grow();
  create trigger audit after update of edited_at on skein.messages for each row execute function audit.edit();
`;

/** Tables that grow with each question. */
const GROWING = ['pieces', 'usage', 'messages', 'jobs', 'segments', 'versions', 'replies'];

export async function installAudit(client: pg.Client): Promise<void> {
  await client.query(TRIGGERS);
  for (const table of GROWING)
    await client.query(
      `create trigger grows before insert on skein.${table} for each statement execute function audit.grow()`,
    );
}
