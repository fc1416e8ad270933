import type Anthropic from '@anthropic-ai/sdk';
import type { Effort } from '../reply/ports.ts';
import { EFFORTS, factsOf, type ModelFacts } from './catalogue.ts';

/**
 * How a chat answer is asked for: as little thinking as the model allows, because thinking is billed as
 * output, counts toward `max_tokens`, and keeps the reader waiting. A fixed choice per model and effort,
 * since a change between two turns would throw away the cached thread.
 */
export interface Manner {
  readonly thinking?: Anthropic.ThinkingConfigParam;
  readonly output_config?: { readonly effort: Effort };
}

/** Anthropic's advice for most applications on Sonnet 4.6; the default there is `high`. */
const CHAT_EFFORT: Effort = 'medium';

/** Ours, not Anthropic's: what thinking at medium effort may use up before a chat answer begins. */
const THINKING_ROOM_TOKENS = 4096;

export function mannerOf(model: string, wanted?: Effort): Manner {
  const facts = factsOf(model);
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
 * be kept from it, and never above the model's cap.
 */
export function maxTokensFor(model: string, answerTokens: number, effort?: Effort): number {
  const facts = factsOf(model);
  if (facts === null) return answerTokens;
  const thinks = facts.thinksByDefault && mannerOf(model, effort).thinking === undefined;
  return Math.min(facts.outputCap, answerTokens + (thinks ? THINKING_ROOM_TOKENS : 0));
}

function nearestEffort(facts: ModelFacts, wanted: Effort): Effort | null {
  const upTo = EFFORTS.indexOf(wanted);
  return facts.efforts.filter((effort) => EFFORTS.indexOf(effort) <= upTo).at(-1) ?? facts.efforts[0] ?? null;
}

function leastThinking(facts: ModelFacts, effort: Effort | null): Anthropic.ThinkingConfigParam | null {
  if (!facts.thinksByDefault) return null;
  // Whoever asks for so much effort wants the thinking too, and most models answer 400 to the contrary.
  if (effort === 'xhigh' || effort === 'max') return null;
  if (facts.thinkingTypes.includes('disabled')) return { type: 'disabled' };
  // Without tools there is nothing to think between: a reply of text only.
  if (facts.thinkingTypes.includes('between_tools')) return { type: 'between_tools' };
  return null;
}
