import { expect, it } from 'vitest';
import { createTrace, type Told } from './trace-stage.ts';

/** What came in and what went out, to the millisecond, in `traces/`. A change there is a change that people see. */
const kept = (name: string) => new URL(`./traces/${name}.txt`, import.meta.url).pathname;

/** So many pieces of an answer, evenly, the first after half a second. */
const told = (count: number, everyMs: number, text: (index: number) => string): Told[] =>
  Array.from({ length: count }, (_, index) => ({ at: 500 + index * everyMs, text: text(index) }));

const sentence = (index: number) => `Sentence number ${index + 1} of the answer. `;
const SHORT = told(6, 400, sentence);
const refused = (message: string) => ({ kind: 'content_refused', code: 'SLACK_FAILED', message }) as const;

it('a short answer: a placeholder at once, words as they come, the end without delay', async () => {
  const { reply, read } = createTrace({ earlier: [2500, 2500, 2500] });
  await expect(await read(reply('A', SHORT))).toMatchFileSnapshot(kept('short'));
});

it('a long answer: a full message is finished and left alone, and the answer goes on in the next', async () => {
  const { reply, read } = createTrace({ earlier: [8000, 8000] });
  const paragraphs = told(8, 1000, (index) => `${sentence(index).repeat(70)}\n\n`);
  await expect(await read(reply('A', paragraphs))).toMatchFileSnapshot(kept('long'));
});

it('a table: nothing of it before it is one, then whole rows', async () => {
  const { reply, read } = createTrace({ whole: true, earlier: [3000, 3000] });
  const pieces = [
    'Prices:\n\n| Fruit',
    ' | Price |\n|---',
    '|---:|\n| App',
    'le | 1 |\n| Pe',
    'ar | 2 |\n',
    '\nThat is all.',
  ];
  await expect(
    await read(
      reply(
        'A',
        told(pieces.length, 600, (index) => pieces[index] ?? ''),
      ),
    ),
  ).toMatchFileSnapshot(kept('table'));
});

it('a stop: the text stays, and the message says who ended it', async () => {
  const { reply, read } = createTrace({ earlier: [5000, 5000] });
  await expect(await read(reply('A', told(20, 400, sentence), { stopAt: 2000 }))).toMatchFileSnapshot(
    kept('stop'),
  );
});

it('a crowd: edits and streams side by side, nobody’s end behind somebody’s middle', async () => {
  const { reply, read } = createTrace({ streaming: 'auto', earlier: [6500, 6500, 6500] });
  const all = ['A', 'B', 'C', 'D', 'E', 'F'].map((who, index) =>
    reply(who, told(4, 1500, sentence), { askedAt: 100 * index }),
  );
  await expect(await read(...all)).toMatchFileSnapshot(kept('crowd'));
});

it('an answer that goes on for longer than those before: it moves on, more slowly, and its end comes at once', async () => {
  const { reply, read } = createTrace({ earlier: Array.from({ length: 20 }, () => 4500) });
  await expect(await read(reply('A', told(60, 400, sentence)))).toMatchFileSnapshot(kept('longer'));
});

it('nothing known, five at once: one moves by edits and four by streams, of which one turns to edits, and all at one pace', async () => {
  const { reply, read } = createTrace({ streaming: 'auto' });
  const all = ['A', 'B', 'C', 'D', 'E'].map((who, index) =>
    reply(who, told(30, 1000, sentence), { askedAt: 200 * index }),
  );
  await expect(await read(...all)).toMatchFileSnapshot(kept('fresh'));
});

it('a silence: a stream that takes no text is stopped before Slack would end it, and edits go on in the same message', async () => {
  const { reply, read } = createTrace({ streaming: 'native', earlier: [9000, 9000] });
  const pieces = [
    { at: 500, text: sentence(0) },
    { at: 1500, text: sentence(1) },
    { at: 40_000, text: sentence(2) },
    { at: 41_000, text: sentence(3) },
  ];
  await expect(await read(reply('A', pieces))).toMatchFileSnapshot(kept('silence'));
});

it('more answers at once than there are edits for their ends: streams, edits, and whole answers with their posts', async () => {
  const { reply, read } = createTrace({ streaming: 'auto' });
  const all = Array.from({ length: 80 }, (_, index) =>
    reply(`R${index}`, told(3, 1000, sentence), { askedAt: 5 * index }),
  );
  const lines = (await read(...all)).split('\n');
  const calls = (method: string) => lines.filter((line) => line.includes(`> ${method}`)).length;
  const whole = lines.filter((line) => /> chat.postMessage .*3 of the answer/.test(line)).length;
  expect(calls('chat.update')).toBeLessThanOrEqual(50);
  expect(calls('chat.startStream')).toBe(20);
  expect(whole).toBeGreaterThan(5);
  expect(lines.filter((line) => line.includes('= shown'))).toHaveLength(80);
});

it('a 429: no edit before the time is over, then the newest text', async () => {
  const { reply, read } = createTrace({
    earlier: [9000, 9000],
    faults: { 'chat.update 3': { kind: 'limited', retryAfterMs: 3000 } },
  });
  await expect(await read(reply('A', told(20, 400, sentence)))).toMatchFileSnapshot(kept('limited'));
});

it('a refused form: the same text as plain text, at an edit and at a post', async () => {
  const { reply, read } = createTrace({
    earlier: [2500, 2500],
    faults: {
      'chat.postMessage 2': refused('msg_too_long'),
      'chat.update 2': refused('invalid_blocks'),
    },
  });
  const all = [reply('A', SHORT), reply('B', SHORT, { askedAt: 4000 })];
  await expect(await read(...all)).toMatchFileSnapshot(kept('fallback'));
});

it('a native stream: a status, the first words as they come, and an ordinary message in the end', async () => {
  const { reply, read } = createTrace({ streaming: 'native', earlier: [2500, 2500] });
  await expect(await read(reply('A', SHORT))).toMatchFileSnapshot(kept('native'));
});

it('rotation: a stream is stopped before Slack would end it, and edits go on in the same message', async () => {
  const { reply, read } = createTrace({ streaming: 'native', earlier: [6500, 6500], streamAgeMs: 2000 });
  await expect(await read(reply('A', told(12, 500, sentence)))).toMatchFileSnapshot(kept('rotation'));
});
