import { expect } from 'vitest';
import { CALL_LINES } from '../../src/words/tools-cards.ts';
import {
  answered,
  call,
  callsAre,
  cardWith,
  inThread,
  lastGiven,
  press,
  rests,
  rounds,
  says,
  startCards,
} from './cards.ts';
import { it } from './carriers.ts';
import { skein } from './slash.ts';
import { given } from './tool-server.ts';
import { ana, ben, general, query, set, type World } from './world.ts';

const CREATE = rounds([call('toolu_1', 'create', { title: 'Fire' })], [{ text: 'It is over.' }]);
const chidi = 'U0CHIDI';

/** A private line of the bot to somebody. */
const whispered = (world: World, user: string, words: string) =>
  world.slack.waitForMessage(
    ({ ephemeralFor, visible }) => ephemeralFor === user && visible.includes(words),
    { timeoutMs: 30_000 },
  );

const deeds = async (world: World) =>
  (
    await query<{ what: string; person: string | null; tool: string }>(
      world,
      `select what, person, tool from skein.deeds where tool is not null order by id`,
    )
  ).map(({ what, person, tool }) => `${what} ${person} ${tool}`);

it('a card asks, the tool runs once when its asker approves, and the card is one line then', async (mode) => {
  const { world, server } = await startCards({ mode, script: CREATE });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  expect(card.visible).toContain('Claude wants to use Create a ticket of tracker');
  expect(card.visible).toContain('title: Fire');
  expect(card.visible).toContain('With the account of the workspace');
  expect(JSON.stringify(card.blocks)).toContain(`"user_id":"${ana}"`);
  expect(server.calls).toEqual([]);
  await rests(world);
  const ack = await press(world, ana, card, 'approve');
  expect(ack.acked).toBe(true);
  await answered(world, ts, 'It is over.');
  expect(server.calls).toHaveLength(1);
  const after = await says(world, card, 'done');
  expect(after.visible).toContain('approved by');
  expect(JSON.stringify(after.blocks)).not.toContain('"button"');
  expect(after.blocks).toHaveLength(1);
  expect(await deeds(world)).toEqual([
    `tool_approved ${ana} tracker/create`,
    `tool_called ${ana} tracker/create`,
  ]);
  expect((await skein(world, ana, general, 'log')).visible).toContain('approved a call of tracker/create');
});

it('what was denied never runs, and the model is told', async (mode) => {
  const { world, server } = await startCards({ mode, script: CREATE });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'deny', inThread(ts));
  await press(world, ana, card, 'deny');
  await answered(world, ts, 'It is over.');
  expect((await says(world, card, 'denied by')).visible).not.toContain('Fire');
  expect(server.calls).toEqual([]);
  expect(lastGiven(world)).toContain('said no');
  await callsAre(world, ['denied']);
});

