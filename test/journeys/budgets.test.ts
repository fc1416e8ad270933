import { expect, it } from 'vitest';
import { skein, startCalmWorld } from './slash.ts';
import { openSettings, save, textOf } from './views.ts';
import { ana, ben, dictation, finishedReply, general, query, set, startWorld, type World } from './world.ts';

const WORDS = 'Some words that cost something. '.repeat(40);

/** Nano-dollars of the whole ledger. */
async function spent(world: World): Promise<number> {
  const [row] = await query<{ sum: string }>(
    world,
    'select coalesce(sum(cost_nano), 0)::text as sum from skein.usage',
  );
  return Number(row?.sum);
}

it.each(['socket', 'http'] as const)(
  'twelve questions at once never spend more than the budget, and each is answered or told of it (%s)',
  async (mode) => {
    const world = await startWorld({
      mode,
      script: () => ({ text: WORDS, tokensPerSecond: 2000 }),
      // In a crowd the Stop button of a stream may stay, where no edit can be spared for it.
      env: { DEFAULT_STREAMING: 'edit' },
    });
    const second = await world.another();
    await set(world, ['workspace', world.slack.team], ['budget_day', '$0.05'], ben);
    // In many places, because posts of one channel come a second apart.
    const places = [
      'C0GENERAL',
      'C0ENGINEERING',
      'C0DESIGN',
      world.slack.people.openDm(ana, world.slack.botUser),
    ];
    const asked = Array.from({ length: 12 }, (_, at) => {
      const channel = places[at % places.length] ?? general;
      return { channel, ts: world.slack.say(ana, channel, `@skein question ${at}`).ts };
    });
    const replies = await Promise.all(asked.map(({ channel, ts }) => finishedReply(world, channel, ts)));
    const answered = replies.filter(({ visible }) => visible.includes('Some words'));
    const refused = replies.filter(({ visible }) => visible.includes('BUDGET_WORKSPACE_DAY'));
    // One may be both: it was cut where the budget ended.
    expect(answered.length + refused.length).toBeGreaterThanOrEqual(12);
    expect(refused.length).toBeGreaterThan(0);
    await expect.poll(() => query(world, 'select 1 from skein.reservations')).toHaveLength(0);
    const cost = await spent(world);
    expect(cost).toBeLessThanOrEqual(50_000_000);
    // Not refused for fear of what others might cost: what is left does not pay for an answer of 256 tokens.
    expect(cost).toBeGreaterThan(50_000_000 - 10_000_000);
    await second.stop(0);
  },
);

/** Ana's first answer holds what is left of the budget, and Ben's second question waits for it. */
async function startWaiting() {
  const words = dictation();
  const world = await startWorld({
    script: (question) =>
      question.includes('first') ? { text: words.text } : { text: 'The second answer.' },
  });
  await set(world, ['workspace', world.slack.team], ['budget_day', '$0.02'], ben);
  const { ts: first } = world.slack.say(ana, general, '@skein first');
  words.say('The first ');
  await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === first && visible.includes('The first'),
  );
  const { ts: second } = world.slack.say(ben, general, '@skein second');
  const waiting = await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === second && visible.includes('budget'),
  );
  return { world, words, first, second, waiting };
}

it('a question waits while another answer holds what is left, says so, and is answered after it', async () => {
  const { world, words, first, second, waiting } = await startWaiting();
  expect(waiting.visible).toContain('Other answers are using what is left of a budget; waiting for them…');
  expect(world.model.calls()).toHaveLength(1);
  words.say('answer.');
  words.end();
  expect((await finishedReply(world, general, first)).visible).toContain('The first answer.');
  const answer = await finishedReply(world, general, second);
  expect(answer.visible).toContain('The second answer.');
  expect(answer.visible).not.toContain('budget');
});

it('who waits goes on as soon as somebody raises the budget, without the answer that holds it being over', async () => {
  const { world, words, first, second } = await startWaiting();
  await set(world, ['workspace', world.slack.team], ['budget_day', '$5.00'], ben);
  expect((await finishedReply(world, general, second)).visible).toContain('The second answer.');
  words.end();
  await finishedReply(world, general, first);
});

