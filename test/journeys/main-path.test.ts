import { describe, expect, it } from 'vitest';
import { ana, ben, dictation, finishedReply, general, query, startWorld, turnsOf } from './world.ts';

describe.each(['socket', 'http'] as const)('over %s', (mode) => {
  it('a mention is answered in its thread, in one message that grows', async () => {
    const words = dictation();
    const world = await startWorld({ mode, script: () => ({ text: words.text }) });
    const { ts } = world.slack.say(ana, general, '@skein what is the answer?');
    const placeholder = await world.slack.waitForMessage(
      (message) => message.threadTs === ts && message.user === world.slack.botUser,
    );
    expect(placeholder.visible).toContain('Thinking…');
    words.say('Hello **Ana**, ');
    await world.slack.waitForMessage(
      (message) => message.ts === placeholder.ts && message.visible.includes('Hello'),
    );
    words.say('the answer is 42.');
    words.end();
    const reply = await finishedReply(world, general, ts);

    expect(reply.ts).toBe(placeholder.ts);
    expect(reply.visible).toContain('the answer is 42.');
    expect(world.slack.calls('chat.postMessage')).toHaveLength(1);
    expect(world.model.calls()).toHaveLength(1);
  });

  it('a question whose commit fails is not acknowledged, comes again, and is answered once', async () => {
    const world = await startWorld({
      mode,
      slack: { retrySchedule: [50, 300, 1000, 3000, 9000] },
      script: () => ({ text: 'Here I am.' }),
    });
    await query(world, 'alter table skein.seen rename to seen_away');
    const { ts } = world.slack.say(ana, general, '@skein are you there?');
    await world.slack.waitForDelivery(
      (delivery) =>
        delivery.attempts.length > 0 &&
        delivery.state !== 'acked' &&
        JSON.stringify(delivery.payload).includes('app_mention'),
    );
    await query(world, 'alter table skein.seen_away rename to seen');
    const reply = await finishedReply(world, general, ts);

    expect(reply.visible).toContain('Here I am.');
    expect(world.slack.calls('chat.postMessage')).toHaveLength(1);
  });
});

it('a direct message is answered in its own thread without a mention', async () => {
  const world = await startWorld({ script: (question) => ({ text: `You said: ${question}` }) });
  const { channel, ts } = world.slack.dm(ana, 'good morning');
  const reply = await finishedReply(world, channel, ts);
  expect(reply.visible).toContain('You said: good morning');
});

it('the whole history of the thread goes to the model, with the speakers named', async () => {
  const world = await startWorld({
    script: (_question, request) => ({ text: `Answer ${request.turns.length}` }),
  });
  const { ts } = world.slack.say(ana, general, '@skein first question');
  await finishedReply(world, general, ts);
  world.slack.say(ben, general, '@skein *second* question', { threadTs: ts });
  await finishedReply(world, general, ts, 2);

  const last = world.model.calls().at(-1)?.body;
  expect(turnsOf(last)).toEqual([
    'user: [Ana Ruiz]: first question',
    'assistant: Answer 1',
    'user: [Ben Okafor]: **second** question',
  ]);
});

it('a restarted bot remembers the thread', async () => {
  const world = await startWorld({
    script: (_question, request) => ({ text: `Turn ${request.turns.length}` }),
  });
  const { channel, ts } = world.slack.dm(ana, 'my name is Ana');
  await finishedReply(world, channel, ts);
  await world.restart();
  world.slack.dm(ana, 'what is my name?', { threadTs: ts });
  const reply = await finishedReply(world, channel, ts, 2);

  expect(reply.visible).toContain('Turn 3');
  expect(turnsOf(world.model.calls().at(-1)?.body)[0]).toBe('user: my name is Ana');
});

it('a bot that is mentioned in a thread it was not part of reads it once', async () => {
  const world = await startWorld({ script: () => ({ text: 'I read it.' }) });
  const { ts } = world.slack.say(ana, general, 'the deploy is *broken*');
  world.slack.say(ben, general, 'since noon', { threadTs: ts });
  world.slack.say(ana, general, '@skein what happened?', { threadTs: ts });
  await finishedReply(world, general, ts);
  world.slack.say(ana, general, '@skein and now?', { threadTs: ts });
  await finishedReply(world, general, ts, 2);

  expect(turnsOf(world.model.calls()[0]?.body)).toEqual([
    'user: [Ana Ruiz]: the deploy is **broken**',
    'user: [Ben Okafor]: since noon',
    'user: [Ana Ruiz]: what happened?',
  ]);
  expect(world.slack.calls('conversations.replies')).toHaveLength(1);
});

it('every call to the model is in the ledger with the tokens and the price that the provider counted', async () => {
  const world = await startWorld({ script: () => ({ text: 'Some words that cost something.' }) });
  const { ts } = world.slack.say(ana, general, '@skein one');
  await finishedReply(world, general, ts);
  const billed = world.model.calls()[0]?.billed;
  const rows = () => query(world, 'select * from skein.usage');
  await expect.poll(rows).toHaveLength(1);
  expect((await rows())[0]).toMatchObject({
    team: world.slack.team,
    channel: general,
    person: ana,
    model: 'claude-sonnet-4-6',
    input_tokens: billed?.input_tokens,
    output_tokens: billed?.output_tokens,
    estimated: false,
    cost_nano: String((billed?.input_tokens ?? 0) * 3000 + (billed?.output_tokens ?? 0) * 15_000),
  });
});

it('the footer tells model, tokens, cost and seconds', async () => {
  const world = await startWorld({ env: { DEFAULT_FOOTER: 'on' }, script: () => ({ text: 'Short.' }) });
  const { ts } = world.slack.say(ana, general, '@skein one');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toMatch(/claude-sonnet-4-6 · [\d,]+ in, \d+ out · \$0\.\d+ · \d+\.\d s/);
});
