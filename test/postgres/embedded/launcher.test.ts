import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  alive,
  ask,
  dirWithCluster,
  FAST,
  isRoot,
  memoryLog,
  processesOf,
  start,
  temporaryDir,
  until,
} from './harness.ts';

describe('the embedded server', () => {
  it('starts from nothing with a database of its own, durable unless told otherwise, and keeps its data', async () => {
    const dir = join(temporaryDir(), 'deep', 'data');
    const first = await start(dir, { flags: {} });
    expect(new URL(first.url)).toMatchObject({ hostname: '127.0.0.1', username: 'bot', pathname: '/skein' });
    expect(existsSync(join(dir, 'pgdata'))).toBe(true);
    expect(await ask(first.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
    expect(await ask(first.url, 'show full_page_writes')).toEqual([{ full_page_writes: 'on' }]);
    await ask(first.url, "create table kept as select 'still here' as word");
    const pid = first.serverPid();
    await first.stop();
    expect(alive(pid)).toBe(false);
    expect(processesOf(dir)).toEqual([]);

    const second = await start(dir);
    expect(second.url).toBe(first.url);
    expect(await ask(second.url, 'table kept')).toEqual([{ word: 'still here' }]);
    expect(await ask(second.url, 'show fsync')).toEqual([{ fsync: 'off' }]);
  });

  it('keeps its password to itself and asks for it', async () => {
    const dir = temporaryDir();
    const server = await start(dir);
    expect(statSync(join(dir, 'secret.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'pgdata')).mode & 0o777).toBe(0o700);
    expect(readdirSync(dir).sort()).toEqual([
      'pgdata',
      'port',
      'postgres.log',
      'secret.json',
      'serving',
      'starting',
      'users',
    ]);
    const wrong = new URL(server.url);
    wrong.password = 'guess';
    await expect(ask(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('orders text by bytes and speaks UTF-8, whatever the language of the system', async () => {
    const { url } = await start(await dirWithCluster());
    const facts =
      "select datcollate, datctype, pg_encoding_to_char(encoding) as encoding from pg_database where datname = 'skein'";
    expect(await ask(url, facts)).toEqual([{ datcollate: 'C', datctype: 'C', encoding: 'UTF8' }]);
    expect(await ask(url, 'show timezone')).toEqual([{ TimeZone: 'UTC' }]);
  });

  it('comes back on the same port when the server is killed, and pools go on', async () => {
    const { log, lines } = memoryLog();
    const server = await start(await dirWithCluster(), { log });
    const pool = new pg.Pool({ connectionString: server.url });
    pool.on('error', () => {});
    pool.on('connect', (client) => client.on('error', () => {}));
    onTestFinished(() => pool.end());
    await pool.query("create table kept as select 'still here' as word");
    await pool.query('checkpoint');
    const killed = server.serverPid();

    process.kill(killed, 'SIGKILL');
    const rows = await until('the pool works again', async () => {
      if (server.serverPid() === killed) return null;
      return pool.query('table kept').then(
        (result) => result.rows,
        () => null,
      );
    });
    expect(rows).toEqual([{ word: 'still here' }]);
    await expect
      .poll(() => lines)
      .toContainEqual({ level: 'info', message: 'the embedded Postgres is back' });
  });

  it('stops once, also when it is asked twice', async () => {
    const dir = await dirWithCluster();
    const server = await start(dir);
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(processesOf(dir)).toEqual([]);
  });

  it('is not brought back when it is killed while being stopped', async () => {
    const dir = await dirWithCluster();
    const server = await start(dir);
    process.kill(server.serverPid(), 'SIGKILL');
    await server.stop();
    await until('nothing runs', () => processesOf(dir).length === 0);
  });
});

describe('a start that cannot succeed', () => {
  it('refuses data of another major version and leaves them as they are', async () => {
    const dir = temporaryDir();
    mkdirSync(join(dir, 'pgdata'));
    writeFileSync(join(dir, 'pgdata', 'PG_VERSION'), '15\n');
    await expect(start(dir)).rejects.toMatchObject({
      code: 'DATA_DIR_OTHER_MAJOR',
      message: expect.stringMatching(/PostgreSQL 15, .* PostgreSQL 18.*DATABASE_URL/),
    });
    expect(readFileSync(join(dir, 'pgdata', 'PG_VERSION'), 'utf8')).toBe('15\n');
  });

  it('deletes nothing that it did not make', async () => {
    const dir = temporaryDir();
    mkdirSync(join(dir, 'pgdata'));
    writeFileSync(join(dir, 'pgdata', 'diary'), 'precious');
    await expect(start(dir)).rejects.toMatchObject({ code: 'INIT_FAILED' });
    expect(readFileSync(join(dir, 'pgdata', 'diary'), 'utf8')).toBe('precious');
  });

  it("tells the server's own reason, at once, and leaves nothing running", async () => {
    const dir = await dirWithCluster();
    await expect(start(dir, { flags: { shared_buffers: 'plenty' } })).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('shared_buffers'),
    });
    await until('nothing runs', () => processesOf(dir).length === 0);
  });

  it('names the file when the password is lost, and when it is another', async () => {
    const dir = await dirWithCluster();
    await (await start(dir)).stop();
    writeFileSync(join(dir, 'secret.json'), '{"password":"another"}');
    await expect(start(dir)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('secret.json'),
    });
    rmSync(join(dir, 'secret.json'));
    await expect(start(dir)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('secret.json'),
    });
    await until('nothing runs', () => processesOf(dir).length === 0);
  });

  it('says that the data directory cannot be made, when a file is in the way', async () => {
    const file = join(temporaryDir(), 'file');
    writeFileSync(file, '');
    await expect(start(join(file, 'data'))).rejects.toMatchObject({ code: 'DATA_DIR_UNREACHABLE' });
  });
});

describe('what a crash left behind', () => {
  it('is made again when the making of the database was cut short', async () => {
    const dir = temporaryDir();
    mkdirSync(join(dir, 'pgdata.new-1', 'base'), { recursive: true });
    writeFileSync(join(dir, 'pgdata.new-1', 'PG_VERSION'), '18\n');
    const { log, lines } = memoryLog();
    const { url } = await start(dir, { log });
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(join(dir, 'pgdata.new-1'))).toBe(false);
    expect(lines[0]).toMatchObject({ level: 'warn', message: expect.stringContaining('cut short') });
  });

  it('does not hold up a start when the id of the dead server belongs to another program now', async () => {
    const dir = await dirWithCluster();
    const server = await start(dir);
    const file = join(dir, 'pgdata', 'postmaster.pid');
    const left = readFileSync(file, 'utf8').split('\n');
    const { uid, gid } = statSync(file);
    await server.stop();
    // Of the same user, or Postgres itself would see that it is another program.
    const other = spawn('sleep', ['60'], isRoot ? { uid, gid } : {});
    onTestFinished(() => void other.kill());
    left[0] = String(other.pid);
    writeFileSync(file, left.join('\n'));
    const { url } = await start(dir);
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is found on another port when somebody took the old one', async () => {
    const dir = await dirWithCluster();
    const first = await start(dir);
    await first.stop();
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
    onTestFinished(() => void squatter.close());
    await new Promise((resolve) => squatter.once('listening', resolve));
    const second = await start(dir, { flags: FAST });
    expect(second.url).not.toBe(first.url);
    expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});
