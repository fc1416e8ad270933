/**
 * Answers of the nature of public bug reports against bots in Slack, each with what its reader should be shown. Written
 * for this project; the reports are named in docs/slack-markdown.md.
 */
import type { Meaning } from './reading.ts';

export interface Case extends Partial<Omit<Meaning, 'text'>> {
  readonly title: string;
  readonly source: string;
  /** What is visible; without it, the source as it is. */
  readonly text?: string;
}

const PULL = 'https://git.example.com/team/app/pull/54';

export const CASES: readonly Case[] = [
  {
    title: 'an address in bold with a bracket tight behind it',
    source: `Opened **${PULL}**(rebased) today.`,
    text: `Opened ${PULL}(rebased) today.`,
    links: [PULL],
    marked: [PULL],
  },
  {
    title: 'an address in bold at the end',
    source: `Draft is up: **${PULL}**`,
    text: `Draft is up: ${PULL}`,
    links: [PULL],
    marked: [PULL],
  },
  {
    title: 'an address in bold with code behind it',
    source: `**${PULL}**(\`fix/x\` → \`main\`)`,
    text: `${PULL}(fix/x → main)`,
    links: [PULL],
    marked: [PULL],
    code: ['fix/x', 'main'],
  },
  { title: 'an address in brackets with a full stop', source: `See (${PULL}).`, links: [PULL] },
  {
    title: 'an address in italics and one that is struck',
    source: `*${PULL}* and ~~${PULL}~~`,
    text: `${PULL} and ${PULL}`,
    links: [PULL, PULL],
    marked: [PULL, PULL],
  },
  {
    title: 'an address between Chinese and full-width brackets',
    source: '文档见https://docs.example.com/setup（中文说明）。然后重启。',
    links: ['https://docs.example.com/setup'],
  },
  {
    title: 'an address with Chinese right behind it',
    source: '打开https://docs.example.com/setup然后重启',
    links: ['https://docs.example.com/setup'],
  },
  {
    title: 'an address with a dash behind it, and one with letters of its own',
    source:
      'https://example.com/a—see https://ru.example.org/wiki/Россия, https://ja.example.org/wiki/佐々木。',
    links: [
      'https://example.com/a',
      'https://ru.example.org/wiki/Россия',
      'https://ja.example.org/wiki/佐々木',
    ],
  },
  {
    title: 'an address that has marks in it',
    source: 'https://example.com/~user/a_b*c/__init__.py and https://en.example.org/wiki/X_(y)',
    links: ['https://example.com/~user/a_b*c/__init__.py', 'https://en.example.org/wiki/X_(y)'],
  },
  {
    title: 'an address in a Chinese domain, and one of a machine',
    source: 'https://例え.jp/パス。然后 http://localhost:3000/x_y',
    links: ['https://例え.jp/パス', 'http://localhost:3000/x_y'],
  },
  {
    title: 'a product in italics',
    source: '*note: 2*3=6* done',
    text: 'note: 2*3=6 done',
    marked: ['note: 2*3=6'],
  },
  {
    title: 'a link whose label is its address',
    source: `[${PULL}](${PULL})`,
    text: PULL,
    links: [PULL],
  },
  {
    title: 'single tildes as "about" and as ranges',
    source: '대략 3~5일, 비용은 10~20만원. takes ~3~5 minutes',
  },
  { title: 'tildes in brackets, and home directories', source: '(~200 lines) and (~500 lines), ~/a and ~/b' },
  { title: 'two tildes', source: 'was ~~5~~ 6 ~7', text: 'was 5 6 ~7', marked: ['5'] },
  { title: 'products', source: 'Area = 2*pi*r, so 5*3*2 = 30, 2*(a+b)*c and w*h*d is the volume.' },
  { title: 'powers', source: '2**10 and 2**20, x**2 + y**2, (a+b)**2 and (a+b)**n, a**b + c**d' },
  { title: 'globs', source: 'src/**/*.ts and test/**/*.ts, *.md, *.* and *.txt, a/* and b/*' },
  { title: 'pointers and arguments', source: 'char *a, *b; f(*args, **kwargs) and g(*args, **kwargs)' },
  {
    title: 'names with underscores',
    source: '__init__.py calls __main__, __dirname, snake_case_name and _private',
  },
  { title: 'footnotes', source: 'price* and rate**\n\n*Without tax.\n\n**Per year.' },
  { title: 'comments of code in prose', source: '/* one */ and /* two */' },
  {
    title: 'bold that ends in punctuation before a letter',
    source: '**Note:**read this first. **“Quoted”**text',
    text: 'Note:read this first. “Quoted”text',
    marked: ['Note:', '“Quoted”'],
  },
  {
    title: 'bold in Chinese and Japanese without blanks',
    source: '这是**「重点」**内容。これは**重要**です。使用**`npm`**命令',
    text: '这是「重点」内容。これは重要です。使用npm命令',
    marked: ['「重点」', '重要', 'npm'],
    code: ['npm'],
  },
  {
    title: 'bold that is a folder',
    source: '**src/render/** has it, **/etc/hosts** too',
    text: 'src/render/ has it, /etc/hosts too',
    marked: ['src/render/', '/etc/hosts'],
  },
  {
    title: 'a pipe in code in a cell',
    source: '| Option | Meaning |\n|---|---|\n| `a | b` | union of both |\n| `x \\| y` | the same |',
    text: 'OptionMeaninga | bunion of bothx | ythe same',
    code: ['a | b', 'x | y'],
  },
  {
    title: 'a fence inside a document in a fence',
    source:
      'Here it is:\n\n```markdown\n# Tool\n```bash\nmake run\n```\n## Notes\nShort.\n```\n\nAnything else?',
    text: 'Here it is:# Tool```bashmake run```## NotesShort.Anything else?',
    code: ['# Tool\n```bash\nmake run\n```\n## Notes\nShort.'],
  },
  {
    title: 'a fence inside a fence without a language',
    source: '```\n# Tool\n```bash\nmake run\n```\nShort.\n```\n\nAnything else?',
    text: '# Tool```bashmake run```Short.Anything else?',
    code: ['# Tool', '```bash\nmake run\n```\nShort.'],
  },
  {
    title: 'formulas in a line',
    source: 'Energy is \\(E = m c_0^2\\), $x_i^2$ costs $20 to $35, $PATH:$HOME, $n$',
    code: ['\\(E = m c_0^2\\)', '$x_i^2$', '$n$'],
  },
  {
    title: 'formulas on lines of their own',
    source: 'so\n\n\\[\n\\frac{a_{i}*b_{j}}{c*d}\n\\]\n\n$$\nx*y*z\n$$\n\nend \\[1\\] of it',
    text: 'so\\[\\frac{a_{i}*b_{j}}{c*d}\\]$$x*y*z$$end [1] of it',
    code: ['\\[\n\\frac{a_{i}*b_{j}}{c*d}\n\\]', '$$\nx*y*z\n$$'],
  },
  {
    title: 'placeholders and types in prose',
    source: 'Run deploy <project-id> --to <env>, Vec<String>, Map<K, V> and <div>',
  },
  {
    title: 'code with what is nearly a control sequence',
    source: '`if (a<!b)`, `Map<@UUIDString, T>`, `<!-- x -->`\n\n```swift\nlet x = <#CODE#>\n```',
    text: 'if (a<!b), Map<@UUIDString, T>, <!-- x -->let x = <#CODE#>',
    code: ['if (a<!b)', 'Map<@UUIDString, T>', '<!-- x -->', 'let x = <#CODE#>'],
  },
  { title: 'a call behind an index', source: 'f[0](1) and a[i](x)' },
];
