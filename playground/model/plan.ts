import { countTokens, firstTokens, toDeltas } from './tokens.ts';
import type { ModelFault, ScriptedAnswer, ScriptedPart } from './types.ts';

/** A delta of visible text, or a whole block. */
export type Piece = TextPiece | BlockPiece;

interface TextPiece {
  readonly text: string;
  readonly tokens: number;
}

interface BlockPiece {
  /** Text: only its citations and its end; its words came before. */
  readonly block: { readonly type: string } & Readonly<Record<string, unknown>>;
  readonly deltas: readonly object[];
  readonly afterMs: number;
  readonly tokens: number;
}

/** How an answer ends: for a reason that the API would tell, or broken in the way of `fault`. */
export type Ending =
  | { readonly kind: 'stop'; readonly reason: string; readonly sequence: string | null }
  | { readonly kind: 'broken'; readonly fault: BreakingFault };

export type BreakingFault = Extract<
  ModelFault,
  { kind: 'error_event' | 'reset' | 'early_close' | 'stall' | 'broken_event' }
>;

export interface PlanLimits {
  /** Tokens left for text: `max_tokens` less the thinking. */
  readonly room: number;
  readonly stopSequences: readonly string[];
  readonly fault: ModelFault | null;
}

/** The deltas of an answer within its limits; the generator returns how it ends. Each delta rounds up. */
export async function* planAnswer(
  answer: ScriptedAnswer,
  limits: PlanLimits,
): AsyncGenerator<Piece, Ending, undefined> {
  const { fault, room } = limits;
  if (fault?.kind === 'empty') return stop('end_turn');
  if (answer.parts !== undefined) return yield* planParts(answer, answer.parts, limits);
  const breakAt = fault !== null && 'afterTokens' in fault ? fault.afterTokens : Number.POSITIVE_INFINITY;
  const { deltas, sequence } = withStopSequences(answer.text, limits.stopSequences);
  let used = 0;
  let isCut = room <= 0;
  if (used < breakAt && !isCut) {
    for await (const delta of deltas) {
      if (delta === '') continue;
      const left = Math.min(room, breakAt) - used;
      const tokens = countTokens(delta);
      if (left > 0) yield { text: firstTokens(delta, left), tokens: Math.min(tokens, left) };
      used += Math.min(tokens, left);
      isCut = tokens > left && used >= room;
      if (isCut || used >= breakAt) break;
    }
  }
  if (fault !== null && 'afterTokens' in fault && !isCut) return endingOf(fault);
  if (isCut) return stop('max_tokens');
  return sequence === null ? stop(answer.stopReason ?? 'end_turn') : stop('stop_sequence', sequence);
}

/** The same of an answer of several blocks. */
async function* planParts(
  answer: ScriptedAnswer,
  parts: readonly ScriptedPart[],
  { fault, room }: PlanLimits,
): AsyncGenerator<Piece, Ending, undefined> {
  const late = fault !== null && 'afterTokens' in fault ? fault : null;
  const breakAt = late?.afterTokens ?? Number.POSITIVE_INFINITY;
  let used = 0;
  for (const part of parts) {
    if ('text' in part) {
      for (const delta of toDeltas(part.text)) {
        if (used >= breakAt && late !== null) return endingOf(late);
        if (used >= room) return stop('max_tokens');
        const left = Math.min(room, breakAt) - used;
        const tokens = Math.min(countTokens(delta), left);
        yield { text: firstTokens(delta, left), tokens };
        used += tokens;
      }
    }
    if (used >= breakAt && late !== null) return endingOf(late);
    yield blockOf(part);
    if (!('text' in part)) used += 1;
  }
  if (late !== null) return endingOf(late);
  const calls = parts.some((part) => 'call' in part && part.call.type === 'tool_use');
  return stop(answer.stopReason ?? (calls ? 'tool_use' : 'end_turn'));
}

function blockOf(part: ScriptedPart): BlockPiece {
  if ('text' in part) {
    const deltas = (part.citations ?? []).map((citation) => ({ type: 'citations_delta', citation }));
    return { block: { type: 'text' }, deltas, afterMs: 0, tokens: 0 };
  }
  if ('result' in part) {
    const block = { type: '', ...part.result };
    return {
      block,
      deltas: [],
      afterMs: part.afterMs ?? 0,
      tokens: countTokens(JSON.stringify(part.result)),
    };
  }
  const { input, ...call } = part.call;
  const json = part.json ?? ['', ...(JSON.stringify(input).match(/.{1,7}/gsu) ?? [])];
  const deltas = json.map((partial) => ({ type: 'input_json_delta', partial_json: partial }));
  const block = { ...call, input: {}, caller: { type: 'direct' } };
  return { block, deltas, afterMs: 0, tokens: countTokens(JSON.stringify(input)) };
}

function endingOf(fault: Extract<ModelFault, { afterTokens: number }>): Ending {
  switch (fault.kind) {
    case 'refusal':
      return stop('refusal');
    case 'context_full':
      return stop('model_context_window_exceeded');
    case 'pause_turn':
      return stop('pause_turn');
    default:
      return { kind: 'broken', fault };
  }
}

const stop = (reason: string, sequence: string | null = null): Ending => ({ kind: 'stop', reason, sequence });

function withStopSequences(text: ScriptedAnswer['text'], sequences: readonly string[]) {
  if (typeof text !== 'string' && !Array.isArray(text)) return { deltas: text, sequence: null };
  const whole = typeof text === 'string' ? text : text.join('');
  const deltas = typeof text === 'string' ? toDeltas(text) : text;
  const found = sequences
    .map((sequence) => ({ sequence, at: whole.indexOf(sequence) }))
    .filter(({ at }) => at !== -1)
    .reduce<{ sequence: string; at: number } | null>(
      (first, next) => (first === null || next.at < first.at ? next : first),
      null,
    );
  if (found === null) return { deltas, sequence: null };
  let at = 0;
  const kept = deltas.map((delta) => {
    const part = delta.slice(0, Math.max(0, found.at - at));
    at += delta.length;
    return part;
  });
  return { deltas: kept, sequence: found.sequence };
}
