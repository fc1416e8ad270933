import { z } from 'zod';

/**
 * What one turn consists of, exactly as it is sent to the model or came from it. Names and fields are the provider's
 * (`ContentBlock` and `ContentBlockParam` of `@anthropic-ai/sdk` 1.12.0), because what came has to go back unchanged:
 * `encrypted_content` of a search result, the index of a citation, the input of a call.
 */
interface TextBlock {
  readonly type: 'text';
  readonly text: string;
  readonly citations?: readonly Citation[] | null;
}

/** Where a text comes from; `web_search_result_location` has `url`, `title`, `cited_text` and `encrypted_index`. */
type Citation = Readonly<Record<string, unknown>> & { readonly type: string };

const TOOL_TYPES = [
  'server_tool_use',
  'web_search_tool_result',
  'web_fetch_tool_result',
  'tool_use',
  'tool_result',
  'thinking',
  'redacted_thinking',
] as const;

/** Everything else: calls of tools, what came of them, and thoughts. */
export type ToolBlock = Readonly<Record<string, unknown>> & { readonly type: (typeof TOOL_TYPES)[number] };

/** A picture or a PDF, by what it holds: its bytes are kept once for each workspace and put in when a request is made. */
export interface FileBlock {
  readonly type: 'file';
  readonly media: 'image/png' | 'image/jpeg' | 'application/pdf';
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly hash: string;
  readonly name: string;
  readonly bytes: number;
  /** Pixels; 0 for a PDF. */
  readonly width: number;
  readonly height: number;
  /** Of a PDF; an image counts as one. */
  readonly pages: number;
}

export type TurnBlock = TextBlock | ToolBlock | FileBlock;

const FILE = z.object({
  type: z.literal('file'),
  media: z.enum(['image/png', 'image/jpeg', 'application/pdf']),
  hash: z.string(),
  name: z.string(),
  bytes: z.number(),
  width: z.number(),
  height: z.number(),
  pages: z.number(),
});

/** One turn of the transcript: what we send to the model. Consecutive turns of one role are allowed. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly blocks: readonly TurnBlock[];
}

/** Whether a parsed value is a block that may be sent. */
export function isBlock(value: unknown): value is TurnBlock {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  if (value.type === 'text') return 'text' in value && typeof value.text === 'string' && value.text !== '';
  return value.type === 'file'
    ? FILE.safeParse(value).success
    : TOOL_TYPES.some((type) => type === value.type);
}

/** The words of blocks: a text that is cited comes in several, cut between two characters. */
export function textOf(blocks: readonly TurnBlock[]): string {
  return blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

/** The field of a block that names a call, or the call that it answers; null: it has none. */
function callOf(block: TurnBlock): string | null {
  const id = block.type === 'text' || block.type === 'file' ? null : (block['tool_use_id'] ?? block['id']);
  return typeof id === 'string' ? id : null;
}

const isCall = ({ type }: TurnBlock) => type === 'server_tool_use' || type === 'tool_use';
const isResult = ({ type }: TurnBlock) =>
  type === 'web_search_tool_result' || type === 'web_fetch_tool_result' || type === 'tool_result';
const isThought = ({ type }: TurnBlock) => type === 'thinking' || type === 'redacted_thinking';

/**
 * The blocks of an answer that is over, stopped or cut, in a form that the API takes: a call without its result is refused
 * ("tool use with id … was found without a corresponding … block", anthropic-sdk-python#961), a result without its call
 * too, and so is a text of blanks. Thoughts go: they may only be sent in the loop that they belong to.
 */
export function acceptable(blocks: readonly TurnBlock[]): readonly TurnBlock[] {
  const called = new Set<string | null>();
  const answered = new Set<string | null>();
  for (const block of blocks) {
    if (isCall(block)) called.add(callOf(block));
    else if (isResult(block) && called.has(callOf(block))) answered.add(callOf(block));
  }
  return blocks.filter((block) => {
    if (isThought(block)) return false;
    if (isCall(block) || isResult(block)) return answered.has(callOf(block));
    return block.type !== 'text' || block.text.trim() !== '';
  });
}

/**
 * An answer as turns: what our own tools gave is said by the user, right behind the calls. The provider wants results
 * first in their turn.
 */
export function turnsOfAnswer(blocks: readonly TurnBlock[]): readonly Turn[] {
  const turns: { role: 'user' | 'assistant'; blocks: TurnBlock[] }[] = [];
  for (const block of blocks) {
    const role = block.type === 'tool_result' ? 'user' : 'assistant';
    const last = turns.at(-1);
    if (last?.role === role) last.blocks.push(block);
    else turns.push({ role, blocks: [block] });
  }
  return turns;
}

/** Which tools a request offers; blocks of the others are left out of it. */
export interface Offered {
  readonly web: boolean;
  readonly client: boolean;
}

/**
 * A turn as it is sent with these tools. Where none is offered any more, what they gave is left out with its citations,
 * which point into it; the words stay.
 */
export function withTools(blocks: readonly TurnBlock[], { web, client }: Offered): readonly TurnBlock[] {
  if (web && client) return blocks;
  return blocks.flatMap((block): readonly TurnBlock[] => {
    switch (block.type) {
      case 'text':
        return web || block.citations == null ? [block] : [{ type: 'text', text: block.text }];
      case 'server_tool_use':
      case 'web_search_tool_result':
      case 'web_fetch_tool_result':
        return web ? [block] : [];
      case 'tool_use':
      case 'tool_result':
        return client ? [block] : [];
      case 'file':
        return [block];
      default:
        return web || client ? [block] : [];
    }
  });
}

/** Rough length of blocks that are no text, in characters of what they hold: encrypted text is a third longer than it. */
export function weightOf(block: TurnBlock): number {
  return block.type === 'text' || block.type === 'file' ? 0 : JSON.stringify(block).length;
}

/** A field of something that may be anything. */
export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}
