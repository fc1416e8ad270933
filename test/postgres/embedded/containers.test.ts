import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ask, dirWithCluster, isRoot, spawnBot, start, startBot, until } from './harness.ts';

/** Process and memory numbers of its own, and everything in it ends with its first process: what a container is. */
const CONTAINER = ['unshare', ...(isRoot ? [] : ['-Ur']), '-p', '-i', '-f', '--kill-child', '--mount-proc'];
const [unshare = '', ...flags] = CONTAINER;
const canContain = spawnSync(unshare, [...flags, 'true']).status === 0;

describe.runIf(canContain)('two containers on one data directory', () => {
  it('are refused: the second one leaves the server of the first alone and says what to do', async () => {
    const dataDir = await dirWithCluster();
    const first = await startBot({ dataDir }, {}, CONTAINER);
    await ask(first.url, 'create table kept as select 1 as n');
    // Both wait for the data directory at the same time.
    const second = spawnBot({ dataDir }, {}, CONTAINER);
    const refused = await start(dataDir).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'DATA_DIR_LOCKED' });
    expect(String(refused)).toContain('another container');
    expect(String(refused)).toContain('DATABASE_URL');
    await until('its end', () => second.lines.find((line) => 'failed' in line));
    expect(await ask(first.url, 'table kept')).toEqual([{ n: 1 }]);
  });

  it('may follow each other: what was killed as a whole is taken over at once, with all that was committed', async () => {
    const dataDir = await dirWithCluster();
    const first = await startBot({ dataDir }, {}, CONTAINER);
    await ask(first.url, 'create table kept as select 1 as n');
    await ask(first.url, 'checkpoint');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const next = await startBot({ dataDir }, {}, CONTAINER);
    expect(await ask(next.url, 'table kept')).toEqual([{ n: 1 }]);
    await next.stop();
    const outside = await start(dataDir);
    expect(await ask(outside.url, 'table kept')).toEqual([{ n: 1 }]);
  });
});
