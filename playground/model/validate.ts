import { factsOf, type ModelFacts } from '../../src/model/catalogue.ts';
import { promptTokens } from './cache.ts';
import { type Prompt, readPrompt } from './prompt.ts';
import { type Fields, invalid, isFields, onlyFields, Refused } from './refused.ts';

/** A request that the API would take, read. */
export interface ValidRequest {
  readonly body: Fields;
  readonly model: string;
  readonly maxTokens: number;
  readonly stream: boolean;
  readonly stopSequences: readonly string[];
  /** Whether the model thinks before this answer, and whether the thought is shown. */
  readonly thinking: 'none' | 'omitted' | 'summarized';
  readonly prompt: Prompt;
}

const COUNTED = ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config'];
const SHARED = [...COUNTED, 'cache_control', 'speed', 'user_profile_id', 'workspace_id'];
const CREATED = [
  ...SHARED,
  'max_tokens',
  'stream',
  'stop_sequences',
  'metadata',
  'service_tier',
  'inference_geo',
  'container',
  'diagnostics',
];
const SAMPLING = ['temperature', 'top_p', 'top_k'];
/** These still took an unfinished answer as the last message. */
const TAKES_PREFILL = /-4-5(-\d{8})?$/;

/**
 * Reads a body by the rules under which `POST /v1/messages` (and, with `counting`, its token count) answers
 * 400 or 404. Tools are taken as they are: their own rules are not checked.
 * @throws Refused
 */
export function readRequest(raw: string, counting: boolean): ValidRequest {
  const body = parseBody(raw);
  for (const name of SAMPLING) {
    if (name in body) throw invalid(`${name}: sampling parameters are not supported in this API version`);
  }
  onlyFields(body, '', counting ? SHARED : CREATED);
  if (typeof body.model !== 'string' || body.model === '') throw invalid('model: Field required');
  const facts = factsOf(body.model);
  if (facts === null) {
    throw new Refused({ status: 404, type: 'not_found_error', message: `model: ${body.model}` });
  }
  const maxTokens = counting ? 0 : readMaxTokens(body, facts);
  const thinking = readThinking(body, facts, maxTokens);
  readMetadata(body.metadata);
  const prompt = readPrompt(body, TAKES_PREFILL.test(body.model), facts.contextTokens);
  const tokens = promptTokens(prompt.blocks);
  if (tokens > facts.contextTokens) {
    throw invalid(`prompt is too long: ${tokens} tokens > ${facts.contextTokens} maximum`);
  }
  return {
    body,
    model: body.model,
    maxTokens,
    stream: body.stream === true,
    stopSequences: readStopSequences(body.stop_sequences),
    thinking,
    prompt,
  };
}

function parseBody(raw: string): Fields {
  let body: unknown;
  try {
    body = JSON.parse(raw);
  } catch {
    throw invalid('The request body is not valid JSON');
  }
  if (!isFields(body)) throw invalid('Input should be a valid dictionary');
  return body;
}

function readMaxTokens(body: Fields, facts: ModelFacts): number {
  const value = body.max_tokens;
  if (value === undefined) throw invalid('max_tokens: Field required');
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw invalid('max_tokens: Input should be a valid integer');
  }
  if (value < 0) throw invalid('max_tokens: Input should be greater than or equal to 0');
  if (value === 0 && body.stream === true) throw invalid('max_tokens: 0 is not supported with streaming');
  if (value > facts.outputCap) {
    throw invalid(
      `max_tokens: ${value} > ${facts.outputCap}, which is the maximum allowed number of output tokens for ${facts.id}`,
    );
  }
  return value;
}

function readThinking(body: Fields, facts: ModelFacts, maxTokens: number): ValidRequest['thinking'] {
  const effort = readEffort(body.output_config, facts);
  const { thinking } = body;
  if (thinking !== undefined && !isFields(thinking)) throw invalid('thinking: Input should be an object');
  // Models that still take a budget show a summary by default; newer ones send the thought empty.
  const shownByDefault = facts.thinkingTypes.includes('enabled') ? 'summarized' : 'omitted';
  const shown =
    thinking?.display === 'summarized' || thinking?.display === 'omitted' ? thinking.display : shownByDefault;
  if (thinking === undefined) return facts.thinksByDefault ? shown : 'none';
  const type = facts.thinkingTypes.find((allowed) => allowed === thinking.type);
  if (type === undefined) {
    throw invalid(
      `thinking.type: '${String(thinking.type)}' is not supported on ${facts.id}; use ${facts.thinkingTypes.join(', ')}`,
    );
  }
  if (type === 'enabled') {
    const budget = thinking.budget_tokens;
    if (typeof budget !== 'number' || budget < 1024) {
      throw invalid('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
    }
    if (budget >= maxTokens) throw invalid('`max_tokens` must be greater than `thinking.budget_tokens`');
  }
  const deep = effort === 'xhigh' || effort === 'max';
  if (deep && facts.quietUpTo === 'high' && (type === 'disabled' || type === 'between_tools')) {
    throw invalid(`thinking.type: '${type}' is not supported at effort '${effort}' on ${facts.id}`);
  }
  return type === 'adaptive' || type === 'enabled' ? shown : 'none';
}

function readEffort(config: unknown, facts: ModelFacts): string | null {
  if (config === undefined) return null;
  if (!isFields(config)) throw invalid('output_config: Input should be an object');
  onlyFields(config, 'output_config.', ['effort', 'format']);
  if (config.effort === undefined || config.effort === null) return null;
  const effort = facts.efforts.find((level) => level === config.effort);
  if (effort === undefined) {
    throw invalid(`output_config.effort: '${String(config.effort)}' is not supported on ${facts.id}`);
  }
  return effort;
}

function readMetadata(metadata: unknown): void {
  if (metadata === undefined) return;
  if (!isFields(metadata)) throw invalid('metadata: Input should be an object');
  onlyFields(metadata, 'metadata.', ['user_id']);
  const id = metadata.user_id;
  if (id !== undefined && id !== null && (typeof id !== 'string' || id.length > 256)) {
    throw invalid('metadata.user_id: String should have at most 256 characters');
  }
}

function readStopSequences(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((stop): stop is string => typeof stop === 'string')) {
    throw invalid('stop_sequences: Input should be a list of strings');
  }
  if (value.some((stop) => stop.trim() === '')) {
    throw invalid('stop_sequences: each stop sequence must contain non-whitespace');
  }
  return value;
}
