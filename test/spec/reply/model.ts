import { NO_USAGE } from '../../../src/ledger/usage.ts';
import type {
  FailureKind,
  Model,
  ModelEvent,
  ModelFailure,
  ModelRequest,
  StopReason,
} from '../../../src/reply/ports.ts';

export const REQUEST: ModelRequest = {
  model: 'claude-sonnet-4-6',
  maxTokens: 1024,
  system: 'rules',
  turns: [{ role: 'user', blocks: [{ type: 'text', text: 'question' }] }],
  user: 'someone',
};

export const started: ModelEvent = {
  type: 'started',
  requestId: 'req_1',
  usage: { ...NO_USAGE, inputTokens: 100, outputTokens: 1 },
};
export const text = (words: string): ModelEvent => ({ type: 'text', text: words });
export const thinking: ModelEvent = { type: 'thinking', text: '' };
export const counted = (outputTokens: number): ModelEvent => ({
  type: 'usage',
  usage: { ...NO_USAGE, inputTokens: 100, outputTokens },
});
export const stopped = (reason: StopReason = 'end'): ModelEvent => ({ type: 'stop', reason, raw: null });
export const broken = (kind: FailureKind, more: Partial<ModelFailure> = {}): ModelEvent => ({
  type: 'failure',
  failure: {
    kind,
    code: 'MODEL_STREAM_CUT',
    retryable: true,
    retryAfterMs: null,
    status: null,
    type: null,
    requestId: null,
    message: 'broken',
    ...more,
  },
});

/** A model that answers its calls one after the other as scripted; the last script answers all that follow. */
export function scripted(...calls: (readonly ModelEvent[])[]): Model & { readonly requests: ModelRequest[] } {
  const requests: ModelRequest[] = [];
  return {
    requests,
    mostTokens: async ({ maxTokens }) => ({ inputTokens: 100, outputTokens: maxTokens, windowTokens: null }),
    async *stream(request, signal) {
      const events = calls[Math.min(requests.length, calls.length - 1)] ?? [];
      requests.push(request);
      for (const event of events) {
        if (signal.aborted) {
          yield broken('aborted', { code: 'MODEL_ABORTED', retryable: false });
          return;
        }
        yield event;
      }
    },
  };
}
