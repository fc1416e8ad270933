import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACCESS, type Access } from '../../../src/defaults.ts';
import { type Action, refusalOf } from '../../../src/people/may.ts';
import type { Person, Presence } from '../../../src/people/person.ts';
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
const hidden: Person = { ...member, id: 'U5', kind: 'unknown' };
const app: Person = { ...member, id: 'U6', kind: 'bot' };
const gone: Person = { ...admin, deactivated: true };

const ask = (access: Access, ruled = false): Action => ({ kind: 'ask', access, ruled, bots: ['U7'] });
const channel = (inChannel: Presence, by: 'members' | 'admins' = 'members'): Action => ({
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
  ['a member changes a channel', member, channel('yes'), null],
  ['a member changes a channel that is not theirs', member, channel('no'), 'not_in_channel'],
  ['a member changes a channel kept to admins', member, channel('yes', 'admins'), 'admins_only'],
  ['an admin changes a channel kept to admins', admin, channel('no', 'admins'), null],
  [
    'a member changes a channel of which Slack does not say who is in it',
    member,
    channel('unknown'),
    'presence_unknown',
  ],
  ['a guest changes a channel', guest, channel('yes'), 'no_guests'],
  ['a stranger changes a channel', stranger, channel('yes'), 'not_of_workspace'],
  ['somebody unknown changes a channel', hidden, channel('yes'), 'unknown_person'],
  ['somebody unknown asks where nobody made a rule', hidden, ask('members'), null],
  ['somebody unknown asks where a rule was made', hidden, ask('members', true), 'unknown_person'],
  [
    'somebody unknown whom the operator named asks where a rule was made',
    { ...hidden, admin: true },
    ask('members', true),
    null,
  ],
  ['another app asks', app, ask('everyone'), 'bot'],
  ['another app that is listed asks', { ...app, id: 'U7' }, ask('members', true), null],
  [
    'another app that is listed changes settings',
    { ...app, id: 'U7', admin: true },
    { kind: 'manage_workspace' },
    'bot',
  ],
  ['a stranger changes their own', stranger, { kind: 'change_own' }, 'not_of_workspace'],
  ['somebody unknown changes their own', hidden, { kind: 'change_own' }, 'unknown_person'],
  ['a member manages the workspace', member, { kind: 'manage_workspace' }, 'admins_only'],
  ['an admin manages the workspace', admin, { kind: 'manage_workspace' }, null],
  ['a former admin manages the workspace', gone, { kind: 'manage_workspace' }, 'deactivated'],
  ['a member lifts a limit of their own', member, { kind: 'change_limit', setBy: 'U1' }, null],
  ['a member lifts a limit of an admin', member, { kind: 'change_limit', setBy: 'U2' }, 'set_by_other'],
  ['a member sees a channel they are in', member, { kind: 'see_channel', inChannel: 'yes' }, null],
  ['a stranger sees a channel', stranger, { kind: 'see_channel', inChannel: 'yes' }, 'not_of_workspace'],
  [
    'a member sees a channel that Slack does not tell of',
    member,
    { kind: 'see_channel', inChannel: 'unknown' },
    'presence_unknown',
  ],
])('%s', (_what, person, action, refusal) => {
  expect(refusalOf(person, action)).toBe(refusal);
  if (refusal !== null) expect(wordsOf(refusal as 'guest')).toMatch(/^[A-Z].*\.$/);
});

describe('whoever is deactivated', () => {
  const actions: Action[] = [
    ask('everyone'),
    channel('yes'),
    { kind: 'change_own' },
    { kind: 'manage_workspace' },
  ];
  test.each(actions)('may not %o', (action) => {
    expect(refusalOf(gone, action)).toBe('deactivated');
  });
});

test('a rule of access, once it is made, lets in nobody who is not known', () => {
  const kinds = ['member', 'guest', 'stranger', 'bot', 'unknown'] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.constantFrom(...ACCESS),
      fc.boolean(),
      (kind, access, ruled) => {
        const free = refusalOf({ ...member, kind }, ask(access)) === null;
        const kept = refusalOf({ ...member, kind }, ask(access, ruled)) === null;
        // A rule takes away, and never gives.
        expect(kept && !free).toBe(false);
        if (ruled && kind === 'unknown' && access !== 'everyone') expect(kept).toBe(false);
        // Whoever may ask where few may, may ask where more may.
        if (free) expect(refusalOf({ ...member, kind }, ask('everyone'))).toBeNull();
      },
    ),
  );
});
