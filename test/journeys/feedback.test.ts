import { expect, it } from 'vitest';
import { startPressing } from './pressing.ts';
import { textOf } from './views.ts';
import { ana, ben, finishedReply, general, query, type World } from './world.ts';

const opinions = (world: World) =>
  query(world, 'select person, version, verdict, reason from skein.feedback order by person, version');

async function answered(world: World) {
  const { ts } = world.slack.say(ana, general, '@skein what?');
  return finishedReply(world, general, ts);
}

/** Presses 👍 or 👎 as its button says. */
async function rate(world: World, user: string, ts: string, verdict: 'good' | 'bad') {
  const message = world.slack.workspace.message(general, ts);
  const value = new RegExp(`"value":"([^"]+:${verdict})"`).exec(JSON.stringify(message?.blocks))?.[1] ?? '';
  return world.slack.click(user, { channel: general, ts, actionId: 'reply_rate', value });
}

const form = (world: World, user: string) =>
  world.slack.waitForView((view) => view.open && view.user === user && view.kind === 'modal');

it('👍 is noted, changed by 👎, and taken back by the same press, for each person alone', async () => {
  const world = await startPressing({ script: () => ({ text: 'An answer.' }) });
  const { ts } = await answered(world);
  await rate(world, ana, ts, 'good');
  await world.slack.waitForMessage(
    ({ visible, ephemeralFor }) => ephemeralFor === ana && visible.includes('good'),
  );
  await rate(world, ben, ts, 'bad');
  await form(world, ben);
  await expect
    .poll(() => opinions(world))
    .toEqual([
      { person: ana, version: 1, verdict: 'good', reason: null },
      { person: ben, version: 1, verdict: 'bad', reason: null },
    ]);
  await rate(world, ana, ts, 'bad');
  await form(world, ana);
  await rate(world, ben, ts, 'bad');
  await world.slack.waitForMessage(
    ({ visible, ephemeralFor }) => ephemeralFor === ben && visible.includes('Taken back'),
  );
  await expect
    .poll(() => opinions(world))
    .toEqual([{ person: ana, version: 1, verdict: 'bad', reason: null }]);
});

it('a reason is kept with the 👎 that it belongs to, and under the instructions of that answer', async () => {
  const world = await startPressing({
    env: { DEFAULT_INSTRUCTIONS: 'Be brief.' },
    script: () => ({ text: 'An answer.' }),
  });
  const { ts } = await answered(world);
  await rate(world, ana, ts, 'bad');
  const view = await form(world, ana);
  expect(textOf(view)).toContain('What was wrong?');
  await world.slack.interactions.submitView(ana, view.id, { reason: { text: 'It is *wrong* <!channel>.' } });
  await expect
    .poll(() => opinions(world))
    .toMatchObject([{ verdict: 'bad', reason: 'It is *wrong* <!channel>.' }]);
  const counted = await query(
    world,
    `select count(*)::int as count, text as instructions from skein.feedback
     join skein.instructions on hash = instructions_hash group by text`,
  );
  expect(counted).toMatchObject([{ count: 1, instructions: expect.stringContaining('Be brief.') }]);
});

it('a reason for an opinion that was taken back, or for an answer that is not ours, changes nothing', async () => {
  const world = await startPressing({ script: () => ({ text: 'An answer.' }) });
  const { ts } = await answered(world);
  await rate(world, ana, ts, 'bad');
  const view = await form(world, ana);
  await rate(world, ana, ts, 'bad');
  await world.slack.waitForMessage(({ visible }) => visible.includes('Taken back'));
  const { acked } = await world.slack.interactions.submitView(ana, view.id, {
    reason: { text: 'Too late.' },
  });
  expect(acked).toBe(true);
  expect(await opinions(world)).toEqual([]);
});

it('where the form cannot be opened the 👎 counts all the same, and the person is told', async () => {
  const world = await startPressing({ script: () => ({ text: 'An answer.' }) });
  const { ts } = await answered(world);
  world.slack.faults.add({ method: 'views.open', fault: { kind: 'error', error: 'expired_trigger_id' } });
  await rate(world, ana, ts, 'bad');
  const told = await world.slack.waitForMessage(({ ephemeralFor }) => ephemeralFor === ana);
  expect(told.visible).toContain('Noted: this answer is poor.');
  await expect.poll(() => opinions(world)).toMatchObject([{ person: ana, verdict: 'bad' }]);
});

it('opinions are about the version that was shown when they were given', async () => {
  const world = await startPressing({ script: () => ({ text: 'An answer.' }) });
  const { ts } = await answered(world);
  await rate(world, ana, ts, 'good');
  await world.slack.click(ana, { channel: general, ts, actionId: 'reply_regenerate' });
  await world.slack.waitForMessage(
    ({ visible, blocks }) => visible.includes('Version 2 of 2') && JSON.stringify(blocks).includes(':2:good'),
  );
  await rate(world, ana, ts, 'bad');
  await form(world, ana);
  await expect
    .poll(() => opinions(world))
    .toMatchObject([
      { version: 1, verdict: 'good' },
      { version: 2, verdict: 'bad' },
    ]);
});

it('a press while the database is away is told to wait, and done once it is back', async () => {
  const world = await startPressing({ script: () => ({ text: 'An answer.' }) });
  const { ts } = await answered(world);
  world.gate.shut();
  await rate(world, ana, ts, 'good');
  const told = await world.slack.waitForMessage(({ ephemeralFor }) => ephemeralFor === ana);
  expect(told.visible).toContain('My database is away at the moment.');
  await world.gate.open();
  await world.slack.waitForMessage(
    ({ ephemeralFor, visible }) => ephemeralFor === ana && visible.includes('this answer is good'),
  );
  await expect
    .poll(() => opinions(world))
    .toEqual([{ person: ana, version: 1, verdict: 'good', reason: null }]);
});
