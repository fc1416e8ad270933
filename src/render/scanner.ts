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
  blankPrefix,
  type ContainedLine,
  type Container,
  continuationPrefix,
  type LinePiece,
  prefixOf,
  readContainers,
  reopeningPrefix,
  thematicBreak,
} from './containers.ts';
import {
  againFence,
  closingUnit,
  codePieceUnit,
  codeUnit,
  type Fence,
  mayEndFence,
  openingUnit,
  ownFence,
  readCodeLine,
  readFence,
  readFormula,
} from './fence.ts';
import { fitParagraph, paragraphUnit, steadyRoom } from './fit.ts';
import { renderInline } from './inline.ts';
import type { RenderOptions } from './limits.ts';
import { neutraliseCode } from './neutralise.ts';
import {
  asHeading,
  type Paragraph,
  previewParagraph,
  settledParagraph,
  withLine,
  withoutHeader,
  withoutLastLine,
  withText,
  writeParagraph,
} from './paragraph.ts';
import { beginParagraph, furtherLine, interrupts, isDeep, seamBefore } from './starts.ts';
import { cellsOf, isSeparator, readHeader, rowUnit, startTable, type Table } from './table.ts';
import { rank, type Seam, type Writer } from './writer.ts';

type Leaf =
  | { readonly kind: 'none' }
  | { readonly kind: 'paragraph'; readonly paragraph: Paragraph }
  | Fence
  | Table;

const none: Leaf = { kind: 'none' };

export class Scanner {
  readonly #limits: RenderOptions;
  readonly #longestLink: number;
  readonly writer: Writer;
  #containers: readonly Container[] = [];
  #leaf: Leaf = none;
  /** Blank line to write in front of the next unit; '' if there is none. */
  #lead = '';
  #afterHeading = false;
  /** The line before was an item's own, with nothing in it: a blank line ends that item. */
  #emptyItem = false;

