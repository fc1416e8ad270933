/** A piece of an answer as the model sends it. */
export interface Token {
  /** Milliseconds after the start of the scenario. */
  readonly at: number;
  readonly chars: number;
}

/** One answer: when it was asked for, and what the model sent when. */
export interface Trace {
  readonly askedAt: number;
  readonly tokens: readonly Token[];
}

export const TOKENS_PER_SECOND = 80;
/** About as long as an answer may be by default (`DEFAULT_MAX_TOKENS`): what takes longer than 45 s comes more slowly. */
const MOST_TOKENS = 45 * TOKENS_PER_SECOND;
/** From the question to the first token: about what a fast model takes. */
export const FIRST_TOKEN_MS = 500;
/** A token of mixed Markdown has four characters on average (`estimateTokens` counts the same way). */
const CHARS = [1, 2, 2, 3, 3, 4, 4, 5, 6, 10] as const;
/** Shares of its own time by which a token comes early or late, as the stand-in of the model does it. */
const LEAST_SHARE = 0.4;
const MOST_SHARE = 1.6;

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** When the text of an answer does not come: `pauseMs` after each `textMs` of it. */
export interface Shape {
  readonly textMs: number;
  readonly pauseMs: number;
}

/** Text that comes in lumps, a model that thinks in between, and tools that are asked for a moment. */
export const SHAPES = {
  bursts: { textMs: 250, pauseMs: 1250 },
  thinking: { textMs: 8000, pauseMs: 20_000 },
  tools: { textMs: 4000, pauseMs: 4000 },
} as const satisfies Record<string, Shape>;
export type ShapeName = keyof typeof SHAPES;

/** An answer with `seconds` of text, asked for at `askedAt` (milliseconds); `shape`: it comes with pauses. */
export function traceOf(askedAt: number, seconds: number, random: () => number, shape?: Shape): Trace {
  const perSecond = Math.min(TOKENS_PER_SECOND, MOST_TOKENS / seconds);
  const count = Math.max(1, Math.round(seconds * perSecond));
  let at = askedAt + FIRST_TOKEN_MS;
  let sincePause = 0;
  const tokens: Token[] = [];
  for (let index = 0; index < count; index++) {
    tokens.push({ at, chars: CHARS[Math.floor(random() * CHARS.length)] ?? 4 });
    const step = (1000 / perSecond) * (LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * random());
    at += step;
    sincePause += step;
    if (shape === undefined || sincePause < shape.textMs) continue;
    at += shape.pauseMs;
    sincePause = 0;
  }
  return { askedAt, tokens };
}

/** The same answer in fewer pieces, each of so many tokens and there with its last one, as models send them too. */
export function inPieces({ askedAt, tokens }: Trace, of: number): Trace {
  const pieces: Token[] = [];
  for (let from = 0; from < tokens.length; from += of) {
    const piece = tokens.slice(from, from + of);
    pieces.push({
      at: piece.at(-1)?.at ?? askedAt,
      chars: piece.reduce((sum, { chars }) => sum + chars, 0),
    });
  }
  return { askedAt, tokens: pieces };
}

export function endOf(trace: Trace): number {
  return trace.tokens.at(-1)?.at ?? trace.askedAt;
}
