/**
 * Slack's control sequences (`<!channel>`, `<@U…>`, `<#C…>`, `<!subteam^…>`) in model text: replaced by readable
 * words where text is prose, defused where it must keep its look (code). HTML is never produced either.
 */

/** U+2060 WORD JOINER: invisible; between `<` and what follows it makes a control sequence inert. */
export const joiner = '\u2060';
/** U+200B ZERO WIDTH SPACE: neither letter nor blank for Markdown, and a boundary for Slack's own parser. */
export const boundary = '\u200b';

// Entities too, nested to any depth: a Markdown parser decodes one layer and Slack stores `<` as `&lt;`.
const lt = '(?:<|&(?:amp;)*(?:lt|LT|#0*60|#[xX]0*3[cC]);?)';
const gt = '(?:>|&(?:amp;)*(?:gt|GT|#0*62|#[xX]0*3[eE]);?)';
const bang = '(?:!|&(?:amp;)*(?:excl|#0*33|#[xX]0*21);?)';
const at = '(?:@|&(?:amp;)*(?:commat|#0*64|#[xX]0*40);?)';
const hash = '(?:#|&(?:amp;)*(?:num|#0*35|#[xX]0*23);?)';
// Labels and dates may hold anything but brackets.
const rest = '[^<>\\n]{0,200}?';
/** A whole control sequence: nothing less does anything in Slack. */
const whole = new RegExp(
  `${lt}(?=(?:${bang}(?:(?:channel|here|everyone|group)(?:[|^]${rest})?|(?:subteam|date)\\^${rest})` +
    `|${at}[UWBST][A-Z0-9]+(?:\\|${rest})?|${hash}[CDG][A-Z0-9]+(?:\\|${rest})?)${gt})`,
  'g',
);
/** What could be the beginning of one behind its `<`, whatever follows. */
const begun = new RegExp(
  `\\\\?(?:${bang}[a-zA-Z]|${at}[UWBST][A-Z0-9]|${hash}[CDG][A-Z0-9]|${lt}(?=${bang}|${at}|${hash}))`,
  'y',
);

/** What may be half a control sequence at the end of code that is being written. */
export const halfToken = /(?:<[@#!]?[\w-]{0,40}(?:[|^][^<>\n]{0,100})?|&[#\w;]{0,12})$/;

/** Code keeps every character; only a whole control sequence gets a joiner behind its `<`. */
export function neutraliseCode(text: string): string {
  return text.includes('<') || text.includes('&') ? text.replace(whole, `$&${joiner}`) : text;
}

/** What stands for one construct that begins with `<` or `&`. */
interface Replacement {
  /** Index behind the construct in the source. */
  readonly end: number;
  readonly out: string;
}

/** A construct in angle brackets that is a link. */
interface AngleLink {
  readonly end: number;
  readonly label: string;
  readonly address: string;
}

const token = /<([@#!])([^<>\n]{0,200})>/y;
const labelled = /<((?:https?:\/\/|mailto:|tel:)[^\s<>|]{1,2000})\|([^<>\n]{0,500})>/iy;
const address = /<(https?:\/\/[^\s<>|]{1,2000})>/iy;
const mail = /<(?:mailto:)?([\w.+-]{1,64}@[a-z0-9.-]{1,255})>/iy;
const lineBreak = /<br ?\/?>/iy;

/** Runs a sticky pattern at one place. */
export function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

// A label comes from the model and must not bring Markdown or another token with it.
const wordOf = (label: string) => label.replace(/[*`~[\]<>|&\\!]/g, '').replace(/^[@#]+/, '');

/** The readable form of one control token, without its brackets. */
function readable(sigil: string, body: string): string {
  const bar = body.indexOf('|');
  const label = wordOf(bar < 0 ? '' : body.slice(bar + 1));
  if (sigil === '@') return `@${label || 'someone'}`;
  if (sigil === '#') return `#${label || 'channel'}`;
  const name = wordOf(bar < 0 ? body : body.slice(0, bar));
  if (name.startsWith('date^')) return label;
  if (name.startsWith('subteam^')) return `@${label || 'group'}`;
  return `@${label || name}`;
}

/** Reads `<…>` in prose: a link, or the text that stands for it. Total: a bare `<` is a case. */
export function readAngle(text: string, index: number): Replacement | AngleLink {
  const named = matchAt(token, text, index);
  // `<!-- … -->`, `<!doctype …>` and `<# comment>` are not tokens: their first word says so.
  const isToken =
    named && /^(?:[\w^|.-]+)(?:[^-]|$)/.test(named[2] ?? '') && !/^(?:doctype|--)/i.test(named[2] ?? '');
  if (named && isToken)
    return { end: index + named[0].length, out: readable(named[1] ?? '', named[2] ?? '') };
  const link = matchAt(labelled, text, index);
  if (link) return { end: index + link[0].length, label: link[2] ?? '', address: link[1] ?? '' };
  const bare = matchAt(address, text, index);
  if (bare) return { end: index + bare[0].length, out: `<${bare[1] ?? ''}>` };
  const post = matchAt(mail, text, index);
  if (post) return { end: index + post[0].length, out: post[1] ?? '' };
  const broken = matchAt(lineBreak, text, index);
  if (broken) return { end: index + broken[0].length, out: ' ' };
  return { end: index + 1, out: literalLt(text, index + 1) };
}

/**
 * A `<` that is only a character, by what follows it at `next`. As an entity no parser sees a tag or an address in it,
 * and Slack shows the character (measured in a workspace: docs/slack-markdown.md).
 */
export function literalLt(text: string, next: number): string {
  if (/^(?:$|[\s\d=.,;:)-])/.test(text.slice(next, next + 1))) return '<';
  return matchAt(begun, text, next) ? `&lt;${joiner}` : '&lt;';
}

const entity = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z][a-zA-Z0-9]{1,31}));/y;

/** Reads `&…` in prose so that it still shows the same character and can't become a control sequence. */
export function readEntity(text: string, index: number): Replacement {
  const found = matchAt(entity, text, index);
  if (!found) {
    // `&lt!channel` without its semicolon is decoded by lenient parsers.
    const lenient = /^&(?:lt|amp|#)/i.test(text.slice(index, index + 4));
    return { end: index + 1, out: lenient ? `&${joiner}` : '&' };
  }
  const end = index + found[0].length;
  const code = found[1] ? Number.parseInt(found[1], 10) : found[2] ? Number.parseInt(found[2], 16) : 0;
  const name = found[3] ?? '';
  if (code === 60 || name === 'lt' || name === 'LT') return { end, out: literalLt(text, end) };
  if (code === 38 || name === 'amp' || name === 'AMP') {
    return { end, out: /[#a-zA-Z]/.test(text.slice(end, end + 1)) ? `&amp;${joiner}` : '&amp;' };
  }
  const isControl = !name && (code < 9 || (code > 10 && code < 32) || (code > 126 && code < 160));
  return { end, out: isControl ? '' : found[0] };
}
