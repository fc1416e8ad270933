/** Generated answers full of what goes wrong in Slack, each with what it means. */
import fc from 'fast-check';
import type { Meaning } from './reading.ts';
import { squeeze } from './visible.ts';

export interface Piece extends Meaning {
  /** As the model wrote it. */
  readonly source: string;
}

const piece = (source: string, meaning: Partial<Meaning> = {}): Piece => ({
  source,
  code: [],
  links: [],
  marked: [],
  ...meaning,
  text: squeeze(meaning.text ?? source),
});

/** Pieces one after another, with `between` them. */
export function together(pieces: readonly Piece[], between: string): Piece {
  return {
    source: pieces.map(({ source }) => source).join(between),
    text: pieces.map(({ text }) => text).join(squeeze(between)),
    code: pieces.flatMap(({ code }) => code),
    links: pieces.flatMap(({ links }) => links),
    marked: pieces.flatMap(({ marked }) => marked),
  };
}

const word = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z]{2,8}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('Größe', 'слово', '日本語', '说明', '한국어', '3.5', 'A4', 'don’t'),
  },
);
const words = fc.array(word, { minLength: 1, maxLength: 3 }).map((list) => list.join(' '));
const latin = fc.stringMatching(/^[a-z]{2,8}$/);

const address = fc.constantFrom(
  'https://git.example.com/team/app/pull/54',
  'https://example.com/a_b/c?d=1&e=2#f',
  'https://en.example.org/wiki/X_(y)',
  'https://ja.example.org/wiki/佐々木',
  'https://ru.example.org/wiki/Россия',
  'https://example.com/~user/x',
  'http://localhost:3000/',
);

const link = (source: string, url: string, more: Partial<Meaning> = {}): Piece =>
  piece(source, { text: source, links: [url], ...more });

/** What may stand tight behind an address or behind marks, and is text. */
const behind = fc.constantFrom('', '', '.', ',', ';', '（说明）', '。然后', '—so', '…', '、');
const behindMarks = fc.oneof(behind, fc.constantFrom('(rebased)', 'read', '字', '"x"'));

const addresses = fc.oneof(
  fc.tuple(address, behind).map(([url, tail]) => link(url + tail, url)),
  fc
    .tuple(address, behindMarks)
    .map(([url, tail]) => link(`**${url}**${tail}`, url, { text: url + tail, marked: [squeeze(url)] })),
  fc.tuple(address, behind).map(([url, tail]) => link(`(${url})${tail}`, url)),
  fc
    .tuple(fc.constantFrom('见', '见：', 'PR:', '→'), address, behind)
    .map(([head, url, tail]) => link(head + url + tail, url)),
  fc.tuple(latin, address).map(([label, url]) => link(`[${label}](${url})`, url, { text: label })),
);

const emphasis = fc.oneof(
  fc
    .tuple(words, fc.constantFrom(':', '.', '!', ')', '”'), behindMarks)
    .map(([text, end, tail]) =>
      piece(`**${text}${end}**${tail}`, { text: text + end + tail, marked: [squeeze(text + end)] }),
    ),
  fc
    .tuple(words, behindMarks)
    .map(([text, tail]) => piece(`**${text}**${tail}`, { text: text + tail, marked: [squeeze(text)] })),
  fc
    .tuple(words, behind)
    .map(([text, tail]) => piece(`*${text}*${tail}`, { text: text + tail, marked: [squeeze(text)] })),
  words.map((text) => piece(`_${text}_`, { text, marked: [squeeze(text)] })),
  fc
    .tuple(words, behindMarks)
    .map(([text, tail]) => piece(`~~${text}~~${tail}`, { text: text + tail, marked: [squeeze(text)] })),
  fc
    .tuple(fc.constantFrom('「重点」', '重点', '“引用”', '（注）'), fc.constantFrom('字', '。', 'ok'))
    .map(([text, tail]) =>
      piece(`这是**${text}**${tail}`, { text: `这是${text}${tail}`, marked: [squeeze(text)] }),
    ),
);

