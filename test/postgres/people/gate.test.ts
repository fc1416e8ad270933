import { expect, it } from 'vitest';
import { createGate, seenAs } from '../../../src/people/gate.ts';
import type { Person } from '../../../src/people/person.ts';
import { createPlanner } from '../../../src/shortcuts/plan.ts';
import { wordsOf } from '../../../src/words/people.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';

const HIDDEN: Person = {
  team: 'T1',
  id: 'U9',
  name: null,
  kind: 'unknown',
  admin: false,
  deactivated: false,
};

it('a form of somebody whom Slack hides from us, and whose payload names another company, is a stranger’s', async () => {
  const { database, log } = await openStored();
  const people = {
    of: () => Promise.resolve(HIDDEN),
    inChannel: () => Promise.resolve('yes' as const),
    weAreIn: () => Promise.resolve('yes' as const),
  };
  const plan = createPlanner({
    people,
    asking: {
      message: () => Promise.resolve('gone' as const),
      thread: () => Promise.resolve(''),
      direct: () => Promise.resolve('D1'),
      link: () => Promise.resolve(null),
    },
    gate: createGate({ database, defaults: DEFAULTS, people }),
    log,
  });
  const asked = { kind: 'anywhere', question: 'What do you know?', channel: 'C1' } as const;
  const by = (userTeam: string | null) => plan({ team: 'T1', user: 'U9', userTeam }, asked);
  expect(await by('T9')).toMatchObject({ line: wordsOf('stranger') });
  // Nobody says whose they are, or that they are ours: nothing is known against them.
  expect(await by(null)).toMatchObject({ channel: 'C1' });
  expect(await by('T1')).toMatchObject({ channel: 'C1' });
});

it('what Slack says of a person stands over what came with a payload', () => {
  const member: Person = { ...HIDDEN, kind: 'member' };
  expect(seenAs(member, { team: 'E1', userTeam: 'T9' })).toEqual(member);
  expect(seenAs(HIDDEN, { team: 'T1', userTeam: 'T9' }).kind).toBe('stranger');
});
