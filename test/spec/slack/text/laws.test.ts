import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseUsd } from '../../../../src/amounts.ts';
import { buildTranscript } from '../../../../src/conversation/transcript.ts';
import { line } from '../../../../src/reply/cards/arguments.ts';
import { titleOf } from '../../../../src/reply/show/heading.ts';
import type { Names } from '../../../../src/slack/text/content.ts';
import { mentionedChannelIds, mentionedUserIds } from '../../../../src/slack/text/mentions.ts';
import { cleanName } from '../../../../src/slack/text/names.ts';
import { toMarkdown } from '../../../../src/slack/text/to-markdown.ts';
import { richText } from '../../../support/payloads.ts';
import { quickest, timed } from '../../../support/quickest.ts';

const BOT = { botUserId: 'UBOT' };
const KNOWN = ['U1', 'U2', 'UBOT'];

/** Names as hostile as their owners like, also names that look like ids and tokens. */
const names = fc
  .record({
    name: fc.oneof(fc.string(), fc.constantFrom('U1', '<@U2>', '<!channel>', 'a\nb', '&lt;@U1&gt;')),
  })
  .map(
    ({ name }): Names => ({
      user: (id) => (KNOWN.includes(id) ? name : null),
      channel: () => name,
      usergroup: () => name,
    }),
  );

const scrap = fc.oneof(
  fc.constantFrom(
    '<@U1>',
    '<@U2|x>',
    '<@UBOT>',
    '<@U1',
    '<<@U1>>',
    '<@U1|<@U2>>',
    '&lt;@U2&gt;',
    '`',
    '```',
    '*',
    '~',
  ),
  fc.constantFrom(
    '<!channel>',
    '<#C1|g>',
    '>',
    '<',
    '|',
    '\n',
    ' ',
    '&amp;',
    '&gt;&gt;&gt;',
    '\uE000',
    '\uE0010\uE001',
  ),
  fc.string({ maxLength: 5 }),
);
const mrkdwn = fc.array(scrap, { maxLength: 30 }).map((parts) => parts.join(''));

const style = fc.record(
  { bold: fc.boolean(), italic: fc.boolean(), code: fc.boolean() },
  { requiredKeys: [] },
);
const element = fc.oneof(
  fc.record({ type: fc.constant('text'), text: mrkdwn, style }),
  fc.record({ type: fc.constant('user'), user_id: fc.constantFrom('U1', 'U2', 'UBOT', 'U9') }),
  fc.record({ type: fc.constant('link'), url: fc.webUrl(), text: mrkdwn }),
  fc.record({ type: fc.constant('emoji'), name: fc.string(), unicode: fc.string() }),
  fc.anything(),
);
const block = fc.oneof(
  fc
    .array(
      fc.record({
        type: fc.constantFrom(
          'rich_text_section',
          'rich_text_list',
          'rich_text_quote',
          'rich_text_preformatted',
        ),
        elements: fc.array(fc.oneof(element, fc.record({ elements: fc.array(element, { maxLength: 3 }) })), {
          maxLength: 4,
        }),
        indent: fc.oneof(fc.nat(20), fc.anything()),
        offset: fc.oneof(fc.nat(20), fc.anything()),
        style: fc.constantFrom('ordered', 'bullet'),
      }),
      { maxLength: 4 },
    )
    .map((elements) => ({ type: 'rich_text', elements })),
  fc.record({
    type: fc.constantFrom('section', 'header', 'context', 'container', 'video', 'plan', 'image', 'hologram'),
    text: fc.oneof(fc.record({ type: fc.constantFrom('mrkdwn', 'plain_text'), text: mrkdwn }), fc.anything()),
    title: fc.oneof(mrkdwn, fc.anything()),
    elements: fc.oneof(fc.array(fc.anything()), fc.anything()),
    child_blocks: fc.anything(),
    alt_text: fc.anything(),
  }),
  fc.record({
    type: fc.constant('table'),
    rows: fc.array(fc.array(fc.anything(), { maxLength: 3 }), { maxLength: 3 }),
  }),
  fc.anything(),
);
const content = fc.record({
  text: mrkdwn,
  blocks: fc.array(block, { maxLength: 3 }),
  attachments: fc.array(
    fc.oneof(
      fc.record(
        {
          text: mrkdwn,
          title: fc.oneof(mrkdwn, fc.anything()),
          fallback: mrkdwn,
          footer: mrkdwn,
          author_name: fc.oneof(mrkdwn, fc.anything()),
          author_id: fc.constantFrom('U1', 'U9', 7),
          channel_id: fc.constantFrom('C1', null),
          fields: fc.oneof(fc.array(fc.record({ title: mrkdwn, value: mrkdwn })), fc.anything()),
          is_share: fc.oneof(fc.boolean(), fc.anything()),
          from_url: fc.oneof(fc.webUrl(), fc.anything()),
          blocks: fc.oneof(fc.array(block), fc.anything()),
          message_blocks: fc.array(
            fc.record({ message: fc.oneof(fc.record({ blocks: fc.array(block) }), block) }),
          ),
          files: fc.array(fc.anything()),
        },
        { requiredKeys: [] },
      ),
      fc.anything(),
    ),
    {
      maxLength: 2,
    },
  ),
});

