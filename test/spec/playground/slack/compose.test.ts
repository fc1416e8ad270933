import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeMessage, type Directory } from '../../../../playground/slack/compose.ts';
import { visibleText } from '../../../../playground/slack/visible.ts';

const directory: Directory = {
  userByHandle: (handle) => ({ skein: 'U0SKEIN', ben: 'U0BEN' })[handle],
  channelByName: (name) =>
    name === 'general'
      ? { id: 'C1', isPrivate: false }
      : name === 'launch'
        ? { id: 'C2', isPrivate: true }
        : undefined,
};
const names = {
  user: (id: string) => ({ U0SKEIN: 'skein', U0BEN: 'ben' })[id] ?? id,
  channel: (id: string) => ({ C1: 'general', C2: 'launch' })[id] ?? id,
};
const compose = (typed: string) => composeMessage(typed, directory, 'b');
const text = (typed: string) => compose(typed).text;

function parts(typed: string): unknown {
  const [block] = compose(typed).blocks;
  return block?.elements;
}

describe('typed text as Slack sends it', () => {
  it.each([
    ['a mention', '@skein hi', '<@U0SKEIN> hi'],
    ['a mention in capitals before punctuation', '@Skein, hi', '<@U0SKEIN>, hi'],
    ['an unknown handle', '@nobody hi', '@nobody hi'],
    ['an address', 'me@ben.org', 'me@ben.org'],
    ['broadcasts', '@here @channel @everyone', '<!here> <!channel> <!everyone>'],
    ['a public and a private channel', '#general #launch #none', '<#C1|general> <#C2|> #none'],
    ['a token typed by hand', '<@U0SKEIN> <!channel>', '&lt;@U0SKEIN&gt; &lt;!channel&gt;'],
    ['the three escapes', 'a < b & c > d', 'a &lt; b &amp; c &gt; d'],
    ['styles', '*bold* _it_ ~no~ `code`', '*bold* _it_ ~no~ `code`'],
    ['a mention in code', '`@skein`', '`@skein`'],
    ['snake_case and 2*3*4', 'snake_case_name 2*3*4', 'snake_case_name 2*3*4'],
    ['an address of the web', 'see https://a.example/x?a=1&b=2.', 'see <https://a.example/x?a=1&amp;b=2>.'],
    ['a labelled link', '[docs](https://a.example/)', '<https://a.example/|docs>'],
    ['a list', '- one\n- *two*', '• one\n• *two*'],
    ['an ordered list', '1. one\n2. two', '1. one\n2. two'],
    ['a quote', '> said', '&gt; said'],
    ['a fence', '```js\nlet a = b < c;\n```', '```let a = b &lt; c;```'],
    ['a fence that is never closed', '```\nopen', '```\nopen'],
  ])('turns %s into mrkdwn', (_, typed, sent) => {
    expect(text(typed)).toBe(sent);
  });

  it('makes elements of lists, nested lists, quotes and fences', () => {
    expect(parts('intro\n- one\n  - deep\n> quoted\n```ts\nlet x;\n```')).toEqual([
      { type: 'rich_text_section', elements: [{ type: 'text', text: 'intro' }] },
      {
        type: 'rich_text_list',
        style: 'bullet',
        indent: 0,
        border: 0,
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'one' }] }],
      },
      {
        type: 'rich_text_list',
        style: 'bullet',
        indent: 1,
        border: 0,
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'deep' }] }],
      },
      { type: 'rich_text_quote', elements: [{ type: 'text', text: 'quoted' }] },
      {
        type: 'rich_text_preformatted',
        elements: [{ type: 'text', text: 'let x;' }],
        border: 0,
        language: 'ts',
      },
    ]);
  });

  it('nests styles and keeps a mention inside them', () => {
    expect(parts('*bold _both_ @ben*')).toEqual([
      {
        type: 'rich_text_section',
        elements: [
          { type: 'text', text: 'bold ', style: { bold: true } },
          { type: 'text', text: 'both', style: { bold: true, italic: true } },
          { type: 'text', text: ' ', style: { bold: true } },
          { type: 'user', user_id: 'U0BEN', style: { bold: true } },
        ],
      },
    ]);
    expect(text('*bold _both_ @ben*')).toBe('*bold _both_ <@U0BEN>*');
  });

  const typed = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '@skein',
          '@here',
          '#general',
          '*',
          '_',
          '~',
          '`',
          '```',
          '\n',
          '- ',
          '> ',
          '1. ',
          '<',
          '>',
          '&',
          ' ',
        ),
        fc.string({ maxLength: 6 }),
      ),
      { maxLength: 20 },
    )
    .map((pieces) => pieces.join(''));

  it('never lets typed text become a token that Slack did not make', () => {
    fc.assert(
      fc.property(typed, (input) => {
        const tokens = text(input).match(/<[^>]*>/g) ?? [];
        for (const token of tokens)
          expect(token).toMatch(
            /^<(@U0SKEIN|@U0BEN|!here|!channel|!everyone|#C1\|general|#C2\||https?:[^<>]+)>$/,
          );
        expect(text(input).replace(/<[^>]*>/g, '')).not.toMatch(/[<>]/);
      }),
    );
  });

  it('shows every word that was typed, in order', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 12 });
    const joints = fc.constantFrom(' ', '\n', '\n- ', '\n> ', ' *', '* ', ' `', '` ', '\n1. ');
    fc.assert(
      fc.property(words, fc.array(joints, { minLength: 12, maxLength: 12 }), (list, between) => {
        const input = list.map((word, index) => `${index === 0 ? '' : between[index]}${word}`).join('');
        const shown = visibleText(compose(input), names).match(/[a-z]+/g) ?? [];
        expect(shown).toEqual(list);
      }),
    );
  });
});