it('somebody else gets a private word, and the card stays for who may', async (mode) => {
  const { world, server } = await startCards({ mode, script: CREATE });
  await set(world, ['workspace', world.slack.team], ['channel_changes', 'admins'], ana);
  const { ts } = world.slack.say(ben, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  await press(world, chidi, card, 'approve');
  await whispered(world, chidi, CALL_LINES.notManager);
  await press(world, ana, card, 'always');
  await whispered(world, ana, CALL_LINES.onlyAsker);
  await callsAre(world, ['proposed']);
  expect(server.calls).toEqual([]);
  expect(await query(world, 'select 1 from skein.tool_grants')).toEqual([]);
  // An admin may change the channel's settings, and the account is the workspace's.
  await press(world, ana, card, 'approve');
  await answered(world, ts, 'It is over.');
  expect(server.calls).toEqual([expect.objectContaining({ person: ben })]);
});

it('two who press at once decide once, and nothing is done twice', async (mode) => {
  const { world, server } = await startCards({ mode, script: CREATE });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  await Promise.all([
    press(world, ana, card, 'approve'),
    press(world, ana, card, 'approve'),
    press(world, ana, card, 'deny'),
    press(world, ben, card, 'approve'),
  ]);
  await answered(world, ts, 'It is over.');
  const [row] = await query<{ state: string }>(world, 'select state from skein.tool_calls');
  expect(server.calls).toHaveLength(row?.state === 'done' ? 1 : 0);
  expect(['done', 'denied']).toContain(row?.state);
  const decided = (await deeds(world)).filter((deed) => /approved|denied/.test(deed));
  expect(decided).toHaveLength(1);
});

it('hostile arguments ping nobody, hide nothing and can be read as a whole', async (mode) => {
  const long = `<!channel> <https://evil.example|click> ${'x'.repeat(400)}\nrecipient: nobody\u202e`;
  const { world } = await startCards({
    mode,
    script: rounds([call('toolu_1', 'create', { title: long })], [{ text: 'It is over.' }]),
  });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'show', inThread(ts));
  expect(card.visible).toContain('x…');
  expect(card.visible).not.toContain('\nrecipient');
  expect(JSON.stringify(card.blocks)).not.toContain('<!channel>');
  expect(JSON.stringify(card.blocks)).not.toContain('"link"');
  await rests(world);
  await press(world, ana, card, 'show');
  const view = await world.slack.waitForView(({ content }) =>
    JSON.stringify(content).includes('recipient: nobody\ufffd'),
  );
  expect(JSON.stringify(view.content)).not.toContain('mrkdwn');
  await press(world, ana, card, 'deny');
  await answered(world, ts, 'It is over.');
});

it('Stop while a call waits ends it, and its card says so', async (mode) => {
  const { world, server } = await startCards({ mode, script: CREATE });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  const reply = await world.slack.waitForMessage(
    ({ threadTs, blocks }) => threadTs === ts && JSON.stringify(blocks).includes('"reply_stop"'),
  );
  await world.slack.click(ana, { channel: general, ts: reply.ts, actionId: 'reply_stop' });
  await says(world, card, 'not done');
  await callsAre(world, ['expired']);
  expect(server.calls).toEqual([]);
});

it('an edit of the question ends the call that was asked for before it', async (mode) => {
  const { world, server } = await startCards({
    mode,
    script: (question, request) =>
      question.includes('something else')
        ? { text: 'Another answer.' }
        : (CREATE(question, request) ?? { text: '' }),
  });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  world.slack.people.edit(ana, general, ts, '@skein something else');
  await answered(world, ts, 'Another answer.');
  await says(world, card, 'not done');
  await callsAre(world, ['expired']);
  expect(server.calls).toEqual([]);
});

it('a card that somebody deleted counts as a no', async (mode) => {
  const { world, server } = await startCards({ mode, script: CREATE });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  world.slack.people.remove(ana, general, card.ts);
  await answered(world, ts, 'It is over.');
  await callsAre(world, ['denied']);
  expect(lastGiven(world)).toContain('Nobody could be asked');
  expect(server.calls).toEqual([]);
});

it('a press after a day decides nothing any more, and the card says so', async (mode) => {
  const { world, server } = await startCards({ mode, script: CREATE });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  await query(world, `update skein.tool_calls set created_at = now() - interval '25 hours'`);
  await query(world, `update skein.replies set begun_at = now() - interval '26 hours'`);
  await press(world, ana, card, 'approve');
  await whispered(world, ana, CALL_LINES.over);
  await answered(world, ts, 'It is over.');
  await says(world, card, 'nobody decided');
  expect(server.calls).toEqual([]);
});

it('a tool that may not be used any more ends with the press', async (mode) => {
  const { world, server } = await startCards({ mode, script: CREATE });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  await set(world, ['workspace', world.slack.team], ['tools', 'none'], ben);
  await press(world, ana, card, 'approve');
  await whispered(world, ana, CALL_LINES.notAllowed);
  await says(world, card, 'may not be used here any more');
  await callsAre(world, ['expired']);
  expect(server.calls).toEqual([]);
});

