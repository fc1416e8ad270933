import { describe, expect, it } from 'vitest';
import { northwind } from '../../playground/slack/seed.ts';
import { skein, startCalmWorld } from './slash.ts';
import { ana, ben, dictation, finishedReply, general, query, type World } from './world.ts';

async function words(world: World): Promise<string> {
  const rows = await query(
    world,
    `select coalesce(text, '') || coalesce(raw, '') || coalesce(blocks, '') as words from skein.messages
     union all select log from skein.replies union all select text from skein.instructions`,
  );
  return JSON.stringify(rows);
}

it('a question by command is posted for all to see and answered in its thread, without pinging anybody', async () => {
  const world = await startCalmWorld({ script: (question) => ({ text: `Re: ${question}` }) });
  await world.slack.slash(ben, general, '/skein', 'ask why <!channel> and <@U0ANA|ana>?');
  const root = await world.slack.waitForMessage(({ text }) => text.startsWith(`<@${ben}> asks:`));
  expect(root.text).toBe(`<@${ben}> asks:\n>why @channel and @ana?`);
  const reply = await finishedReply(world, general, root.ts);
  expect(reply.visible).toContain('Re:');
  expect(world.model.calls()).toHaveLength(1);
  world.slack.say(ben, general, 'and then?', { threadTs: root.ts });
  expect((await finishedReply(world, general, root.ts, 2)).visible).toContain('and then?');
});

it('a question by command where the bot is not, or without words, is told in private', async () => {
  const world = await startCalmWorld();
  const empty = await skein(world, ben, general, 'ask');
  expect(empty.visible).toContain('Say what you want to ask.');
  world.slack.faults.add({ method: 'chat.postMessage', fault: { kind: 'error', error: 'not_in_channel' } });
  const outside = await skein(world, ben, general, 'ask hello?');
  expect(outside).toMatchObject({ ephemeralFor: ben });
  expect(outside.visible).toContain('I am not in this channel.');
});

it('the context of a conversation is told in numbers, for the place it is asked in', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'An answer.' }) });
  const none = await skein(world, ben, general, 'context');
  expect(none.visible).toContain('There is no conversation with me here yet.');
  const { ts } = world.slack.say(ana, general, '@skein one');
  await finishedReply(world, general, ts);
  world.slack.say(ben, general, '@skein two', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  const told = await skein(world, ben, general, 'context');
  expect(told.visible).toMatch(/2 messages of 2 people and 2 answers/);
  expect(told.visible).toMatch(/The last answer was given \d+ tokens/);
  expect(told.visible).toMatch(/1,000,000 tokens/);
});

it('an export comes as a file in the asker’s direct messages, with who said what', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'The answer is 42.' }) });
  const { ts } = world.slack.say(ana, general, '@skein what is it?');
  await finishedReply(world, general, ts);
  const receipt = await skein(world, ben, general, 'export');
  expect(receipt.visible).toContain('I sent you 1 conversation as a file');
  const sent = await world.slack.waitForMessage(
    ({ channel, files }) => channel === 'D0BEN' && files.length > 0,
  );
  const file = world.slack.workspace.files.get(sent.files[0] ?? '');
  const content = JSON.parse(Buffer.from(file?.base64 ?? '', 'base64').toString());
  expect(content).toMatchObject({
    channel: general,
    conversations: [
      {
        thread_ts: ts,
        messages: [
          { role: 'user', speaker: 'Ana Ruiz', text: 'what is it?' },
          { role: 'assistant', text: 'The answer is 42.' },
        ],
      },
    ],
  });
});

