import type Anthropic from '@anthropic-ai/sdk';
import type { WebTools } from '../tools/offered.ts';
import type { ModelFacts } from './catalogue.ts';

/** Most tokens of one page that is read; the provider's limit is rough, and does not hold for PDF. */
const PAGE_TOKENS = 8000;
/** What one search adds: ours, on the dear side of ten results with what their pages say. */
const SEARCH_TOKENS = 10_000;
/** Between two calls within a request the provider reads what came before from its cache, at a tenth of the price. */
const READ_AGAIN = 0.1;

/**
 * The web tools of a request, in the newest version that the model has (`WebSearchTool20260318`, `WebFetchTool20260318` of
 * the SDK 1.12.0; models up to 4.5 have the first ones). Called plainly: since 2026-02 their default is to be called
 * from code that the model writes, which needs a container and hides the calls. A page is only read if its address was
 * written by a person or found by the search: what one of our own tools says must not make the model fetch an address
 * that carries words away. Pages have no citations: a request may have them for all of its documents or for none, and
 * files have none.
 */
export function webTools(web: WebTools, facts: ModelFacts | null): Anthropic.ToolUnion[] {
  if (facts?.web === 'none') return [];
  const first = facts?.web === 'first';
  const domains = domainsOf(web);
  return [
    {
      type: first ? 'web_search_20250305' : 'web_search_20260318',
      name: 'web_search',
      max_uses: web.searches,
      allowed_callers: ['direct'],
      ...domains,
    },
    {
      type: first ? 'web_fetch_20250910' : 'web_fetch_20260318',
      name: 'web_fetch',
      max_uses: web.pages,
      max_content_tokens: PAGE_TOKENS,
      allowed_callers: ['direct'],
      url_sources: {
        user_input: { type: 'all' },
        server_tool_results: { type: 'all' },
        client_tool_results: { type: 'none' },
      },
      ...domains,
    },
  ];
}

/** Tokens that searches and pages may add to a prompt of so many, in tokens at the price of input. */
export function webTokens(promptTokens: number, { searches, pages }: WebTools): number {
  const calls = searches + pages;
  const found = searches * SEARCH_TOKENS + pages * PAGE_TOKENS;
  return found + Math.ceil(READ_AGAIN * calls * (promptTokens + found / 2));
}

function domainsOf({ allowed, blocked }: WebTools) {
  if (allowed.length > 0) return { allowed_domains: [...allowed] };
  return blocked.length > 0 ? { blocked_domains: [...blocked] } : {};
}
