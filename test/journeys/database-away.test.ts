import { expect, it } from 'vitest';
import { ana, dictation, finishedReply, general, query, startWorld } from './world.ts';

it('a question asked while the database is away is answered as soon as it is back, once', async () => {
  const world = await startWorld({ script: () => ({ text: 'Back again.' }) });
  world.gate.shut();
  const { ts } = world.slack.say(ana, general, '@skein are you there?');
  await world.slack.waitForDelivery((delivery) => delivery.attempts.length > 0 && delivery.state !== 'acked');
  await world.gate.open();
  // Slack's own redelivery would come after a minute.
  const reply = await finishedReply(world, general, ts);

  expect(reply.visible.trim()).toBe('Back again.');
  expect(world.slack.calls('chat.postMessage')).toHaveLength(1);
});

it('a reply that is being written goes on while the database is away, and is stored when it is back', async () => {
  const words = dictation();
  const world = await startWorld({ script: () => ({ text: words.text }) });
  const { ts } = world.slack.say(ana, general, '@skein tell me');
  await world.model.waitForCall();
  words.say('The first part, ');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('first part'),
  );
  world.gate.shut();
  words.say('the second part, ');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('second part'),
  );
  words.say('and the end.');
  words.end();
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('and the end.'),
  );
  await world.gate.open();
  const reply = await finishedReply(world, general, ts);

  expect(reply.visible.trim()).toBe('The first part, the second part, and the end.');
  expect(world.model.calls()).toHaveLength(1);
  const rows = await query<{ state: string; log: string }>(world, 'select state, log from skein.replies');
  expect(rows[0]).toMatchObject({ log: 'The first part, the second part, and the end.' });
});

it('after an outage the thread goes on as if nothing had been', async () => {
  const world = await startWorld({ script: (question) => ({ text: `Re ${question}` }) });
  const { channel, ts } = world.slack.dm(ana, 'one');
  await finishedReply(world, channel, ts);
  world.gate.shut();
  await world.gate.open();
  world.slack.dm(ana, 'two', { threadTs: ts });
  const reply = await finishedReply(world, channel, ts, 2);
  expect(reply.visible).toContain('Re two');
});