test('anything becomes text, and no token of a person who is known is left in it', () => {
  fc.assert(
    fc.property(content, names, (given, known) => {
      const markdown = toMarkdown(given, known, BOT);
      expect(markdown).toBeTypeOf('string');
      expect(markdown).not.toMatch(/<@(?:U1|U2|UBOT)(?:\|[^<>]*)?>/);
      expect(markdown).not.toMatch(/[\0\uE000\uE001]/);
    }),
    { numRuns: 800 },
  );
});

test('finding mentions and asking for a bare mention never fail', () => {
  fc.assert(
    fc.property(content, (given) => {
      expect(mentionedUserIds(given)).toEqual([...new Set(mentionedUserIds(given))]);
      expect(mentionedChannelIds(given)).toBeInstanceOf(Array);
    }),
    { numRuns: 300 },
  );
});

test('plain words without markup come through unchanged', () => {
  const words = fc.array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(words, names, (list, known) => {
      const sentence = list.join(' ');
      expect(toMarkdown({ text: sentence }, known, BOT)).toBe(sentence);
      expect(toMarkdown({ text: '', blocks: [richText({ type: 'text', text: sentence })] }, known, BOT)).toBe(
        sentence,
      );
    }),
  );
});

test('the three escapes give back what was typed', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z&<>; ]{1,40}$/), (typed) => {
      const escaped = typed.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
      // A line that starts with `>` is a quote, and outer blanks are not kept.
      fc.pre(!typed.trimStart().startsWith('>'));
      expect(
        toMarkdown({ text: escaped }, { user: () => null, channel: () => null, usergroup: () => null }, BOT),
      ).toBe(typed.trim());
    }),
  );
});

test('a name is one short line without markup', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (raw) => {
      const name = cleanName(raw);
      expect(name).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e<>*`[\]|@#]/u);
      expect([...name].length).toBeLessThanOrEqual(80);
    }),
  );
});

test('mentions are found once each, in text, blocks and pasted tables', () => {
  const given = {
    text: '<@U2> and <@U1|Ann> and <@U2> in <#C1|general> or <!subteam^S1|@ops>',
    blocks: [richText({ type: 'user', user_id: 'U3' }, { type: 'channel', channel_id: 'C2' })],
    attachments: [
      { blocks: [{ type: 'table', rows: [[richText({ type: 'usergroup', usergroup_id: 'S2' })]] }] },
    ],
  };
  expect(mentionedUserIds(given)).toEqual(['U2', 'U1', 'U3']);
  expect(mentionedChannelIds(given)).toEqual(['C1', 'C2']);
});

test('40,000 characters of the worst kind are read in well under a second', async () => {
  const worst = [
    '<@U1|',
    '*a ',
    '[',
    '![](',
    '\r\n',
    ':a: ',
    '1. ',
    '\n1.',
    '字',
    'a b ',
    '&gt;',
    '\n',
    '`',
    ' ',
    '<',
    '&',
    '~a',
    '```',
    ':a',
    '\uE000 ',
    '>',
  ];
  const known: Names = { user: () => 'U1', channel: () => null, usergroup: () => null };
  for (const piece of worst) {
    const text = piece.repeat(Math.floor(40_000 / piece.length));
    const read = () => {
      toMarkdown({ text, blocks: [richText({ type: 'text', text, style: { code: true } })] }, known, BOT);
      toMarkdown({ text }, known, BOT);
      const blocks = [{ type: 'section', text: { type: 'mrkdwn', text } }];
      toMarkdown(
        { text, blocks, attachments: [{ title: text, text, fallback: text, footer: text }] },
        known,
        BOT,
      );
      buildTranscript([{ id: 1, role: 'user', speakerName: 'Ana', text: `a${text}b`, blocks: null }], {
        named: true,
      });
      titleOf(text);
      line(`a${text}b`, 100);
      parseUsd(`5${text}x`);
    };
    // Quadratic work on this size takes several seconds.
    const took = await quickest(1_000, () => timed(read));
    expect(took, `for ${JSON.stringify(piece)}`).toBeLessThan(1_000);
  }
});

test('a payload that is nested or repeated without end costs no more than its first part', async () => {
  const known: Names = { user: () => null, channel: () => null, usergroup: () => null };
  const kinds = ['container', 'hologram', 'carousel', 'rich_text', 'plan'];
  for (const type of kinds) {
    let deep: object = { type, text: 'the end' };
    for (let depth = 0; depth < 20_000; depth += 1)
      deep = { type, child_blocks: [deep], elements: [deep], tasks: [deep], more: deep };
    const attachments = [deep, { blocks: [deep], message_blocks: [deep] }];
    const read = () => toMarkdown({ text: '', blocks: [deep], attachments }, known, BOT);
    expect(await quickest(500, () => timed(read)), type).toBeLessThan(500);
  }
  const wide = Array.from({ length: 20_000 }, (_, at) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: `${at}` },
  }));
  const rows = Array.from({ length: 20_000 }, () => [{ type: 'raw_text', text: 'x' }]);
  const read = () =>
    toMarkdown({ text: 'x', blocks: [...wide, { type: 'table', rows }], attachments: wide }, known, BOT);
  expect(await quickest(2_000, () => timed(read))).toBeLessThan(2_000);
});
