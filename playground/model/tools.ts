import type { PromptBlock } from './cache.ts';
import { type Fields, invalid, isFields, onlyFields } from './refused.ts';
import { countTokens } from './tokens.ts';

/**
 * The rules of the API for tools, as far as its answers show them: forms by the SDK's types (`ToolUnion`), the pairing of
 * calls and results by public reports (anthropic-sdk-python#961, #1339).
 */
const SHARED = ['type', 'name', 'cache_control', 'defer_loading', 'strict', 'allowed_callers'];
const WEB = ['max_uses', 'allowed_domains', 'blocked_domains'];
const FIELDS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^web_search_20250305$/, [...SHARED, ...WEB, 'user_location']],
  [/^web_search_\d{8}$/, [...SHARED, ...WEB, 'user_location', 'response_inclusion']],
  [/^web_fetch_20250910$/, [...SHARED, ...WEB, 'max_content_tokens', 'citations', 'url_sources']],
  [
    /^web_fetch_\d{8}$/,
    [...SHARED, ...WEB, 'max_content_tokens', 'citations', 'url_sources', 'use_cache', 'response_inclusion'],
  ],
];
const OWN = [...SHARED, 'description', 'input_schema', 'eager_input_streaming', 'input_examples'];

/** The tools of a request: they stand before everything else in the cached prefix. */
export function readTools(tools: unknown): (PromptBlock & { text: string })[] {
  if (tools === undefined) return [];
  if (!Array.isArray(tools)) throw invalid('tools: Input should be a valid list');
  return tools.map((tool: unknown, index) => {
    const path = `tools.${index}`;
    if (!isFields(tool)) throw invalid(`${path}: Input should be an object`);
    readTool(tool, path);
    const identity = `tools\n${JSON.stringify(tool)}`;
    return { identity, tokens: countTokens(identity), cache: null, text: '' };
  });
}

function readTool(tool: Fields, path: string): void {
  const { type, name } = tool;
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    throw invalid(`${path}.name: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'`);
  }
  if (type === undefined || type === 'custom') {
    onlyFields(tool, `${path}.`, OWN);
    if (!isFields(tool.input_schema) || tool.input_schema.type !== 'object')
      throw invalid(`${path}.input_schema.type: Field required`);
    return;
  }
  const known = FIELDS.find(([pattern]) => pattern.test(String(type)))?.[1];
  if (known === undefined) throw invalid(`${path}: Input tag '${String(type)}' does not match`);
  onlyFields(tool, `${path}.`, known);
  if (tool.allowed_domains !== undefined && tool.blocked_domains !== undefined)
    throw invalid(`${path}: only one of allowed_domains and blocked_domains may be given`);
}

/** Whether a turn of the model is one that the API paused in, which goes on where it stands. */
export function isPaused(message: unknown): boolean {
  return blocksOf(message).some(({ type }) => type === 'server_tool_use');
}

/** Calls and their results belong together, but for what the last turn still waits for. */
export function readPairs(messages: readonly unknown[]): void {
  messages.forEach((message, index) => {
    const blocks = blocksOf(message);
    const isLast = index === messages.length - 1;
    const answered = new Set(blocks.map((block) => block.tool_use_id));
    for (const { type, id, name } of blocks) {
      if (type === 'server_tool_use' && !isLast && !answered.has(id)) {
        throw invalid(
          `messages.${index}: \`${String(name)}\` tool use with id \`${String(id)}\` was found without a corresponding \`${String(name)}_tool_result\` block`,
        );
      }
    }
    const called = new Set(blocks.flatMap(({ type, id }) => (type === 'server_tool_use' ? [id] : [])));
    for (const block of blocks) {
      if (/^web_\w+_tool_result$/.test(String(block.type)) && !called.has(block.tool_use_id))
        throw invalid(`messages.${index}: unexpected \`tool_use_id\` in ${String(block.type)}`);
    }
    const uses = blocks.flatMap(({ type, id }) => (type === 'tool_use' ? [id] : []));
    const results = new Set(
      blocksOf(messages[index + 1]).flatMap((block) =>
        block.type === 'tool_result' ? [block.tool_use_id] : [],
      ),
    );
    if (uses.some((id) => !results.has(id))) {
      throw invalid(
        `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${uses.join(', ')}`,
      );
    }
    const before = new Set(
      blocksOf(messages[index - 1]).flatMap(({ type, id }) => (type === 'tool_use' ? [id] : [])),
    );
    for (const block of blocks) {
      if (block.type === 'tool_result' && !before.has(block.tool_use_id))
        throw invalid(`messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks`);
    }
  });
}

function blocksOf(message: unknown): readonly Fields[] {
  const content = isFields(message) ? message.content : null;
  return Array.isArray(content) ? content.filter(isFields) : [];
}
