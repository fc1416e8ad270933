import { expect, it } from 'vitest';
import { ana, ben, finishedReply, general, startWorld, turnsOf, type World } from './world.ts';

const lastTurns = (world: World) => turnsOf(world.model.calls().at(-1)?.body);

it.each(['socket', 'http'] as const)(
  'a thread that Slack holds back for a second is waited for, and the answer knows it (%s)',
  async (mode) => {
    const world = await startWorld({ mode });
    const { ts } = world.slack.say(ben, general, 'We ship on Friday.');
    world.slack.faults.add({
      method: 'conversations.replies',
      fault: { kind: 'rate_limited', retryAfterSeconds: 1 },
    });
    world.slack.say(ana, general, '@skein when?', { threadTs: ts });
    const reply = await finishedReply(world, general, ts);
    expect(lastTurns(world)).toEqual(['user: [Ben Okafor]: We ship on Friday.', 'user: [Ana Ruiz]: when?']);
    expect(reply.visible).not.toContain('did not let me read');
  },
);

it('an answer without the thread that Slack would not show says so, and the next one knows it', async () => {
  const world = await startWorld();
  const { ts } = world.slack.say(ben, general, 'We ship on Friday.');
  const down = world.slack.faults.add({
    method: 'conversations.replies',
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'rate_limited', retryAfterSeconds: 60 },
  });
  world.slack.say(ana, general, '@skein when?', { threadTs: ts });
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('Slack did not let me read what was said in this thread before');
  down();
  world.slack.say(ana, general, '@skein and now?', { threadTs: ts });
  const next = await finishedReply(world, general, ts, 2);
  expect(next.visible).not.toContain('did not let me read');
  expect(lastTurns(world)[0]).toBe('user: [Ben Okafor]: We ship on Friday.');
});

it('one thought in two quick direct messages is known whole to the second answer, and to what follows it', async () => {
  const world = await startWorld();
  const first = world.slack.dm(ana, 'Please shorten this:');
  await finishedReply(world, first.channel, first.ts);
  const second = world.slack.dm(ana, 'A long text about nothing.');
  await finishedReply(world, second.channel, second.ts);
  const [before, question] = lastTurns(world);
  expect(before).toContain('Sent a moment before');
  expect(before).toContain('Please shorten this:');
  expect(question).toBe('user: A long text about nothing.');
  world.slack.dm(ana, 'Even shorter!', { threadTs: second.ts });
  await finishedReply(world, second.channel, second.ts, 2);
  expect(lastTurns(world).slice(0, 2)).toEqual([before, question]);
});

it('a direct message that was deleted is not given along', async () => {
  const world = await startWorld();
  const first = world.slack.dm(ana, 'My secret number is 7.');
  await finishedReply(world, first.channel, first.ts);
  world.slack.people.remove(ana, first.channel, first.ts);
  await world.slack.waitForDelivery(
    ({ payload, state }) => state === 'acked' && JSON.stringify(payload).includes('tombstone'),
  );
  const second = world.slack.dm(ana, 'What is it?');
  await finishedReply(world, second.channel, second.ts);
  expect(lastTurns(world)).toEqual(['user: What is it?']);
});

const linkTo = (channel: string, ts: string, threadTs?: string) =>
  `https://northwind.slack.com/archives/${channel}/p${ts.replace('.', '')}${
    threadTs === undefined ? '' : `?thread_ts=${threadTs}&cid=${channel}`
  }`;

it('a link to a Slack message is followed for those who may see it, and with its thread', async () => {
  const world = await startWorld();
  const root = world.slack.say(ben, 'C0ENGINEERING', 'Blue or green?');
  const answer = world.slack.say(ana, 'C0ENGINEERING', 'Green.', { threadTs: root.ts });

  const asked = world.slack.say(ana, general, `@skein sum up ${linkTo('C0ENGINEERING', root.ts)}`);
  await finishedReply(world, general, asked.ts);
  const [question] = lastTurns(world);
  expect(question).toContain(`sum up ${linkTo('C0ENGINEERING', root.ts)}`);
  expect(question).toContain('> Ben Okafor: Blue or green?\n>\n> Ana Ruiz: Green.');

  const reply = world.slack.say(
    ana,
    general,
    `@skein who said ${linkTo('C0ENGINEERING', answer.ts, root.ts)}`,
  );
  await finishedReply(world, general, reply.ts);
  expect(lastTurns(world)[0]).toContain('> Ana Ruiz: Green.');
  expect(lastTurns(world)[0]).not.toContain('Blue or green');

  // The next question in the thread gets the same words: they are what the model was given.
  world.slack.say(ana, general, '@skein thanks', { threadTs: asked.ts });
  await finishedReply(world, general, asked.ts, 2);
  expect(lastTurns(world)[0]).toBe(question);
});

it('a link stays a link for who is not in that channel, and private words stay in their channel', async () => {
  const world = await startWorld();
  const secret = world.slack.say(ana, 'C0LAUNCH', 'The launch is on May 4.');
  const link = linkTo('C0LAUNCH', secret.ts);

  const byChidi = world.slack.say('U0CHIDI', general, `@skein what is ${link}`);
  await finishedReply(world, general, byChidi.ts);
  expect(lastTurns(world)).toEqual([`user: [Chidi Park]: what is ${link}`]);

  const inPublic = world.slack.say(ana, general, `@skein what is ${link}`);
  await finishedReply(world, general, inPublic.ts);
  expect(lastTurns(world)).toEqual([`user: [Ana Ruiz]: what is ${link}`]);

  const direct = world.slack.dm(ana, `what is ${link}`);
  await finishedReply(world, direct.channel, direct.ts);
  expect(lastTurns(world).at(-1)).toContain('> Ana Ruiz: The launch is on May 4.');
});
