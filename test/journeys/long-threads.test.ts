import { expect, it } from 'vitest';
import {
  ana,
  ben,
  finishedReply,
  general,
  isFinished,
  query,
  set,
  startWorld,
  turnsOf,
  type World,
} from './world.ts';

const isSummary = (request: { system: string }) => request.system.includes('You keep the memory');
const FILLER = 'Some more words about this and that, which take their room. '.repeat(50);
const NOTE = 'This thread has become long: I keep a summary of its earlier part from here on.';

/** A bot whose threads may be five thousand tokens long, and which says in a summary how many there were before. */
function startLong(more: Parameters<typeof startWorld>[0] = {}): Promise<World> {
  let summaries = 0;
  return startWorld({
    env: { DEFAULT_CONTEXT_TOKENS: '5000' },
    script: (_question, request) =>
      isSummary(request)
        ? { text: `Summary ${++summaries}: Ana likes green <!channel>.` }
        : { text: `My answer. ${FILLER}` },
    ...more,
  });
}

/** Asks so long in one thread until its earlier part does not fit; the thread, and what was said to it. */
async function fill(world: World): Promise<{ ts: string; asked: number; first: string; note: string }> {
  const { ts } = world.slack.say(ana, general, `@skein my favourite colour is green. ${FILLER}`);
  await finishedReply(world, general, ts);
  for (let asked = 2; ; asked++) {
    world.slack.say(ana, general, `@skein question ${asked}. ${FILLER}`, { threadTs: ts });
    const reply = await finishedReply(world, general, ts, asked);
    if (summaryCalls(world).length > 0 || asked > 8) return { ts, asked, first: ts, note: reply.visible };
  }
}

function summaryCalls(world: World) {
  return world.model
    .calls()
    .filter(({ body }) => JSON.stringify(body?.['system']).includes('You keep the memory'));
}

const stored = (world: World) =>
  query<{ text: string | null }>(world, 'select text from skein.summaries').then((rows) =>
    rows.map(({ text }) => text),
  );

it.each(['socket', 'http'] as const)(
  'the earlier part of a thread that is too long is summarised once, and the thread says so once (%s)',
  async (mode) => {
    const world = await startLong({ mode });
    const { ts, asked, note } = await fill(world);
    expect(note).toContain(NOTE);
    expect(summaryCalls(world)).toHaveLength(1);
    const material = turnsOf(summaryCalls(world)[0]?.body).join('\n');
    expect(material).toContain('my favourite colour is green');
    expect(material).toContain('You: My answer.');
    const turns = turnsOf(world.model.calls().at(-1)?.body);
    expect(turns[0]).toContain('Summary 1: Ana likes green');
    expect(turns.join('\n')).not.toContain('my favourite colour is green');
    expect(turns.at(-1)).toContain(`question ${asked}.`);

    world.slack.say(ben, general, '@skein and now?', { threadTs: ts });
    const next = await finishedReply(world, general, ts, asked + 1);
    expect(next.visible).not.toContain(NOTE);
    expect(summaryCalls(world)).toHaveLength(1);
    const later = turnsOf(world.model.calls().at(-1)?.body);
    // The same beginning: the provider has it in its cache.
    expect(later.slice(0, turns.length)).toEqual(turns);
    // Every call is in the ledger.
    const entries = () => query(world, 'select 1 from skein.usage');
    await expect.poll(async () => (await entries()).length).toBe(world.model.calls().length);
  },
);

it('a thread that the model refuses as too long is shortened and sent once more', async () => {
  const world = await startLong({ env: { DEFAULT_CONTEXT_TOKENS: '100000' } });
  const { ts } = world.slack.say(ana, general, `@skein my favourite colour is green. ${FILLER}`);
  await finishedReply(world, general, ts);
  const message = 'prompt is too long: 203052 tokens > 200000 maximum';
  world.model.fault({ kind: 'status', status: 400, message });
  world.slack.say(ana, general, '@skein and now?', { threadTs: ts });
  const reply = await finishedReply(world, general, ts, 2);
  expect(reply.visible).toContain('My answer.');
  expect(reply.visible).toContain(NOTE);
  expect(summaryCalls(world)).toHaveLength(1);
  expect(turnsOf(world.model.calls().at(-1)?.body)[0]).toContain('Summary 1: Ana likes green');
  // One that can't be shortened ends in words, after one call.
  const before = world.model.calls().length;
  world.model.fault({ kind: 'status', status: 400, message });
  const { ts: alone } = world.slack.say(ben, general, '@skein hello');
  expect((await finishedReply(world, general, alone)).visible).toContain('MODEL_PROMPT_TOO_LONG');
  expect(world.model.calls()).toHaveLength(before + 1);
});

