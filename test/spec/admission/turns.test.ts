import { expect, it } from 'vitest';
import { createTurns } from '../../../src/admission/turns.ts';

/** Work that goes on until it is let go, and what has begun. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, (how?: Error) => void>();
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      begun.push(name);
      ends.set(name, (how) => (how === undefined ? resolve(name) : reject(how)));
    });
  return { begun, ends, work };
}

it('of one workspace so many go on at once, in the order in which they came, and others wait for none of them', async () => {
  const { begun, ends, work } = works();
  const turns = createTurns(2);
  const all = ['a1', 'a2', 'a3', 'a4'].map((name) => turns('a', work(name)));
  const other = turns('b', work('b1'));
  await Promise.resolve();
  expect(begun).toEqual(['a1', 'a2', 'b1']);
  ends.get('a2')?.();
  expect(await all[1]).toBe('a2');
  await expect.poll(() => begun).toEqual(['a1', 'a2', 'b1', 'a3']);
  // What fails makes room as well, and is told to who asked.
  ends.get('a1')?.(new Error('away'));
  await expect(all[0]).rejects.toThrow('away');
  await expect.poll(() => begun).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
  for (const name of ['a3', 'a4', 'b1']) ends.get(name)?.();
  expect(await Promise.all([all[2], all[3], other])).toEqual(['a3', 'a4', 'b1']);
});

it('whoever comes while another takes over waits behind those who wait', async () => {
  const { begun, ends, work } = works();
  const turns = createTurns(1);
  const first = turns('a', work('1'));
  void turns('a', work('2'));
  ends.get('1')?.();
  void first.then(() => turns('a', work('3')));
  await expect.poll(() => begun).toEqual(['1', '2']);
  ends.get('2')?.();
  await expect.poll(() => begun).toEqual(['1', '2', '3']);
});
