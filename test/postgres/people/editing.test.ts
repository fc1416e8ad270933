import { describe, expect, test } from 'vitest';
import { type EditingPorts, edit, rightsAt, targetOf } from '../../../src/people/editing.ts';
import type { People, Person, Presence } from '../../../src/people/person.ts';
import type { ModelChoice } from '../../../src/settings/models.ts';
import { changeSettings, readScope, readSettings, type Target } from '../../../src/settings/store.ts';
import { CANNOT_CHECK, wordsOf } from '../../../src/words/people.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';

const workspace: Target = { team: 'T1', scope: 'workspace', scopeId: 'T1' };
const channel: Target = { team: 'T1', scope: 'channel', scopeId: 'C1' };
const person = (id: string, more: Partial<Person> = {}): Person => ({
  team: 'T1',
  id,
  name: id,
  kind: 'member',
  admin: false,
  deactivated: false,
  ...more,
});
const model = (id: string, more: Partial<ModelChoice> = {}): ModelChoice => ({
  id,
  name: id,
  outputCap: 64_000,
  contextTokens: 200_000,
  efforts: [],
  deprecated: false,
  retires: null,
  price: null,
  ...more,
});
const MODELS = [model('small', { outputCap: 8000 }), model('large', { efforts: ['low', 'high'] })];

async function open(who: Person | 'unreachable' = person('U1'), inside: Presence = 'yes') {
  const { database, rows } = await openStored();
  const people: People = { of: async () => who, inChannel: async () => inside, weAreIn: async () => 'yes' };
  const ports: EditingPorts = {
    database,
    defaults: { ...DEFAULTS, model: 'large' },
    people,
    models: async () => ({ models: MODELS, live: true }),
  };
  return { database, rows, ports };
}

const anywhere = { team: 'T1', user: 'U1', cameFrom: null };
const own: Target = { team: 'T1', scope: 'person', scopeId: 'U1' };
const others: Target = { team: 'T1', scope: 'person', scopeId: 'U2' };
const stranger = wordsOf('not_of_workspace');
const guest = wordsOf('no_guests');
const admins = wordsOf('admins_only');
const outside = wordsOf('not_in_channel');

describe('what somebody may see and change', () => {
  test.each<[string, Person, Presence, Target, string | null, string | null]>([
    ['a member, of the workspace', person('U1'), 'yes', workspace, null, admins],
    ['an admin, of the workspace', person('U1', { admin: true }), 'yes', workspace, null, null],
    ['a guest, of the workspace', person('U1', { kind: 'guest' }), 'yes', workspace, guest, admins],
    ['a stranger, of the workspace', person('U1', { kind: 'stranger' }), 'yes', workspace, stranger, admins],
    ['a stranger, of their own', person('U1', { kind: 'stranger' }), 'yes', own, stranger, stranger],
    ['a guest, of their own', person('U1', { kind: 'guest' }), 'yes', own, null, null],
    ['a member, of somebody else’s', person('U1'), 'yes', others, admins, admins],
    ['an admin, of somebody else’s', person('U1', { admin: true }), 'yes', others, null, null],
    ['a member, of a channel they are in', person('U1'), 'yes', channel, null, null],
    ['a member, of a channel they are not in', person('U1'), 'no', channel, outside, outside],
    [
      'a member, of a channel when Slack does not say',
      person('U1'),
      'unknown',
      channel,
      wordsOf('presence_unknown'),
      wordsOf('presence_unknown'),
    ],
    [
      'an admin, of a channel when Slack does not say',
      person('U1', { admin: true }),
      'unknown',
      channel,
      null,
      null,
    ],
    [
      'a guest, of a channel when Slack does not say',
      person('U1', { kind: 'guest' }),
      'unknown',
      channel,
      guest,
      guest,
    ],
    ['a guest, of a channel they are in', person('U1', { kind: 'guest' }), 'yes', channel, guest, guest],
    [
      'a stranger, of a channel they are in',
      person('U1', { kind: 'stranger' }),
      'yes',
      channel,
      stranger,
      stranger,
    ],
  ])('%s', async (_who, who, inside, target, see, change) => {
    const { ports } = await open(who, inside);
    const rights = await rightsAt(ports, anywhere, target, 0);
    expect([rights.see, rights.change]).toEqual([see, change]);
  });

  test('a channel that a command came from need not be asked for', async () => {
    const { ports } = await open(person('U1'), 'unknown');
    expect(await rightsAt(ports, { ...anywhere, cameFrom: 'C1' }, channel, 0)).toMatchObject({
      change: null,
    });
  });

  test('a channel kept to admins is seen by its members and changed by admins', async () => {
    const { database, ports } = await open();
    await changeSettings(database, workspace, {
      changes: [{ key: 'channel_changes', value: 'admins' }],
      by: 'U9',
    });
    expect(await rightsAt(ports, anywhere, channel, 0)).toMatchObject({ see: null, change: admins });
  });

  test('nobody may anything while Slack cannot be asked who they are', async () => {
    const { ports } = await open('unreachable');
    for (const target of [own, channel, workspace])
      expect(await rightsAt(ports, anywhere, target, 0)).toEqual({
        person: null,
        see: CANNOT_CHECK,
        change: CANNOT_CHECK,
      });
  });
});

