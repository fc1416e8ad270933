/**
 * Slack's mrkdwn as a tree. Total: every text has one, what is not markup stays text. Linear in the length
 * of the text: a delimiter whose partner is missing is looked for once a line.
 */

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bold' | 'italic' | 'strike'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'channel'; readonly id: string; readonly label: string | null }
  | { readonly kind: 'broadcast'; readonly name: string }
  | { readonly kind: 'link'; readonly url: string; readonly label: string }
  | { readonly kind: 'emoji'; readonly name: string }
  | { readonly kind: 'break' };

export type MrkdwnBlock =
  | { readonly kind: 'paragraph' | 'quote'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string };

const STYLES = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
const FENCE = /```([\s\S]*?)```/g;
const QUOTE = /^(?:>|&gt;) ?/;
const TOKEN = /<([^<>\n]+)>/y;
const EMOJI = /:([a-z0-9_+'-]{1,60}(?:::skin-tone-\d)?):/y;
const WORD = /[\p{L}\p{N}]/u;

/** Reads one mrkdwn text with Slack's escapes (`&amp; &lt; &gt;`). */
export function parseMrkdwn(text: string): readonly MrkdwnBlock[] {
  const blocks: MrkdwnBlock[] = [];
  let from = 0;
  for (const match of text.matchAll(FENCE)) {
    addLines(blocks, text.slice(from, match.index).replace(/\n$/, ''));
    blocks.push({ kind: 'code', text: decode(match[1] ?? '').replace(/^\n|\n$/g, '') });
    from = match.index + match[0].length;
  }
  addLines(blocks, from === 0 ? text : text.slice(from).replace(/^\n/, ''));
  return blocks;
}

function addLines(blocks: MrkdwnBlock[], text: string): void {
  if (text === '') return;
  let kind: 'paragraph' | 'quote' | null = null;
  let children: Inline[] = [];
  for (const line of text.split('\n')) {
    const lineKind = QUOTE.test(line) ? 'quote' : 'paragraph';
    if (lineKind === kind) {
      children.push({ kind: 'break' });
    } else {
      children = [];
      kind = lineKind;
      blocks.push({ kind, children });
    }
    children.push(...parseInline(line.replace(lineKind === 'quote' ? QUOTE : '', '')));
  }
}

/** Reads one line. */
function parseInline(line: string): readonly Inline[] {
  const nodes: Inline[] = [];
  const hopeless = new Set<string>();
  let plain = '';
  let at = 0;
  const add = (node: Inline, length: number) => {
    if (plain !== '') nodes.push({ kind: 'text', text: decode(plain) });
    plain = '';
    nodes.push(node);
    at += length;
  };
  while (at < line.length) {
    const char = line.charAt(at);
    if (char === '<') {
      const token = matchAt(TOKEN, line, at);
      if (token !== null) {
        add(parseToken(token[1] ?? ''), token[0].length);
        continue;
      }
    } else if (char === ':') {
      const emoji = matchAt(EMOJI, line, at);
      if (emoji !== null) {
        add({ kind: 'emoji', name: emoji[1] ?? '' }, emoji[0].length);
        continue;
      }
    } else if ((char === '`' || char === '*' || char === '_' || char === '~') && !hopeless.has(char)) {
      const end = closing(line, at, char);
      if (end > 0) {
        const inner = line.slice(at + 1, end);
        add(
          char === '`'
            ? { kind: 'code', text: decode(inner) }
            : { kind: STYLES[char], children: parseInline(inner) },
          end + 1 - at,
        );
        continue;
      }
      if (end === NONE) hopeless.add(char);
    }
    plain += char;
    at += 1;
  }
  if (plain !== '') nodes.push({ kind: 'text', text: decode(plain) });
  return nodes;
}

const NONE = -1;
const NOT_OPENING = -2;

/** Where the delimiter that opens at `at` closes; `NONE` if no later one can close, `NOT_OPENING` if it opens nothing. */
function closing(line: string, at: number, char: string): number {
  if (WORD.test(line.charAt(at - 1)) || /^\s?$/.test(line.charAt(at + 1)) || line.charAt(at + 1) === char)
    return NOT_OPENING;
  for (let end = line.indexOf(char, at + 1); end !== -1; end = line.indexOf(char, end + 1)) {
    if (!/\s/.test(line.charAt(end - 1)) && !WORD.test(line.charAt(end + 1))) return end;
  }
  return NONE;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function parseToken(inner: string): Inline {
  const bar = inner.indexOf('|');
  const target = bar === -1 ? inner : inner.slice(0, bar);
  const label = bar === -1 ? null : decode(inner.slice(bar + 1));
  if (/^@[A-Z0-9]+$/.test(target)) return { kind: 'user', id: target.slice(1) };
  if (/^#[A-Z0-9]+$/.test(target)) return { kind: 'channel', id: target.slice(1), label };
  if (/^!(here|channel|everyone)$/.test(target)) return { kind: 'broadcast', name: target.slice(1) };
  if (target.startsWith('!')) return { kind: 'text', text: label ?? '' };
  return { kind: 'link', url: decode(target), label: label ?? decode(target) };
}

function decode(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

/**
 * What a person would have typed for a stored text: `<@U1>` → `@ana`, `<#C1|x>` → `#x`, escapes undone.
 * For editing; the stand-in reads it back the same way.
 */
export function toTyped(
  text: string,
  handleOf: (id: string) => string | null,
  channelOf: (id: string) => string | null,
): string {
  const plain = text.replace(/<([^<>\n]+)>/g, (whole, inner: string) => {
    const node = parseToken(inner);
    if (node.kind === 'user') return `@${handleOf(node.id) ?? node.id}`;
    if (node.kind === 'channel') return `#${node.label ?? channelOf(node.id) ?? node.id}`;
    if (node.kind === 'broadcast') return `@${node.name}`;
    return node.kind === 'link' ? node.url : whole;
  });
  return decode(plain);
}
