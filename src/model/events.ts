import { field } from '../conversation/blocks.ts';
import type { StopReason, Usage } from '../reply/ports.ts';

/**
 * Reads one event of the provider's stream. Total: whatever JSON arrives becomes a step, and what is not
 * known (new events, new blocks, odd values) becomes `other`, which the stream ignores.
 */
type StreamStep =
  | { readonly type: 'start'; readonly usage: UsageReport }
  | { readonly type: 'text'; readonly text: string }
  /** Thinking has begun (`text` is '') or goes on; '' also where the provider keeps its words to itself. */
  | { readonly type: 'thinking'; readonly text: string }
  /** A block is complete: what comes next may be thinking, and take long. */
  | { readonly type: 'block_end' }
  /** The provider says that the connection lives, and nothing else. */
  | { readonly type: 'ping' }
  /** `stop` is `undefined` while the provider has not said why it ended. */
  | { readonly type: 'progress'; readonly usage: UsageReport; readonly stop: string | undefined }
  | { readonly type: 'end' }
  | { readonly type: 'other' };

/** Counts as far as one event names them; `null` where it does not. */
interface UsageReport {
  readonly input: number | null;
  readonly output: number | null;
  readonly thinking: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  readonly cacheWrite5m: number | null;
  readonly cacheWrite1h: number | null;
  readonly webSearches: number | null;
}

export function readStreamEvent(raw: unknown): StreamStep {
  switch (field(raw, 'type')) {
    case 'message_start':
      return { type: 'start', usage: readUsage(field(field(raw, 'message'), 'usage')) };
    case 'content_block_start':
      return readBlock(field(raw, 'content_block'), START_TYPES);
    case 'content_block_delta':
      return readBlock(field(raw, 'delta'), DELTA_TYPES);
    case 'content_block_stop':
      return { type: 'block_end' };
    case 'ping':
      return { type: 'ping' };
    case 'message_delta': {
      const stop = field(field(raw, 'delta'), 'stop_reason');
      return {
        type: 'progress',
        usage: readUsage(field(raw, 'usage')),
        stop: typeof stop === 'string' ? stop : undefined,
      };
    }
    case 'message_stop':
      return { type: 'end' };
    default:
      return { type: 'other' };
  }
}

/**
 * The running totals after one more report. Reports are cumulative, so a named count replaces the earlier
 * one. Only `message_start` splits cache writes into 5 minutes and 1 hour; growth without a split is taken
 * as 5 minutes, the provider's default.
 */
export function withReport(usage: Usage, report: UsageReport): Usage {
  const write1h = report.cacheWrite1h ?? usage.cacheWrite1hTokens;
  const write5m =
    report.cacheWrite5m ??
    (report.cacheWrite === null ? usage.cacheWrite5mTokens : Math.max(0, report.cacheWrite - write1h));
  return {
    inputTokens: report.input ?? usage.inputTokens,
    cacheWrite5mTokens: write5m,
    cacheWrite1hTokens: write1h,
    cacheReadTokens: report.cacheRead ?? usage.cacheReadTokens,
    outputTokens: report.output ?? usage.outputTokens,
    thinkingTokens: report.thinking ?? usage.thinkingTokens,
    webSearches: report.webSearches ?? usage.webSearches,
  };
}

/** The provider's stop reason in our words; `null` and unknown ones are `other`. */
export function readStopReason(raw: string | null): StopReason {
  switch (raw) {
    case 'end_turn':
      return 'end';
    case 'max_tokens':
    case 'stop_sequence':
    case 'refusal':
    case 'tool_use':
      return raw;
    case 'model_context_window_exceeded':
      return 'context_full';
    case 'pause_turn':
      return 'paused';
    default:
      return 'other';
  }
}

/** Which types of blocks and of deltas are text or thinking. */
const START_TYPES: Readonly<Record<string, 'text' | 'thinking'>> = {
  text: 'text',
  thinking: 'thinking',
  redacted_thinking: 'thinking',
};
const DELTA_TYPES: Readonly<Record<string, 'text' | 'thinking'>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
};

function readBlock(block: unknown, types: Readonly<Record<string, 'text' | 'thinking'>>): StreamStep {
  const type = field(block, 'type');
  const kind = typeof type === 'string' && Object.hasOwn(types, type) ? types[type] : undefined;
  if (kind === undefined) return { type: 'other' };
  const value = field(block, kind);
  const text = typeof value === 'string' ? value : '';
  return kind === 'text' && text === '' ? { type: 'other' } : { type: kind, text };
}

function readUsage(usage: unknown): UsageReport {
  const split = field(usage, 'cache_creation');
  return {
    input: count(field(usage, 'input_tokens')),
    output: count(field(usage, 'output_tokens')),
    thinking: count(field(field(usage, 'output_tokens_details'), 'thinking_tokens')),
    cacheRead: count(field(usage, 'cache_read_input_tokens')),
    cacheWrite: count(field(usage, 'cache_creation_input_tokens')),
    cacheWrite5m: count(field(split, 'ephemeral_5m_input_tokens')),
    cacheWrite1h: count(field(split, 'ephemeral_1h_input_tokens')),
    webSearches: count(field(field(usage, 'server_tool_use'), 'web_search_requests')),
  };
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
