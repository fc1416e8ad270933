import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Address, connectionTo } from './address.ts';

/** What a database says about itself, for whoever looks after it. */
interface Condition {
  /** As Postgres writes it: `16.4`. */
  readonly version: string;
  readonly major: number;
  readonly writable: boolean;
  /** The role may create schemas here, or ours are there and its own. */
  readonly mayCreate: boolean;
  readonly connections: { readonly used: number; readonly most: number };
  /** Migrations of this version that are not applied, and applied ones that it does not know. */
  readonly migrations: { readonly missing: number; readonly unknown: number };
}

const JOURNAL = fileURLToPath(new URL('../../migrations/meta/_journal.json', import.meta.url));

/** Looks once, over a connection of its own. Rejects with what `pg` says when there is none. */
export async function conditionOf(address: Address): Promise<Condition> {
  const client = new pg.Client({
    ...connectionTo(address),
    connectionTimeoutMillis: 5000,
    query_timeout: 5000,
    application_name: 'skein doctor',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Omit<Condition, 'migrations'> & { migrated: boolean }>(`
      select current_setting('server_version') as version,
        current_setting('server_version_num')::int / 10000 as major,
        current_setting('transaction_read_only') = 'off' as writable,
        has_database_privilege(current_database(), 'create')
          or exists (select from pg_namespace where nspname = 'skein' and nspowner = current_user::regrole) as "mayCreate",
        json_build_object(
          'used', (select count(*) from pg_stat_activity where backend_type = 'client backend'),
          'most', current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        ) as connections,
        -- Not by its name, which a role without the right to the schema may not say.
        exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname = 'skein' and c.relname = 'migrations' and has_schema_privilege(n.oid, 'usage')
            and has_table_privilege(c.oid, 'select')) as migrated`);
    const [row] = rows;
    if (row === undefined) throw new Error('the database said nothing');
    const { migrated, ...said } = row;
    const applied = migrated
      ? (await client.query<{ at: string }>('select created_at as at from skein.migrations')).rows
      : [];
    const { entries } = JSON.parse(readFileSync(JOURNAL, 'utf8')) as { entries: { when: number }[] };
    const known = new Set(entries.map(({ when }) => when));
    const there = new Set(applied.map(({ at }) => Number(at)));
    return {
      ...said,
      migrations: {
        missing: [...known].filter((when) => !there.has(when)).length,
        unknown: [...there].filter((when) => !known.has(when)).length,
      },
    };
  } finally {
    await client.end().catch(() => {});
  }
}
