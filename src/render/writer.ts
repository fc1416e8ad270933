/**
 * The splitter: finished lines go in, full segments are sealed. It knows where a segment may end (seams) and what
 * both sides of such a place need to stay well-formed, but no Markdown.
 */
import type { RenderOptions } from './limits.ts';
import { fits, minus, nothing, plus, type Size, share, sizeOf } from './size.ts';

/** How good a place is to end a segment: the higher the better. */
export const rank = {
  /** Only when nothing else is left: between a fence and its first or last line. */
  never: -1,
  /** In the middle of a line of code. */
  middle: 0,
  /** Behind a heading, which belongs to what follows. */
  heading: 0,
  line: 1,
  /** At a blank line of code, or before an item of the outermost list. */
  pause: 2,
  /** At a blank line inside a list or quote. */
  inner: 3,
  /** At a blank line between blocks. */
  block: 4,
} as const;

/** The place in front of a unit, and how to end one segment and begin the next there. */
export interface Seam {
  readonly rank: number;
  /** Ends the segment, e.g. a closing fence; its own line. */
  readonly close: string;
  /** Begins the next one in place of the unit's first `drop` characters. */
  readonly open: string;
  readonly drop: number;
}

/** Something that is shown as a whole: a line of code, a row, a paragraph. */
export interface Unit {
  /** The blank line in front, '' if there is none; left out at the top of a segment. */
  readonly lead: string;
  readonly text: string;
  readonly seam: Seam;
  /** What would have to be added if the segment ended behind this unit. */
  readonly closing: string;
  /** For a row of a table. */
  readonly table?: {
    /** True for the header, which a new segment repeats. */
    readonly start: boolean;
    /** Characters in the cells of this row, and of the header. */
    readonly characters: number;
    readonly header: number;
  };
}

interface Mark extends Seam {
  readonly before: Mark | null;
  readonly at: number;
  /** Characters behind `at` that the next segment does not take over. */
  readonly skip: number;
  readonly tableRows: number;
  readonly tableCharacters: number;
  readonly tables: number;
  readonly header: number;
}

// A segment ends at the best seam of its last two fifths: never a crumb, seldom a cut paragraph.
const leastFill = 0.6;
// A steady segment ends at the first seam that is good enough for how full it is: fullness by rank of the seam.
const endAt: readonly (readonly [number, number])[] = [
  [rank.block, 0.7],
  [rank.pause, 0.8],
  [rank.line, 0.9],
];

export class Writer {
  readonly #limits: RenderOptions;
  /** Sealed segments. Shared between a writer and its forks as a chain: appending copies nothing. */
  #sealed: readonly string[] = [];
  #open = '';
  #size: Size = nothing;
  #marks: Mark | null = null;
  #tableRows = 0;
  #tableCharacters = 0;
  #tables = 0;
  /** Characters moved or written so far, the unit in which the cost of a reply is counted. */
  work = 0;

  constructor(limits: RenderOptions) {
    this.#limits = limits;
  }

