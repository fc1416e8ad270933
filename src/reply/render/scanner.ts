/**
 * The line stage: finds the blocks. It takes whole lines (a very long one in pieces), keeps at most one block open, and
 * hands every finished line, row or paragraph to the writer.
 *
 *   none ──text──▶ paragraph ──blank, other block──▶ none
 *     │               └──separator row──▶ table ──other block, blank──▶ none
 *     ├──fence──▶ fence ──closing fence, end of its container──▶ none
 *     └──four blanks──▶ none (each line of indented code is a unit by itself)
 */
import {
  type ContainedLine,
  type Container,
  continuationPrefix,
  readContainers,
  reopeningPrefix,
  thematicBreak,
} from './containers.ts';
import { cutParagraph } from './cut.ts';
import { renderInline } from './inline.ts';
import type { RenderLimits } from './limits.ts';
import { neutraliseCode } from './neutralise.ts';
import {
  type Paragraph,
  previewParagraph,
  startParagraph,
  withLine,
  withText,
  writeParagraph,
} from './paragraph.ts';
import { sizeOf } from './size.ts';
import { cellsOf, isSeparator, writeRow } from './table.ts';
import { rank, type Seam, type Unit, type Writer } from './writer.ts';

interface Fence {
  readonly kind: 'fence';
  /** Its opening line without containers, e.g. "```ts". */
  readonly opening: string;
  readonly closing: string;
  /** Matches a line that closes it; `null` for one that we opened around a table that is too wide. */
  readonly closer: RegExp | null;
  /** False until the first line of code: an empty block is not shown while it may grow. */
  readonly begun: boolean;
  readonly lead: string;
  readonly seam: Seam;
  readonly prefix: string;
}

interface Table {
  readonly kind: 'table';
  readonly columns: number;
  /** Header and separator without their containers. */
  readonly header: readonly [string, string];
  readonly headerCharacters: number;
}

type Leaf =
  | { readonly kind: 'none' }
  | { readonly kind: 'paragraph'; readonly paragraph: Paragraph }
  | Fence
  | Table;

/** A piece of a line. Only a line longer than the renderer's bound has more than one. */
export interface LinePiece {
  readonly text: string;
  /** False for the further pieces of a long line. */
  readonly first: boolean;
  /** True if the line break follows. */
  readonly last: boolean;
}

