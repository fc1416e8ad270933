import { describe, expect, test } from 'vitest';
import { type Action, refusalOf } from '../../../src/people/may.ts';
import type { Person } from '../../../src/people/person.ts';
import { wordsOf } from '../../../src/words/people.ts';

const member: Person = {
  team: 'T1',
  id: 'U1',
  name: 'Ana',
  kind: 'member',
  admin: false,
  deactivated: false,
};
const admin: Person = { ...member, id: 'U2', admin: true };
const guest: Person = { ...member, id: 'U3', kind: 'guest' };
const stranger: Person = { ...member, id: 'U4', kind: 'stranger' };
const gone: Person = { ...admin, deactivated: true };

const ask = (access: 'members' | 'members_and_guests' | 'everyone'): Action => ({ kind: 'ask', access });
const channel = (inChannel: boolean, by: 'members' | 'admins' = 'members'): Action => ({
  kind: 'change_channel',
  inChannel,
  by,
});

test.each<[string, Person, Action, string | null]>([
  ['a member asks', member, ask('members'), null],
  ['a guest asks where members may', guest, ask('members'), 'guest'],
  ['a guest asks where guests may', guest, ask('members_and_guests'), null],
  ['a stranger asks where guests may', stranger, ask('members_and_guests'), 'stranger'],
  ['a stranger asks where everyone may', stranger, ask('everyone'), null],
  ['a deactivated person asks', gone, ask('everyone'), 'deactivated'],
  ['a member changes a channel', member, channel(true), null],
  ['a member changes a channel that is not theirs', member, channel(false), 'not_in_channel'],
  ['a member changes a channel kept to admins', member, channel(true, 'admins'), 'admins_only'],
  ['an admin changes a channel kept to admins', admin, channel(false, 'admins'), null],
  ['a guest changes a channel', guest, channel(true), 'guest'],
  ['a stranger changes their own', stranger, { kind: 'change_own' }, 'stranger'],
  ['a member manages the workspace', member, { kind: 'manage_workspace' }, 'admins_only'],
  ['an admin manages the workspace', admin, { kind: 'manage_workspace' }, null],
  ['a former admin manages the workspace', gone, { kind: 'manage_workspace' }, 'deactivated'],
  ['a member lifts a limit of their own', member, { kind: 'change_limit', setBy: 'U1' }, null],
  ['a member lifts a limit of an admin', member, { kind: 'change_limit', setBy: 'U2' }, 'set_by_other'],
  ['a member sees a channel they are in', member, { kind: 'see_channel', inChannel: true }, null],
  ['a stranger sees a channel', stranger, { kind: 'see_channel', inChannel: true }, 'stranger'],
])('%s', (_what, person, action, refusal) => {
  expect(refusalOf(person, action)).toBe(refusal);
  if (refusal !== null) expect(wordsOf(refusal as 'guest')).toMatch(/^[A-Z].*\.$/);
});

describe('whoever is deactivated', () => {
  const actions: Action[] = [
    ask('everyone'),
    channel(true),
    { kind: 'change_own' },
    { kind: 'manage_workspace' },
  ];
  test.each(actions)('may not %o', (action) => {
    expect(refusalOf(gone, action)).toBe('deactivated');
  });
});
