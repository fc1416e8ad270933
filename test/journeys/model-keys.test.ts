import { expect, it } from 'vitest';
import type { TeamStandin } from '../../playground/slack/contract.ts';
import { addWorkspace, install, startOpenWorld } from './installing.ts';
import { ana, ben, general, isFinished, query, type World } from './world.ts';

const OWN = 'sk-ant-own-key-of-northwind';

async function asks(team: TeamStandin, mark: string, words: string) {
  const { ts } = team.say(`${ana}${mark}`, `${general}${mark}`, `@skein ${words}`);
  return team.waitForMessage(
    (message) => message.threadTs === ts && message.user === team.botUser && isFinished(message),
  );
}

/** Types a key into the form and presses its button. */
async function enters(team: TeamStandin, key: string) {
  await team.slash(ana, general, '/skein', 'key');
  const view = await team.waitForView(({ content, open }) => open && content['callback_id'] === 'model_key');
  return team.interactions.submitView(ana, view.id, { key: { text: key } });
}

const keysUsed = (world: World) => world.model.keys();

it('an admin gives a workspace a key of its own, which is tested, stored sealed, and pays for this workspace alone', async () => {
  const world = await startOpenWorld({
    script: () => ({ text: 'Paid.' }),
    model: { moreKeys: [OWN] },
  });
  const { slack } = world;
  const other = addWorkspace(slack, 'X2');
  await install(world, slack.team);
  await install(world, other.team);

  expect(JSON.stringify(await enters(slack, 'xoxb-not-a-key'))).toContain('That is no key of the Claude API');
  expect(JSON.stringify(await enters(slack, 'sk-ant-some-other-key'))).toContain('MODEL_KEY_REJECTED');
  expect(await query(world, 'select id from skein.installations where model_key is not null')).toEqual([]);
  expect(JSON.stringify(await enters(slack, OWN))).toContain('Claude takes the key');

  await asks(slack, '', 'mine');
  await asks(other, 'X2', 'theirs');
  expect(keysUsed(world).slice(-2)).toEqual([OWN, 'sk-ant-test-key']);
  const rows = await query<{ row: string }>(
    world,
    'select to_jsonb(i)::text as row from skein.installations i',
  );
  expect(JSON.stringify(rows)).not.toContain(OWN);
  expect(JSON.stringify(world.log)).not.toContain(OWN);
  const deeds = await query<{ what: string }>(
    world,
    `select what from skein.deeds where what like 'model_key%'`,
  );
  expect(deeds).toEqual([{ what: 'model_key_set' }]);

  expect(JSON.stringify(await enters(slack, ''))).toContain('The key is taken away');
  await asks(slack, '', 'again');
  expect(keysUsed(world).at(-1)).toBe('sk-ant-test-key');
});

it('who is no admin gets no form', async () => {
  const world = await startOpenWorld();
  await install(world, world.slack.team);
  await world.slack.slash(ben, general, '/skein', 'key');
  const told = await world.slack.waitForMessage(({ ephemeralFor }) => ephemeralFor === ben);
  expect(told.visible).toMatch(/admin/i);
});
