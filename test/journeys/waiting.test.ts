import { expect, it } from 'vitest';
import type { ScriptedAnswer } from '../../playground/model/types.ts';
import { environment, run } from './program.ts';
import { skein, startCalmWorld } from './slash.ts';
import {
  ana,
  ben,
  dictation,
  finishedReply,
  general,
  query,
  set,
  type World,
  type WorldOptions,
} from './world.ts';

const NOTICE = 'Other answers are using what is left of a budget; waiting for them…';

interface Row {
  readonly waiting: string;
  readonly leased: string;
  readonly [column: string]: string;
}

/** How many replies wait with nobody working on them, and how many mailboxes somebody works on. */
async function atRest(world: World): Promise<{ waiting: number; leased: number }> {
  const [row] = await query<Row>(
    world,
    `select count(*) filter (where r.waits_for is not null and m.lease_owner is null) as waiting,
       count(*) filter (where m.lease_owner is not null) as leased
     from skein.mailboxes m left join skein.replies r on m.key = 'conversation:' || r.conversation
       and r.state in ('waiting', 'writing')`,
  );
  return { waiting: Number(row?.waiting), leased: Number(row?.leased) };
}

/** From here on nobody looks at what waits until somebody wakes it. */
async function sleepUntilWoken(world: World): Promise<void> {
  await query(
    world,
    `update skein.mailboxes set next_at = 'infinity'
     where lease_owner is null and pending > 0 and key in (
       select 'conversation:' || conversation from skein.replies where waits_for is not null)`,
  );
}

const FIRST =
  (text: AsyncIterable<string>) =>
  (question: string): ScriptedAnswer => {
    if (question.includes('cut off')) return { text: 'answer.' };
    return question.includes('first') ? { text } : { text: `The answer to ${question.slice(-20)}` };
  };

/** Ana's answer holds what is left of the budget of a channel, and Ben's question waits for it, at rest. */
async function startWaiting(options: WorldOptions = {}) {
  const words = dictation();
  const world = await startCalmWorld({ script: FIRST(words.text), ...options });
  await set(world, ['channel', general], ['budget_day', '$0.02'], ben);
  const { ts: first } = world.slack.say(ana, general, '@skein first');
  words.say('The first ');
  await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === first && visible.includes('The first'),
  );
  const { ts: second } = world.slack.say(ben, general, '@skein second');
  const waiting = await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === second && visible.includes(NOTICE),
  );
  await expect.poll(() => atRest(world)).toEqual({ waiting: 1, leased: 1 });
  const endFirst = async () => {
    words.say('answer.');
    words.end();
    expect((await finishedReply(world, general, first)).visible).toContain('The first answer.');
  };
  return { world, first, second, waiting, endFirst };
}

it('fifty answers that wait for money have no slot and no lease, and one that needs none is written meanwhile', async () => {
  const words = dictation();
  const world = await startCalmWorld({ script: FIRST(words.text), env: { CONCURRENCY: '3' } });
  await set(world, ['person', ana], ['budget_day', '$0.02'], ana);
  const { ts: first } = world.slack.say(ana, general, '@skein first');
  words.say('The first ');
  await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === first && visible.includes('The first'),
  );
  // In many places, because posts of one channel come a second apart.
  const places = [general, 'C0ENGINEERING', 'C0DESIGN', world.slack.people.openDm(ana, world.slack.botUser)];
  const asked = Array.from({ length: 50 }, (_, at) => {
    const channel = places[at % places.length] ?? general;
    return { channel, ts: world.slack.say(ana, channel, `@skein number ${at}`).ts };
  });
  const resting = async () => {
    // A model that says nothing for too long is given up.
    words.say('and ');
    return (await atRest(world)).waiting;
  };
  await expect.poll(resting, { timeout: 120_000, interval: 500 }).toBeGreaterThanOrEqual(48);
  const { ts } = world.slack.say(ben, general, '@skein and here?');
  expect((await finishedReply(world, general, ts)).visible).toContain('and here?');
  expect(world.model.calls()).toHaveLength(2);
  await set(world, ['person', ana], ['budget_day', '$500'], ana);
  words.end();
  // Slack takes fifty edits a minute, so the ends of fifty answers take a while.
  const shown = () => query(world, `select 1 from skein.replies where state = 'shown'`);
  await expect.poll(async () => (await shown()).length, { timeout: 180_000, interval: 500 }).toBe(52);
  for (const { channel, ts } of asked) {
    // Those who had to wait long are pinged as well.
    const answers = world.slack
      .thread(channel, ts)
      .filter(({ visible }) => visible.includes('The answer to'));
    expect(answers).toHaveLength(1);
  }
  expect(world.model.calls()).toHaveLength(52);
}, 400_000);

it('the end of the answer that holds the money wakes who waits for it', async () => {
  const { world, second, endFirst } = await startWaiting();
  await sleepUntilWoken(world);
  await endFirst();
  const { visible } = await finishedReply(world, general, second);
  expect(visible).toContain('second');
  expect(visible).not.toContain('budget');
  expect(world.model.calls()).toHaveLength(2);
  const reply = () =>
    query(world, 'select waits_for, waits_since, waits_told from skein.replies order by created_at offset 1');
  await expect.poll(reply).toEqual([{ waits_for: null, waits_since: null, waits_told: false }]);
});

it('a budget that is raised by a command wakes who waits for it', async () => {
  const { world, second, endFirst } = await startWaiting();
  await sleepUntilWoken(world);
  await skein(world, ana, general, 'budget $5 today channel');
  expect((await finishedReply(world, general, second)).visible).toContain('second');
  await endFirst();
});

