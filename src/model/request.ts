import type Anthropic from '@anthropic-ai/sdk';
import type { ModelRequest, Turn } from '../reply/ports.ts';
import type { ModelFacts } from './catalogue.ts';
import { mannerOf, maxTokensFor } from './effort.ts';

export type BuiltRequest =
  | { readonly ok: true; readonly params: Anthropic.MessageCreateParamsStreaming }
  /** The provider would answer 400; `problem` says why, for the log. */
  | { readonly ok: false; readonly problem: string };

/**
 * The parameters of one streamed call. Blank blocks and turns are left out (the provider refuses them),
 * and so are answers at the front whose question was cut away. A transcript that ends with an answer is
 * not repaired: current models refuse prefill, and asking the last question again would buy it twice. `facts`: of the
 * request's model; null: nothing is known of it.
 */
export function buildRequest(request: ModelRequest, facts: ModelFacts | null): BuiltRequest {
  const messages = toMessages(request.turns);
  if (messages.length === 0) return { ok: false, problem: 'the transcript has no user turn with text' };
  if (messages.at(-1)?.role !== 'user') return { ok: false, problem: 'the transcript ends with an answer' };
  if (!Number.isSafeInteger(request.maxTokens) || request.maxTokens < 1) {
    return { ok: false, problem: 'maxTokens must be a whole number of at least 1' };
  }
  const system = wellFormed(request.system);
  return {
    ok: true,
    params: {
      model: request.model,
      // For a model that can't be kept from thinking, room for that besides the answer.
      max_tokens: maxTokensFor(facts, request.maxTokens, request.effort),
      stream: true,
      // A breakpoint of its own lets other threads read the instructions from the cache too.
      ...(isBlank(system)
        ? {}
        : { system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }] }),
      messages,
      cache_control: { type: 'ephemeral' },
      ...mannerOf(facts, request.effort),
      ...(request.user === '' ? {} : { metadata: { user_id: request.user } }),
    },
  };
}

function toMessages(turns: readonly Turn[]): Anthropic.MessageParam[] {
  const spoken = turns.flatMap((turn): Anthropic.MessageParam[] => {
    const content = turn.blocks
      .map((block): Anthropic.TextBlockParam => ({ type: 'text', text: wellFormed(block.text) }))
      .filter((block) => !isBlank(block.text));
    return content.length === 0 ? [] : [{ role: turn.role, content }];
  });
  const first = spoken.findIndex((message) => message.role === 'user');
  return first === -1 ? [] : spoken.slice(first);
}

const isBlank = (text: string): boolean => text.trim() === '';

/** Half a surrogate pair is legal in a string but not in the UTF-8 that the provider reads. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');
