/**
 * Finds fenced charts in the lines of an answer, in front of the scanner: their JSON is never shown. While one is being
 * written it is held back; whole, its table takes its place; what is no chart goes on as the code that it is.
 */
import { type Chart, chartLines, readChart } from './chart.ts';
import type { LinePiece } from './containers.ts';

/** Longer JSON is no chart: what is held back must end some time. */
const longest = 8_000;
const opening = /^```+ ?chart(?: .*)?$/i;
const closing = /^ {0,3}```+ *$/;
const blank: LinePiece = { text: '', first: true, last: true };

interface ChartFences {
  /** A line, or a piece of one. `inCode`: it stands in a fence of something else. What is to be read now, in its place. */
  take(piece: LinePiece, inCode: boolean): readonly LinePiece[];
  /** What is still held back, at the end of the text. */
  finish(): readonly LinePiece[];
  /** True while nothing that comes is shown. */
  readonly holds: boolean;
  /** The charts so far that Slack can draw; of each there is the table in the text. */
  readonly charts: readonly Chart[];
}

/** `longestLine`: no line that takes the place of a chart is longer, in UTF-16 units. */
export function createChartFences(longestLine: number): ChartFences {
  let held: LinePiece[] | null = null;
  let size = 0;
  let charts: readonly Chart[] = [];

  const release = (): readonly LinePiece[] => {
    const pieces = held ?? [];
    held = null;
    return pieces;
  };
  const end = (whole: boolean): readonly LinePiece[] => {
    const body = (held ?? []).slice(1, whole ? -1 : undefined);
    const data = readChart(body.map(({ text, last }) => text + (last ? '\n' : '')).join(''));
    const lines = data === null ? [] : chartLines(data);
    const pieces = release();
    if (data === null || lines.some((line) => line.length > longestLine)) return pieces;
    if (data.chart !== null) charts = [...charts, data.chart];
    return [blank, ...lines.map((text) => ({ text, first: true, last: true })), blank];
  };

  return {
    take(piece, inCode) {
      if (held === null) {
        if (inCode || !piece.first || !piece.last || !opening.test(piece.text)) return [piece];
        held = [piece];
        size = 0;
        return [];
      }
      held.push(piece);
      size += piece.text.length;
      if (piece.first && piece.last && closing.test(piece.text)) return end(true);
      return size > longest ? release() : [];
    },
    finish: () => (held === null ? [] : end(false)),
    get holds() {
      return held !== null;
    },
    get charts() {
      return charts;
    },
  };
}