it('Always for this thread: the next call runs unasked, and Ask again takes it back', async (mode) => {
  let id = 0;
  const { world, server } = await startCards({
    mode,
    script: (question, request) =>
      rounds(
        [call(`toolu_${++id}`, 'create', { title: 'Fire' })],
        [{ text: `Over with ${question.slice(-5)}` }],
      )(question, request),
  });
  const { ts } = world.slack.say(ana, general, '@skein file first');
  const card = await cardWith(world, 'always', inThread(ts));
  await press(world, ana, card, 'always');
  const after = await says(world, card, 'not asked again in this thread');
  await answered(world, ts, 'Over with');
  world.slack.say(ana, general, '@skein file other', { threadTs: ts });
  await callsAre(world, ['done', 'done']);
  expect(server.calls).toHaveLength(2);
  // It holds for questions of the one who said it alone.
  world.slack.say(ben, general, '@skein file his', { threadTs: ts });
  await callsAre(world, ['done', 'done', 'proposed']);
  const his = await cardWith(world, 'deny', inThread(ts));
  await press(world, ben, his, 'deny');
  await callsAre(world, ['done', 'done', 'denied']);
  await press(world, ana, after, 'ask_again');
  await whispered(world, ana, CALL_LINES.asksAgain);
  await expect.poll(() => query(world, 'select 1 from skein.tool_grants')).toEqual([]);
  world.slack.say(ana, general, '@skein file third', { threadTs: ts });
  await callsAre(world, ['done', 'done', 'denied', 'proposed']);
  expect(server.calls).toHaveLength(2);
  expect(await deeds(world)).toContain(`tool_granted ${ana} tracker/create`);
});

const MAIL = rounds([call('toolu_1', 'mail', {})], [{ text: 'I have read it.' }]);

it('what a personal account gives is shown to its owner first, and used when they share it', async (mode) => {
  const { world, server } = await startCards({ mode, script: MAIL });
  server.on('mail', () => given('A secret mail'));
  const { ts } = world.slack.say(ana, general, '@skein what is in my mail?');
  const card = await cardWith(world, 'share', ({ visible }) => visible.includes('A secret mail'));
  expect(card.channel).toMatch(/^D/);
  await rests(world);
  expect(world.model.calls()).toHaveLength(1);
  await press(world, ana, card, 'share');
  await answered(world, ts, 'I have read it.');
  expect(lastGiven(world)).toContain('A secret mail');
  expect((await says(world, card, 'shared with the thread')).visible).not.toContain('secret');
});

it('what its owner keeps is not given to the model', async (mode) => {
  const { world, server } = await startCards({ mode, script: MAIL });
  server.on('mail', () => given('A secret mail'));
  const { ts } = world.slack.say(ana, general, '@skein what is in my mail?');
  const card = await cardWith(world, 'keep', ({ visible }) => visible.includes('A secret mail'));
  await press(world, ana, card, 'keep');
  await answered(world, ts, 'I have read it.');
  expect(lastGiven(world)).not.toContain('secret');
  expect(lastGiven(world)).toContain('did not let you use');
  expect(await query(world, 'select 1 from skein.tool_calls where result is not null')).toEqual([]);
});

it('in a direct message nobody is asked whether a result may be used', async (mode) => {
  const { world, server } = await startCards({ mode, script: MAIL });
  server.on('mail', () => given('A secret mail'));
  const { ts } = world.slack.dm(ana, 'what is in my mail?');
  await answered(world, ts, 'I have read it.');
  expect(lastGiven(world)).toContain('A secret mail');
  expect(await query(world, 'select 1 from skein.tool_calls where sharing is not null')).toEqual([]);
});

it('a restart while a call waits changes nothing: the card is pressed, and the tool runs once', async (mode) => {
  const { world, server } = await startCards({ mode, script: CREATE });
  const { ts } = world.slack.say(ana, general, '@skein file a ticket');
  const card = await cardWith(world, 'approve', inThread(ts));
  await rests(world);
  await world.restart();
  await press(world, ana, card, 'approve');
  await answered(world, ts, 'It is over.');
  await says(world, card, 'done');
  expect(server.calls).toHaveLength(1);
  const cards = world.slack.thread(general, ts).filter(({ visible }) => visible.includes('Create a ticket'));
  expect(cards).toHaveLength(1);
});
