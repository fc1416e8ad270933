/** A text in the code: a string, or a template with `…` for each of its expressions. */
export interface Literal {
  readonly text: string;
  /** Line that it begins on; the first is 1. */
  readonly line: number;
  /** What is called with it, innermost first: `log.warn`, `new Error`. */
  readonly within: readonly string[];
  /** The name of the property that it is the value of; null: of none. */
  readonly property: string | null;
}

interface Open {
  /** The bracket, or '`' for an expression inside a template. */
  readonly mark: string;
  readonly callee: string;
}

const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
/** A slash after one of these begins a regular expression; after anything else it divides. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+>]|\breturn)\s*$/;

/** All texts of TypeScript code. A scanner: it knows comments, strings, templates, regular expressions and brackets. */
export function literalsOf(code: string): Literal[] {
  const found: Literal[] = [];
  const open: Open[] = [];
  /** Templates whose expression is being read: what was read of them, and where they began. */
  const templates: { text: string; at: number }[] = [];
  /** What came before, without comments and without the insides of texts. */
  let before = '';
  const add = (text: string, at: number) =>
    found.push({
      text,
      line: code.slice(0, at).split('\n').length,
      within: open.flatMap(({ callee }) => (callee === '' ? [] : [callee])).reverse(),
      property: /([\w$]+)\??:\s*$/.exec(before)?.[1] ?? null,
    });

  /** Reads a template from `at` on, to its end or to its next expression; returns where to go on. */
  const template = (at: number): number => {
    const one = templates.at(-1);
    for (let here = at; here < code.length; here += 1) {
      if (code[here] === '\\') {
        here += 1;
        continue;
      }
      if (code[here] !== '`' && !code.startsWith('${', here)) continue;
      if (one !== undefined) one.text += code.slice(at, here);
      if (code[here] === '`') {
        templates.pop();
        if (one !== undefined) add(one.text, one.at);
        before += '``';
        return here + 1;
      }
      if (one !== undefined) one.text += '…';
      open.push({ mark: '`', callee: '' });
      return here + 2;
    }
    throw new Error('a template without an end');
  };

  for (let at = 0; at < code.length; ) {
    const char = code[at] ?? '';
    const rest = code.slice(at, at + 2);
    if (rest === '//') at = endOf(code, '\n', at);
    else if (rest === '/*') at = endOf(code, '*/', at) + 2;
    else if (char === '/' && BEFORE_REGEX.test(before)) {
      const [regex = '/'] = /^\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])+\/\w*/.exec(code.slice(at)) ?? [];
      before += '/ /';
      at += regex.length;
    } else if (char === "'" || char === '"') {
      const [whole = char] =
        new RegExp(`^${char}(?:\\\\.|[^${char}\\\\])*${char}`).exec(code.slice(at)) ?? [];
      add(whole.slice(1, -1), at);
      before += "''";
      at += whole.length;
    } else if (char === '`') {
      templates.push({ text: '', at });
      at = template(at + 1);
    } else if (char === '}' && open.at(-1)?.mark === '`') {
      open.pop();
      at = template(at + 1);
    } else {
      if (char === '(') open.push({ mark: char, callee: calleeOf(before) });
      else if (char === '[' || char === '{') open.push({ mark: char, callee: '' });
      else if (CLOSING[char] !== undefined && open.pop()?.mark !== CLOSING[char])
        throw new Error(`brackets do not match before ${JSON.stringify(code.slice(at, at + 40))}`);
      before = (before + char).slice(-200);
      at += 1;
    }
  }
  return found;
}

function calleeOf(before: string): string {
  const [, made = '', name = ''] = /(\bnew\s+)?([\w$]+(?:\??\.[\w$]+)*)\s*$/.exec(before) ?? [];
  return `${made === '' ? '' : 'new '}${name}`;
}

function endOf(code: string, mark: string, from: number): number {
  const end = code.indexOf(mark, from);
  return end < 0 ? code.length : end;
}
