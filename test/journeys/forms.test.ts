import { expect, it } from 'vitest';
import type { SeenMessage } from '../../playground/slack/contract.ts';
import type { Json } from '../../playground/slack/json.ts';
import { ana, dictation, finishedReply, general, settled, startWorld, type World } from './world.ts';

const TABLE = '| Name | Count |\n| --- | ---: |\n| amber | 12 |\n| basin | 7 |';
const CHART =
  '```chart\n{"type":"bar","title":"Sales","x":"Month","labels":["Jan","Feb"],"series":{"North":[31,42]}}\n```';
const typesOf = ({ blocks }: Pick<SeenMessage, 'blocks'>) =>
  (blocks as { type: string }[]).map(({ type }) => type);
const has = (type: string) => (args: Json) => JSON.stringify(args).includes(`"type":"${type}"`);

async function shown(world: World, text: string): Promise<{ ts: string; reply: SeenMessage }> {
  const { ts } = world.slack.say(ana, general, text);
  const reply = await finishedReply(world, general, ts);
  return { ts, reply };
}

it('a table grows as Markdown and is a table of Slack when the answer is whole; a chart is never JSON', async () => {
  const words = dictation();
  const world = await startWorld({ script: () => ({ text: words.text }) });
  const { ts } = world.slack.say(ana, general, '@skein draw it');
  await world.model.waitForCall();
  words.say(`Here it is.\n\n${TABLE}\n\n`);
  const growing = await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('basin'),
  );
  expect(typesOf(growing)).not.toContain('table');
  words.say(CHART.slice(0, 60));
  words.say(`${CHART.slice(60)}\n\nAnd that is all.`);
  words.end();
  const reply = await finishedReply(world, general, ts);
  expect(typesOf(reply).slice(0, 4)).toEqual(['markdown', 'table', 'data_visualization', 'markdown']);
  for (const text of world.slack.calls('chat.update').map(({ args }) => JSON.stringify(args)))
    expect(text).not.toContain('labels');
  expect(reply.visible).toMatch(/amber[\s\S]*Sales[\s\S]*Jan[\s\S]*31/);
});

it('what a workspace refuses is Markdown there, at once and for the next answer too', async () => {
  const world = await startWorld({ script: () => ({ text: `First.\n\n${TABLE}\n\nLast.` }) });
  world.slack.faults.add({
    method: 'chat.*',
    times: Number.POSITIVE_INFINITY,
    matches: has('table'),
    fault: { kind: 'error', error: 'invalid_blocks' },
  });
  const refused = () => world.slack.calls().filter(({ args, ok }) => !ok && has('table')(args)).length;
  const { reply } = await shown(world, '@skein one');
  expect(typesOf(reply)[0]).toBe('markdown');
  expect(typesOf(reply)).not.toContain('table');
  expect(reply.visible).toMatch(/First\.[\s\S]*basin[\s\S]*Last\./);
  await expect.poll(refused).toBe(1);
  await shown(world, '@skein two');
  await expect.poll(refused).toBe(1);
  expect(world.model.calls()).toHaveLength(2);
});

it('where tables in Markdown count as tables of the message, each gets a message of its own', async () => {
  const text = `One:\n\n${TABLE}\n\nTwo:\n\n${TABLE.replace('amber', 'cedar')}\n\nThree:\n\n${TABLE.replace('amber', 'delta')}\n\nEnd.`;
  const world = await startWorld({ script: () => ({ text }) });
  world.slack.faults.add({
    method: 'chat.*',
    times: Number.POSITIVE_INFINITY,
    matches: (args) => (JSON.stringify(args).match(/\| --- \|/g) ?? []).length > 1,
    fault: { kind: 'error', error: 'only_one_table_allowed' },
  });
  const { ts } = world.slack.say(ana, general, '@skein tables');
  await settled(world);
  const replies = world.slack.thread(general, ts).filter(({ user }) => user === world.slack.botUser);
  expect(replies.map(typesOf).filter((types) => types.includes('table'))).toHaveLength(3);
  expect(replies.map(({ visible }) => visible).join('\n')).toMatch(
    /One:[\s\S]*amber[\s\S]*Two:[\s\S]*cedar[\s\S]*Three:[\s\S]*delta[\s\S]*End\./,
  );
  expect(replies.flatMap(typesOf)).not.toContain('section');
});

it('an answer in a native stream gets its table and its chart with the edit that ends it', async () => {
  const words = dictation();
  const world = await startWorld({
    slack: { tiers: 'real' },
    env: { DEFAULT_STREAMING: 'native' },
    script: () => ({ text: words.text }),
  });
  const { ts } = world.slack.say(ana, general, '@skein draw it');
  await world.model.waitForCall();
  words.say('Here it comes, word by word: ');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('word by'),
  );
  words.say(`\n\n${TABLE}\n\n${CHART}\n\nThe end.`);
  words.end();
  await settled(world);
  const reply = world.slack.thread(general, ts).at(-1);
  expect(reply === undefined ? [] : typesOf(reply).slice(0, 4)).toEqual([
    'markdown',
    'table',
    'data_visualization',
    'markdown',
  ]);
  const streamed = world.slack.calls().filter(({ method }) => /Stream$/.test(method));
  expect(JSON.stringify(streamed.map(({ args }) => args))).not.toContain('labels');
  expect(world.slack.calls('chat.update')).toHaveLength(1);
});

it('a stream whose better form is refused stays as it was, without its Stop button', async () => {
  const words = dictation();
  const world = await startWorld({
    slack: { tiers: 'real' },
    env: { DEFAULT_STREAMING: 'native' },
    script: () => ({ text: words.text }),
  });
  world.slack.faults.add({
    method: 'chat.update',
    times: Number.POSITIVE_INFINITY,
    matches: has('table'),
    fault: { kind: 'error', error: 'invalid_blocks' },
  });
  const { ts } = world.slack.say(ana, general, '@skein draw it');
  await world.model.waitForCall();
  words.say('Here it comes, word by word: ');
  await world.slack.waitForMessage(
    (message) => message.threadTs === ts && message.visible.includes('word by'),
  );
  words.say(`\n\n${TABLE}\n\nThe end.`);
  words.end();
  await settled(world);
  const reply = world.slack.thread(general, ts).at(-1);
  expect(reply?.visible).toMatch(/basin[\s\S]*The end\./);
  expect(JSON.stringify(reply?.blocks)).not.toContain('reply_stop');
});
