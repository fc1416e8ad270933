import { expect, it } from 'vitest';
import { channel, northwind } from '../../playground/slack/seed.ts';
import { ana, ben, finishedReply, startWorld, type World } from './world.ts';

const lab = 'C0LAB';
const withLab = {
  ...northwind,
  channels: [...northwind.channels, channel(lab, 'lab', 'public', [ana, ben])],
};

const greetings = (world: World) =>
  world.slack
    .messages(lab)
    .filter(({ user, visible }) => user === world.slack.botUser && visible.includes('Hello!'));

it('a channel that the bot is added to is greeted once, however often it is told, and also when it comes back', async () => {
  const world = await startWorld({ slack: { seed: withLab }, script: () => ({ text: 'unused' }) });
  world.slack.disturb({ times: 1, copies: 3 });
  world.slack.people.invite(world.slack.botUser, lab, ana);
  await world.slack.waitForMessage(({ visible }) =>
    visible.includes('Mention me together with your question'),
  );
  world.slack.people.kick(world.slack.botUser, lab);
  world.slack.people.invite(world.slack.botUser, lab, ben);
  world.slack.say(ana, lab, '@skein are you back?');
  await world.slack.waitForMessage(({ visible }) => visible.includes('unused'));
  expect(greetings(world)).toHaveLength(1);
});

it('a greeting whose outcome was unclear is looked for before it is said again', async () => {
  const world = await startWorld({ slack: { seed: withLab }, script: () => ({ text: 'unused' }) });
  world.slack.faults.add({
    method: 'chat.postMessage',
    fault: { kind: 'status', status: 500, when: 'after' },
  });
  world.slack.people.invite(world.slack.botUser, lab, ana);
  await world.slack.waitForCall(({ method, ok }) => method === 'conversations.history' && ok);
  world.slack.say(ana, lab, '@skein hello');
  await world.slack.waitForMessage(({ visible }) => visible.includes('unused'));
  expect(greetings(world)).toHaveLength(1);
});

it('somebody else who joins is not greeted', async () => {
  const world = await startWorld({ script: () => ({ text: 'unused' }) });
  world.slack.people.invite('U0DANA', 'C0GENERAL', ana);
  const { channel: dm, ts } = world.slack.dm(ana, 'hi there');
  await finishedReply(world, dm, ts);
  await expect.poll(() => world.slack.calls('chat.postMessage')).toHaveLength(1);
});

it('who opens the messages of the app is offered prompts', async () => {
  const world = await startWorld({ script: () => ({ text: 'unused' }) });
  // The pane for agents is optional in the manifest, and so is its scope.
  world.slack.grant('assistant:write');
  const { channel: dm, ts } = world.slack.dm(ana, 'hi there');
  await finishedReply(world, dm, ts);
  world.slack.interactions.openHome(ana, 'messages');
  await world.slack.waitForCall(({ method, ok }) => method === 'assistant.threads.setSuggestedPrompts' && ok);
  expect(world.slack.threads.prompts.get(dm)).toHaveLength(4);
});

it('a conversation gets its first question as title, once, and none where Slack has no titles', async () => {
  const world = await startWorld({ script: () => ({ text: 'An answer.' }) });
  world.slack.grant('assistant:write');
  const { channel: dm, ts } = world.slack.dm(ana, 'What *is* this?');
  await world.slack.waitForCall(({ method, ok }) => method === 'assistant.threads.setTitle' && ok);
  expect([...world.slack.threads.titles.values()]).toEqual(['What is this?']);
  world.slack.dm(ana, 'And that?', { threadTs: ts });
  await finishedReply(world, dm, ts, 2);
  expect(world.slack.calls('assistant.threads.setTitle')).toHaveLength(1);

  const plain = await startWorld({ script: () => ({ text: 'An answer.' }) });
  plain.slack.faults.add({
    method: 'assistant.threads.setTitle',
    fault: { kind: 'error', error: 'missing_scope' },
    times: 5,
  });
  for (const text of ['one', 'two', 'three']) {
    const asked = plain.slack.dm(ana, text);
    await finishedReply(plain, asked.channel, asked.ts);
  }
  expect(plain.slack.calls('assistant.threads.setTitle').length).toBeLessThanOrEqual(2);
});
