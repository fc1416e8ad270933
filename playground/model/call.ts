import type { Clock } from '../../src/clock.ts';
import type { PromptUsage } from './cache.ts';
import type { Journal } from './journal.ts';
import { type Fields, isFields } from './refused.ts';
import type { CallOutcome, ModelCall, ModelFault, WireUsage } from './types.ts';

/** One call while it is answered: keeps its record in the journal up to date. */
export interface OpenCall {
  readonly id: number;
  readonly requestId: string;
  current(): ModelCall;
  meet(fault: ModelFault): void;
  /** The headers go out. */
  begin(status: number): void;
  /** From here on the prompt is billed. */
  bill(prompt: PromptUsage): void;
  think(tokens: number): void;
  write(text: string, tokens: number): void;
  /** A block of a tool: a call costs output, what it gave is read as input. */
  use(block: Readonly<Record<string, unknown>>, tokens: { input: number; output: number }): void;
  end(outcome: Exclude<CallOutcome, 'running'>, stopReason: string | null): void;
}

const NOTHING: WireUsage = wireUsage({ input: 0, read: 0, write5m: 0, write1h: 0 }, 0);

export function wireUsage(prompt: PromptUsage, output: number): WireUsage {
  return {
    input_tokens: prompt.input,
    cache_creation_input_tokens: prompt.write5m + prompt.write1h,
    cache_read_input_tokens: prompt.read,
    cache_creation: { ephemeral_5m_input_tokens: prompt.write5m, ephemeral_1h_input_tokens: prompt.write1h },
    output_tokens: output,
  };
}

export function openCall(
  journal: Journal,
  clock: Clock,
  request: { readonly rawBody: string; readonly requestId: string; readonly retryCount: number },
): OpenCall {
  const body = toFields(request.rawBody);
  let call: ModelCall = {
    id: journal.nextId(),
    ...request,
    body,
    streamed: body?.stream === true,
    receivedAt: clock.now(),
    firstAt: null,
    endedAt: null,
    status: null,
    outcome: 'running',
    fault: null,
    stopReason: null,
    text: '',
    textTokens: 0,
    thinkingTokens: 0,
    billed: NOTHING,
  };
  const change = (part: Partial<ModelCall>) => {
    if (call.outcome !== 'running') return;
    call = { ...call, ...part };
    journal.put(call);
  };
  const withOutput = (tokens: number): Pick<ModelCall, 'billed'> => ({
    billed: { ...call.billed, output_tokens: call.billed.output_tokens + tokens },
  });
  journal.put(call);

  return {
    id: call.id,
    requestId: call.requestId,
    current: () => call,
    meet: (fault) => change({ fault: fault.kind }),
    begin: (status) => change({ status, firstAt: clock.now() }),
    bill: (prompt) => change({ billed: wireUsage(prompt, 0) }),
    think: (tokens) => change({ thinkingTokens: call.thinkingTokens + tokens, ...withOutput(tokens) }),
    write: (text, tokens) =>
      change({ text: call.text + text, textTokens: call.textTokens + tokens, ...withOutput(tokens) }),
    use(block, { input, output }) {
      const { billed } = call;
      const before = billed.server_tool_use ?? { web_search_requests: 0, web_fetch_requests: 0 };
      const used = (name: string) => (block.type === 'server_tool_use' && block.name === name ? 1 : 0);
      change({
        billed: {
          ...billed,
          input_tokens: billed.input_tokens + input,
          output_tokens: billed.output_tokens + output,
          ...(block.type === 'tool_use'
            ? {}
            : {
                server_tool_use: {
                  web_search_requests: before.web_search_requests + used('web_search'),
                  web_fetch_requests: before.web_fetch_requests + used('web_fetch'),
                },
              }),
        },
      });
    },
    end: (outcome, stopReason) =>
      change({
        outcome,
        stopReason,
        endedAt: clock.now(),
        // A refusal before any output is free at the provider.
        ...(stopReason === 'refusal' && call.textTokens === 0 ? { billed: NOTHING } : {}),
      }),
  };
}

function toFields(raw: string): Fields | null {
  try {
    const body: unknown = JSON.parse(raw);
    return isFields(body) ? body : null;
  } catch {
    return null;
  }
}
