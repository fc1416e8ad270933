import { expect, it } from 'vitest';
import { ana, dictation, finishedReply, general, startWorld } from './world.ts';

const codeLine = (n: number) => `const value${n} = ${n}; // a line of code that has some length to it`;

it('an answer over the limit goes on in further messages, its code closed and opened again', async () => {
  const lines = Array.from({ length: 400 }, (_, n) => codeLine(n));
  const text = `Here it is:\n\n\`\`\`ts\n${lines.join('\n')}\n\`\`\`\n\nThat was all.`;
  const world = await startWorld({ env: { DEFAULT_MAX_TOKENS: '20000' }, script: () => ({ text }) });
  const { ts } = world.slack.say(ana, general, '@skein much code please');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('That was all.'),
  );

  const parts = world.slack.thread(general, ts).filter((message) => message.user === world.slack.botUser);
  expect(parts.length).toBeGreaterThan(1);
  for (const part of parts) {
    const [block] = part.blocks as { type: string; text: string }[];
    expect(block?.type).toBe('markdown');
    expect(block?.text.length).toBeLessThanOrEqual(12_000);
    expect((block?.text.match(/^```/gm) ?? []).length % 2).toBe(0);
  }
  expect(parts[1]?.visible).toMatch(/^\s*```ts/);
  const all = parts.map((part) => part.visible).join('\n');
  for (const line of lines) expect(all.split(line)).toHaveLength(2);
  expect(world.slack.calls().filter((call) => !call.ok && call.method.startsWith('chat.'))).toEqual([]);
});

it('model text can ping nobody, unfurl nothing and make no buttons', async () => {
  const text =
    'Hey <!channel> and <!here>, <@U0BEN> and <!subteam^S1|@team>, see <https://evil.example/?q=secret|this> or &lt;!everyone&gt; ' +
    'and ![pic](https://evil.example/x.png) `<!channel>` [click](javascript:alert(1)).';
  const world = await startWorld({ script: () => ({ text: [...text] }) });
  const { ts } = world.slack.say(ana, general, '@skein be evil');
  await finishedReply(world, general, ts);

  for (const call of world.slack.calls()) {
    if (call.method !== 'chat.postMessage' && call.method !== 'chat.update') continue;
    const sent = JSON.stringify(call.args);
    expect(sent).not.toMatch(/<!(channel|here|everyone|subteam)|<@U/);
    // In Markdown an entity may be decoded before Slack looks for pings; in `text` it is what makes `<` harmless.
    expect(JSON.stringify(call.args['blocks'])).not.toMatch(/&lt;!|\]\(javascript:/);
    expect(sent).not.toContain('"image"');
    if (call.method === 'chat.postMessage')
      expect(call.args).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false' });
  }
});

it('half-written Markdown never shows raw: what is open is closed or held back at every edit', async () => {
  const words = dictation();
  const world = await startWorld({ script: () => ({ text: words.text }) });
  const { ts } = world.slack.say(ana, general, '@skein show me');
  await world.model.waitForCall();
  const pieces = [
    'Some **bold',
    ' words** and\n\n',
    '| a | b |\n',
    '|---|---|\n',
    '| 1 | 2 |\n\n',
    '```js\nlet x',
    ' = 1;\n```\n',
    '[a li',
    'nk](https://example.com)',
    ' end.',
  ];
  for (const [index, piece] of pieces.entries()) {
    const before = world.slack.calls('chat.update').length;
    words.say(piece);
    if (index % 2 === 1) continue;
    await world.slack
      .waitForCall((call) => call.method === 'chat.update' && call.id > before, { timeoutMs: 3000 })
      .catch(() => {});
  }
  words.end();
  const reply = await finishedReply(world, general, ts);
  const looks = world.slack.history(general, reply.ts).map(({ blocks }) => {
    const [block] = blocks as { type: string; text: string }[];
    return block?.type === 'markdown' ? block.text : '';
  });
  expect(looks.length).toBeGreaterThan(2);
  for (const look of looks) {
    expect((look.match(/\*\*/g) ?? []).length % 2).toBe(0);
    expect((look.match(/^```/gm) ?? []).length % 2).toBe(0);
    expect(look).not.toMatch(/\[a li(?!nk\]\()/);
    if (look.includes('| a |')) expect(look).toContain('| --- | --- |');
  }
});

it('twenty questions at once in one workspace are all answered, within Slack’s limits', async () => {
  const world = await startWorld({
    slack: { tiers: 'real' },
    model: { tokensPerSecond: 80 },
    script: (question) => ({ text: `${'Words for you. '.repeat(30)}Done with ${question.slice(-2)}.` }),
  });
  const asked = Array.from({ length: 20 }, (_, n) =>
    world.slack.say(
      ana,
      ['C0GENERAL', 'C0ENGINEERING', 'C0DESIGN', 'C0LAUNCH'][n % 4] ?? general,
      `@skein question ${String(n).padStart(2, '0')}`,
    ),
  );
  await Promise.all(
    asked.map(({ ts }, n) =>
      world.slack.waitForMessage(
        (message) =>
          message.threadTs === ts &&
          message.visible.includes(`Done with ${String(n).padStart(2, '0')}.`) &&
          !JSON.stringify(message.blocks).includes('reply_stop'),
        { timeoutMs: 120_000 },
      ),
    ),
  );
  expect(world.slack.calls().filter((call) => call.status === 429)).toEqual([]);
  // Each has one message, posted or begun as a stream.
  const begun = ['chat.postMessage', 'chat.startStream'].flatMap((method) => world.slack.calls(method));
  expect(begun).toHaveLength(20);
});
