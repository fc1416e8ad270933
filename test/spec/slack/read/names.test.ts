import { expect, onTestFinished, test } from 'vitest';
import { startSlackStandin } from '../../../../playground/slack/standin.ts';
import { systemClock } from '../../../../src/clock.ts';
import { createLog } from '../../../../src/log.ts';
import type { People } from '../../../../src/people/person.ts';
import { createClient } from '../../../../src/slack/clients.ts';
import { createDirectory } from '../../../../src/slack/read/names.ts';
import { createPeople } from '../../../../src/slack/read/people.ts';
import { quickest, timed } from '../../../support/quickest.ts';

async function setUp(people?: Pick<People, 'of'>) {
  const slack = await startSlackStandin({ clock: systemClock, tiers: 'off' });
  onTestFinished(() => slack.stop());
  const log = createLog('error', { write: () => {} });
  const client = createClient({ token: slack.botToken, slackApiUrl: slack.apiUrl, log });
  const clients = { of: () => client };
  const real = createPeople(clients, { clock: systemClock, log, admins: [] });
  const directory = createDirectory(clients, { ...real, ...people }, systemClock);
  return { slack, directory };
}

test('of many people some are asked about at a time, and all are named', async () => {
  let asking = 0;
  let most = 0;
  const { slack, directory } = await setUp({
    async of(team, id) {
      asking += 1;
      most = Math.max(most, asking);
      await new Promise((resolve) => setImmediate(resolve));
      asking -= 1;
      const kind = 'member' as const;
      return { team, id, name: `Name of ${id}`, kind, admin: false, deactivated: false };
    },
  });
  const ids = Array.from({ length: 150 }, (_, at) => `U${at}`);
  const found = await directory.users(slack.team, ids);
  expect(ids.every((id) => found.get(id) === `Name of ${id}`)).toBe(true);
  expect(most).toBe(8);
});

test('a Slack that asks for a pause is waited for, and nobody is asked about meanwhile', async () => {
  const { slack, directory } = await setUp();
  slack.faults.add({ method: 'users.info', fault: { kind: 'rate_limited', retryAfterSeconds: 1 } });
  const start = systemClock.monotonic();
  const found = await directory.users(slack.team, ['U0ANA', 'U0BEN', 'U0CHIDI']);
  expect([...found.keys()].sort()).toEqual(['U0ANA', 'U0BEN', 'U0CHIDI']);
  expect(systemClock.monotonic() - start).toBeGreaterThan(950);
  // Three at once, and the one that was refused again.
  expect(slack.calls('users.info')).toHaveLength(4);
});

test('a pause that is longer than anybody should wait leaves names unknown for now; what is known is told', async () => {
  const { slack, directory } = await setUp();
  await directory.users(slack.team, ['U0BEN']);
  const over = slack.faults.add({
    method: 'users.info',
    fault: { kind: 'rate_limited', retryAfterSeconds: 30 },
  });
  const ask = async () => {
    const found = await directory.users(slack.team, ['U0ANA', 'U0BEN']);
    expect([...found.entries()]).toEqual([['U0BEN', 'Ben Okafor']]);
  };
  expect(await quickest(2000, () => timed(ask))).toBeLessThan(2000);
  over();
  // Slack's pause holds: it is not asked again before.
  await directory.users(slack.team, ['U0ANA']);
  expect(slack.calls('users.info')).toHaveLength(2);
});

test('the name of a private channel is told in that channel only', async () => {
  const { slack, directory } = await setUp();
  const ids = ['C0LAUNCH', 'C0DESIGN', 'C0NOWHERE'];
  expect(await directory.channels(slack.team, 'C0GENERAL', ids)).toEqual(
    new Map([
      ['C0LAUNCH', null],
      ['C0DESIGN', 'design'],
      ['C0NOWHERE', null],
    ]),
  );
  expect(await directory.channel(slack.team, 'C0LAUNCH', 'C0LAUNCH')).toBe('launch');
  const down = slack.faults.add({ method: '*', times: 9, fault: { kind: 'status', status: 503 } });
  // Known before: nothing is asked.
  expect(await directory.channel(slack.team, 'C0DESIGN', 'C0GENERAL')).toBe('design');
  expect(await directory.channels(slack.team, 'C0GENERAL', ['C0ENGINEERING'])).toEqual(new Map());
  down();
});
