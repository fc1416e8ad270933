import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { alive, ask, dirWithCluster, processesOf, start, startBot, temporaryDir, until } from './harness.ts';

// Several processes are started in turn, each of which compiles TypeScript first.
describe('one data directory, several processes', () => {
  it('two first starts at once make one database and one server, and both can use it', async () => {
    const dataDir = temporaryDir();
    const [one, two] = await Promise.all([startBot({ dataDir }), startBot({ dataDir })]);
    expect(two.url).toBe(one.url);
    expect(two.serverPid).toBe(one.serverPid);
    const adopted = [one, two].filter((bot) => JSON.stringify(bot.lines).includes('runs already'));
    expect(adopted).toHaveLength(1);
    await ask(one.url, 'create table shared as select 1 as n');
    expect(await ask(two.url, 'table shared')).toEqual([{ n: 1 }]);
  });

  it('the server outlives the process that started it as long as another uses it, and ends with the last', async () => {
    const dataDir = await dirWithCluster();
    const starter = await startBot({ dataDir });
    const adopter = await start(dataDir);
    expect(adopter.serverPid()).toBe(starter.serverPid);

    await starter.stop();
    expect(starter.lines).toContainEqual({ stopped: true });
    expect(await ask(adopter.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(adopter.serverPid()).toBe(starter.serverPid);

    await adopter.stop();
    // Its parent is gone: a moment may pass until somebody else has taken note of its end.
    await until('the server is gone', () => !alive(starter.serverPid));
    expect(processesOf(dataDir)).toEqual([]);
  });

  it('a user that is killed takes the server away from nobody', async () => {
    const dataDir = await dirWithCluster();
    const starter = await startBot({ dataDir });
    const adopter = await start(dataDir);
    process.kill(starter.pid, 'SIGKILL');
    await starter.exited;
    expect(await ask(adopter.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(adopter.serverPid()).toBe(starter.serverPid);
  });

  it('whoever is left restarts a server that is killed together with the process that started it', async () => {
    const dataDir = await dirWithCluster();
    const starter = await startBot({ dataDir });
    const adopter = await start(dataDir);
    await ask(adopter.url, 'create table kept as select 1 as n');
    await ask(adopter.url, 'checkpoint');
    process.kill(starter.pid, 'SIGKILL');
    process.kill(starter.serverPid, 'SIGKILL');
    await until('the server is back', () => adopter.serverPid() !== starter.serverPid);
    expect(await ask(adopter.url, 'table kept')).toEqual([{ n: 1 }]);
  });

  it('all of them find the server again when it is killed', async () => {
    const dataDir = await dirWithCluster();
    const users = [await start(dataDir), await start(dataDir), await start(dataDir)];
    const killed = users[0]?.serverPid() ?? 0;
    process.kill(killed, 'SIGKILL');
    await until('all use the new server', () => users.every((user) => user.serverPid() !== killed));
    expect(new Set(users.map((user) => user.serverPid())).size).toBe(1);
    for (const { url } of users) expect(await ask(url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('coming and going at once always leaves a working server to those who stay, and none at the end', async () => {
    const dataDir = await dirWithCluster();
    const visit = async (times: number) => {
      for (let i = 0; i < times; i += 1) {
        const server = await start(dataDir);
        expect(await ask(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
        await server.stop();
      }
    };
    await Promise.all([visit(5), visit(5), visit(5)]);
    expect(processesOf(dataDir)).toEqual([]);
  });

  it('where no named pipe can be made, the server stays as long as another has a connection open', async () => {
    const dataDir = await dirWithCluster();
    rmSync(join(dataDir, 'users'));
    writeFileSync(join(dataDir, 'users'), 'a plain file in its place');
    const one = await start(dataDir);
    const two = await start(dataDir);
    const pool = new pg.Pool({ connectionString: two.url });
    await pool.query('select 1');
    await one.stop();
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
    await pool.end();
    await two.stop();
    expect(processesOf(dataDir)).toEqual([]);
  });
});
