/** Small pieces of Markdown that are built the same way from rich text and from mrkdwn. */

export interface Style {
  readonly bold: boolean;
  readonly italic: boolean;
  readonly strike: boolean;
  readonly code: boolean;
}

/** Slack escapes exactly three characters. Decode once and last: `&amp;lt;` is the text `&lt;`. */
export function decodeEntities(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_whole, name: string) =>
    name === 'amp' ? '&' : name === 'lt' ? '<' : '>',
  );
}

/** Text as mrkdwn that says the same: without control sequences, so that it pings nobody. */
export function encodeEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Marks up each line by itself, with blanks outside the markers, where Markdown wants them. */
export function styled(text: string, style: Style): string {
  if (!style.bold && !style.italic && !style.strike && !style.code) return text;
  return text
    .split('\n')
    .map((line) => styledLine(line, style))
    .join('\n');
}

function styledLine(line: string, style: Style): string {
  const core = line.trim();
  if (core === '') return line;
  const start = line.indexOf(core);
  let marked = style.code ? codeSpan(core) : core;
  if (style.strike) marked = `~~${marked}~~`;
  if (style.italic) marked = `_${marked}_`;
  if (style.bold) marked = `**${marked}**`;
  return line.slice(0, start) + marked + line.slice(start + core.length);
}

/** A code span whose back-ticks are longer than any run inside. */
export function codeSpan(code: string): string {
  const ticks = '`'.repeat(longestRun(code) + 1);
  const pad = code.startsWith('`') || code.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${code}${pad}${ticks}`;
}

/** A fenced block whose fence is longer than any run of back-ticks inside. `language` '' for none. */
export function fenced(code: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(code) + 1));
  const info = /^[A-Za-z0-9+#._-]{1,40}$/.test(language) ? language : '';
  return `${fence}${info}\n${code.replace(/^\n|\n$/g, '')}\n${fence}`;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}

export function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}

/** `[label](url)`, the bare address where the label adds nothing, the label alone for mail and phone. */
export function link(url: string, label: string): string {
  const address = url.replace(/\s+/g, '');
  const name = label.replace(/\s+/g, ' ').trim();
  const contact = /^(?:mailto|tel):/i.exec(address);
  if (contact !== null) return name || address.slice(contact[0].length);
  if (name === '' || name === url || name === address) return address;
  const target = /[()<>]/.test(address)
    ? `<${address.replaceAll('<', '%3C').replaceAll('>', '%3E')}>`
    : address;
  return `[${name.replace(/[[\]\\]/g, '\\$&')}](${target})`;
}