/** Characters that look like marks and are none. */
const signs = fc.constantFrom(
  'w*h*d',
  '2*pi*r',
  '5*3',
  '2*(a+b)*c',
  '2**10',
  'x**2',
  '(a+b)**2',
  'a**b',
  '2 * 3',
  'src/**/*.ts',
  'test/**',
  '*.md',
  '/* no */',
  '__init__.py',
  '__main__',
  'snake_case_name',
  '~5',
  '3~5',
  '~/x',
  '(~200',
  '$20',
  '$HOME/bin:$PATH',
  'x^2',
  '#5',
  'a|b',
  '[x]',
  'f(x)[0]',
  'f[0](1)',
  'C:\\dir',
);

/** A beginning without an end, or an end without a beginning: a leaf has one kind of them. */
const beginnings = fc.constantFrom('*args', '**kwargs', '__dirname', '*Tax', '_private', '~~half');
const ends = fc.constantFrom('price*', 'price**', 'src/*', 'name_', 'half~~');

const angles = fc.constantFrom(
  '<project-id>',
  '--to <env>',
  'Vec<String>',
  'Map<K, V>',
  'a<b',
  'x < y > z',
  '<div class="x">',
  '</div>',
  '<!-- note -->',
  '<T>',
);

const codes = fc
  .constantFrom(
    'if (a<!b)',
    'Map<@UUIDString, T>',
    '<#CODE#>',
    'a | b',
    '**x** _y_ ~z~',
    'https://example.com/**',
    '\\(a\\) $x$',
    '&lt;b&gt; & c',
    '<project-id>',
    '2*3*4',
  )
  .map((code) => piece(`\`${code}\``, { text: code, code: [code] }));

const formulas = fc
  .constantFrom(
    '\\(E = m c_0^2\\)',
    '\\(a_i*b_j*c\\)',
    '\\[x_1 = *y*\\]',
    '$$a^2$$',
    '$x^2 + y_{ij}$',
    '$n$',
    '$\\alpha*\\beta*$',
  )
  .map((source) => piece(source, { text: source, code: [source] }));

const inlinePieces = (loose: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 4, arbitrary: words.map((text) => piece(text)) },
    { weight: 3, arbitrary: addresses },
    { weight: 3, arbitrary: emphasis },
    { weight: 4, arbitrary: signs.map((text) => piece(text)) },
    { weight: 1, arbitrary: loose.map((text) => piece(text)) },
    { weight: 2, arbitrary: angles.map((text) => piece(text)) },
    { weight: 2, arbitrary: codes },
    { weight: 2, arbitrary: formulas },
  );

/** One paragraph. Bold of Chinese beside an open `**kwargs` would be a riddle, so that a leaf has only one of them. */
const paired = fc.array(inlinePieces(ends), { minLength: 1, maxLength: 8 });
const begun = fc.array(
  fc.oneof(
    words.map((text) => piece(text)),
    beginnings.map((text) => piece(text)),
    angles.map((text) => piece(text)),
    codes,
    formulas,
  ),
  { minLength: 1, maxLength: 8 },
);
// At the start of a line some of these begin a block.
const line = (leaf: fc.Arbitrary<Piece[]>) => leaf.map((pieces) => together([piece('so'), ...pieces], ' '));

const codeLine = fc.constantFrom(
  'const a: Map<@UUID, T> = x<!y;',
  '<#CODE#> & &lt;b&gt;',
  '**a** *b* ~~c~~ ~d~',
  '\\(x\\) $$ \\[ y',
  'https://example.com/**(x)',
  '\tindent | pipe',
  '__init__',
  '- item',
);

