import { field, type TurnBlock } from '../conversation/blocks.ts';
import { hostOf } from './sources.ts';

/** What the model does at this moment, told by the last block that it wrote. */
export type Step =
  | { readonly kind: 'searching'; readonly query: string }
  | { readonly kind: 'reading'; readonly host: string }
  | { readonly kind: 'calling'; readonly tool: string };

/** The step that a block begins; null: none. What the model wrote is cut to what fits into a line. */
export function stepOf(block: TurnBlock): Step | null {
  if (block.type === 'tool_use') return { kind: 'calling', tool: line(block['name'], 64) };
  if (block.type !== 'server_tool_use') return null;
  const input = block['input'];
  if (block['name'] === 'web_search') return { kind: 'searching', query: line(field(input, 'query'), 80) };
  if (block['name'] !== 'web_fetch') return null;
  return { kind: 'reading', host: hostOf(String(field(input, 'url'))) ?? '' };
}

/** Something that was looked up and not found out, in the provider's words. */
export interface Miss {
  readonly kind: 'search' | 'page';
  /** `WebSearchToolResultErrorCode` or `WebFetchToolResultErrorCode` of the SDK 1.12.0. */
  readonly code: string;
  /** Host of the page; '' for a search. */
  readonly host: string;
}

/** What failed within an answer: such errors come with HTTP 200, inside the results. */
export function missesIn(blocks: readonly TurnBlock[]): readonly Miss[] {
  const calls = new Map(
    blocks.flatMap((block) => (block.type === 'server_tool_use' ? [[block['id'], block]] : [])),
  );
  return blocks.flatMap((block): Miss[] => {
    if (block.type !== 'web_search_tool_result' && block.type !== 'web_fetch_tool_result') return [];
    const code = field(block['content'], 'error_code');
    if (typeof code !== 'string') return [];
    if (block.type === 'web_search_tool_result') return [{ kind: 'search', code, host: '' }];
    const url = field(calls.get(block['tool_use_id'])?.['input'], 'url');
    return [{ kind: 'page', code, host: hostOf(String(url)) ?? '' }];
  });
}

/** Searches that were made: what failed is not known to be billed, and counted all the same. */
export function searchesIn(blocks: readonly TurnBlock[]): number {
  return blocks.filter((block) => block.type === 'server_tool_use' && block['name'] === 'web_search').length;
}

/** What was looked up for an answer, for somebody who takes it along: without what only the provider can read. */
export type LookedUp =
  | {
      readonly search: string;
      readonly found: readonly { readonly title: string; readonly url: string }[];
      readonly error?: string;
    }
  | { readonly page: string; readonly error?: string }
  /** A tool of a connected server, by the name that the model knows. */
  | { readonly tool: string; readonly input: unknown; readonly gave: string };

export function lookedUpIn(blocks: readonly TurnBlock[]): readonly LookedUp[] {
  const results = new Map(blocks.map((block) => [field(block, 'tool_use_id'), field(block, 'content')]));
  return blocks.flatMap((block): LookedUp[] => {
    if (block.type === 'tool_use') {
      const gave = results.get(block['id']);
      const parts = (Array.isArray(gave) ? gave : []).map((part: unknown) => text(field(part, 'text')));
      return [{ tool: text(block['name']), input: block['input'], gave: parts.join('\n') }];
    }
    if (block.type !== 'server_tool_use') return [];
    const content = results.get(block['id']);
    const code = field(content, 'error_code');
    const error = typeof code === 'string' ? { error: code } : {};
    if (block['name'] === 'web_fetch') return [{ page: text(field(block['input'], 'url')), ...error }];
    const found = (Array.isArray(content) ? content : []).map((one: unknown) => ({
      title: text(field(one, 'title')),
      url: text(field(one, 'url')),
    }));
    return [{ search: text(field(block['input'], 'query')), found, ...error }];
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function line(value: unknown, most: number): string {
  const words = text(value).replace(/\s+/g, ' ').trim();
  return words.length > most ? `${words.slice(0, most - 1)}…` : words;
}