it('Stop, an edit and a deletion reach a question that waits', async () => {
  const { world, second, waiting, endFirst } = await startWaiting();
  const { ts: edited } = world.slack.say(ben, general, '@skein third');
  const { ts: deleted } = world.slack.say(ben, general, '@skein fourth');
  await expect.poll(() => atRest(world)).toEqual({ waiting: 3, leased: 1 });
  await sleepUntilWoken(world);
  await world.slack.click(ben, { channel: general, ts: waiting.ts, actionId: 'reply_stop' });
  expect((await finishedReply(world, general, second)).visible).toContain('Stopped by');
  world.slack.people.remove(ben, general, deleted);
  const ended = () =>
    query(
      world,
      `select 1 from skein.replies r join skein.messages m on m.id = r.question
       where m.slack_ts = $1 and r.state = 'shown'`,
      [deleted],
    );
  await expect.poll(ended).toHaveLength(1);
  // Whoever edits wakes it once; it is the money that it waits for still.
  world.slack.people.edit(ben, general, edited, '@skein something else');
  const anew = () =>
    query(
      world,
      `select 1 from skein.replies r join skein.messages m on m.id = r.question
       where m.slack_ts = $1 and r.begun_at >= m.edited_at`,
      [edited],
    );
  await expect.poll(anew).toHaveLength(1);
  expect(world.model.calls()).toHaveLength(1);
  await endFirst();
  expect((await finishedReply(world, general, edited)).visible).toContain('something else');
  expect(world.model.calls()).toHaveLength(2);
});

it('the next question of the thread waits behind the one that waits, and both are answered in order', async () => {
  const { world, second, endFirst } = await startWaiting();
  const { ts: third } = world.slack.say(ben, general, '@skein after it', { threadTs: second });
  await expect.poll(() => query(world, 'select 1 from skein.replies')).toHaveLength(3);
  await endFirst();
  const answers = () =>
    world.slack.thread(general, second).filter(({ visible }) => visible.includes('The answer to'));
  await expect
    .poll(() => answers().map(({ visible }) => visible.includes('after it')))
    .toEqual([false, true]);
  expect(third > second).toBe(true);
});

it('who waits is looked at again although nobody woke it, and is told after two minutes, whoever owned it', async () => {
  const { world, second, waiting, endFirst } = await startWaiting();
  // Its message says what it waits for already: who looks again needs no call to Slack for that.
  const writes = () =>
    world.slack.calls('chat.update').filter(({ args }) => args['ts'] === waiting.ts).length;
  const looks = () => query<Row>(world, 'select sum(lease_epoch) as waiting from skein.mailboxes');
  const [before, edits] = [Number((await looks())[0]?.waiting), writes()];
  await expect.poll(async () => Number((await looks())[0]?.waiting)).toBeGreaterThanOrEqual(before + 2);
  expect(writes()).toBe(edits);
  await query(
    world,
    `update skein.replies set waits_since = now() - interval '121 seconds' where waits_for is not null`,
  );
  expect((await finishedReply(world, general, second)).visible).toContain('BUDGET_HELD');
  expect(world.model.calls()).toHaveLength(1);
  await endFirst();
});

it('an answer that is to go on waits with its text, and takes nothing of it back', async () => {
  const words = dictation();
  const long = 'Some words that cost something. '.repeat(200);
  const script = (question: string): ScriptedAnswer => {
    if (question.includes('cut off')) return { text: ' something. The end.' };
    return question.includes('first') ? { text: words.text } : { text: long };
  };
  const world = await startCalmWorld({ script, env: { DEFAULT_MAX_TOKENS: '1500' } });
  await set(world, ['channel', general], ['budget_day', '$0.036'], ben);
  const { ts: first } = world.slack.say(ana, general, '@skein first');
  words.say('The first ');
  await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === first && visible.includes('The first'),
  );
  const { ts: second } = world.slack.say(ben, general, '@skein second');
  const waiting = await world.slack.waitForMessage(
    ({ threadTs, visible }) =>
      threadTs === second && visible.includes('Some words') && visible.includes(NOTICE),
  );
  await expect.poll(() => atRest(world)).toEqual({ waiting: 1, leased: 1 });
  await sleepUntilWoken(world);
  words.end();
  const { visible, ts } = await finishedReply(world, general, second);
  expect(ts).toBe(waiting.ts);
  expect(visible.startsWith(waiting.visible.slice(0, waiting.visible.indexOf(NOTICE)).trimEnd())).toBe(true);
  expect(visible).toContain('The end.');
  expect(world.model.calls()).toHaveLength(3);
});

it('kill -9 while questions wait: the next process has them, and nothing is bought twice', async () => {
  const words = dictation();
  const world = await startCalmWorld({ script: FIRST(words.text), env: { ROLE: 'receive' } });
  const env = { ...environment(world), ROLE: 'work' };
  await set(world, ['channel', general], ['budget_day', '$0.02'], ben);
  const dying = run(env);
  await dying.ready;
  const { ts: first } = world.slack.say(ana, general, '@skein first');
  words.say('The first ');
  await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === first && visible.includes('The first'),
  );
  const { ts: second } = world.slack.say(ben, general, '@skein second');
  await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === second && visible.includes(NOTICE),
  );
  dying.child.kill('SIGKILL');
  await dying.exit;
  await run(env).ready;
  expect((await finishedReply(world, general, first)).visible).toContain('The first answer.');
  expect((await finishedReply(world, general, second)).visible).toContain('second');
  // The first answer, what was missing of it, and the second.
  expect(world.model.calls()).toHaveLength(3);
  await expect.poll(() => query(world, 'select 1 from skein.usage')).toHaveLength(3);
  await expect.poll(() => query(world, 'select 1 from skein.reservations')).toHaveLength(0);
});
