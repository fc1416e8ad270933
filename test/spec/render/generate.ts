/** Generated answers: Markdown as models write it, with every construct nested as deep as it makes sense. */
import fc from 'fast-check';

const word = fc.oneof(
  { weight: 12, arbitrary: fc.stringMatching(/^[a-z]{1,9}$/) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '日本語',
      '中文字符',
      '한국어',
      'שלום',
      'مرحبا',
      '👩‍👩‍👧‍👦',
      '🇩🇪🇫🇷',
      '👍🏽',
      'é̂',
      'naïve',
      'don’t',
      'e.g.',
      '3.5',
      'snake_case_name',
      '__init__.py'.replaceAll('__', ''),
      'AT&T',
      'x<y',
      'Vec<String>',
      '"quoted"',
      '(aside)',
      'end.',
      'really?',
      'yes!',
    ),
  },
);

const words = fc.array(word, { minLength: 1, maxLength: 6 }).map((list) => list.join(' '));

const plainWords = fc
  .array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 4 })
  .map((list) => list.join(' '));

const address = fc.constantFrom(
  'https://example.com',
  'https://example.com/a_b/c?d=1&e=2#f',
  'http://example.org/wiki/X_(y)',
  'mailto:a@example.com',
);

/** One inline construct; joined by blanks, so that each means what it looks like. */
const inline = fc.oneof(
  { weight: 10, arbitrary: words },
  { weight: 2, arbitrary: plainWords.map((text) => `**${text}**`) },
  { weight: 2, arbitrary: plainWords.map((text) => `*${text}*`) },
  { weight: 1, arbitrary: plainWords.map((text) => `_${text}_`) },
  { weight: 1, arbitrary: plainWords.map((text) => `***${text}***`) },
  { weight: 1, arbitrary: plainWords.map((text) => `~~${text}~~`) },
  { weight: 1, arbitrary: fc.tuple(plainWords, plainWords).map(([a, b]) => `**${a} *${b}* ${a}**`) },
  { weight: 2, arbitrary: plainWords.map((text) => `\`${text} <b> & *x*\``) },
  { weight: 1, arbitrary: plainWords.map((text) => `\`\`${text} \` x\`\``) },
  { weight: 2, arbitrary: fc.tuple(plainWords, address).map(([label, to]) => `[${label}](${to})`) },
  {
    weight: 1,
    arbitrary: fc.tuple(plainWords, address).map(([label, to]) => `[**${label}** x](${to} "title")`),
  },
  { weight: 1, arbitrary: plainWords.map((alt) => `![${alt}](https://example.com/i.png)`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '<https://example.com/x>',
      'https://example.com/a_b_c.',
      '<div class="x">',
      '</div>',
      '<br',
      '<!-- note -->',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '\\*literal\\*',
      '&amp;',
      '&lt;p&gt;',
      '&copy;',
      '2 * 3',
      'a_b',
      '[note]',
      'f(x)[0]',
      '~5',
      '!',
      '\\<b>',
    ),
  },
);

const line = fc.array(inline, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(' '));

const safeStart = (text: string) => (/^(?:[<!&~\\([]|\d)/.test(text) ? `so ${text}` : text);

const paragraph = fc
  .array(line, { minLength: 1, maxLength: 3 })
  .map((lines) => lines.map(safeStart).join('\n'));

const longParagraph = fc
  .array(line, { minLength: 10, maxLength: 16 })
  .map((lines) => lines.map(safeStart).join(' '));

const codeLine = fc.oneof(
  fc.constantFrom(
    '',
    '  indented',
    'const a: Array<string> = [];',
    '# not a heading',
    '- no item',
    '| no | table |',
    '<!doctype html>',
    '"日本語"',
    '\ttab',
    '*no* `emphasis`',
    '[a](b)',
    'x'.repeat(90),
  ),
  words,
);

const fence = fc
  .tuple(
    fc.constantFrom('```', '~~~', '````'),
    fc.constantFrom('', 'ts', 'python', 'c++', 'chart'),
    fc.array(codeLine, { minLength: 1, maxLength: 14 }),
  )
  .map(([mark, language, lines]) => `${mark}${language}\n${lines.join('\n')}\n${mark}`);

const cell = fc.oneof(
  plainWords,
  fc.constantFrom('', '**bold**', '`code`', 'a \\| b', '日本', '[x](https://example.com)', '5', '-'),
);

const table = fc.integer({ min: 1, max: 5 }).chain((columns) =>
  fc
    .tuple(
      fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 8 }),
      fc.nat(),
    )
    .map(([rows, own]) => {
      const write = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
      const [head = [], ...body] = rows;
      return [
        write(head.map((name, index) => (index === 0 ? `h${own}` : name))),
        write(head.map(() => ':---')),
        ...body.map(write),
      ].join('\n');
    }),
);