it('usage as CSV comes as a file to who asked, with names, and runs nothing in a spreadsheet', async () => {
  const people = northwind.people.map((one) => (one.id === ben ? { ...one, displayName: '=cmdcalc' } : one));
  const world = await startCalmWorld({ slack: { seed: { ...northwind, people } } });
  await finishedReply(world, general, world.slack.say(ben, general, '@skein one').ts);
  await finishedReply(world, general, world.slack.say(ana, general, '@skein two').ts);
  const receipt = await skein(world, ben, general, 'usage csv channel');
  expect(receipt.visible).toContain('I sent you 2 lines as a CSV file');
  const sent = await world.slack.waitForMessage(
    ({ channel, files }) => channel === 'D0BEN' && files.length > 0,
  );
  const file = world.slack.workspace.files.get(sent.files[0] ?? '');
  expect(file?.name).toMatch(/^skein-usage-channel-\d{4}-\d\d-01-\d{4}-\d\d-\d\d\.csv$/);
  const lines = Buffer.from(file?.base64 ?? '', 'base64')
    .toString()
    .trim()
    .split('\r\n');
  expect(lines[0]).toContain('Day (UTC),Person id,Person,Channel id,Channel,Model,Answers');
  expect(lines).toHaveLength(3);
  const his = lines.find((line) => line.includes(ben)) ?? '';
  expect(his).toMatch(/^\d{4}-\d\d-\d\d,U0BEN,'=cmdcalc,C0GENERAL,general,claude-sonnet-4-6,1,1,\d+,/);
  // A member learns nothing of the workspace by it.
  expect((await skein(world, ben, general, 'usage workspace csv')).visible).not.toContain('I sent you');
  expect((await skein(world, ben, general, 'usage csv --public')).visible).toContain('for you only');
});

it('a file of which Slack does not say whether it came is looked for, and comes once', async () => {
  const world = await startCalmWorld();
  await finishedReply(world, general, world.slack.say(ben, general, '@skein one').ts);
  world.slack.faults.add({ method: 'files.completeUploadExternal', fault: { kind: 'drop', when: 'after' } });
  const receipt = await skein(world, ben, general, 'usage csv');
  expect(receipt.visible).toContain('I sent you 1 line');
  expect(world.slack.messages('D0BEN').filter(({ files }) => files.length > 0)).toHaveLength(1);
  expect(world.slack.calls('files.completeUploadExternal')).toHaveLength(1);
});

describe.each(['socket', 'http'] as const)('over %s', (mode) => {
  it('forget asks back, deletes one’s own words and their answers, and gives a receipt', async () => {
    const world = await startCalmWorld({ mode, script: (question) => ({ text: `About ${question}` }) });
    const { ts } = world.slack.say(ana, general, '@skein the secret');
    await finishedReply(world, general, ts);
    world.slack.say(ben, general, '@skein the weather', { threadTs: ts });
    await finishedReply(world, general, ts, 2);

    const asked = await skein(world, ana, general, 'forget');
    expect(asked.visible).toContain('Forget 1 message of yours and 1 answer to them here?');
    expect(await words(world)).toContain('the secret');
    await world.slack.click(ana, { channel: general, ts: asked.ts, actionId: 'command_forget' });
    const receipt = await world.slack.waitForMessage(
      (message) => message.ts === asked.ts && message.visible.includes('Forgotten'),
    );
    expect(receipt.visible).toMatch(
      /Forgotten: 1 message of yours and 1 answer to them here, \d{4}-\d\d-\d\d/,
    );
    expect(JSON.stringify(receipt.blocks)).not.toContain('command_forget');
    const left = await words(world);
    expect(left).not.toContain('secret');
    expect(left).toContain('the weather');
    expect(await query(world, 'select 1 from skein.usage')).toHaveLength(2);

    world.slack.say(ben, general, '@skein and now?', { threadTs: ts });
    await finishedReply(world, general, ts, 3);
    expect(JSON.stringify(world.model.calls().at(-1)?.body)).not.toContain('secret');
  });
});

it('whoever keeps everything keeps it, and a button that was tampered with takes nothing of others', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'Kept.' }) });
  const { ts } = world.slack.say(ana, general, '@skein mine');
  await finishedReply(world, general, ts);
  const asked = await skein(world, ana, general, 'forget everything');
  await world.slack.click(ana, { channel: general, ts: asked.ts, actionId: 'command_keep' });
  await world.slack.waitForMessage(({ visible }) => visible.includes('Everything is kept.'));
  expect(await words(world)).toContain('mine');

  const { ts: other } = world.slack.say(ben, general, '@skein his');
  await finishedReply(world, general, other);
  const again = await skein(world, ben, general, 'forget');
  const value = JSON.stringify([null, null]);
  await world.slack.click(ben, { channel: general, ts: again.ts, actionId: 'command_forget', value });
  await world.slack.waitForMessage(({ visible }) => visible.includes('Forgotten'));
  const left = await words(world);
  expect(left).toContain('mine');
  expect(left).not.toContain('his');
});