describe('a change', () => {
  test('by a member does not lift a limit that an admin sets between the look and the change', async () => {
    const { database, ports } = await open();
    let looks = 0;
    const edited = await edit(ports, person('U1'), channel, async () => {
      looks += 1;
      if (looks === 1)
        await changeSettings(database, channel, {
          changes: [{ key: 'budget_day', value: '$1.00' }],
          by: 'U9',
        });
      return { changes: [{ key: 'budget_day', value: '$500.00' }] };
    });
    expect(edited).toMatchObject({ kind: 'problems' });
    const { settings } = await readScope(database.query, channel);
    expect(settings.map(({ value, by }) => [value, by])).toEqual([['$1.00', 'U9']]);
  });

  test('of something else than what others change at the same moment is made all the same', async () => {
    const { database, ports } = await open();
    let looks = 0;
    const edited = await edit(ports, person('U1'), channel, async () => {
      looks += 1;
      if (looks === 1)
        await changeSettings(database, channel, { changes: [{ key: 'effort', value: 'low' }], by: 'U9' });
      return { changes: [{ key: 'footer', value: 'off' }] };
    });
    expect(edited).toMatchObject({ kind: 'done', changed: [{ key: 'footer', to: 'off' }] });
  });

  test.each([
    ['the model of the wider scope', null, [], 'max_tokens', '64000', true],
    ['the model that is set there', 'small', [], 'max_tokens', '64000', false],
    ['the model that is set in the same change', 'small', [['model', 'large']], 'max_tokens', '64000', true],
    [
      'the wider model, where its own is reset in the same change',
      'small',
      [['model', null]],
      'effort',
      'high',
      true,
    ],
  ] as const)('is checked against %s', async (_what, stored, more, key, value, fits) => {
    const { database, ports } = await open();
    if (stored !== null)
      await changeSettings(database, channel, { changes: [{ key: 'model', value: stored }], by: 'U1' });
    const changes = [...more.map(([name, to]) => ({ key: name, value: to })), { key, value }];
    const edited = await edit(ports, person('U1'), channel, () => ({ changes }));
    expect(edited.kind).toBe(fits ? 'done' : 'problems');
  });

  test('to a model that is not there is told, and is not told as that while the provider can’t be asked', async () => {
    const { ports } = await open();
    const plan = () => ({ changes: [{ key: 'model' as const, value: 'none-such' }] });
    const absent = await edit(ports, person('U1'), own, plan);
    expect(absent).toEqual({ kind: 'problems', problems: new Map([['model', { noModel: 'none-such' }]]) });
    const away = { ...ports, models: async () => ({ models: MODELS, live: false }) };
    const unsure = await edit(away, person('U1'), own, plan);
    expect(JSON.stringify(unsure.kind === 'problems' && [...unsure.problems])).toContain(
      'could not ask Claude',
    );
  });

  test('of the bots that may ask is for admins only, also in a channel that its members change', async () => {
    const { database, ports } = await open();
    const plan = () => ({ changes: [{ key: 'bots' as const, value: 'U0DEPLOYS' }] });
    const refused = await edit(ports, person('U1'), channel, plan);
    expect(refused).toEqual({ kind: 'problems', problems: new Map([['bots', { sentence: admins }]]) });
    const done = await edit(ports, person('U2', { admin: true }), channel, plan);
    expect(done.kind).toBe('done');
    const again = await edit(ports, person('U1'), channel, () => ({
      changes: [{ key: 'bots', value: null }],
    }));
    expect(again.kind).toBe('problems');
    expect((await readScope(database.query, channel)).settings).toHaveLength(1);
  });
});

test('where there is no channel, no row counts as one: not that of a channel without a name', async () => {
  const { database, rows } = await open();
  await rows(
    `insert into skein.settings (team, scope, scope_id, key, value, set_by)
     values ('T1', 'channel', '', 'footer', 'off', 'U1'), ('T1', 'workspace', 'T1', 'footer', 'on', 'U1')`,
  );
  const read = await readSettings(database.query, { team: 'T1', channel: null, person: 'U1' });
  expect(read.map(({ scope }) => scope)).toEqual(['workspace']);
});

test('a channel that is named where there is none is told so', () => {
  const direct = { team: 'T1', user: 'U1', channel: null };
  expect(() => targetOf(direct, { kind: 'channel' })).toThrow('There is no channel here.');
  expect(targetOf(direct, { kind: 'here' })).toEqual(own);
  expect(targetOf(direct, { kind: 'channel_id', id: 'C1' })).toEqual(channel);
});
