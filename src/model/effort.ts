import type Anthropic from '@anthropic-ai/sdk';
import type { Effort } from '../reply/ports.ts';
import { EFFORTS, type ModelFacts } from './catalogue.ts';

/**
 * How a chat answer is asked for: as little thinking as the model allows, because thinking is billed as
 * output, counts toward `max_tokens`, and keeps the reader waiting. A fixed choice per model and effort,
 * since a change between two turns would throw away the cached thread.
 */
interface Manner {
  readonly thinking?: Anthropic.ThinkingConfigParam;
  readonly output_config?: { readonly effort: Effort };
}

/** Anthropic's advice for most applications on Sonnet 4.6; the default there is `high`. */
const CHAT_EFFORT: Effort = 'medium';

/**
 * Ours, not Anthropic's: what thinking may use up before a chat answer begins, in tokens. Only what is used is billed;
 * with less room high efforts end with `max_tokens` and no word of the answer.
 */
const THINKING_ROOM_TOKENS: Readonly<Record<Effort, number>> = {
  low: 4096,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 65_536,
};

export function mannerOf(facts: ModelFacts | null, wanted?: Effort): Manner {
  if (facts === null) return {};
  const effort = nearestEffort(facts, wanted ?? CHAT_EFFORT);
  const thinking = leastThinking(facts, effort);
  return {
    ...(thinking === null ? {} : { thinking }),
    ...(effort === null ? {} : { output_config: { effort } }),
  };
}

/**
 * `max_tokens` for an answer of up to `answerTokens` tokens: with room for thinking where the model can't
 * be kept from it, and never above the model's cap. `tools`: it has tools to think between.
 */
export function maxTokensFor(
  facts: ModelFacts | null,
  answerTokens: number,
  wanted?: Effort,
  tools = false,
): number {
  if (facts === null) return answerTokens;
  const { thinking, output_config: config } = mannerOf(facts, wanted);
  const type = thinking?.type ?? 'adaptive';
  const thinks = facts.thinksByDefault && (type === 'adaptive' || (tools && type === 'between_tools'));
  const room = thinks ? THINKING_ROOM_TOKENS[config?.effort ?? wanted ?? CHAT_EFFORT] : 0;
  return Math.min(facts.outputCap, answerTokens + room);
}

function nearestEffort(facts: ModelFacts, wanted: Effort): Effort | null {
  const upTo = EFFORTS.indexOf(wanted);
  return facts.efforts.filter((effort) => EFFORTS.indexOf(effort) <= upTo).at(-1) ?? facts.efforts[0] ?? null;
}

function leastThinking(facts: ModelFacts, effort: Effort | null): Anthropic.ThinkingConfigParam | null {
  if (!facts.thinksByDefault) return null;
  // Whoever asks for so much effort wants the thinking too, and most models answer 400 to the contrary.
  const deep = effort === 'xhigh' || effort === 'max';
  if (!deep && facts.thinkingTypes.includes('disabled')) return { type: 'disabled' };
  // Without tools there is nothing to think between: a reply of text only.
  if (!deep && facts.thinkingTypes.includes('between_tools')) return { type: 'between_tools' };
  // Its words come as a sign of life; models that think by default keep them to themselves unless told.
  return facts.thinkingTypes.includes('adaptive') ? { type: 'adaptive', display: 'summarized' } : null;
}
