import type { PageModelCall } from '../protocol.ts';
import { type Fields, isFields } from './refused.ts';
import type { ModelCall } from './types.ts';

const MOST_SHOWN = 300;

/** A call as the playground's page shows it. */
export function toPageCall(call: ModelCall): PageModelCall {
  const body = call.body ?? {};
  const { billed } = call;
  return {
    id: call.id,
    at: call.receivedAt,
    model: typeof body.model === 'string' ? body.model : '',
    system: textOf(body.system),
    turns: (Array.isArray(body.messages) ? body.messages : []).filter(isFields).map((message) => ({
      role: String(message.role),
      text: textOf(message.content),
    })),
    tools: (Array.isArray(body.tools) ? body.tools : []).filter(isFields).map(({ name }) => String(name)),
    maxTokens: typeof body.max_tokens === 'number' ? body.max_tokens : 0,
    outputText: call.text,
    usage:
      call.status === 200
        ? {
            input: billed.input_tokens,
            output: billed.output_tokens,
            cacheRead: billed.cache_read_input_tokens,
            cacheWrite: billed.cache_creation_input_tokens,
          }
        : null,
    stopReason: call.stopReason,
    status: call.status ?? 0,
    tookMs: call.endedAt === null ? null : call.endedAt - call.receivedAt,
  };
}

/** A block that is no text as its kind, and what was asked for or found. */
function wordsOf(block: Fields): string {
  if (typeof block.text === 'string') return block.text;
  const more = block.input ?? block.content;
  const shown = more === undefined ? '' : ` ${JSON.stringify(more).slice(0, MOST_SHOWN)}`;
  return `(${String(block.type)}${shown})`;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.filter(isFields).map(wordsOf).join('\n');
}
