/**
 * Model Markdown in, Slack segments out, while it is written. The stages: characters (`clean`), charts (`chart-fence`),
 * lines and blocks (`scanner`, `containers`, `table`), inline text (`inline`, `emphasis`, `link`, `neutralise`), segments (`writer`,
 * `cut`).
 *
 * Every decision that stays is taken on whole lines, in order, so it can't depend on how the stream was cut. What is
 * shown of a half line comes from a copy of the machine that is thrown away.
 */
import type { Chart } from './chart.ts';
import { createChartFences } from './chart-fence.ts';
import { createCleaner } from './clean.ts';
import { graphemeCut } from './grapheme.ts';
import { type RenderOptions, slackLimits } from './limits.ts';
import { maySeparate, visiblePart } from './partial.ts';
import { Scanner } from './scanner.ts';
import { smallest } from './size.ts';
import { Writer } from './writer.ts';

/** One Slack message of a reply, as Markdown that is safe and well-formed by itself. */
export interface RenderedSegment {
  /** Position in the reply, from 0. */
  readonly index: number;
  /** Within `RenderLimits` in every unit; never empty. */
  readonly markdown: string;
  /** True once it can't change any more. */
  readonly sealed: boolean;
  /** True for the last segment of a reply that is finished. */
  readonly final: boolean;
}

interface Renderer {
  /** Takes the next piece of the model's Markdown, cut anywhere. Throws after `finish`. */
  push(delta: string): void;
  /** The text is complete: what was held back is shown as it stands. Idempotent. */
  finish(): void;
  /** What to show now, sealed segments first; [] while nothing is visible. */
  segments(): readonly RenderedSegment[];
  /**
   * The beginning of the open segment (the one behind the sealed ones) that will be the beginning of it for ever,
   * without what is only shown for now, such as a closing fence. '' unless the renderer is `steady`.
   */
  settled(): string;
  /** The charts of the text that Slack can draw, in order; the segments hold a table for each. */
  charts(): readonly Chart[];
  /** Characters looked at so far by all stages together: the machine's own measure of its cost. */
  work(): number;
}

/** Smallest limits that leave room for what a segment repeats at its top and closes at its end. */
const leastCharacters = 400;
/** Longest stretch of a line that is decided on as a whole, in UTF-16 units. */
const longestPiece = 2_000;
const longestLink = 2_400;

/** A renderer for one reply. Throws a RangeError for limits too small to be kept. */
export function createRenderer(options: Partial<RenderOptions> = {}): Renderer {
  const limits: RenderOptions = { ...slackLimits, steady: false, ...options };
  if (Math.min(smallest(limits), limits.tableCharacters) < leastCharacters)
    throw new RangeError(`characters, bytes, json and tableCharacters must be at least ${leastCharacters}`);
  if (limits.tableRows < 2 || limits.tableColumns < 1)
    throw new RangeError('a table needs two rows and one column');
  // A piece of code in any script fits with its fence: at most three bytes per unit, at most half of a segment.
  const pieceLength = Math.floor(
    Math.min(longestPiece, limits.characters / 4, limits.bytes / 6, limits.json / 10),
  );
  const linkLength = Math.floor(Math.min(longestLink, smallest(limits) / 4));
  const cleaner = createCleaner();
  const fences = createChartFences(pieceLength);
  const scanner = new Scanner(limits, linkLength, new Writer(limits));
  let line = '';
  let lineBegun = false;
  let finished = false;
  let seen = 0;
  let previewed = 0;
  let shown: readonly RenderedSegment[] | null = null;

  const take = (text: string, last: boolean) => {
    const inCode = scanner.context().leaf === 'fence';
    for (const piece of fences.take({ text, first: !lineBegun, last }, inCode)) scanner.push(piece);
    lineBegun = !last;
  };
  const read = (text: string) => {
    seen += text.length;
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      line += text.slice(from, at);
      shorten();
      take(line, true);
      line = '';
      from = at + 1;
    }
    line += text.slice(from);
    shorten();
  };
  /** Hands over what is too long to wait for its end. One more character than a piece shows where it may be cut. */
  const shorten = () => {
    let from = 0;
    while (line.length - from > pieceLength + lookAhead) {
      const stretch = line.slice(from, from + pieceLength + lookAhead);
      const cut = pieceCut(stretch, pieceLength);
      take(stretch.slice(0, cut), false);
      from += cut;
    }
    if (from > 0) line = line.slice(from);
  };

  return {
    push(delta) {
      if (finished) throw new Error('push after finish');
      if (delta === '') return;
      shown = null;
      read(cleaner.push(delta));
    },
    finish() {
      if (finished) return;
      finished = true;
      shown = null;
      read(cleaner.finish());
      if (line !== '' || lineBegun) take(line, true);
      line = '';
      for (const piece of fences.finish()) scanner.push(piece);
      scanner.finish();
      scanner.writer.end();
    },
    segments() {
      if (shown) return shown;
      const sealed = scanner.writer.sealed;
      let texts = sealed;
      if (!finished) {
        const copy = scanner.fork();
        const part = fences.holds ? '' : lineBegun ? line : visiblePart(line, copy);
        if (!lineBegun && (part === null || part === '') && maySeparate(line)) copy.holdHeader();
        if (part !== null && part !== '') copy.push({ text: part, first: !lineBegun, last: false });
        copy.preview();
        previewed += copy.writer.work + line.length;
        const open = copy.writer.open;
        texts = open === '' ? copy.writer.sealed : [...copy.writer.sealed, open];
      }
      shown = texts.map((markdown, index) => ({
        index,
        markdown,
        sealed: finished || index < sealed.length,
        final: finished && index === texts.length - 1,
      }));
      return shown;
    },
    settled() {
      const { sealed, raw } = scanner.writer;
      if (!limits.steady || finished) return '';
      const copy = scanner.fork();
      const part = fences.holds ? '' : lineBegun ? line : visiblePart(line, copy);
      if (part !== null && part !== '') copy.push({ text: part, first: !lineBegun, last: false });
      // Code, rows and what might not fit here any more come line by line.
      const prose = copy.context().leaf === 'paragraph' && copy.writer.sealed.length === sealed.length;
      const steady = prose ? copy : scanner.fork();
      steady.settle();
      previewed += copy.writer.work + steady.writer.work + line.length;
      return steady.writer.sealed.length === sealed.length ? steady.writer.raw : raw;
    },
    charts: () => fences.charts,
    work: () => seen + scanner.writer.work + previewed,
  };
}

/** Enough to see the end of a cluster or a control sequence that begins inside the piece. */
const lookAhead = 64;

/** Where to end a piece of a long line: between characters, and not inside what may be a control sequence. */
function pieceCut(stretch: string, length: number): number {
  const cut = graphemeCut(stretch, length);
  const opener = Math.max(stretch.lastIndexOf('<', cut - 1), stretch.lastIndexOf('&', cut - 1));
  return opener > cut - 48 && opener > 0 && !/[\s>]/.test(stretch.slice(opener, cut)) ? opener : cut;
}
