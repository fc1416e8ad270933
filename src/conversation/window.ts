import { estimateTokens, imageTokens, mostImageTokens, pdfTokens } from '../tokens.ts';
import { field, type Turn, type TurnBlock, textOf, weightOf } from './blocks.ts';
import type { Said } from './transcript.ts';

/** A stored message with its place in the thread. */
export interface Placed extends Said {
  readonly slackTs: string;
  /** As Slack sent it; null for an answer. */
  readonly raw: string | null;
}

/** What is known of the earlier part of a thread, in the model's own words. */
export interface Summary {
  /** Slack's ts of the last message that it covers; answers have the ts of their question. */
  readonly until: string;
  readonly text: string;
}

/** Marks between turns, in tokens: more than any model uses. */
const TURN_TOKENS = 8;

/**
 * Tokens of one turn of this text, by estimate, a little too many. For deciding whether it is worth asking the provider,
 * who knows. `model`: as `estimateTokens` takes it.
 */
export function turnTokens(text: string, model?: string): number {
  return estimateTokens(text, model) + TURN_TOKENS;
}

/** What a tool gave is mostly encrypted: three characters of it stand for one or two of text, four of which are a token. */
export const TOOL_CHARACTERS = 4;

/** The same of blocks. */
export function blocksTokens(blocks: readonly TurnBlock[], model?: string): number {
  const other = blocks.reduce((sum, block) => sum + (isOurs(block) ? 0 : weightOf(block)), 0);
  const ours = blocks.reduce((sum, block) => sum + (isOurs(block) ? callTokens(block, model) : 0), 0);
  const files = blocks.reduce(
    (sum, block) => sum + (block.type === 'file' ? fileTokens(block, model) : 0),
    0,
  );
  return turnTokens(textOf(blocks), model) + files + ours + Math.ceil(other / TOOL_CHARACTERS);
}

/** A call that we carry out, or what it gave: plain words, which count as such. */
const isOurs = ({ type }: TurnBlock) => type === 'tool_use' || type === 'tool_result';

function callTokens(block: TurnBlock, model?: string): number {
  const content = field(block, 'content');
  if (!Array.isArray(content)) return turnTokens(JSON.stringify(field(block, 'input') ?? ''), model);
  return content.reduce<number>((sum, part: unknown) => {
    const text = field(part, 'text');
    return sum + (typeof text === 'string' ? estimateTokens(text, model) : mostImageTokens(model));
  }, TURN_TOKENS);
}

/** The same of all turns of a request. */
export function turnsTokens(turns: readonly Turn[], model?: string): number {
  return turns.reduce((sum, { blocks }) => sum + blocksTokens(blocks, model), 0);
}

function fileTokens({ media, width, height, pages }: Extract<TurnBlock, { type: 'file' }>, model?: string) {
  return media === 'application/pdf' ? pdfTokens(pages, model) : imageTokens({ width, height }, model);
}

function saidTokens({ blocks, files, text }: Said): number {
  if (blocks !== null) return blocksTokens(blocks);
  return turnTokens(text) + (files === undefined || files.length === 0 ? 0 : blocksTokens(files));
}

/** How a thread that is too long is given to the model. */
interface Parted<T extends Placed> {
  readonly earlier: readonly T[];
  /** Whole questions with their answers, the last question in any case. */
  readonly kept: readonly T[];
}

/**
 * Parts a thread so that what is kept has at most `target` rough tokens: the newest part of it, and the last question
 * always. A question and its answer stay together.
 */
export function part<T extends Placed>(said: readonly T[], target: number): Parted<T> {
  let from = said.length;
  let tokens = 0;
  while (from > 0) {
    const ts = said[from - 1]?.slackTs;
    let start = from - 1;
    while (start > 0 && said[start - 1]?.slackTs === ts) start -= 1;
    tokens += said.slice(start, from).reduce((sum, one) => sum + saidTokens(one), 0);
    if (tokens > target && from < said.length) break;
    from = start;
  }
  return { earlier: said.slice(0, from), kept: said.slice(from) };
}

/** Pieces of at most `most` rough tokens, in order; a message that is longer than that is shortened. */
export function pieces(lines: readonly string[], most: number): string[] {
  const found: string[] = [];
  let piece: string[] = [];
  let tokens = 0;
  for (const line of lines) {
    const short = shortened(line, most);
    const size = turnTokens(short);
    if (piece.length > 0 && tokens + size > most) {
      found.push(piece.join('\n\n'));
      piece = [];
      tokens = 0;
    }
    piece.push(short);
    tokens += size;
  }
  return piece.length === 0 ? found : [...found, piece.join('\n\n')];
}

const SHORTENED = ' […] ';

/** Beginning and end of a text that has more than `most` rough tokens. */
function shortened(text: string, most: number): string {
  const size = turnTokens(text);
  if (size <= most) return text;
  const points = [...text];
  for (let half = (points.length * most) / size / 2; ; half *= 0.9) {
    const each = Math.max(1, Math.floor(half));
    const short = `${points.slice(0, each).join('')}${SHORTENED}${points.slice(-each).join('')}`;
    if (each === 1 || turnTokens(short) <= most) return short;
  }
}

/** The turn that stands for the earlier part of a thread. */
export function summaryTurn({ text }: Summary): Turn {
  return {
    role: 'user',
    blocks: [
      {
        type: 'text',
        text: `[Summary of the earlier part of this thread, which was too long to repeat]\n${text}`,
      },
    ],
  };
}

/** The turn that stands for what somebody sent as a message of its own right before the one that begins a thread. */
export function justBeforeTurn(text: string, files: readonly TurnBlock[] = []): Turn {
  return {
    role: 'user',
    blocks: [
      ...files,
      {
        type: 'text',
        text: `[Sent a moment before, as a message of its own that has its own thread. It may belong to what follows.]\n${text}`,
      },
    ],
  };
}