  constructor(limits: RenderOptions, longestLink: number, writer: Writer) {
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
    copy.#emptyItem = this.#emptyItem;
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
      this.#show(leaf.paragraph, (paragraph) => previewParagraph(paragraph, this.#longestLink));
    } else if (leaf.kind === 'fence' && leaf.begun) this.#closeFence(leaf);
    this.#leaf = none;
  }

  /** Completes the writer's text with what nothing that follows can change of the open paragraph (steady only). */
  settle(): void {
    if (this.#leaf.kind === 'paragraph')
      this.#show(this.#leaf.paragraph, (paragraph) =>
        settledParagraph(paragraph, steadyRoom(paragraph, this.writer, this.#limits), this.#longestLink),
      );
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
    return this.#leaf.kind === 'fence' && mayEndFence(this.#leaf, rest);
  }

  /** Leaves out a last line that the next one may turn into the header of a table. */
  holdHeader(): void {
    if (this.#leaf.kind !== 'paragraph') return;
    const paragraph = withoutHeader(this.#leaf.paragraph);
    this.#leaf = paragraph === null ? none : { kind: 'paragraph', paragraph };
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
    this.#emptyItem = false;
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
      this.#emptyItem = line.containers.at(-1)?.kind === 'item';
      this.#add(line, '');
      return;
    }
    const ends = this.#emptyItem && line.matched === this.#containers.length;
    this.#emptyItem = false;
    this.#containers = line.containers.slice(0, ends ? line.matched - 1 : line.matched);
    this.#lead = `${line.matchedPrefix.trimEnd()}\n`;
  }

  /** True if the line belonged to the paragraph. */
  #continueParagraph(paragraph: Paragraph, line: ContainedLine, piece: LinePiece): boolean {
    if (paragraph.heading) return false;
    const inside = line.matched === this.#containers.length && line.ownPrefix === '';
    const rule = /^ {0,3}(?:=+|-+) *$/.test(line.rest);
    if (inside && piece.last) {
      if (rule) {
        if (this.#limits.steady) this.#underline(line);
        else this.#setext(paragraph, line.rest.includes('='));
        return true;
      }
      if (!isDeep(line.rest) && isSeparator(line.rest) && this.#startTable(paragraph, line)) return true;
    }
    if (line.ownPrefix !== '' || interrupts(line.rest, piece.last)) return false;
    const text = furtherLine(line.rest, this.#limits.steady);
    this.#keep(withLine(this.#fit(paragraph), line.matchedPrefix, text), piece.last);
    return true;
  }

  #begin(line: ContainedLine, piece: LinePiece): void {
    const { rest } = line;
    if (isDeep(rest)) {
      const seam = this.#seam(line);
      const text = prefixOf(line) + neutraliseCode(rest) + (piece.last ? '\n' : '');
      this.writer.add({ lead: this.#takeLead(), text, seam, closing: '' });
      return;
    }
    if (piece.last) {
      if (thematicBreak.test(rest)) {
        if (this.#lead === '' && !this.writer.isEmpty && !/^ {0,3}[*_]/.test(rest))
          this.#lead = blankPrefix(line);
        this.#add(line, rest.trim());
        return;
      }
      const fence = readFence(rest) ?? readFormula(rest);
      if (fence) {
        const seam = this.#seam(line);
        this.#leaf = { ...fence, begun: false, lead: this.#takeLead(), seam, prefix: prefixOf(line) };
        if (fence.ends.by === 'formula')
          this.#codeLine(this.#leaf, { ...line, matchedPrefix: continuationPrefix(line.containers) }, true);
        return;
      }
    }
    const seam = this.#seam(line);
    const paragraph = beginParagraph(line, this.#takeLead(), seam);
    this.#keep(paragraph, piece.last && !paragraph.heading);
    if (paragraph.heading && piece.last) this.#endLeaf();
  }

  /** Further pieces of a long line. */
  #more(piece: LinePiece): void {
    const leaf = this.#leaf;
    if (leaf.kind === 'fence') {
      this.writer.add(codePieceUnit(leaf, this.#containers, piece.text, piece.last));
    } else if (leaf.kind === 'paragraph') {
      this.#keep(withText(leaf.paragraph, piece.text), false);
      if (piece.last && leaf.paragraph.heading) this.#endLeaf();
    } else {
      const open = `${reopeningPrefix(this.#containers)}    `;
      const text = neutraliseCode(piece.text) + (piece.last ? '\n' : '');
      this.writer.add({ lead: '', text, seam: { rank: rank.middle, close: '', open, drop: 0 }, closing: '' });
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

  #fit(paragraph: Paragraph): Paragraph {
    return fitParagraph(paragraph, this.writer, this.#limits, this.#longestLink);
  }

  /** What is shown of a heading above its underline can't become one any more: it gets a rule below. */
  #underline(line: ContainedLine): void {
    this.#endLeaf();
    this.#lead = blankPrefix(line);
    this.#add(line, '---');
  }

  #setext(paragraph: Paragraph, first: boolean): void {
    this.#leaf = { kind: 'paragraph', paragraph: asHeading(paragraph, first ? '# ' : '## ') };
    this.#endLeaf();
  }

  #startTable(paragraph: Paragraph, line: ContainedLine): boolean {
    const lines = paragraph.text.split('\n');
    const last = lines.at(-1) ?? '';
    const header = readHeader(last, line.rest, this.#limits);
    if (!header) return false;
    const { names, separators } = header;
    const next = continuationPrefix(this.#containers);
    let { lead, seam } = paragraph;
    let prefix = paragraph.prefixes[0] ?? '';
    if (lines.length > 1) {
      this.#leaf = { kind: 'paragraph', paragraph: withoutLastLine(paragraph) };
      this.#endLeaf();
      seam = { rank: rank.line, close: '', open: reopeningPrefix(this.#containers), drop: next.length };
      lead = `${next.trimEnd()}\n`;
      prefix = next;
    }
    if (separators.length > this.#limits.tableColumns) {
      // Slack refuses so wide a table; as code its columns at least stay in line.
      const fence = this.#openFence({ ...ownFence, lead, seam, prefix });
      for (const [index, code] of [last, line.rest.trim()].entries()) {
        const first = index === 0;
        this.writer.add(codeUnit(fence, this.#containers, { prefix: next, code, first, last: true }));
      }
      this.#leaf = fence;
      return true;
    }
    const { table, unit } = startTable(this.#cells(names), separators, { lead, seam, prefix, next });
    this.writer.add(unit);
    this.#leaf = table;
    return true;
  }

  /** True if the line was a row of the table. */
  #row(table: Table, line: ContainedLine, piece: LinePiece): boolean {
    const inside = line.matched === this.#containers.length && line.ownPrefix === '';
    if (!inside || !piece.last || interrupts(line.rest, piece.last)) return false;
    const unit = rowUnit(
      table,
      this.#cells(cellsOf(line.rest, table.columns)),
      this.#containers,
      this.#limits,
    );
    if (unit) this.writer.add(unit);
    return unit !== null;
  }

  #cells(sources: readonly string[]): string[] {
    return sources.map((source) => {
      this.writer.work += source.length;
      return renderInline(source, { longestLink: this.#longestLink });
    });
  }

  #codeLine(open: Fence, line: ContainedLine, last: boolean): void {
    const { fence, code, ends, behind } = readCodeLine(open, line.rest, last);
    // A fence inside that is as long asks for a longer one around it: the block goes on as a second one.
    const goesOn = fence.begun && fence.closing === open.closing;
    if (open.begun && !goesOn) this.#closeFence(open);
    const begun = goesOn ? fence : this.#openFence(open.begun ? againFence(fence, this.#containers) : fence);
    this.#leaf = ends ? none : begun;
    if (code !== null) {
      const part = { prefix: line.matchedPrefix, code, first: !goesOn, last: last || ends };
      this.writer.add(codeUnit(begun, this.#containers, part));
    }
    if (!ends) return;
    this.#closeFence(begun);
    if (fence.ends.by === 'blank') this.#lead = `${line.matchedPrefix.trimEnd()}\n`;
    if (behind !== '') this.#line({ text: line.matchedPrefix + behind, first: true, last });
  }

  #openFence(fence: Fence): Fence {
    this.writer.add(openingUnit(fence, this.#containers));
    return { ...fence, begun: true };
  }

  #closeFence(fence: Fence): void {
    this.writer.add(closingUnit(fence, this.#containers, this.writer.isAtLineStart));
  }

  #endLeaf(): void {
    const leaf = this.#leaf;
    this.#leaf = none;
    if (leaf.kind === 'fence') this.#closeFence(leaf.begun ? leaf : this.#openFence(leaf));
    if (leaf.kind !== 'paragraph') return;
    this.#show(leaf.paragraph, (paragraph) => writeParagraph(paragraph, this.#longestLink));
    this.#afterHeading = leaf.paragraph.heading;
  }

  #show(open: Paragraph, textOf: (paragraph: Paragraph) => string): void {
    const paragraph = this.#fit(open);
    this.writer.work += paragraph.text.length;
    const text = textOf(paragraph);
    if (text !== '') this.writer.add(paragraphUnit(paragraph, text));
  }

  /** Adds one line with its containers. */
  #add(line: ContainedLine, rest: string): void {
    const seam = this.#seam(line);
    this.writer.add({ lead: this.#takeLead(), text: `${prefixOf(line)}${rest}\n`, seam, closing: '' });
  }

  /** The place in front of a line that begins a block. Must be read before the lead is taken. */
  #seam(line: ContainedLine): Seam {
    const seam = seamBefore(line, this.#lead !== '', this.#afterHeading);
    this.#afterHeading = false;
    return seam;
  }

  #takeLead(): string {
    const lead = this.#lead;
    this.#lead = '';
    return lead;
  }
}