it('a budget that is set while an answer is written holds for its next call', async () => {
  const words = dictation();
  const world = await startWorld({
    script: (question) =>
      question.includes('cut off')
        ? { text: 'and the rest.' }
        : { text: words.text, fault: { kind: 'reset', afterTokens: 20 } },
  });
  const { ts } = world.slack.say(ana, general, '@skein tell me');
  await world.model.waitForCall();
  await set(world, ['person', ana], ['budget_day', '$0.000001'], ben);
  words.say(WORDS);
  const told = await finishedReply(world, general, ts);
  expect(told.visible).toContain('BUDGET_PERSON_DAY');
  expect(world.model.calls()).toHaveLength(1);
});

it("the deployment's budget is told as its own, and as one that only whoever runs the bot can raise", async () => {
  const world = await startWorld({
    script: () => ({ text: 'Short.' }),
    env: { DEFAULT_BUDGET_DAY: '$0.001', ADMIN_USERS: ben },
  });
  const { ts } = world.slack.say(ana, general, '@skein a question');
  const told = await finishedReply(world, general, ts);
  expect(told.visible).toContain(
    'What is left of the budget that whoever runs me gave this workspace for this day',
  );
  expect(told.visible).toContain('Only whoever runs me can raise it. (BUDGET_DEPLOYMENT_DAY)');
  expect(told.visible).not.toContain('/skein budget');
  expect(JSON.stringify(told.blocks)).not.toContain('reply_raise');
  const direct = world.slack.people.openDm(ben, world.slack.botUser);
  const alert = await world.slack.waitForMessage(
    ({ channel, visible }) => channel === direct && visible.includes('The budget that the operator gave'),
  );
  expect(alert.visible).toContain('DEFAULT_BUDGET_DAY');
});

it.each(['socket', 'http'] as const)(
  'an admin raises the budget that refused a question, once however often it is pressed, and Try again answers it (%s)',
  async (mode) => {
    const world = await startCalmWorld({ mode, script: () => ({ text: 'Short.' }) });
    await set(world, ['channel', general], ['budget_day', '$0.000001'], ben);
    const { ts } = world.slack.say(ben, general, '@skein a question');
    const refused = await finishedReply(world, general, ts);
    expect(refused.visible).toContain('BUDGET_CHANNEL_DAY');
    const press = (user: string) =>
      world.slack.click(user, { channel: general, ts: refused.ts, actionId: 'reply_raise' });
    const told = (user: string, words: string) =>
      world.slack.waitForMessage(
        ({ ephemeralFor, visible }) => ephemeralFor === user && visible.includes(words),
      );
    await press(ben);
    await told(ben, 'Only admins');
    await Promise.all([press(ana), press(ana)]);
    await told(ana, 'The budget of this channel for a day is now $1.000001; it was $0.000001.');
    await told(ana, 'That budget was changed since.');
    expect(
      await query(
        world,
        "select to_value, by from skein.setting_changes where key = 'budget_day' order by id",
      ),
    ).toEqual([{ to_value: '$1.000001', by: ana }]);
    await world.slack.click(ben, { channel: general, ts: refused.ts, actionId: 'reply_retry' });
    await world.slack.waitForMessage(
      ({ threadTs, visible }) =>
        threadTs === ts && visible.includes('Short.') && !visible.includes('BUDGET_'),
    );
  },
);

it('a budget that has started anew since it refused a question is not raised', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'Short.' }) });
  await set(world, ['person', ben], ['budget_day', '$0.000001'], ana);
  const { ts } = world.slack.say(ben, general, '@skein a question');
  const refused = await finishedReply(world, general, ts);
  await query(world, "update skein.replies set answered_at = answered_at - interval '1 day'");
  await world.slack.click(ana, { channel: general, ts: refused.ts, actionId: 'reply_raise' });
  await world.slack.waitForMessage(
    ({ ephemeralFor, visible }) => ephemeralFor === ana && visible.includes('has started anew since'),
  );
  expect(await query(world, "select value from skein.settings where key = 'budget_day'")).toEqual([
    { value: '$0.000001' },
  ]);
});

it('an admin who switches alerts on hears of a channel’s budget that a member set; a member can not switch them on', async () => {
  const world = await startCalmWorld({ script: () => ({ text: 'Short.' }) });
  expect((await skein(world, ben, general, 'set budget_alerts on me')).visible).toContain('Only admins');
  const bens = await openSettings(world, ben);
  expect(textOf(bens)).not.toContain('Alerts about budgets');
  const anas = await openSettings(world, ana);
  await save(world, ana, anas, { budget_alerts: 'on' });
  await skein(world, ben, general, 'budget $0.000001 day channel');
  const { ts } = world.slack.say(ben, general, '@skein a question');
  expect((await finishedReply(world, general, ts)).visible).toContain('BUDGET_CHANNEL_DAY');
  const direct = world.slack.people.openDm(ana, world.slack.botUser);
  const alert = await world.slack.waitForMessage(
    ({ channel, visible }) => channel === direct && visible.includes('The budget of #general'),
  );
  expect(alert.visible).toContain('is used up');
});