  /** A copy that can go on by itself. */
  fork(): Writer {
    const copy = new Writer(this.#limits);
    copy.#sealed = this.#sealed;
    copy.#open = this.#open;
    copy.#size = this.#size;
    copy.#marks = this.#marks;
    copy.#tableRows = this.#tableRows;
    copy.#tableCharacters = this.#tableCharacters;
    copy.#tables = this.#tables;
    return copy;
  }

  get sealed(): readonly string[] {
    return this.#sealed;
  }

  /** The segment that is being written, without the line break at its end. */
  get open(): string {
    return this.#open.trimEnd();
  }

  /** The same with all its white space: what stays at the beginning of the segment, whatever follows. */
  get raw(): string {
    return this.#open;
  }

  get isEmpty(): boolean {
    return this.#open === '';
  }

  /** False after a piece of a line whose end has not come. */
  get isAtLineStart(): boolean {
    return this.#open === '' || this.#open.endsWith('\n');
  }

  /** True once the segment holds enough to end. */
  get isFull(): boolean {
    return this.#isFull(this.#size);
  }

  /** What is left in the segment for a text and what closes it. */
  room(): Size {
    return minus(this.#limits, this.#size);
  }

  /** Adds a unit, ending the segment before it (or earlier, at a better place) when it does not fit. */
  add(unit: Unit): void {
    if (this.#open !== '') {
      this.#mark(unit);
      if (this.#tableIsFull(unit) || this.mayEnd(unit.seam)) this.#sealAt(this.#marks);
      while (this.#open !== '' && !this.#fits(unit)) this.#sealAt(this.#best());
    }
    this.#write(unit);
  }

  /** True if a steady segment should end at this seam, which lies behind everything it holds. */
  mayEnd(seam: Seam): boolean {
    if (!this.#limits.steady || this.#open === '') return false;
    const fill = this.#fill(this.#size);
    return endAt.some(([least, from]) => seam.rank >= least && fill >= from);
  }

  /** True if a text of this size can be added behind `lead`. */
  fits(size: Size): boolean {
    return fits(size, this.room());
  }

  /** Adds a last text and ends the segment. */
  endWith(text: string): void {
    this.#open += text;
    this.#push(this.#open);
    this.#restart('');
  }

  /** Ends the segment at its best seam, the one in front of a unit that comes next included. */
  endBefore(unit: Unit): void {
    if (this.#open === '') return;
    this.#mark(unit);
    this.#sealAt(this.#best());
  }

  /** Ends the segment as it is. */
  end(): void {
    if (this.#open !== '') this.endWith('');
  }

  #write(unit: Unit): void {
    // At the top of a segment the unit begins as its seam says, unless it is where its own block begins.
    const atTop = this.#open === '';
    const text = atTop ? unit.seam.open + unit.text.slice(unit.seam.drop) : unit.lead + unit.text;
    this.#open += text;
    this.#size = plus(this.#size, sizeOf(text));
    this.work += text.length;
    if (unit.table) {
      const repeated = atTop && !unit.table.start;
      this.#tableRows = unit.table.start ? 1 : repeated ? 2 : this.#tableRows + 1;
      this.#tableCharacters += unit.table.characters + (repeated ? unit.table.header : 0);
      if (unit.table.start || repeated) this.#tables += 1;
    }
  }

  #mark(unit: Unit): void {
    this.#marks = {
      ...unit.seam,
      before: this.#marks,
      at: this.#open.length,
      skip: unit.lead.length + unit.seam.drop,
      tableRows: unit.table && !unit.table.start ? this.#tableRows : 0,
      tableCharacters: this.#tableCharacters,
      tables: this.#tables,
      header: unit.table?.header ?? 0,
    };
  }

  #fits(unit: Unit): boolean {
    return this.fits(plus(sizeOf(unit.lead + unit.text), sizeOf(unit.closing)));
  }

  #tableIsFull(unit: Unit): boolean {
    if (!unit.table) return false;
    const rows = unit.table.start ? 0 : this.#tableRows + 1;
    return (
      rows > this.#limits.tableRows ||
      (unit.table.start && this.#tables >= this.#limits.tables) ||
      this.#tableCharacters + unit.table.characters > this.#limits.tableCharacters
    );
  }

  #isFull(size: Size): boolean {
    return this.#fill(size) >= leastFill;
  }

  #fill(size: Size): number {
    return share(size, this.#limits);
  }

  /** The best seam that leaves a segment of decent length; the last one if there is none, or if it must stay. */
  #best(): Mark | null {
    let best = this.#marks;
    if (this.#limits.steady) return best;
    const least = this.#open.length * Math.min(1, leastFill / this.#fill(this.#size));
    for (let mark = this.#marks; mark && mark.at >= least; mark = mark.before) {
      if (best && mark.rank > best.rank) best = mark;
    }
    return best;
  }

  #sealAt(mark: Mark | null): void {
    if (!mark) {
      this.end();
      return;
    }
    const head = this.#open.slice(0, mark.at);
    const tail = this.#open.slice(mark.at + mark.skip);
    const rows = this.#tableRows;
    const characters = this.#tableCharacters;
    const tables = this.#tables;
    this.work += this.#open.length;
    this.#push(mark.close === '' ? head : `${head}${mark.close}`);
    let later: Mark[] = [];
    for (let next = this.#marks; next && next !== mark; next = next.before) later.push(next);
    later = later.toReversed();
    if (tail === '' || later.length === 0) {
      // The unit in front of the mark is all there was: the next one begins the segment.
      this.#restart('');
      return;
    }
    this.#restart(mark.open + tail);
    const shift = mark.open.length - mark.at - mark.skip;
    const inTable = mark.tableRows > 0;
    const header = inTable ? mark.header : 0;
    for (const next of later) {
      this.#marks = {
        ...next,
        before: this.#marks,
        at: next.at + shift,
        tableRows: inTable && next.tableRows > 0 ? next.tableRows - mark.tableRows + 1 : next.tableRows,
        tableCharacters: next.tableCharacters - mark.tableCharacters + header,
        tables: next.tables - mark.tables + (inTable ? 1 : 0),
      };
    }
    this.#tableRows = inTable ? rows - mark.tableRows + 1 : rows;
    this.#tableCharacters = characters - mark.tableCharacters + header;
    this.#tables = tables - mark.tables + (inTable ? 1 : 0);
  }

  #push(text: string): void {
    const trimmed = text.trimEnd();
    if (trimmed !== '') this.#sealed = [...this.#sealed, trimmed];
  }

  #restart(text: string): void {
    this.#open = text;
    this.#size = sizeOf(text);
    this.#marks = null;
    this.#tableRows = 0;
    this.#tableCharacters = 0;
    this.#tables = 0;
  }
}