it('a question that is being answered is stopped by forget, and forgotten when it is over', async () => {
  const dictated = dictation();
  const world = await startCalmWorld({ script: () => ({ text: dictated.text }) });
  const { ts } = world.slack.say(ana, general, '@skein long');
  await world.model.waitForCall();
  dictated.say('First words ');
  await world.slack.waitForMessage(({ visible }) => visible.includes('First words'));
  const asked = await skein(world, ana, general, 'forget');
  await world.slack.click(ana, { channel: general, ts: asked.ts, actionId: 'command_forget' });
  const receipt = await world.slack.waitForMessage(({ visible }) => visible.includes('Forgotten'));
  expect(receipt.visible).toContain('I stopped 1 answer still being written');
  expect((await finishedReply(world, general, ts)).visible).toContain('Stopped by Ana Ruiz.');
});

it('in a thread the commands are said by mention and answered to the asker alone, in that thread', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'An answer.' }) });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  await finishedReply(world, general, ts);
  const answered = new Set<string>();
  for (const [said, expected] of [
    ['help', 'Mention me in a channel'],
    ['usage today', 'Usage today'],
    ['context', 'this thread'],
    ['settings', 'What holds in this channel'],
    ['forget', 'in this thread?'],
  ] as const) {
    world.slack.say(ana, general, `@skein ${said}`, { threadTs: ts });
    const answer = await world.slack.waitForMessage(
      (message) =>
        message.ephemeralFor === ana && message.visible.includes(expected) && !answered.has(message.ts),
    );
    answered.add(answer.ts);
    expect(answer.threadTs, said).toBe(ts);
  }
  // A call is in the books a moment after its effect.
  await expect.poll(() => world.slack.calls('chat.postEphemeral').length).toBe(5);
  expect(world.model.calls()).toHaveLength(1);
});

it('in a direct message a command is answered as a message, and what only begins like one goes to Claude', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'From Claude.' }) });
  const { channel, ts } = world.slack.dm(ana, '@skein help');
  const answer = await world.slack.waitForMessage((message) => message.threadTs === ts);
  expect(answer).toMatchObject({ channel, ephemeralFor: null });
  expect(answer.visible).toContain('/skein settings');
  const question = world.slack.dm(ana, 'help me with this');
  expect((await finishedReply(world, question.channel, question.ts)).visible).toContain('From Claude.');
});

it('an answer by mention whose blocks Slack refuses comes in simpler ones', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'An answer.' }) });
  const { ts } = world.slack.say(ana, general, '@skein hello');
  await finishedReply(world, general, ts);
  world.slack.faults.add({
    method: 'chat.postEphemeral',
    matches: ({ blocks }) => JSON.stringify(blocks).includes('markdown'),
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'error', error: 'invalid_blocks' },
  });
  world.slack.say(ana, general, '@skein help', { threadTs: ts });
  const answer = await world.slack.waitForMessage((message) => message.ephemeralFor === ana);
  expect(answer.visible).toContain('/skein settings');
  expect(answer.threadTs).toBe(ts);
});
