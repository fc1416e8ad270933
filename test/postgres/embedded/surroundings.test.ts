import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseOwner } from '../../../src/postgres/embedded/owner.ts';
import {
  ask,
  copyOfPackage,
  dirWithCluster,
  installedPackage,
  isRoot,
  memoryLog,
  processesOf,
  start,
  startBot,
  temporaryDir,
} from './harness.ts';

const NOBODY = 65_534;
const WORKS = [{ n: 1 }];
const works = (url: string) => ask(url, 'select 1 as n');

/** Names, kinds and modes of everything in a folder. */
function listing(dir: string): string {
  return execFileSync('find', [dir, '-printf', '%P %y %m %l\n'], { encoding: 'utf8' });
}

describe('an installation without install scripts', () => {
  it('lacks the library links: they are made beside the data, and the package stays as it is', async () => {
    const base = temporaryDir();
    const packageRoot = copyOfPackage(join(base, 'package'));
    const lib = join(packageRoot, 'native', 'lib');
    const links = readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
    expect(links.length).toBeGreaterThan(0);
    for (const { name } of links) rmSync(join(lib, name));
    const before = listing(packageRoot);

    const dataDir = join(base, 'data');
    const server = await start(dataDir, { packageRoot });
    expect(await works(server.url)).toEqual(WORKS);
    expect(readdirSync(join(dataDir, 'lib')).sort()).toEqual(links.map((link) => link.name).sort());
    expect(listing(packageRoot)).toBe(before);
  });

  it('lacks the permission to execute: the binaries run from a copy, made once', async () => {
    const base = temporaryDir();
    const packageRoot = copyOfPackage(join(base, 'package'));
    const bin = join(packageRoot, 'native', 'bin');
    for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o644);
    const before = listing(packageRoot);

    const dataDir = join(base, 'data');
    const { log, lines } = memoryLog();
    const server = await start(dataDir, { packageRoot, log });
    expect(await works(server.url)).toEqual(WORKS);
    await server.stop();
    const again = await start(dataDir, { packageRoot, log });
    expect(await works(again.url)).toEqual(WORKS);
    expect(lines.filter((line) => line.message.startsWith('copied'))).toHaveLength(1);
    expect(listing(packageRoot)).toBe(before);
  });

  it('is told apart from one that is damaged', async () => {
    const packageRoot = join(temporaryDir(), 'package');
    mkdirSync(packageRoot);
    await expect(start(temporaryDir(), { packageRoot })).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
    });
  });
});

describe.runIf(isRoot)('root', () => {
  it('hands the server to a user with fewer rights', async () => {
    const dataDir = await dirWithCluster();
    const server = await start(dataDir);
    expect(statSync(`/proc/${server.serverPid()}`).uid).not.toBe(0);
    expect(statSync(join(dataDir, 'secret.json')).uid).toBe(0);
  });

  it.each([
    [
      'postgres, before nobody',
      'nobody:x:99:99::/:\npostgres:x:26:27::/:',
      { uid: 26, gid: 27, name: 'postgres' },
    ],
    ['nobody', 'root:x:0:0::/:\nnobody:x:99:98::/:', { uid: 99, gid: 98, name: 'nobody' }],
  ])('chooses %s', (_label, passwd, owner) => {
    expect(chooseOwner('/nowhere', passwd)).toEqual(owner);
  });

  it('says so when there is no such user', () => {
    expect(() => chooseOwner('/nowhere', 'root:x:0:0::/:')).toThrow(
      expect.objectContaining({ code: 'NO_UNPRIVILEGED_USER' }),
    );
  });

  it('lets the one who made the data run them', async () => {
    const dataDir = await dirWithCluster();
    execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, join(dataDir, 'pgdata')]);
    const server = await start(dataDir);
    expect(statSync(`/proc/${server.serverPid()}`).uid).toBe(NOBODY);
  });

  it("below root's closed home: data and binaries go where the server can reach them, and are found again", async () => {
    const base = temporaryDir();
    const home = join(base, 'home');
    const open = join(base, 'open');
    mkdirSync(home, { mode: 0o700 });
    mkdirSync(open);
    const packageRoot = copyOfPackage(join(home, 'package'));
    const dataDir = join(home, 'checkout', 'data');
    const options = { packageRoot, fallbackDirs: [join(home, 'closed-too'), open] };

    const { log, lines } = memoryLog();
    const first = await start(dataDir, { ...options, log });
    await ask(first.url, 'create table kept as select 1 as n');
    await first.stop();
    const [elsewhere] = readdirSync(open);
    expect(readFileSync(join(dataDir, 'moved-to'), 'utf8').trim()).toBe(join(open, elsewhere ?? ''));
    expect(lines).toContainEqual({
      level: 'warn',
      message: expect.stringContaining('the database is kept elsewhere'),
    });

    const second = await start(dataDir, options);
    expect(await ask(second.url, 'table kept')).toEqual(WORKS);
    await second.stop();

    // The home is opened later: an empty database at the first place would look like a loss.
    chmodSync(home, 0o755);
    const third = await start(dataDir, options);
    expect(await ask(third.url, 'table kept')).toEqual(WORKS);
    expect(existsSync(join(dataDir, 'pgdata'))).toBe(false);
  });

  it('does not begin an empty database when existing data can no longer be reached', async () => {
    const base = temporaryDir();
    const home = join(base, 'home');
    mkdirSync(home);
    execFileSync('cp', ['-a', await dirWithCluster(), join(home, 'data')]);
    chmodSync(home, 0o700);
    const starting = start(join(home, 'data'), { fallbackDirs: [base] });
    await expect(starting).rejects.toMatchObject({
      code: 'DATA_DIR_UNREACHABLE',
      message: expect.stringContaining('DATABASE_URL'),
    });
    expect(readdirSync(base)).toEqual(['home']);
  });

  it('trusts no folder that somebody else prepared under the name of ours', async () => {
    const base = temporaryDir();
    const home = join(base, 'home');
    const [first, second] = [join(base, 'first'), join(base, 'second')];
    mkdirSync(home, { mode: 0o700 });
    mkdirSync(first);
    mkdirSync(second);
    const probe = await start(join(home, 'data'), { fallbackDirs: [first] });
    await probe.stop();
    const [name] = readdirSync(first);
    const trap = join(first, name ?? '');
    rmSync(trap, { recursive: true });
    mkdirSync(trap);
    chownSync(trap, NOBODY, NOBODY);

    const server = await start(join(home, 'data'), { fallbackDirs: [first, second] });
    expect(await works(server.url)).toEqual(WORKS);
    expect(readdirSync(trap)).toEqual([]);
    expect(readdirSync(second)).toEqual([name]);
  });

  it('is not needed: an ordinary user starts, restarts and is guarded in the same way', async () => {
    const dataDir = join(temporaryDir(), 'data');
    mkdirSync(dataDir);
    chownSync(dataDir, NOBODY, NOBODY);
    const bot = await startBot({ dataDir }, { uid: NOBODY, gid: NOBODY });
    expect(statSync(`/proc/${bot.serverPid}`).uid).toBe(NOBODY);
    await ask(bot.url, 'create table kept as select 1 as n');
    await bot.stop();
    const again = await startBot({ dataDir }, { uid: NOBODY, gid: NOBODY });
    expect(await ask(again.url, 'table kept')).toEqual(WORKS);
    await again.stop();
    expect(processesOf(dataDir)).toEqual([]);
    expect(statSync(join(installedPackage(), 'native')).uid).toBe(0);
  });
});
