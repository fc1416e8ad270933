import type pg from 'pg';

/**
 * The database's own record of who held which lease and when a reply reached which state, kept by triggers, so
 * that the checker need not believe the program under test.
 */
const TRIGGERS = `
  create schema audit;
  create table audit.leases (mailbox text, owner uuid, epoch bigint, at timestamptz default clock_timestamp());
  create table audit.workers (id uuid, port integer, at timestamptz default clock_timestamp());
  create table audit.states (reply uuid, state text, at timestamptz default clock_timestamp());
  create function audit.lease() returns trigger language plpgsql as $$ begin
    insert into audit.leases (mailbox, owner, epoch) values (new.key, new.lease_owner, new.lease_epoch); return null;
  end $$;
  create function audit.worker() returns trigger language plpgsql as $$ begin
    insert into audit.workers (id, port) values (new.id, inet_client_port()); return null;
  end $$;
  create function audit.state() returns trigger language plpgsql as $$ begin
    insert into audit.states (reply, state) values (new.id, new.state); return null;
  end $$;
  create trigger audit after update of lease_owner, lease_epoch on skein.mailboxes for each row
    when (old.lease_owner is distinct from new.lease_owner or old.lease_epoch <> new.lease_epoch)
    execute function audit.lease();
  create trigger audit after insert on skein.workers for each row execute function audit.worker();
  create trigger audit after insert or update of state on skein.replies for each row execute function audit.state();
`;

export async function installAudit(client: pg.Client): Promise<void> {
  await client.query(TRIGGERS);
}
