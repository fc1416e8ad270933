import { expect, it } from 'vitest';
import { ana, ben, dictation, finishedReply, general, query, set, startWorld } from './world.ts';

it('the next question is answered with what was just set, from each scope what belongs to it', async () => {
  const world = await startWorld({ script: () => ({ text: 'Done.' }) });
  await set(world, ['workspace', world.slack.team], ['instructions', 'Answer in French.']);
  await set(world, ['channel', general], ['instructions', 'Be brief.']);
  await set(world, ['person', ana], ['instructions', 'I am a doctor.']);
  await set(world, ['channel', general], ['model', 'claude-opus-5-5']);
  await set(world, ['person', ana], ['model', 'claude-haiku-5-5']);
  await set(world, ['person', ana], ['effort', 'low']);
  const { ts } = world.slack.say(ana, general, '@skein hello');
  await finishedReply(world, general, ts);
  const direct = world.slack.dm(ana, 'hello');
  await finishedReply(world, direct.channel, direct.ts);

  const [inChannel, inPerson] = world.model.calls().map(({ body }) => body);
  expect(inChannel).toMatchObject({ model: 'claude-opus-5-5', output_config: { effort: 'low' } });
  const system = JSON.stringify(inChannel?.['system']);
  const places = ['Answer in French.', 'Be brief.', 'I am a doctor.'].map((text) => system.indexOf(text));
  expect(places.every((place) => place > 0)).toBe(true);
  expect([...places].sort((a, b) => a - b)).toEqual(places);
  expect(inPerson).toMatchObject({ model: 'claude-haiku-5-5' });
  expect(JSON.stringify(inPerson?.['system'])).not.toContain('Be brief.');
});

it('a thread follows the follow-up setting of its channel at once', async () => {
  const world = await startWorld({ script: (question) => ({ text: `You said ${question}` }) });
  const { ts } = world.slack.say(ana, general, '@skein one');
  await finishedReply(world, general, ts);
  await set(world, ['channel', general], ['follow_ups', 'mention']);
  world.slack.say(ana, general, 'not for you', { threadTs: ts });
  world.slack.say(ana, general, '@skein two', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  expect(world.slack.thread(general, ts).filter(({ user }) => user === world.slack.botUser)).toHaveLength(2);
});

it('a budget that is used up ends the reply with a line that says which, until when and who', async () => {
  const world = await startWorld({ script: () => ({ text: 'Some words that cost something.' }) });
  const { ts } = world.slack.say(ana, general, '@skein one');
  expect((await finishedReply(world, general, ts)).visible).toContain('Some words');
  await set(world, ['person', ana], ['budget_day', '$0.000001']);
  const { ts: second } = world.slack.say(ana, general, '@skein two');
  const told = await finishedReply(world, general, second);
  expect(told.visible).toContain(
    'What is left of the budget that you have for this day is not enough for an answer.',
  );
  expect(told.visible).toContain('midnight');
  expect(told.visible).toContain('BUDGET_PERSON_DAY');
  expect(world.model.calls()).toHaveLength(1);

  const { ts: other } = world.slack.say(ben, general, '@skein me too');
  expect((await finishedReply(world, general, other)).visible).toContain('Some words');
  await set(world, ['person', ana], ['budget_day', '$5.00']);
  await world.slack.click(ana, { channel: general, ts: told.ts, actionId: 'reply_retry' });
  const done = await world.slack.waitForMessage(
    (message) => message.ts === told.ts && message.visible.includes('Some words'),
  );
  expect(done.visible).not.toContain('BUDGET');
});

it('the asker of a long answer gets one ping with a link, others none', async () => {
  const words = dictation();
  const world = await startWorld({ script: () => ({ text: words.text }) });
  await set(world, ['person', ana], ['ping_after', '1 s']);
  const { ts } = world.slack.say(ana, general, '@skein take your time');
  await world.slack.waitForMessage((message) => message.threadTs === ts);
  await query(world, "update skein.replies set created_at = created_at - interval '5 seconds'");
  await world.restart();
  words.say('Here it is.');
  words.end();
  const ping = await world.slack.waitForMessage(
    (message) => message.text.includes(`<@${ana}>`) && message.threadTs === ts,
  );
  expect(ping.text).toMatch(/^<@U0ANA> <https:.*\|Your answer> is ready\.$/);
  const { ts: quick } = world.slack.say(ben, general, '@skein quick');
  await finishedReply(world, general, quick);
  expect(world.slack.thread(general, quick)).toHaveLength(2);
  expect(world.slack.calls('chat.getPermalink')).toHaveLength(1);
});
