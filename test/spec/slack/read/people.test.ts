import { expect, onTestFinished, test } from 'vitest';
import { person } from '../../../../playground/slack/seed.ts';
import { startSlackStandin } from '../../../../playground/slack/standin.ts';
import { systemClock } from '../../../../src/clock.ts';
import { createLog } from '../../../../src/log.ts';
import type { Person } from '../../../../src/people/person.ts';
import { createClient } from '../../../../src/slack/clients.ts';
import { createPeople } from '../../../../src/slack/read/people.ts';

async function setUp(admins: readonly string[] = []) {
  const slack = await startSlackStandin({ clock: systemClock, tiers: 'off' });
  onTestFinished(() => slack.stop());
  const log = createLog('error', { write: () => {} });
  const client = createClient({ token: slack.botToken, slackApiUrl: slack.apiUrl, log });
  const people = createPeople({ of: () => client }, { clock: systemClock, log, admins });
  const of = async (id: string, maxAgeMs = 0): Promise<Person> => {
    const found = await people.of(slack.team, id, maxAgeMs);
    if (found === 'unreachable') throw new Error('Slack was not reached');
    return found;
  };
  return { slack, people, of };
}

test('Slack says who is a member, a guest, a stranger, an admin', async () => {
  const { slack, of } = await setUp(['U0BEN']);
  slack.workspace.put({
    table: 'person',
    key: 'U0ELSE',
    value: person('U0ELSE', 'else', 'Elsa Else', { isStranger: true, isAdmin: true }),
  });
  expect(await of('U0ANA')).toMatchObject({ name: 'Ana Ruiz', kind: 'member', admin: true });
  expect(await of('U0CHIDI')).toMatchObject({ kind: 'member', admin: false });
  expect(await of('U0BEN')).toMatchObject({ kind: 'member', admin: true });
  expect(await of('U0DANA')).toMatchObject({ kind: 'guest', admin: false });
  // An admin of another company is none here.
  expect(await of('U0ELSE')).toMatchObject({ kind: 'stranger', admin: false });
});

test('what is known is used while it is young enough, and asked again where it must be of now', async () => {
  const { slack, of } = await setUp();
  await of('U0ANA', 60_000);
  await of('U0ANA', 60_000);
  expect(slack.calls('users.info')).toHaveLength(1);
  await of('U0ANA', 0);
  expect(slack.calls('users.info')).toHaveLength(2);
});

test('a Slack that is down is told apart from one that does not tell', async () => {
  const { slack, people } = await setUp();
  const down = slack.faults.add({ method: 'users.info', times: 9, fault: { kind: 'status', status: 503 } });
  expect(await people.of(slack.team, 'U0ANA', 0)).toBe('unreachable');
  down();
  expect(await people.of(slack.team, 'U0NOBODY', 0)).toMatchObject({ kind: 'unknown', admin: false });
});

test('who is in a channel is found, and a channel that Slack hides has nobody', async () => {
  const { slack, people } = await setUp();
  expect(await people.inChannel(slack.team, 'C0LAUNCH', 'U0BEN')).toBe(true);
  expect(await people.inChannel(slack.team, 'C0LAUNCH', 'U0CHIDI')).toBe(false);
  expect(await people.inChannel(slack.team, 'C0NOWHERE', 'U0ANA')).toBe(false);
});
