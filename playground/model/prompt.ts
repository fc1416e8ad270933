import type { PromptBlock } from './cache.ts';
import { checkTogether, mediaTokens, readMedia } from './media.ts';
import { type Fields, invalid, isFields, onlyFields } from './refused.ts';
import { countTokens } from './tokens.ts';
import { isPaused, readPairs, readTools } from './tools.ts';
import type { ScriptFile, ScriptTurn } from './types.ts';

/** The prompt of a request, read by the rules of the API for `system` and `messages`. */
export interface Prompt {
  readonly system: string;
  readonly turns: readonly ScriptTurn[];
  readonly blocks: readonly PromptBlock[];
}

type Lifetime = '5m' | '1h';

const MOST_MESSAGES = 100_000;
const MOST_BREAKPOINTS = 4;
const MEDIA = ['image', 'document'];
const TOOL_BLOCKS = [
  'tool_use',
  'tool_result',
  'server_tool_use',
  'web_search_tool_result',
  'web_fetch_tool_result',
];
const THINKING = ['thinking', 'redacted_thinking'];

export function readPrompt(body: Fields, allowsPrefill: boolean, windowTokens: number): Prompt {
  const system = readSystem(body.system);
  const messages = readMessages(body.messages, allowsPrefill);
  checkTogether(
    messages.flatMap(({ files }) => files),
    windowTokens,
  );
  const blocks = [...readTools(body.tools), ...system, ...messages.flatMap((message) => message.blocks)];
  const automatic = readCacheControl(body.cache_control, 'cache_control');
  return {
    system: system.map((block) => block.text).join('\n\n'),
    turns: messages.map(({ role, text, files }) => ({ role, text, ...(files.length > 0 ? { files } : {}) })),
    blocks: withAutomatic(blocks, automatic),
  };
}

interface ReadBlock extends PromptBlock {
  readonly text: string;
  readonly file?: ScriptFile;
}

function readSystem(system: unknown): ReadBlock[] {
  if (system === undefined) return [];
  const blocks = typeof system === 'string' ? [{ type: 'text', text: system }] : system;
  if (!Array.isArray(blocks)) throw invalid('system: Input should be a valid string or list');
  return blocks.map((block: unknown, index) => {
    const path = `system.${index}`;
    if (!isFields(block) || block.type !== 'text')
      throw invalid(`${path}: Input should be a valid text block`);
    return readText(block, path, 'system');
  });
}

