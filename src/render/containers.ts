/**
 * Block quotes and list items around a line, by CommonMark's rules: which of them go on, which begin, and how they
 * are written again at the top of a new segment.
 */

export type Container =
  | { readonly kind: 'quote' }
  | {
      readonly kind: 'item';
      /** The marker with the blanks around it, as wide as the item's content is indented. */
      readonly marker: string;
    };

/** A line taken apart. `matchedPrefix + ownPrefix + rest` is the line, tabs in front made blanks. */
export interface ContainedLine {
  /** All containers of the line, outermost first. */
  readonly containers: readonly Container[];
  /** How many of them go on from the line before. */
  readonly matched: number;
  readonly matchedPrefix: string;
  /** Markers of the containers that begin here. */
  readonly ownPrefix: string;
  readonly rest: string;
}

/** A piece of a line. Only a line longer than the renderer's bound has more than one. */
export interface LinePiece {
  readonly text: string;
  /** False for the further pieces of a long line. */
  readonly first: boolean;
  /** True if the line break follows. */
  readonly last: boolean;
}

// What a segment repeats at its top must stay small beside what it carries; deeper lists are treated as text.
const widest = 48;

const quoteMark = /^ {0,3}> ?/;
const itemMark = /^( {0,3})([-+*]|\d{1,9}[.)])(?=( |$))( {1,4}(?! )| |$)/;
export const thematicBreak = /^ {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$/;

/**
 * Takes a line apart. `before` are the containers of the line before; `inParagraph` restricts which items may begin;
 * `verbatim` (a fence is open) lets none begin.
 */
export function readContainers(
  line: string,
  before: readonly Container[],
  inParagraph: boolean,
  verbatim: boolean,
): ContainedLine {
  // Code keeps its own tabs, unless one stands where a container's blanks belong.
  const asIs = verbatim && matchContainers(before, line).matched === before.length;
  const total = asIs ? line : expandTabs(line);
  const { matched, length } = matchContainers(before, total);
  let rest = total.slice(length);
  const matchedPrefix = total.slice(0, length);
  const containers: Container[] = before.slice(0, matched);
  if (!verbatim || matched < before.length) {
    let width = widthOf(containers);
    for (;;) {
      const quote = quoteMark.exec(rest)?.[0];
      const item = quote
        ? null
        : readItem(rest, inParagraph && matched === before.length && containers.length === matched);
      const found = quote ?? item;
      width += found?.length ?? 0;
      if (found === undefined || found === null || width > widest) break;
      containers.push(quote === undefined ? { kind: 'item', marker: found } : { kind: 'quote' });
      rest = rest.slice(found.length);
    }
  }
  const ownPrefix = total.slice(matchedPrefix.length, total.length - rest.length);
  return { containers, matched, matchedPrefix, ownPrefix, rest };
}

/** How many containers go on, and the length of their prefixes together. */
function matchContainers(before: readonly Container[], line: string): { matched: number; length: number } {
  let matched = 0;
  let length = 0;
  for (const container of before) {
    const width = continues(container, line.slice(length));
    if (width < 0) break;
    length += width;
    matched++;
  }
  return { matched, length };
}

/** Characters of the line that belong to a container which goes on; -1 if it ends. */
function continues(container: Container, rest: string): number {
  if (container.kind === 'quote') return quoteMark.exec(rest)?.[0].length ?? -1;
  if (rest.trim() === '') return Math.min(rest.length, container.marker.length);
  return rest.startsWith(' '.repeat(container.marker.length)) ? container.marker.length : -1;
}

function readItem(rest: string, interrupting: boolean): string | null {
  const found = itemMark.exec(rest);
  if (!found || thematicBreak.test(rest)) return null;
  const empty = rest.slice(found[0].length).trim() === '';
  // In the middle of a paragraph a number other than 1 is more likely a number.
  if (interrupting && (empty || (/\d/.test(found[2] ?? '') && !/^0*1\D/.test(found[2] ?? '')))) return null;
  return empty ? `${found[1] ?? ''}${found[2] ?? ''} ` : found[0];
}

const widthOf = (containers: readonly Container[]) =>
  containers.reduce((sum, container) => sum + (container.kind === 'quote' ? 2 : container.marker.length), 0);

/** Prefix of a further line inside these containers. */
export function continuationPrefix(containers: readonly Container[]): string {
  return containers
    .map((container) => (container.kind === 'quote' ? '> ' : ' '.repeat(container.marker.length)))
    .join('');
}

/** Prefix of the first line of a new segment inside these containers: items get their own marker and number again. */
export function reopeningPrefix(containers: readonly Container[]): string {
  return containers.map((container) => (container.kind === 'quote' ? '> ' : container.marker)).join('');
}

/** Tabs up to the first other character, as blanks to the next multiple of four; behind a list marker too. */
function expandTabs(line: string): string {
  const head = /^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*/.exec(line)?.[0] ?? '';
  if (!head.includes('\t')) return line;
  let out = '';
  for (const char of head) out += char === '\t' ? ' '.repeat(4 - (out.length % 4)) : char;
  return out + line.slice(head.length);
}

/** What stands in front of the line's own text. */
export const prefixOf = (line: ContainedLine) => line.matchedPrefix + line.ownPrefix;

/** A blank line inside the containers that go on. */
export function blankPrefix(line: ContainedLine): string {
  return `${continuationPrefix(line.containers.slice(0, line.matched)).trimEnd()}\n`;
}
