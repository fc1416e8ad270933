import { matchAt } from './neutralise.ts';

/** The part of a link behind its label: `(address "title")`. */
type LinkTail =
  | { readonly kind: 'link'; readonly end: number; readonly address: string }
  /** The text ends before it can be known. */
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'none' };

// Longer addresses than this are not links for Slack's own elements (3,000), and the bound keeps a text full of
// unfinished links linear.
const longest = 2_000;
// CommonMark asks for no more; without it a text full of `[a](` would be read once for each of them.
const deepest = 32;
const gap = /[ \t]*\n?[ \t]*/y;
const angle = /<((?:[^<>\n\\]|\\.){0,2000})>/y;
const angleOpen = /<[^<>\n]*$/y;
const title = /"(?:[^"\\\n]|\\.){0,500}"|'(?:[^'\\\n]|\\.){0,500}'|\((?:[^()\\\n]|\\.){0,500}\)/y;
const titleOpen = /(?:"[^"\n]{0,500}|'[^'\n]{0,500}|\([^()\n]{0,500})$/y;

/** Reads the tail at the index of its `(`. */
export function readLinkTail(text: string, index: number): LinkTail {
  let at = index + 1;
  at += matchAt(gap, text, at)?.[0].length ?? 0;
  const pointed = matchAt(angle, text, at);
  let address: string;
  if (pointed) {
    address = pointed[1] ?? '';
    at += pointed[0].length;
  } else {
    if (matchAt(angleOpen, text, at)) return { kind: 'unfinished' };
    const end = plainAddressEnd(text, at);
    if (end < 0) return { kind: 'none' };
    address = text.slice(at, end);
    at = end;
  }
  const spaces = matchAt(gap, text, at)?.[0].length ?? 0;
  at += spaces;
  if (spaces > 0) {
    const named = matchAt(title, text, at);
    if (named) {
      at += named[0].length;
      at += matchAt(gap, text, at)?.[0].length ?? 0;
    } else if (matchAt(titleOpen, text, at)) return { kind: 'unfinished' };
  }
  if (at >= text.length) return { kind: 'unfinished' };
  return text[at] === ')' ? { kind: 'link', end: at + 1, address } : { kind: 'none' };
}

/** Index behind an address without spaces and with balanced parentheses; -1 if it is too long. */
function plainAddressEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at - from <= longest; at++) {
    const char = text[at];
    if (char === undefined || char <= ' ') return at;
    if (char === '\\') at++;
    else if (char === '(') {
      if (++depth > deepest) return -1;
    } else if (char === ')' && depth-- === 0) return at;
    else if (char === '<') return -1;
  }
  return -1;
}

// An address with a scheme or www, or the name of a site; README.md and Node.js are neither.
const claim =
  /^(?:(?:https?:\/\/|www\.)([^\s/?#:]+)|([a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|dev|app|ai|gov|edu|co)))(?:[/:?#]\S*)?$/;

/** True for an address that Slack links. */
export const leadsOut = (address: string): boolean =>
  /^(?:https?:\/\/|mailto:|tel:)[^\s]/i.test(decode(address));

/** How a link is written for Slack. `label` is rendered already; `address` is as the model wrote it. */
export function writeLink(label: string, address: string): string {
  const target = decode(address);
  if (!leadsOut(address)) {
    const shown = target.replace(/[`\n]/g, '');
    if (shown === '') return label;
    return `${label} (\`${shown}\`)`;
  }
  const safe = encode(target);
  if (label.trim() === '' || label.trim() === safe) return `<${safe}>`;
  const claimed = claim.exec(label.trim())?.slice(1).find(Boolean);
  // A label that names one host and leads to another is how people are deceived: both are shown.
  if (claimed && !sameHost(claimed, safe)) {
    const shown = /^https?:/i.test(label.trim()) ? `<${encode(label.trim())}>` : label.trim();
    return `${shown} (<${safe}>)`;
  }
  return `[${label}](${safe})`;
}

function decode(address: string): string {
  return address
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/&(?:amp|#38|#x26);/gi, '&')
    .replace(/&(?:lt|#60|#x3c);/gi, '<')
    .replace(/&(?:gt|#62|#x3e);/gi, '>')
    .trim();
}

/** Percent-encodes what could end the link, a table cell or one of Slack's own tokens. */
function encode(target: string): string {
  let depth = 0;
  let balanced = true;
  for (const char of target) {
    if (char === '(') depth++;
    if (char === ')' && --depth < 0) balanced = false;
  }
  const unsafe = balanced && depth === 0 ? /[\s<>|"`\\[\]]/g : /[\s<>|"`\\[\]()]/g;
  return target.replace(unsafe, (char) => {
    const code = char.charCodeAt(0);
    return code > 127 ? encodeURIComponent(char) : `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

const bareHost = (host: string) => host.toLowerCase().replace(/^www\./, '');

function sameHost(claimed: string, target: string): boolean {
  if (/^mailto:/i.test(target)) return true;
  const host = /^https?:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(target)?.[1] ?? '';
  return bareHost(host) === bareHost(claimed) || bareHost(host).endsWith(`.${bareHost(claimed)}`);
}
