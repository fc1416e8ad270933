/** Colours for code: comments, strings, numbers, keywords. One linear pass, no grammar of any language. */

export interface Piece {
  readonly kind: 'comment' | 'string' | 'number' | 'keyword' | 'plain';
  readonly text: string;
}

// A string that is not closed (yet) runs to the end of its line; an apostrophe may be none, so that its partner must be
// near. Both keep the pass linear: no quote makes the rest of the text be read twice.
const STRING = String.raw`"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n]){0,200}'`;
const NUMBER = String.raw`\b\d[\w.]*`;
const WORD = String.raw`[A-Za-z_]\w*`;
const C_COMMENT = String.raw`\/\/[^\n]*|\/\*[^*]*(?:\*(?!\/)[^*]*)*(?:\*\/|$)`;
const HASH_COMMENT = String.raw`#[^\n]*`;

const KEYWORDS = new Set(
  (
    'abstract and as assert async await break case catch class const continue def default defer del do done elif else ' +
    'end enum esac except export extends false False fi finally fn for from func function go if impl implements import ' +
    'in interface is lambda let loop match mod module mut namespace new nil None not null of or package pass private ' +
    'protected pub public raise readonly return self static struct super switch then this throw trait true True try ' +
    'type typeof undefined union use using val var void where while with yield ' +
    'select insert update delete create table primary key references join left on group by order limit values into set ' +
    'SELECT INSERT UPDATE DELETE CREATE TABLE PRIMARY KEY REFERENCES FROM WHERE JOIN LEFT ON GROUP BY ORDER LIMIT ' +
    'VALUES INTO SET AND OR NOT NULL AS WITH'
  ).split(' '),
);

const HASH_LANGUAGES = new Set([
  'py',
  'python',
  'sh',
  'bash',
  'shell',
  'zsh',
  'rb',
  'ruby',
  'yaml',
  'yml',
  'toml',
  'r',
]);
const PLAIN_LANGUAGES = new Set([
  '',
  'text',
  'txt',
  'plain',
  'plaintext',
  'md',
  'markdown',
  'diff',
  'log',
  'csv',
]);

/** Longer code is shown without colours: a block of the playground never comes near it. */
const MOST_CHARACTERS = 20_000;

/** Cuts code into pieces; their texts joined are the code. `language` is the word after the fence. */
export function highlight(code: string, language: string): readonly Piece[] {
  const name = language.toLowerCase();
  if (PLAIN_LANGUAGES.has(name) || code.length > MOST_CHARACTERS) return [{ kind: 'plain', text: code }];
  const comment = HASH_LANGUAGES.has(name) ? HASH_COMMENT : name === 'sql' ? String.raw`--[^\n]*` : C_COMMENT;
  const template =
    HASH_LANGUAGES.has(name) || name === 'sql' ? '' : String.raw`|${'`'}(?:\\[\s\S]|[^\\${'`'}])*${'`'}?`;
  const pattern = new RegExp(`(${comment})|(${STRING}${template})|(${NUMBER})|(${WORD})`, 'g');
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of code.matchAll(pattern)) {
    const kind = match[1]
      ? 'comment'
      : match[2]
        ? 'string'
        : match[3]
          ? 'number'
          : KEYWORDS.has(match[0])
            ? 'keyword'
            : null;
    if (kind === null) continue;
    if (match.index > from) pieces.push({ kind: 'plain', text: code.slice(from, match.index) });
    pieces.push({ kind, text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < code.length) pieces.push({ kind: 'plain', text: code.slice(from) });
  return pieces;
}