const fence = fc
  .tuple(fc.constantFrom('', 'ts', 'python'), fc.array(codeLine, { minLength: 1, maxLength: 5 }))
  .map(([language, lines]) => {
    const code = lines.join('\n');
    return piece(`\`\`\`${language}\n${code}\n\`\`\``, { text: code, code: [code] });
  });

const nested = fc.tuple(fc.constantFrom('markdown', 'md'), words, words).map(([language, head, tail]) => {
  const code = `# ${head}\n\`\`\`bash\nmake run\n\`\`\`\n${tail}`;
  return piece(`\`\`\`${language}\n${code}\n\`\`\``, { text: code, code: [code] });
});

const display = fc
  .constantFrom('\\[\n\\frac{a_{i}*b_{j}}{c*d}\n\\]', '$$\nx_1 = *y*\n$$', '\\[ a = b \\]', '$$ a = b $$')
  .map((source) => piece(source, { text: source, code: [source] }));

const cell = fc.oneof(
  latin.map((text) => piece(text)),
  codes,
  fc.constantFrom('2*3*4', '~5', '<id>', 'x_y', '5*').map((text) => piece(text)),
  address.map((url) => link(url, url)),
);

const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 4 });
// A reader of several messages knows a repeated header by its words: each table has its own.
const table = fc.tuple(rows, fc.nat()).map(([body, own]) => {
  const written = body.map((row) => {
    const { source, ...meaning } = together(row, ' | ');
    return { ...meaning, source: `| ${source} |`, text: row.map(({ text }) => text).join('') };
  });
  const head = piece(`| One${own} | Two |\n|---|---|`, { text: `One${own}Two` });
  return together([head, ...written], '\n');
});

/** Names and labels as people give them, and as nobody should. */
const named = fc.constantFrom(
  'Q1',
  'a|b',
  '2*3',
  '<id>',
  '__x__',
  '`c`',
  'Größe',
  '~5',
  '[x]',
  'A&B',
  '50 %',
);

/** A chart: what is shown of it while it is text, its title in bold and a table. */
const chart = fc
  .tuple(
    fc.constantFrom('bar', 'line', 'pie', 'scatter'),
    fc.uniqueArray(named, { minLength: 1, maxLength: 4 }),
    fc.array(fc.integer({ min: -5, max: 500 }), { minLength: 4, maxLength: 4 }),
    fc.nat(),
  )
  .map(([type, labels, values, own]) => {
    const title = `Chart${own}`;
    const x = `Label${own}`;
    const used = values.slice(0, labels.length);
    const json = JSON.stringify({ type, title, x, labels, series: { Share: used } });
    const rows = labels.map((label, at) => squeeze(label) + used[at]);
    const pie = type === 'pie' && used.every((value) => value > 0);
    if (pie) {
      const about = `${title} (Share, ${x})`;
      return piece(`\`\`\`chart\n${json}\n\`\`\``, {
        text: squeeze(about) + rows.join(''),
        marked: [squeeze(about)],
      });
    }
    return piece(`\`\`\`chart\n${json}\n\`\`\``, {
      text: [title, x, 'Share', ...rows].join(''),
      marked: [title],
    });
  });

function answer(prose: fc.Arbitrary<Piece>): fc.Arbitrary<Piece> {
  const item = prose.map((text) => ({ ...text, source: `- ${text.source}` }));
  const block = fc.oneof(
    { weight: 6, arbitrary: prose },
    { weight: 1, arbitrary: fence },
    { weight: 1, arbitrary: nested },
    { weight: 1, arbitrary: display },
    { weight: 2, arbitrary: table },
    { weight: 1, arbitrary: chart },
    { weight: 2, arbitrary: item },
  );
  return fc.array(block, { minLength: 1, maxLength: 5 }).map((blocks) => together(blocks, '\n\n'));
}

/** A whole answer. */
export const nasty = answer(fc.oneof(line(paired), line(begun)));

/** One in which all that begins ends: only that can be cut without losing a mark. */
export const closed = answer(line(paired));
