import type { ScriptedPart } from '../../playground/model/types.ts';

/**
 * What the provider's web tools put into a stream, in the shapes of the SDK's types (`ServerToolUseBlock`,
 * `WebSearchToolResultBlock`, `WebFetchToolResultBlock`, `CitationsWebSearchResultLocation` of 1.12.0).
 */
const EIFFEL = {
  url: 'https://en.wikipedia.org/wiki/Eiffel_Tower',
  title: 'Eiffel Tower - Wikipedia',
};
export const PAGE = { url: 'https://www.toureiffel.paris/en', title: 'The official site' };

export function searchCall(id: string, query = 'height of the Eiffel Tower'): ScriptedPart {
  return { call: { type: 'server_tool_use', id, name: 'web_search', input: { query } } };
}

export function searchResult(id: string): ScriptedPart {
  const found = [EIFFEL, PAGE].map(({ url, title }) => ({
    type: 'web_search_result',
    url,
    title,
    page_age: 'March 3, 2026',
    encrypted_content: `EqgfCioIARgBIiQ3${Buffer.from(`${id} ${url}`).toString('base64')}`,
  }));
  return {
    result: { type: 'web_search_tool_result', tool_use_id: id, content: found, caller: { type: 'direct' } },
  };
}

export function searchError(id: string, code: string): ScriptedPart {
  const content = { type: 'web_search_tool_result_error', error_code: code };
  return { result: { type: 'web_search_tool_result', tool_use_id: id, content, caller: { type: 'direct' } } };
}

export function cited(text: string, { url, title }: { url: string; title: string } = EIFFEL): ScriptedPart {
  const citation = {
    type: 'web_search_result_location',
    url,
    title,
    encrypted_index: 'Eo8BCioIAhgBIiQyYjQ0OWJmZi1lNm',
    cited_text: 'The tower is 330 metres tall',
  };
  return { text, citations: [citation] };
}

export function fetchCall(id: string, url: string): ScriptedPart {
  return { call: { type: 'server_tool_use', id, name: 'web_fetch', input: { url } } };
}

export function fetchResult(id: string, { url, title }: { url: string; title: string }): ScriptedPart {
  const source = { type: 'text', media_type: 'text/plain', data: 'Open every day from 9 to 23.' };
  return {
    result: {
      type: 'web_fetch_tool_result',
      tool_use_id: id,
      caller: { type: 'direct' },
      content: {
        type: 'web_fetch_result',
        url,
        retrieved_at: '2026-11-28T10:00:00Z',
        content: { type: 'document', source, title, citations: null },
      },
    },
  };
}

export function fetchError(id: string, code: string): ScriptedPart {
  const content = { type: 'web_fetch_tool_result_error', error_code: code };
  return { result: { type: 'web_fetch_tool_result', tool_use_id: id, content, caller: { type: 'direct' } } };
}
