import { expect, it } from 'vitest';
import type { Person } from '../../playground/slack/records.ts';
import { startPressing } from './pressing.ts';
import { ana, ben, finishedReply, general, query, set, type World } from './world.ts';

const dana = 'U0DANA';

/** What a person becomes, as an admin of the workspace would have it. */
function become(world: World, user: string, traits: Partial<Person>): void {
  const { workspace } = world.slack;
  const person = workspace.people.get(user);
  if (person === undefined) throw new Error(`${user} is not there`);
  workspace.put({ table: 'person', key: user, value: { ...person, ...traits } });
}

/** Private lines to somebody, as soon as there are so many. */
async function linesTo(world: World, user: string, count: number): Promise<string[]> {
  const lines = () =>
    world.slack
      .calls('chat.postEphemeral')
      .flatMap(({ args, ok }) => (ok && args['user'] === user ? [String(args['text'])] : []));
  await expect.poll(lines).toHaveLength(count);
  return lines();
}

const states = async (world: World) =>
  (await query<{ state: string }>(world, 'select state from skein.replies order by created_at')).map(
    ({ state }) => state,
  );

it('whoever is refused is told each time they ask, alone, and an edit asks again: refused again, then let in', async () => {
  const world = await startPressing({ script: (question) => ({ text: `You said ${question}` }) });
  const { ts } = world.slack.say(dana, general, '@skein one');
  expect((await linesTo(world, dana, 1))[0]).toContain('I do not answer guests of the workspace here.');
  world.slack.say(dana, general, '@skein two');
  await linesTo(world, dana, 2);
  await expect.poll(() => states(world)).toEqual(['refused', 'refused']);

  world.slack.people.edit(dana, general, ts, '@skein one, please');
  await linesTo(world, dana, 3);
  await expect.poll(() => states(world)).toEqual(['refused', 'refused']);
  expect(world.slack.calls('chat.postMessage')).toEqual([]);
  expect(world.model.calls()).toEqual([]);

  become(world, dana, { isGuest: false });
  world.slack.people.edit(dana, general, ts, '@skein one, now that I may');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('one, now that I may');
  expect(reply.visible).not.toContain('edited after');
  expect(world.model.calls()).toHaveLength(1);
});

it('no press opens what was refused', async () => {
  const world = await startPressing({ script: () => ({ text: 'An answer.' }) });
  const answered = world.slack.say(ana, general, '@skein mine');
  const reply = await finishedReply(world, general, answered.ts);
  world.slack.say(dana, general, '@skein and mine?');
  await linesTo(world, dana, 1);
  await expect.poll(() => states(world)).toEqual(['shown', 'refused']);
  const [refused] = await query<{ id: string }>(
    world,
    "select id from skein.replies where state = 'refused'",
  );
  const value = `${refused?.id ?? ''}:0`;
  await world.slack.click(dana, { channel: general, ts: reply.ts, actionId: 'reply_regenerate', value });
  expect(await linesTo(world, dana, 2)).toContain(
    'This question was not answered, because the person who asked may not ask here.',
  );
  await expect.poll(() => states(world)).toEqual(['shown', 'refused']);
  expect(world.model.calls()).toHaveLength(1);
});

it('whoever lost the right changes no answer that is there, and nobody makes another one for them', async () => {
  const world = await startPressing({ script: () => ({ text: 'An answer.' }) });
  const { ts } = world.slack.say(ben, general, '@skein what?');
  const reply = await finishedReply(world, general, ts);
  // She may press what she took part in: as soon as what she said is stored.
  world.slack.say(ana, general, 'I wonder too', { threadTs: ts });
  const said = () => query(world, `select 1 from skein.messages where speaker = '${ana}'`);
  await expect.poll(said).toHaveLength(1);
  become(world, ben, { isGuest: true });
  const press = { channel: general, ts: reply.ts, actionId: 'reply_regenerate' };
  await world.slack.click(ben, press);
  expect((await linesTo(world, ben, 1))[0]).toContain('I do not answer guests of the workspace here.');
  await world.slack.click(ana, press);
  expect((await linesTo(world, ana, 1))[0]).toContain('The person who asked this may not ask here any more');
  expect(world.slack.thread(general, ts).find((message) => message.ts === reply.ts)?.visible).toBe(
    reply.visible,
  );
  expect(world.model.calls()).toHaveLength(1);
});

it('where a rule of access was made a question waits for a Slack that can not say who asks, and holds no hand meanwhile', async () => {
  const world = await startPressing({ env: { CONCURRENCY: '1' }, script: () => ({ text: 'An answer.' }) });
  await set(world, ['workspace', world.slack.team], ['access', 'members']);
  const away = world.slack.faults.add({
    method: 'users.info',
    matches: (args) => args['user'] === ana,
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'status', status: 503 },
  });
  const waiting = world.slack.say(ana, general, '@skein who am I?');
  await world.slack.waitForCall(({ method, ok }) => method === 'users.info' && !ok);
  const { ts } = world.slack.say(ben, general, '@skein and I?');
  await finishedReply(world, general, ts);
  await expect.poll(() => states(world)).toEqual(['waiting', 'shown']);
  away();
  await finishedReply(world, general, waiting.ts);
});

it('people whom Slack does not tell of are let in where nobody made a rule, and told where somebody did', async () => {
  const world = await startPressing({ script: () => ({ text: 'An answer.' }) });
  world.slack.faults.add({
    method: 'users.info',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: 'missing_scope' },
  });
  const { ts } = world.slack.say(ana, general, '@skein who am I?');
  await finishedReply(world, general, ts);
  await set(world, ['workspace', world.slack.team], ['access', 'members']);
  world.slack.say(dana, general, '@skein and I?');
  expect((await linesTo(world, dana, 1))[0]).toContain('Slack does not tell me who you are');
  expect(world.model.calls()).toHaveLength(1);
});

it('what a guest says where all is answered is not taken for a question to us more than once a day', async () => {
  const world = await startPressing({
    env: { DEFAULT_FOLLOW_UPS: 'always' },
    script: () => ({ text: 'An answer.' }),
  });
  const { ts } = world.slack.say(ana, general, '@skein what?');
  await finishedReply(world, general, ts);
  for (const text of ['hello', 'all', 'of you']) world.slack.say(dana, general, text, { threadTs: ts });
  await expect.poll(async () => (await states(world)).filter((state) => state === 'refused')).toHaveLength(3);
  await linesTo(world, dana, 1);
  world.slack.say(dana, general, '@skein you', { threadTs: ts });
  await linesTo(world, dana, 2);
});

it('a thread in which we only refused goes on without us', async () => {
  const world = await startPressing({ script: () => ({ text: 'An answer.' }) });
  const { ts } = world.slack.say(dana, general, '@skein what?');
  await linesTo(world, dana, 1);
  world.slack.say(dana, general, 'never mind then', { threadTs: ts });
  await world.slack.waitForDelivery(
    ({ payload, state }) => state === 'acked' && JSON.stringify(payload).includes('never mind then'),
  );
  const later = world.slack.say(ana, general, '@skein hello');
  await finishedReply(world, general, later.ts);
  await expect.poll(() => states(world)).toEqual(['refused', 'shown']);
});