it('somebody who waits for a budget can stop that', async () => {
  const { world, words, first, second, waiting } = await startWaiting();
  await world.slack.click(ben, { channel: general, ts: waiting.ts, actionId: 'reply_stop' });
  const stopped = await finishedReply(world, general, second);
  expect(stopped.visible).toContain('Stopped by');
  expect(world.model.calls()).toHaveLength(1);
  words.end();
  await finishedReply(world, general, first);
});

it('a budget with little left cuts an answer there, says why, and Try again goes on when it was raised', async () => {
  const world = await startWorld({
    script: (question) =>
      question.includes('cut off') ? { text: ' something. The end.' } : { text: WORDS.repeat(5) },
    env: { DEFAULT_MAX_TOKENS: '4000' },
  });
  await set(world, ['channel', general], ['budget_month', '$0.012'], ben);
  const { ts } = world.slack.say(ana, general, '@skein tell me much');
  const cut = await finishedReply(world, general, ts);
  expect(cut.visible).toContain('Some words');
  expect(cut.visible).toContain('BUDGET_CHANNEL_MONTH');
  expect(await spent(world)).toBeLessThanOrEqual(12_000_000);
  await set(world, ['channel', general], ['budget_month', '$5.00'], ben);
  await world.slack.click(ana, { channel: general, ts: cut.ts, actionId: 'reply_retry' });
  const whole = await world.slack.waitForMessage(
    ({ ts, visible }) => ts === cut.ts && visible.includes('The end.') && !visible.includes('BUDGET'),
  );
  expect(whole.visible.startsWith(cut.visible.slice(0, 200))).toBe(true);
});

it('an answer that another process goes on with pays for the rest only, and leaves nothing set aside', async () => {
  const words = dictation();
  const world = await startWorld({
    script: (question) =>
      question.includes('cut off') ? { text: 'tell you a story. The end.' } : { text: words.text },
  });
  await set(world, ['workspace', world.slack.team], ['budget_day', '$0.05'], ben);
  const { ts } = world.slack.say(ana, general, '@skein a story, please');
  words.say('Let me tell you a story. ');
  await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === ts && visible.includes('a story.'),
  );
  await expect.poll(() => query(world, 'select 1 from skein.reservations')).toHaveLength(1);
  await world.restart();
  const { visible } = await finishedReply(world, general, ts);
  expect(visible).toContain('Let me tell you a story. The end.');
  await expect.poll(() => query(world, 'select 1 from skein.reservations')).toHaveLength(0);
  await expect.poll(() => query(world, 'select 1 from skein.usage')).toHaveLength(2);
  expect(await spent(world)).toBeLessThanOrEqual(50_000_000);
});

it('at 80 per cent and when it is used up, whoever set the budget and the operator get a direct message, once each', async () => {
  const world = await startWorld({ script: () => ({ text: 'Short.' }), env: { ADMIN_USERS: ana } });
  await set(world, ['workspace', world.slack.team], ['budget_month', '$0.05'], ben);
  const ask = async (words: string) => {
    const { ts } = world.slack.say(ana, general, `@skein ${words}`);
    return (await finishedReply(world, general, ts)).visible;
  };
  const spend = (nano: number) =>
    query(world, 'update skein.usage set cost_nano = cost_nano + $1 where id = 1', [nano]);
  const told = async (words: string) => {
    for (const user of [ana, ben]) {
      const direct = world.slack.people.openDm(user, world.slack.botUser);
      await world.slack.waitForMessage(
        ({ channel, visible }) => channel === direct && visible.includes(words),
      );
    }
  };
  await ask('one');
  await spend(39_000_000);
  expect(await ask('two')).toContain('Short.');
  await told('The budget of this workspace for this month has been used to 8');
  await spend(5_000_000);
  expect(await ask('three')).toContain('BUDGET_WORKSPACE_MONTH');
  await told('is used up');
  expect(await ask('four')).toContain('BUDGET_WORKSPACE_MONTH');
  const alerts = () => query(world, 'select level from skein.budget_alerts order by level');
  await expect.poll(alerts).toEqual([{ level: 80 }, { level: 100 }]);
});
