import { existsSync, linkSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { markOf } from '../../../src/postgres/embedded/processes.ts';
import { withStartLock } from '../../../src/postgres/embedded/start-lock.ts';
import { temporaryDir } from './harness.ts';

const TOKEN = '00000000-0000-4000-8000-000000000000';
const NO_PROCESS = 2 ** 22 + 1; // above the largest id that Linux gives away

function leaveLock(dir: string, content: object | string): void {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(join(dir, 'start.lock'), text);
}

/** What is there besides the pipe by which other containers see who has the lock; that one stays. */
const left = (dir: string) => readdirSync(dir).filter((name) => name !== 'starting');

describe('the start lock', () => {
  it('lets one at a time in and leaves nothing behind', async () => {
    const dir = temporaryDir();
    await withStartLock(dir, systemClock, async () => {
      expect(existsSync(join(dir, 'start.lock'))).toBe(true);
    });
    expect(left(dir)).toEqual([]);
  });

  it('is free again after work that failed', async () => {
    const dir = temporaryDir();
    const failing = withStartLock(dir, systemClock, () => Promise.reject(new Error('no luck')));
    await expect(failing).rejects.toThrow('no luck');
    expect(await withStartLock(dir, systemClock, async () => 'done')).toBe('done');
  });

  it.each([
    ['a process that is gone', { token: TOKEN, pid: NO_PROCESS, born: 'x/1' }],
    ['a process whose id was given to a younger one', { token: TOKEN, pid: process.pid, born: 'x/1' }],
    ['a power failure that emptied the file', ''],
    ['a power failure that cut the file', '{"token":"0000'],
  ])('is taken over from %s', async (_label, content) => {
    const dir = temporaryDir();
    leaveLock(dir, content);
    expect(await withStartLock(dir, systemClock, async () => 'mine', 1_000)).toBe('mine');
    expect(left(dir)).toEqual([]);
  });

  it('is taken over when the one who was taking it over died half way', async () => {
    const dir = temporaryDir();
    leaveLock(dir, { token: TOKEN, pid: NO_PROCESS, born: 'x/1' });
    linkSync(join(dir, 'start.lock'), join(dir, `start.lock.dead-${TOKEN}`));
    const later = { ...systemClock, now: () => Date.now() + 60_000 };
    expect(await withStartLock(dir, later, async () => 'mine', 1_000)).toBe('mine');
    expect(left(dir)).toEqual([]);
  });

  it('is not taken from a process that lives, however old the lock is: the wait ends with a coded error', async () => {
    const dir = temporaryDir();
    leaveLock(dir, { token: TOKEN, ...markOf(process.pid) });
    utimesSync(join(dir, 'start.lock'), 1, 1);
    const waiting = withStartLock(dir, systemClock, async () => 'mine', 60);
    await expect(waiting).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
    await expect(waiting).rejects.toThrow(`process ${process.pid}`);
    expect(left(dir)).toEqual(['start.lock']);
  });

  it('is never held by two, with any number of contenders and a dead lock to begin with', async () => {
    const crowd = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 8 });
    const dir = temporaryDir();
    await fc.assert(
      fc.asyncProperty(crowd, fc.boolean(), async (workMs, dead) => {
        if (dead) leaveLock(dir, { token: TOKEN, pid: NO_PROCESS, born: 'x/1' });
        let inside = 0;
        let most = 0;
        await Promise.all(
          workMs.map((ms) =>
            withStartLock(dir, systemClock, async () => {
              inside += 1;
              most = Math.max(most, inside);
              await systemClock.sleep(ms);
              inside -= 1;
            }),
          ),
        );
        expect(most).toBe(1);
        expect(left(dir)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});