const none: Leaf = { kind: 'none' };
const heading = /^ {0,3}(#{1,6})(?: +|$)/;
const fenceOpening = /^( {0,3})(`{3,32}|~{3,32})([^\n]*)$/;
const task = /^\[[ xX]\] (?=\S)/;

export class Scanner {
  readonly #limits: RenderLimits;
  readonly #longestLink: number;
  readonly writer: Writer;
  #containers: readonly Container[] = [];
  #leaf: Leaf = none;
  /** Blank line to write in front of the next unit; '' if there is none. */
  #lead = '';
  #afterHeading = false;

  constructor(limits: RenderLimits, longestLink: number, writer: Writer) {
    this.#limits = limits;
    this.#longestLink = longestLink;
    this.writer = writer;
  }

  /** A copy that can go on by itself, on a copy of the writer. */
  fork(): Scanner {
    const copy = new Scanner(this.#limits, this.#longestLink, this.writer.fork());
    copy.#containers = this.#containers;
    copy.#leaf = this.#leaf;
    copy.#lead = this.#lead;
    copy.#afterHeading = this.#afterHeading;
    return copy;
  }

  /** Takes the next line or piece of one. */
  push(piece: LinePiece): void {
    this.writer.work += piece.text.length;
    if (!piece.first) this.#more(piece);
    else this.#line(piece);
  }

  /** Ends what is open. */
  finish(): void {
    this.#endLeaf();
  }

  /** Makes the writer's text complete as it stands, with what can already be shown of the open block. */
  preview(): void {
    const leaf = this.#leaf;
    if (leaf.kind === 'paragraph') {
      const paragraph = this.#fit(leaf.paragraph);
      this.writer.work += paragraph.text.length;
      const text = previewParagraph(paragraph, this.#longestLink);
      if (text !== '') this.writer.add(this.#paragraphUnit(paragraph, text));
    } else if (leaf.kind === 'fence' && leaf.begun) this.#closeFence(leaf);
    this.#leaf = none;
  }

  /** What the next line will be compared with, for deciding how much of a half line can be shown. */
  context(): {
    readonly leaf: 'none' | 'paragraph' | 'fence' | 'table';
    readonly containers: readonly Container[];
  } {
    return { leaf: this.#leaf.kind, containers: this.#containers };
  }

  /** True if this half of a line would end the open fence when its line break came. */
  mayCloseFence(rest: string): boolean {
    const leaf = this.#leaf;
    return leaf.kind === 'fence' && leaf.closing.startsWith(rest.trim()) && /^ {0,3}\S*$/.test(rest);
  }

  /** Leaves out a last line that the next one may turn into the header of a table. */
  holdHeader(): void {
    const leaf = this.#leaf;
    if (leaf.kind !== 'paragraph') return;
    const { paragraph } = leaf;
    const lines = paragraph.text.split('\n');
    if (paragraph.heading || !lines.at(-1)?.startsWith('|')) return;
    this.#leaf = lines.length === 1 ? none : { kind: 'paragraph', paragraph: withoutLastLine(paragraph) };
  }

  #line(piece: LinePiece): void {
    const leaf = this.#leaf;
    const before = this.#containers;
    const line = readContainers(piece.text, before, leaf.kind === 'paragraph', leaf.kind === 'fence');
    if (leaf.kind === 'fence') {
      if (line.matched === before.length) {
        this.#codeLine(leaf, line, piece.last);
        return;
      }
      // The end of its container ends a fence.
      if (leaf.begun) this.#closeFence(leaf);
      this.#leaf = none;
    }
    if (line.rest.trim() === '' && piece.last) {
      this.#blank(line);
      return;
    }
    if (this.#leaf.kind === 'paragraph' && this.#continueParagraph(this.#leaf.paragraph, line, piece)) return;
    if (this.#leaf.kind === 'table' && this.#row(this.#leaf, line, piece)) return;
    this.#endLeaf();
    this.#containers = line.containers;
    this.#begin(line, piece);
  }

  #blank(line: ContainedLine): void {
    this.#endLeaf();
    // An item whose own line is blank begins all the same.
    if (line.ownPrefix !== '') {
      this.#containers = line.containers;
      this.#add(line, '');
      return;
    }
    this.#containers = line.containers.slice(0, line.matched);
    this.#lead = `${line.matchedPrefix.trimEnd()}\n`;
  }

  /** True if the line belonged to the paragraph. */
  #continueParagraph(paragraph: Paragraph, line: ContainedLine, piece: LinePiece): boolean {
    if (paragraph.heading) return false;
    const inside = line.matched === this.#containers.length && line.ownPrefix === '';
    if (inside && piece.last) {
      if (/^ {0,3}(?:=+|-+) *$/.test(line.rest)) {
        this.#setext(paragraph, line.rest.includes('='));
        return true;
      }
      if (isSeparator(line.rest) && this.#startTable(paragraph, line)) return true;
    }
    if (line.ownPrefix !== '' || this.#interrupts(line.rest, piece)) return false;
    const text = line.rest.trimStart().replace(/ {3,}$/, '  ');
    this.#keep(withLine(this.#fit(paragraph), line.matchedPrefix, text), piece.last);
    return true;
  }

  /** True for a line that ends a paragraph without a blank line. */
  #interrupts(rest: string, piece: LinePiece): boolean {
    if (heading.test(rest)) return true;
    return piece.last && (thematicBreak.test(rest) || readFence(rest) !== null);
  }

  #begin(line: ContainedLine, piece: LinePiece): void {
    const { rest } = line;
    if (/^ {4}/.test(rest)) {
      const seam = this.#seam(line);
      const text = prefixOf(line) + neutraliseCode(rest) + (piece.last ? '\n' : '');
      this.writer.add({ lead: this.#takeLead(), text, seam, closing: '' });
      return;
    }
    if (piece.last) {
      if (thematicBreak.test(rest)) {
        if (this.#lead === '' && !this.writer.isEmpty && !/^ {0,3}[*_]/.test(rest))
          this.#lead = this.#blankPrefix(line);
        this.#add(line, rest.trim());
        return;
      }
      const fence = readFence(rest);
      if (fence) {
        this.#leaf = {
          ...fence,
          begun: false,
          lead: this.#takeLead(),
          seam: this.#seam(line),
          prefix: prefixOf(line),
        };
        return;
      }
    }
    const title = heading.exec(rest);
    const tick = title ? null : line.ownPrefix === '' ? null : task.exec(rest);
    const mark = title ? `${title[1] ?? ''} ` : (tick?.[0] ?? '');
    const text = title ? rest.slice(title[0].length) : rest.slice(mark.length);
    const containers = reopeningPrefix(line.containers);
    const seam = this.#seam(line);
    const paragraph = startParagraph({
      lead: this.#takeLead(),
      seam: title && seam.rank === rank.line ? { ...seam, rank: rank.inner } : seam,
      again: title ? containers + mark : containers,
      prefix: prefixOf(line) + mark,
      text: text.trimStart().replace(/ {3,}$/, '  '),
      heading: title !== null,
    });
    this.#keep(paragraph, piece.last && !title);
    if (title && piece.last) this.#endLeaf();
  }

  /** Further pieces of a long line. */
  #more(piece: LinePiece): void {
    const leaf = this.#leaf;
    if (leaf.kind === 'fence') {
      this.writer.add({
        lead: '',
        text: neutraliseCode(piece.text) + (piece.last ? '\n' : ''),
        seam: { ...this.#fenceSeam(leaf), rank: rank.middle, close: `\n${this.#fenceEnd(leaf)}` },
        closing: `\n${this.#fenceEnd(leaf)}`,
      });
    } else if (leaf.kind === 'paragraph') {
      this.#keep(withText(leaf.paragraph, piece.text), false);
      if (piece.last && leaf.paragraph.heading) this.#endLeaf();
    } else {
      const seam = {
        rank: rank.middle,
        close: '',
        open: `${reopeningPrefix(this.#containers)}    `,
        drop: 0,
      };
      this.writer.add({
        lead: '',
        text: neutraliseCode(piece.text) + (piece.last ? '\n' : ''),
        seam,
        closing: '',
      });
    }
  }

  /** Keeps the paragraph open. A whole line with a pipe may be a table's header, so it isn't cut before the next. */
  #keep(paragraph: Paragraph, whole: boolean): void {
    const line = paragraph.text.slice(paragraph.text.lastIndexOf('\n') + 1);
    this.#leaf = {
      kind: 'paragraph',
      paragraph: whole && line.includes('|') ? paragraph : this.#fit(paragraph),
    };
  }

  /** Cuts off what fills a segment. */
  #fit(paragraph: Paragraph): Paragraph {
    let rest = paragraph;
    while (!this.writer.fits(rest.bound)) {
      const room = this.writer.room();
      const atTop = this.writer.isEmpty;
      const tight = room.characters * 8 < this.#limits.characters || room.bytes * 8 < this.#limits.bytes;
      // A short paragraph or an item stays whole when what is in front of it fills a segment.
      const short = rest.text.length * 4 < this.#limits.characters;
      const whole = this.writer.isFull && (short || rest.seam.rank >= rank.pause);
      if (!atTop && (tight || whole)) {
        this.writer.endBefore(this.#paragraphUnit(rest, ''));
        continue;
      }
      this.writer.work += rest.text.length;
      const least = atTop ? this.#limits.characters * 0.6 : 0;
      const framed = { characters: room.characters - frame(rest), bytes: room.bytes - frame(rest) };
      const cut = cutParagraph(rest, framed, least, this.#longestLink);
      if (!cut) {
        if (atTop) break;
        this.writer.endBefore(this.#paragraphUnit(rest, ''));
        continue;
      }
      const { open, drop } = rest.seam;
      this.writer.endWith(atTop ? open + cut.head.slice(drop) : rest.lead + cut.head);
      rest = cut.rest;
    }
    return rest;
  }

  #setext(paragraph: Paragraph, first: boolean): void {
    const mark = first ? '# ' : '## ';
    const text = paragraph.text.replaceAll('\n', ' ');
    const prefix = (paragraph.prefixes[0] ?? '') + mark;
    this.#leaf = {
      kind: 'paragraph',
      paragraph: { ...paragraph, text, prefixes: [prefix], again: paragraph.again + mark, heading: true },
    };
    this.#endLeaf();
  }

  #startTable(paragraph: Paragraph, line: ContainedLine): boolean {
    const lines = paragraph.text.split('\n');
    const last = lines.at(-1) ?? '';
    const columns = cellsOf(line.rest).length;
    // A header that fills a segment leaves no room for rows.
    if (last.length * 2 > this.#limits.tableCharacters || !this.#fitsAlone((last + line.rest).repeat(2)))
      return false;
    if (cellsOf(last).length !== columns || (columns === 1 && !last.includes('|'))) return false;
    let prefix = paragraph.prefixes.at(-1) ?? '';
    let seam = paragraph.seam;
    let lead = paragraph.lead;
    if (lines.length > 1) {
      this.#leaf = { kind: 'paragraph', paragraph: withoutLastLine(paragraph) };
      this.#endLeaf();
      seam = { rank: rank.line, close: '', open: reopeningPrefix(this.#containers), drop: prefix.length };
      lead = `${continuationPrefix(this.#containers).trimEnd()}\n`;
      prefix = continuationPrefix(this.#containers);
      seam = { ...seam, drop: prefix.length };
    }
    const next = continuationPrefix(this.#containers);
    if (columns > this.#limits.tableColumns) {
      // Slack refuses so wide a table; as code its columns at least stay in line.
      const fence: Fence = {
        kind: 'fence',
        opening: '```',
        closing: '```',
        closer: null,
        begun: false,
        lead,
        seam,
        prefix,
      };
      this.#leaf = fence;
      const empty = {
        containers: this.#containers,
        matched: this.#containers.length,
        ownPrefix: '',
        matchedPrefix: next,
      };
      this.#codeLine(fence, { ...empty, rest: last }, true);
      if (this.#leaf.kind === 'fence') this.#codeLine(this.#leaf, { ...empty, rest: line.rest.trim() }, true);
      return true;
    }
    const cells = cellsOf(last).map((cell) => this.#cell(cell));
    const header: [string, string] = [writeRow(cells, columns), writeRow(cellsOf(line.rest), columns)];
    const headerCharacters = cells.join('').length;
    const table = { start: true, characters: headerCharacters, header: headerCharacters };
    this.writer.add({ lead, text: `${prefix}${header[0]}\n${next}${header[1]}\n`, seam, closing: '', table });
    this.#leaf = { kind: 'table', columns, header, headerCharacters };
    return true;
  }

  /** True if the line was a row of the table. */
  #row(table: Table, line: ContainedLine, piece: LinePiece): boolean {
    const inside = line.matched === this.#containers.length && line.ownPrefix === '';
    if (!inside || !piece.last || this.#interrupts(line.rest, piece)) return false;
    const cells = cellsOf(line.rest).map((cell) => this.#cell(cell));
    const prefix = continuationPrefix(this.#containers);
    const [names, separator] = table.header;
    const text = `${prefix}${writeRow(cells, table.columns)}\n`;
    const open = `${reopeningPrefix(this.#containers)}${names}\n${prefix}${separator}\n`;
    const characters = cells.join('').length;
    // A row that fits no segment together with its header is shown as text.
    if (!this.#fitsAlone(open + text) || characters + table.headerCharacters > this.#limits.tableCharacters)
      return false;
    const seam = { rank: rank.line, close: '', open, drop: 0 };
    this.writer.add({
      lead: '',
      text,
      seam,
      closing: '',
      table: { start: false, characters, header: table.headerCharacters },
    });
    return true;
  }

  #fitsAlone(text: string): boolean {
    const size = sizeOf(text);
    return size.characters <= this.#limits.characters && size.bytes <= this.#limits.bytes;
  }

  #cell(source: string): string {
    this.writer.work += source.length;
    return renderInline(source, { longestLink: this.#longestLink });
  }

  #codeLine(fence: Fence, line: ContainedLine, last: boolean): void {
    if (last && (fence.closer?.test(line.rest) ?? line.rest.trim() === '')) {
      this.#closeFence(fence.begun ? fence : this.#openFence(fence));
      this.#leaf = none;
      if (!fence.closer) this.#lead = `${line.matchedPrefix.trimEnd()}\n`;
      return;
    }
    const begun = fence.begun ? fence : this.#openFence(fence);
    this.#leaf = begun;
    const text = line.matchedPrefix + neutraliseCode(line.rest) + (last ? '\n' : '');
    const seam = this.#fenceSeam(begun);
    const first = begun !== fence;
    this.writer.add({
      lead: '',
      text,
      // Never between a fence and its first line.
      seam: first
        ? { ...seam, rank: -1 }
        : { ...seam, rank: line.rest.trim() === '' ? rank.pause : rank.line },
      closing: `\n${this.#fenceEnd(begun)}`,
    });
  }

  #openFence(fence: Fence): Fence {
    this.writer.add({
      lead: fence.lead,
      text: `${fence.prefix}${fence.opening}\n`,
      seam: fence.seam,
      closing: `\n${this.#fenceEnd(fence)}`,
    });
    return { ...fence, begun: true };
  }

  #closeFence(fence: Fence): void {
    this.writer.add({
      lead: '',
      text: `${this.writer.isAtLineStart ? '' : '\n'}${this.#fenceEnd(fence)}\n`,
      seam: { ...this.#fenceSeam(fence), rank: -1 },
      closing: '',
    });
  }

  #fenceEnd(fence: Fence): string {
    return continuationPrefix(this.#containers) + fence.closing;
  }

  #fenceSeam(fence: Fence): Seam {
    return {
      rank: rank.line,
      close: this.#fenceEnd(fence),
      open: `${reopeningPrefix(this.#containers)}${fence.opening}\n`,
      drop: 0,
    };
  }

  #endLeaf(): void {
    const leaf = this.#leaf;
    this.#leaf = none;
    if (leaf.kind === 'fence') this.#closeFence(leaf.begun ? leaf : this.#openFence(leaf));
    if (leaf.kind !== 'paragraph') return;
    const paragraph = this.#fit(leaf.paragraph);
    this.writer.work += paragraph.text.length;
    this.writer.add(this.#paragraphUnit(paragraph, writeParagraph(paragraph, this.#longestLink)));
    this.#afterHeading = leaf.paragraph.heading;
  }

  #paragraphUnit(paragraph: Paragraph, text: string): Unit {
    return { lead: paragraph.lead, text, seam: paragraph.seam, closing: '' };
  }

  /** Adds one line with its containers. */
  #add(line: ContainedLine, rest: string): void {
    const seam = this.#seam(line);
    this.writer.add({ lead: this.#takeLead(), text: `${prefixOf(line)}${rest}\n`, seam, closing: '' });
  }

  /** The place in front of a line that begins a block. Must be read before the lead is taken. */
  #seam(line: ContainedLine): Seam {
    const going = line.containers.slice(0, line.matched);
    const separate = this.#lead !== '';
    const item = line.matched === 0 && line.ownPrefix !== '';
    const place = separate ? (line.matched === 0 ? rank.block : rank.inner) : item ? rank.pause : rank.line;
    const kept = this.#afterHeading ? rank.heading : place;
    this.#afterHeading = false;
    return { rank: kept, close: '', open: reopeningPrefix(going), drop: line.matchedPrefix.length };
  }

  #takeLead(): string {
    const lead = this.#lead;
    this.#lead = '';
    return lead;
  }

  #blankPrefix(line: ContainedLine): string {
    return `${continuationPrefix(line.containers.slice(0, line.matched)).trimEnd()}\n`;
  }
}

const prefixOf = (line: ContainedLine) => line.matchedPrefix + line.ownPrefix;

// Both `lead` and what a new segment may repeat in front of a paragraph.
const frame = (paragraph: Paragraph) => paragraph.lead.length + paragraph.seam.open.length;

function withoutLastLine(paragraph: Paragraph): Paragraph {
  return {
    ...paragraph,
    text: paragraph.text.slice(0, paragraph.text.lastIndexOf('\n')),
    prefixes: paragraph.prefixes.slice(0, -1),
  };
}

function readFence(rest: string): Pick<Fence, 'kind' | 'opening' | 'closing' | 'closer'> | null {
  const found = fenceOpening.exec(rest);
  const [, indent = '', marks = '', info = ''] = found ?? [];
  if (!found || (marks.startsWith('`') && info.includes('`'))) return null;
  const language = /^[\w+#.-]{1,40}/.exec(info.trim())?.[0] ?? '';
  return {
    kind: 'fence',
    opening: indent + marks + language,
    closing: marks,
    closer: new RegExp(`^ {0,3}${marks}${marks[0] ?? ''}* *$`),
  };
}
