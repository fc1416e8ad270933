import type { Said, Turn } from './transcript.ts';

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
 * Tokens of a text, roughly: a little too many for prose in any script (English has about four bytes a token, Chinese
 * three). For deciding whether it is worth asking the provider, who knows.
 */
export function roughTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3) + TURN_TOKENS;
}

export function roughTokensOf(turns: readonly Turn[]): number {
  return turns.reduce((sum, { blocks }) => sum + roughTokens(blocks.map(({ text }) => text).join('')), 0);
}

/** How a thread that is too long is given to the model. */
export interface Parted<T extends Placed> {
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
    tokens += said.slice(start, from).reduce((sum, { text }) => sum + roughTokens(text), 0);
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
    const size = roughTokens(short);
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
  if (roughTokens(text) <= most) return text;
  const points = [...text];
  // No code point has more than four bytes.
  const half = Math.max(1, Math.floor(((most - TURN_TOKENS) * 3 - SHORTENED.length) / 8));
  return `${points.slice(0, half).join('')}${SHORTENED}${points.slice(-half).join('')}`;
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
export function justBeforeTurn(text: string): Turn {
  return {
    role: 'user',
    blocks: [
      {
        type: 'text',
        text: `[Sent a moment before, as a message of its own that has its own thread. It may belong to what follows.]\n${text}`,
      },
    ],
  };
}
