/** Groups of an RTF whose text is no text of it (Microsoft's RTF specification 1.9.1, destinations). */
const SKIPPED = new Set([
  'fonttbl',
  'colortbl',
  'stylesheet',
  'info',
  'pict',
  'object',
  'themedata',
  'datastore',
  'latentstyles',
  'listtable',
  'listoverridetable',
  'fldinst',
  'header',
  'footer',
]);
const BREAKS: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  sect: '\n\n',
  page: '\n\n',
  row: '\n',
  cell: '\t',
  tab: '\t',
  emdash: '—',
  endash: '–',
  bullet: '•',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
};
/** Groups within groups; what goes deeper is not read. */
const DEEPEST = 200;

/** The text of a rich text file (RTF), without its form. Total. */
export function richTextFormat(source: string): string {
  const western = new TextDecoder('windows-1252');
  const out: string[] = [];
  const groups: { skip: boolean; after: number }[] = [{ skip: false, after: 1 }];
  let pending = 0;
  const token = /([{}])|\\'([0-9a-f]{2})|\\([a-z]{1,32})(-?\d{1,10})? ?|\\(.)|[\r\n]+|([^{}\\\r\n]+)/gis;
  for (const [, brace, hex, word, number, sign, text] of source.matchAll(token)) {
    const group = groups.at(-1) ?? { skip: true, after: 1 };
    if (brace === '{') {
      if (groups.length >= DEEPEST) break;
      groups.push({ ...group });
    } else if (brace === '}') {
      if (groups.length > 1) groups.pop();
    } else if (word !== undefined) {
      const name = word.toLowerCase();
      if (SKIPPED.has(name)) group.skip = true;
      else if (name === 'uc') group.after = Math.max(0, Number(number ?? 1));
      else if (group.skip) continue;
      else if (name === 'u') {
        out.push(String.fromCharCode(Number(number ?? 63) & 0xffff));
        pending = group.after;
      } else if (name === 'bin') break;
      else out.push(BREAKS[name] ?? '');
    } else if (sign === '*') group.skip = true;
    else if (group.skip) continue;
    else if (hex !== undefined) {
      // Stands for the letter before it, for readers that do not know that one.
      if (pending > 0) pending -= 1;
      else out.push(western.decode(Uint8Array.of(Number.parseInt(hex, 16))));
    } else if (sign !== undefined) out.push(sign === '~' ? ' ' : /[{}\\]/.test(sign) ? sign : '');
    else if (text !== undefined) {
      out.push(text.slice(pending));
      pending = Math.max(0, pending - text.length);
    }
  }
  return out.join('').trim();
}