it('a question after many remarks reads from the provider’s cache what the question before it sent', async () => {
  const world = await startWorld({ script: () => ({ text: 'My answer.' }) });
  const { ts } = world.slack.say(ana, general, `@skein what of this? ${FILLER.repeat(2)}`);
  await finishedReply(world, general, ts);
  for (let remark = 1; remark <= 25; remark++)
    world.slack.say(ben, general, `remark ${remark} to somebody else`, { threadTs: ts });
  await expect.poll(async () => (await query(world, 'select 1 from skein.messages')).length).toBe(27);
  world.slack.say(ana, general, '@skein and now?', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  const [first, second] = world.model.calls().map(({ billed }) => billed);
  expect(first?.cache_creation_input_tokens).toBeGreaterThan(1024);
  expect(second?.cache_read_input_tokens).toBe(first?.cache_creation_input_tokens);
});

it('what is in a summary, and how much of the thread, is told by /skein context, without a ping', async () => {
  const world = await startLong();
  const { ts } = await fill(world);
  world.slack.say(ana, general, '@skein context', { threadTs: ts });
  const told = await world.slack.waitForMessage(({ ephemeralFor }) => ephemeralFor === ana);
  expect(told.visible).toContain('as a summary, because the thread has become long');
  expect(told.visible).toContain('Summary 1: Ana likes green');
  expect(JSON.stringify(told.blocks)).not.toContain('<!channel>');
});

it('what somebody edits or deletes is in no summary any more, and the next question makes a new one', async () => {
  const world = await startLong();
  const { ts, asked } = await fill(world);
  await expect.poll(() => stored(world)).toEqual(['Summary 1: Ana likes green <!channel>.']);
  world.slack.people.edit(ana, general, ts, `@skein my favourite colour is blue. ${FILLER}`);
  await expect.poll(() => stored(world)).toEqual([]);
  world.slack.say(ana, general, '@skein which colour?', { threadTs: ts });
  await finishedReply(world, general, ts, asked + 1);
  expect(summaryCalls(world)).toHaveLength(2);
  const material = turnsOf(summaryCalls(world)[1]?.body).join('\n');
  expect(material).toContain('my favourite colour is blue');
  expect(material).not.toContain('green');
  await expect.poll(() => stored(world)).toHaveLength(1);
  world.slack.people.remove(ana, general, ts);
  await expect.poll(() => stored(world)).toEqual([]);
});

it('where no summary can be made the answer comes all the same, and says what it was not given', async () => {
  const world = await startLong({
    script: (_question, request) =>
      isSummary(request)
        ? { text: '', fault: { kind: 'status', status: 400 } }
        : { text: `My answer. ${FILLER}` },
  });
  const { ts, note, asked } = await fill(world);
  expect(note).toContain('its earlier part could not be summarised: it was left out of this answer');
  expect(note).toContain('My answer.');
  expect(turnsOf(world.model.calls().at(-1)?.body).at(-1)).toContain(`question ${asked}.`);
  expect(await stored(world)).toEqual([]);
  // The next version is given all of it, and does not say otherwise.
  await set(world, ['workspace', world.slack.team], ['context_tokens', '100000']);
  const last = world.slack.thread(general, ts).at(-1);
  await world.slack.click(ana, { channel: general, ts: last?.ts ?? '', actionId: 'reply_regenerate' });
  const again = await world.slack.waitForMessage(
    (message) => message.ts === last?.ts && message.visible.includes('Version 2') && isFinished(message),
  );
  expect(again.visible).not.toContain('left out');
});

it('a question that is edited while its thread is summarised leaves no summary of the old words', async () => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let summaries = 0;
  const world = await startLong({
    script: (_question, request) => {
      if (!isSummary(request)) return { text: `My answer. ${FILLER}` };
      summaries += 1;
      if (summaries > 1) return { text: 'Summary of blue.' };
      return {
        text: (async function* () {
          await held;
          yield 'Summary of green.';
        })(),
      };
    },
  });
  const { ts } = world.slack.say(ana, general, `@skein my favourite colour is green. ${FILLER}`);
  await finishedReply(world, general, ts);
  let asked = 1;
  while (summaryCalls(world).length === 0 && asked < 9) {
    asked += 1;
    world.slack.say(ana, general, `@skein question ${asked}. ${FILLER}`, { threadTs: ts });
    const done = finishedReply(world, general, ts, asked).catch(() => null);
    await Promise.race([
      done,
      expect
        .poll(() => summaryCalls(world).length)
        .toBe(1)
        .catch(() => {}),
    ]);
  }
  await world.slack.waitForMessage(({ visible }) => visible.includes('Summarising the earlier part'));
  world.slack.people.edit(ana, general, ts, `@skein my favourite colour is blue. ${FILLER}`);
  await expect
    .poll(async () => (await query(world, "select 1 from skein.messages where raw like '%blue%'")).length)
    .toBe(1);
  release();
  await finishedReply(world, general, ts, asked);
  expect(await stored(world)).toEqual([]);
});
