import pg from 'pg';
import type { Bot } from './bots.ts';
import type { World } from './world.ts';

/** Ends what it began; does nothing the second time. */
export type Undo = () => Promise<void>;

/**
 * Every transaction that begins from now on is read-only, on connections that stand too: what a provider does with a
 * server whose disk is nearly full, and what a primary is for a moment while another takes its place. SQLSTATE 25006.
 */
export async function readOnly({ database }: Pick<World, 'database'>): Promise<Undo> {
  const set = async (how: string) => {
    await database.query(`alter system ${how}`);
    await database.query('select pg_reload_conf()');
  };
  await set('set default_transaction_read_only = on');
  return once(() => set('reset default_transaction_read_only'));
}

/** Whatever grows is refused with SQLSTATE 53100, and updates in place pass: triggers of `audit.ts` raise it. */
export async function diskFull({ database }: Pick<World, 'database'>): Promise<Undo> {
  await database.query(`insert into audit.faults values ('disk full') on conflict do nothing`);
  return once(async () => void (await database.query(`delete from audit.faults where name = 'disk full'`)));
}

/**
 * Strangers take every connection that the server has, and the pool of one process must connect anew: SQLSTATE 53300.
 * Its live connection stands, so its leases do too.
 */
export async function poolFull({ context }: Pick<World, 'context'>, bot: Bot): Promise<Undo> {
  const strangers: pg.Client[] = [];
  const release = bot.database.hold();
  bot.database.cut('pool');
  try {
    for (;;) {
      const stranger = new pg.Client({ connectionString: context.databaseUrl, application_name: 'stranger' });
      stranger.on('error', () => {});
      try {
        await stranger.connect();
      } catch {
        break;
      }
      strangers.push(stranger);
    }
  } finally {
    release();
  }
  return once(async () => void (await Promise.allSettled(strangers.map((stranger) => stranger.end()))));
}

/** Somebody holds a lock on a table that every answer writes to: all connections of every pool come to wait for it. */
export async function tableLocked({ context }: Pick<World, 'context'>): Promise<Undo> {
  const holder = new pg.Client({ connectionString: context.databaseUrl });
  holder.on('error', () => {});
  await holder.connect();
  await holder.query('begin; lock table skein.pieces in share mode');
  return once(() => holder.end());
}

function once(undo: () => Promise<void>): Undo {
  let undone: Promise<void> | null = null;
  return () => (undone ??= undo());
}