const leaf = fc.oneof(
  { weight: 6, arbitrary: paragraph },
  { weight: 1, arbitrary: longParagraph },
  { weight: 3, arbitrary: fence },
  { weight: 2, arbitrary: table },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 6 }), words)
      .map(([depth, text]) => `${'#'.repeat(depth)} ${text}`),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(plainWords, fc.constantFrom('===', '---')).map(([text, mark]) => `${text}\n${mark}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('---', '***', '_ _ _') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '    indented code\n\n    and more\n\nafter',
      '<details>\n<summary>more</summary>\ninside\n</details>',
      '[1]: https://example.com "t"',
    ),
  },
);

const indent = (text: string, width: number) =>
  text
    .split('\n')
    .map((each, index) => (index === 0 || each === '' ? each : ' '.repeat(width) + each))
    .join('\n');

const { block } = fc.letrec<{ block: string; list: string; quote: string }>((tie) => ({
  block: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: leaf },
    { weight: 2, arbitrary: tie('list') },
    { weight: 1, arbitrary: tie('quote') },
  ),
  quote: fc.array(tie('block'), { minLength: 1, maxLength: 2 }).map((blocks) =>
    blocks
      .join('\n\n')
      .split('\n')
      .map((each) => (each === '' ? '>' : `> ${each}`))
      .join('\n'),
  ),
  list: fc
    .tuple(
      fc.constantFrom('- ', '* ', '1. ', '7) ', '- [ ] '),
      fc.array(fc.tuple(paragraph, fc.array(tie('block'), { maxLength: 1 })), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
    )
    .map(([mark, items, loose]) =>
      items
        .map(([first, blocks], index) => {
          const number = /^(\d+)(.*)$/.exec(mark);
          const own = number ? `${Number(number[1]) + index}${number[2] ?? ''}` : mark;
          const width = mark.startsWith('- [') ? 2 : own.length;
          return own + indent([first, ...blocks].join('\n\n'), width);
        })
        .join(loose ? '\n\n' : '\n'),
    ),
}));

/** A whole answer. */
export const answer = fc.array(block, { minLength: 1, maxLength: 5 }).map((blocks) => blocks.join('\n\n'));

/** Text that means harm or is cut off anywhere: any mixture of everything that is special. */
export const hostile = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          '<!channel>',
          '<!here>',
          '<!everyone|x>',
          '<@U123ABC>',
          '<@W1|bob>',
          '<#C123|general>',
          '<#C9>',
          '<!subteam^S1|@eng>',
          '<!subteam^S1>',
          '<!date^1^{d}|then>',
          '&lt;!channel&gt;',
          '&#60;!here>',
          '&#x3C;@U123>',
          '&amp;lt;!channel&amp;gt;',
          '<&#33;channel>',
          '\\<!channel>',
          '<\\!channel>',
          '<<!channel>!channel>',
          '<<!subteam^S1|U123>>',
          '<\u0000!channel>',
          '<\u200b!here>',
          '<https://x.y|<!channel>>',
          '[<!channel>](https://x.y)',
          '[a](javascript:alert(1))',
          '![<@U1>](https://x.y "<!here>")',
          '`<!channel>`',
          '```<!here>\n',
          '\n```chart\n',
          '\n```chart\n{"title":"<!here>","labels":["<@U1>","`|"],"series":{"<#C1>":[1,2]}}\n```\n',
          '<!chan<!-- -->nel>',
          '&lt!channel>',
        ),
      },
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          '*',
          '**',
          '***',
          '_',
          '__',
          '~~',
          '`',
          '``',
          '```',
          '~~~',
          '[',
          ']',
          '](',
          '(',
          ')',
          '![',
          '<',
          '>',
          '&',
          '\\',
          '|',
          '\n',
          '\n\n',
          '\n```\n',
          '\n- ',
          '\n1. ',
          '\n> ',
          '\n# ',
          '\n    ',
          '\n| a | b |\n|---|---|\n',
          '\n---\n',
          '\n===\n',
          '\t',
          '\r',
          '\u0000',
          '\ud83d',
          '\ude00',
          '\u202e',
          '!',
          '@',
          '#',
          ':',
          'https://',
          'javascript:',
        ),
      },
      { weight: 5, arbitrary: word },
      { weight: 3, arbitrary: fc.constant(' ') },
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((parts) => parts.join(''));

/** A text cut into deltas. */
export function deltasOf(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length));
}