function readMessages(messages: unknown, allowsPrefill: boolean) {
  if (!Array.isArray(messages)) throw invalid('messages: Field required');
  if (messages.length === 0) throw invalid('messages: at least one message is required');
  if (messages.length > MOST_MESSAGES) throw invalid(`messages: too many messages (> ${MOST_MESSAGES})`);
  const read = messages.map((message: unknown, index) => readMessage(message, `messages.${index}`));
  if (read[0]?.role !== 'user') throw invalid('messages: first message must use the "user" role');
  readPairs(messages);
  const paused = isPaused(messages.at(-1));
  if (read.at(-1)?.role === 'assistant' && !allowsPrefill && !paused) {
    throw invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
  return read;
}

function readMessage(message: unknown, path: string) {
  if (!isFields(message)) throw invalid(`${path}: Input should be an object`);
  onlyFields(message, `${path}.`, ['role', 'content']);
  const { role } = message;
  if (role === 'system') throw invalid(`${path}: role 'system' is not supported on this model`);
  if (role !== 'user' && role !== 'assistant') {
    throw invalid(`${path}.role: Input should be 'user' or 'assistant'`);
  }
  const content =
    typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
  if (!Array.isArray(content)) throw invalid(`${path}.content: Field required`);
  if (content.length === 0) throw invalid(`${path}: content must be non-empty`);
  const blocks = content.map((block: unknown, index) => readContent(block, `${path}.content.${index}`, role));
  // What people say are texts of their own; an answer is cut into blocks in the middle of its sentences.
  const between = role === 'assistant' ? '' : '\n';
  const text = blocks.flatMap((block) => (block.text === '' ? [] : [block.text])).join(between);
  const files = blocks.flatMap(({ file }) => file ?? []);
  return { role, text, files, blocks } as const;
}

function readContent(block: unknown, path: string, role: 'user' | 'assistant'): ReadBlock {
  if (!isFields(block) || typeof block.type !== 'string') throw invalid(`${path}: Input should be an object`);
  const { type } = block;
  if (type === 'text') return readText(block, path, role);
  if (MEDIA.includes(type) && role === 'assistant') {
    throw invalid(`${path}: '${type}' blocks are not permitted in assistant messages`);
  }
  if (THINKING.includes(type)) {
    if (block.cache_control) throw invalid(`${path}: cache_control cannot be set for thinking blocks`);
    if (type === 'thinking' && (typeof block.signature !== 'string' || block.signature === '')) {
      throw invalid(`${path}: Invalid \`signature\` in \`thinking\` block.`);
    }
  } else if (!MEDIA.includes(type) && !TOOL_BLOCKS.includes(type)) {
    throw invalid(`${path}: Input tag '${type}' found using 'type' does not match any of the expected tags`);
  }
  const { cache_control: control, ...rest } = block;
  const identity = `${role}\n${JSON.stringify(rest)}`;
  const cache = readCacheControl(control, path);
  if (!MEDIA.includes(type)) return { identity, tokens: countTokens(identity), cache, text: '' };
  const file = readMedia(block, path);
  return { identity, tokens: mediaTokens(file), cache, text: '', file };
}

function readText(block: Fields, path: string, place: string): ReadBlock {
  onlyFields(block, `${path}.text.`, ['type', 'text', 'cache_control', 'citations']);
  const { text } = block;
  const where = place === 'system' ? 'system' : 'messages';
  if (typeof text !== 'string') throw invalid(`${path}.text.text: Field required`);
  if (text === '') throw invalid(`${where}: text content blocks must be non-empty`);
  if (text.trim() === '') throw invalid(`${where}: text content blocks must contain non-whitespace text`);
  if (/\p{Surrogate}/u.test(text)) {
    throw invalid('The request body is not valid JSON: no low surrogate in string');
  }
  if (place === 'user' && Array.isArray(block.citations) && block.citations.length > 0) {
    throw invalid(`${path}.text.citations: citations are not permitted in user messages`);
  }
  return {
    identity: `${place}\n${text}`,
    tokens: countTokens(text),
    cache: readCacheControl(block.cache_control, path),
    text,
  };
}

function readCacheControl(control: unknown, path: string): Lifetime | null {
  if (control === undefined || control === null) return null;
  if (!isFields(control) || control.type !== 'ephemeral') {
    throw invalid(`${path}: cache_control type should be 'ephemeral'`);
  }
  onlyFields(control, `${path}.cache_control.`, ['type', 'ttl']);
  if (control.ttl === undefined || control.ttl === '5m') return '5m';
  if (control.ttl === '1h') return '1h';
  throw invalid(`${path}.cache_control.ttl: Input should be '5m' or '1h'`);
}

function withAutomatic(blocks: readonly ReadBlock[], automatic: Lifetime | null): PromptBlock[] {
  const explicit = blocks.filter((block) => block.cache !== null).length;
  const last = blocks.at(-1);
  const needsOwn = automatic !== null && last?.cache === null;
  if (explicit + (needsOwn ? 1 : 0) > MOST_BREAKPOINTS) {
    throw invalid(`A maximum of ${MOST_BREAKPOINTS} blocks with cache_control may be provided.`);
  }
  if (automatic !== null && last?.cache !== null && last?.cache !== automatic) {
    throw invalid('cache_control: the last block carries another ttl');
  }
  const marked = blocks.map((block, index) =>
    needsOwn && index === blocks.length - 1 ? { ...block, cache: automatic } : block,
  );
  const lifetimes = marked.flatMap((block) => (block.cache === null ? [] : [block.cache]));
  if (lifetimes.lastIndexOf('1h') > lifetimes.indexOf('5m') && lifetimes.includes('5m')) {
    throw invalid("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block");
  }
  return marked;
}
