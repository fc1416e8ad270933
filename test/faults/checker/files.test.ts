import { expect, it } from 'vitest';
import { openFiles } from './files.ts';

it('a file that is neither there nor given up is a broken promise of the version that is shown, and of no other', () => {
  const rows = [
    { at: 0, version: 1, state: 'over' },
    { at: 1, version: 1, state: 'sharing' },
    { at: 0, version: 2, state: 'intended' },
  ] as const;
  expect(openFiles(rows, { state: 'shown', version: 1 })).toEqual(['file 1 of version 1 is sharing']);
  expect(openFiles(rows, { state: 'shown', version: 2 })).toEqual(['file 0 of version 2 is intended']);
  expect(openFiles(rows.slice(0, 1), { state: 'shown', version: 1 })).toEqual([]);
  expect(openFiles(rows, { state: 'deleted', version: 1 })).toEqual([]);
});
