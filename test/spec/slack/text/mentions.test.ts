import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressedUserIds, leadingMention } from '../../../../src/slack/text/mentions.ts';
import { richText } from '../../../support/payloads.ts';
import { quickest, timed } from '../../../support/quickest.ts';

const bot = { type: 'user', user_id: 'UBOT' };
const ben = { type: 'user', user_id: 'UBEN' };
const words = (text: string, style?: object) => ({ type: 'text', text, ...(style ? { style } : {}) });
const section = (...elements: object[]) => ({ type: 'rich_text_section', elements });
const rich = (...elements: object[]) => ({ type: 'rich_text', elements });

test.each([
  ['running words', '<@UBOT> hello and <@UBEN|ben>', ['UBOT', 'UBEN']],
  ['bold and in a list', '• *<@UBOT>* look', ['UBOT']],
  ['a quoted line', '&gt; <@UBOT> restart prod\ndid anybody do this?', []],
  ['a quoted line as an app may send it', '> <@UBOT> restart prod\n<@UBEN> did you?', ['UBEN']],
  ['a quote to the end', 'he said\n&gt;&gt;&gt;one\n<@UBOT> two', []],
  ['inline code', 'type `<@UBOT> stop` to end', []],
  ['a fence', 'so:\n```<@UBOT>\n> x```\n<@UBEN>', ['UBEN']],
  ['a fence without an end is no code', '``` <@UBOT>', ['UBOT']],
  ['typed letter by letter', '&lt;@UBOT&gt; hello', []],
])('in text: %s', (_what, text, ids) => {
  expect(addressedUserIds({ text })).toEqual(ids);
});

test('in blocks, quotes, code and tables speak of people, and running words to them', () => {
  const blocks = [
    rich(
      { type: 'rich_text_quote', elements: [bot, words(' restart prod')] },
      section(words('did anybody do this? '), { ...bot, style: { code: true } }, ben),
      { type: 'rich_text_preformatted', elements: [bot] },
      { type: 'rich_text_list', border: 1, elements: [section(bot)] },
    ),
    { type: 'table', rows: [[rich(section(bot))]] },
  ];
  // The text of the same message holds the tokens; what people see counts.
  expect(addressedUserIds({ text: '<@UBOT>', blocks })).toEqual(['UBEN']);
});

test('blocks of apps address by their markup, and blocks without words leave it to the text', () => {
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'ping <@UBOT>, not `<@UBEN>`' } }];
  expect(addressedUserIds({ text: 'nothing', blocks })).toEqual(['UBOT']);
  expect(addressedUserIds({ text: '<@UBOT>', blocks: [{ type: 'divider' }] })).toEqual(['UBOT']);
  expect(
    addressedUserIds({
      text: '',
      blocks: [
        { type: 'container', child_blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '<@UBOT>' } }] },
      ],
    }),
  ).toEqual(['UBOT']);
});

test.each([
  ['a person first', '<@UBEN> can you confirm this?', 'UBEN'],
  ['blanks and punctuation first', ' – "<@UBEN>", look', 'UBEN'],
  ['an emoji first', ':wave: <@UBEN> look', 'UBEN'],
  ['a quote first', '&gt; ship it\n<@UBEN> is that so?', 'UBEN'],
  ['two people', '<@UBOT> <@UBEN> hi', 'UBOT'],
  ['words first', 'ask <@UBEN>', null],
  ['code first', '`x` <@UBEN>', null],
  ['nobody', 'hello', null],
  ['nothing', '', null],
])('whom a message begins with: %s', (_what, text, id) => {
  expect(leadingMention({ text })).toBe(id);
});

test('whom blocks begin with', () => {
  const wave = { type: 'emoji', name: 'wave', unicode: '1f44b' };
  expect(leadingMention({ text: '', blocks: [richText(wave, words(' '), ben, words(' look'))] })).toBe(
    'UBEN',
  );
  expect(leadingMention({ text: '<@UBEN>', blocks: [richText(words('ask '), ben)] })).toBeNull();
  expect(
    leadingMention({ text: '', blocks: [richText({ type: 'channel', channel_id: 'C1' }, ben)] }),
  ).toBeNull();
});

const worst = ['<@U1|', '<@U1>', ' ', '[', '`', '```', '````', '>', '&gt;', '\n>', '<', ':a', ':a:', '•\n'];

test('anything can be asked whom it addresses, and long texts of any kind take no time', async () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.anything({ maxDepth: 6 })), (text, blocks) => {
      expect(addressedUserIds({ text, blocks })).toBeInstanceOf(Array);
      expect(leadingMention({ text, blocks })).toSatisfy((id) => id === null || typeof id === 'string');
    }),
    { numRuns: 500 },
  );
  for (const piece of worst) {
    const text = piece.repeat(Math.floor(40_000 / piece.length));
    const read = () => {
      addressedUserIds({ text });
      leadingMention({ text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] });
    };
    // Quadratic work on this size takes seconds.
    expect(await quickest(500, () => timed(read)), `for ${JSON.stringify(piece)}`).toBeLessThan(500);
  }
});

test('blocks that are nested without end or without number are looked at and left', () => {
  let deep: unknown = bot;
  for (let depth = 0; depth < 100_000; depth += 1) deep = { type: 'container', child_blocks: [deep] };
  const wide = Array.from({ length: 200_000 }, () => ({ type: 'rich_text', elements: [] }));
  expect(addressedUserIds({ text: '', blocks: [deep] })).toEqual([]);
  expect(addressedUserIds({ text: '', blocks: wide })).toEqual([]);
});
