import { expect, test } from 'vitest';
import type { KeyName } from '../../../src/settings/keys.ts';
import {
  changeSettings,
  changesSince,
  purgeInstructions,
  readScope,
  readSettings,
  type Target,
} from '../../../src/settings/store.ts';
import { openStored } from '../../support/stored.ts';

const workspace: Target = { team: 'T1', scope: 'workspace', scopeId: 'T1' };
const channel: Target = { team: 'T1', scope: 'channel', scopeId: 'C1' };

async function open() {
  const { database } = await openStored();
  const set = (target: Target, key: KeyName, value: string | null, by = 'U1') =>
    changeSettings(database, target, { changes: [{ key, value }], by });
  return { database, set };
}

test('a place reads what is set at its workspace, its channel and the person, and nothing else', async () => {
  const { database, set } = await open();
  await set(workspace, 'footer', 'off');
  await set(channel, 'footer', 'on', 'U2');
  await set({ ...channel, scopeId: 'C2' }, 'footer', 'off');
  await set({ ...workspace, team: 'T2', scopeId: 'T2' }, 'footer', 'on');
  const read = await readSettings(database.query, { team: 'T1', channel: 'C1', person: 'U1' });
  expect(read.map(({ scope, value, by }) => [scope, value, by]).sort()).toEqual([
    ['channel', 'on', 'U2'],
    ['workspace', 'off', 'U1'],
  ]);
});

test('every change is kept with who, from and to; one that changes nothing is none', async () => {
  const { database, set } = await open();
  await set(workspace, 'footer', 'off', 'U1');
  await set(workspace, 'footer', 'on', 'U2');
  const same = await set(workspace, 'footer', 'on', 'U3');
  await set(workspace, 'footer', null, 'U4');
  expect(same).toMatchObject({ kind: 'done', changed: [] });
  const kept = await changesSince(database.query, workspace, 0);
  expect(kept.map(({ from, to, by }) => [from, to, by])).toEqual([
    [null, 'off', 'U1'],
    ['off', 'on', 'U2'],
    ['on', null, 'U4'],
  ]);
  expect((await readScope(database.query, workspace)).settings).toEqual([]);
});

test('of two who edit the same scope at once, the second is told what the first changed', async () => {
  const { database } = await open();
  const { version } = await readScope(database.query, workspace);
  const edit = (by: string, value: string) =>
    changeSettings(database, workspace, { changes: [{ key: 'footer', value }], by, expected: version });
  const outcomes = await Promise.all([edit('U1', 'on'), edit('U2', 'off')]);
  const done = outcomes.filter((one) => one.kind === 'done');
  const lost = outcomes.filter((one) => one.kind === 'conflict');
  expect([done.length, lost.length]).toEqual([1, 1]);
  const kept = await changesSince(database.query, workspace, 0);
  expect(kept).toHaveLength(1);
  expect(lost[0]?.since).toEqual(kept);
});

test('an edit of another scope is no conflict', async () => {
  const { database, set } = await open();
  const { version } = await readScope(database.query, workspace);
  await set(channel, 'effort', 'low');
  const outcome = await changeSettings(database, workspace, {
    changes: [{ key: 'effort', value: 'high' }],
    by: 'U1',
    expected: version,
  });
  expect(outcome.kind).toBe('done');
});

test('the words of instructions go from old changes; who and when, and what holds, stay', async () => {
  const { database, set } = await open();
  await set(workspace, 'instructions', 'Answer in French.', 'U1');
  await set(workspace, 'instructions', null, 'U2');
  await set(workspace, 'footer', 'off', 'U3');
  expect(await purgeInstructions(database.query, 30)).toBe(0);
  await database.pool.query(`update skein.setting_changes set at = at - interval '40 days'`);
  await set(workspace, 'instructions', 'Answer in German.', 'U4');
  expect(await purgeInstructions(database.query, 30)).toBe(2);
  expect(await purgeInstructions(database.query, 30)).toBe(0);
  const changes = await changesSince(database.query, workspace, 0);
  expect(changes.map(({ by, from, to }) => [by, from, to])).toEqual([
    ['U1', null, ''],
    ['U2', '', null],
    ['U3', null, 'off'],
    ['U4', null, 'Answer in German.'],
  ]);
  const { settings } = await readScope(database.query, workspace);
  expect(settings.map(({ value }) => value).sort()).toEqual(['Answer in German.', 'off']);
});
