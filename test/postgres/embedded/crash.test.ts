import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import {
  alive,
  ask,
  type Bot,
  dirWithCluster,
  guardsOf,
  processesOf,
  spawnBot,
  start,
  startBot,
  temporaryDir,
  until,
} from './harness.ts';

/** Durable, as in production: what was acknowledged must be there after any kill. */
const DURABLE = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  dynamic_shared_memory_type: 'mmap',
};

/** Inserts 1, 2, 3, … until the connection breaks; returns the last number that was acknowledged. */
async function insertUntilCut(bot: Bot, from: number, cut: () => void, cutAfter: number): Promise<number> {
  const client = new pg.Client(bot.url);
  client.on('error', () => {});
  await client.connect();
  await client.query('create table if not exists numbers (n int primary key)');
  let last = from;
  try {
    for (;;) {
      await client.query('insert into numbers values ($1)', [last + 1]);
      last += 1;
      if (last === from + cutAfter) cut();
    }
  } catch {
    return last;
  } finally {
    client.end().catch(() => {});
  }
}

// Several processes are started in turn, each of which compiles TypeScript first.
describe('kill -9', () => {
  it('of the bot: the server ends too, in order, and the next start finds everything', async () => {
    const dataDir = await dirWithCluster();
    const bot = await startBot({ dataDir, flags: DURABLE });
    await ask(bot.url, 'create table kept as select 1 as n');
    process.kill(bot.pid, 'SIGKILL');
    await until('no server is left', () => processesOf(dataDir).length === 0);
    expect(existsSync(join(dataDir, 'pgdata', 'postmaster.pid'))).toBe(false);
    const { url } = await start(dataDir);
    expect(await ask(url, 'table kept')).toEqual([{ n: 1 }]);
  });

  it('of the bot and of the guard: the next start adopts the orphan and guards it again', async () => {
    const dataDir = await dirWithCluster();
    const bot = await startBot({ dataDir });
    for (const guard of guardsOf(dataDir)) process.kill(guard, 'SIGKILL');
    process.kill(bot.pid, 'SIGKILL');
    await bot.exited;
    expect(alive(bot.serverPid)).toBe(true);

    const next = await startBot({ dataDir });
    expect(next.serverPid).toBe(bot.serverPid);
    expect(next.url).toBe(bot.url);
    process.kill(next.pid, 'SIGKILL');
    await until('no server is left', () => processesOf(dataDir).length === 0);
  });

  it('of the bot, with the next start at once: it gets a server that stays', async () => {
    const dataDir = await dirWithCluster();
    const bot = await startBot({ dataDir });
    process.kill(bot.pid, 'SIGKILL');
    const next = await start(dataDir);
    await until('it answers', () => ask(next.url, 'select 1').catch(() => null));
    await until('a guard stands by', () => guardsOf(dataDir).length === 1);
    expect(await until('it still answers', () => ask(next.url, 'select 1 as n').catch(() => null))).toEqual([
      { n: 1 },
    ]);
  });

  it('of bot and server in the middle of writing, again and again: nothing acknowledged is lost', async () => {
    const dataDir = await dirWithCluster();
    let acknowledged = 0;
    for (const cutAfter of [1, 40, 130]) {
      const bot = await startBot({ dataDir, flags: DURABLE });
      const cut = () => {
        process.kill(bot.serverPid, 'SIGKILL');
        process.kill(bot.pid, 'SIGKILL');
      };
      acknowledged = await insertUntilCut(bot, acknowledged, cut, cutAfter);
      await bot.exited;
      const { url, stop } = await start(dataDir, { flags: DURABLE });
      const [row] = await ask(url, 'select count(*)::int as rows, max(n) as newest from numbers');
      // One more may have been written whose acknowledgement did not arrive.
      expect([acknowledged, acknowledged + 1]).toContain(Object(row).newest);
      expect(Object(row).rows).toBe(Object(row).newest);
      acknowledged = Object(row).newest;
      await stop();
    }
    expect(acknowledged).toBeGreaterThanOrEqual(171);
  });

  it('in the middle of making the database: the next start makes it whole', async () => {
    const dataDir = temporaryDir();
    const { child, exited } = spawnBot({ dataDir });
    const drafts = () => readdirSync(dataDir).filter((name) => name.startsWith('pgdata.new'));
    await until('initdb is at work', () => drafts().some((name) => existsSync(join(dataDir, name, 'base'))));
    child.kill('SIGKILL');
    await exited;
    // Its initdb may still be running.
    const { url, stop } = await start(dataDir);
    await ask(url, 'create table kept as select 1 as n');
    await stop();
    await until('initdb ended', () => processesOf(dataDir).length === 0);
    expect(await ask((await start(dataDir)).url, 'table kept')).toEqual([{ n: 1 }]);
    expect(drafts()).toEqual([]);
  });
});

describe('Ctrl-C', () => {
  it('reaches the whole process group, but the server only after the bot has drained', async () => {
    const dataDir = await dirWithCluster();
    const bot = await startBot({ dataDir });
    process.kill(-bot.pid, 'SIGINT');
    await bot.exited;
    const told = bot.lines.filter((line) => 'drained' in line || 'stopped' in line);
    expect(told).toEqual([{ drained: [{ answer: 1 }] }, { stopped: true }]);
    expect(processesOf(dataDir)).toEqual([]);
  });
});
