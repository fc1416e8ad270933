import type { ScriptedAnswer, ScriptedPart, ScriptRequest } from './types.ts';

/**
 * What the showcase does with the provider's web tools, where a request has them: it looks like a search, and finds pages of
 * its own making, because nothing here reaches the web.
 */
export function webAnswer({ body, number, turns }: ScriptRequest): ScriptedAnswer | null {
  const tools = Array.isArray(body.tools) ? body.tools : [];
  const has = (name: string) => tools.some((tool: unknown) => isNamed(tool, name));
  const asked = turns.findLast(({ role }) => role === 'user')?.text ?? '';
  const id = `srvtoolu_${number.toString().padStart(20, '0')}`;
  const link = /https?:\/\/[^\s<>()|\]]+/.exec(asked)?.[0];
  if (link !== undefined && has('web_fetch') && URL.canParse(link))
    return { text: '', parts: reading(id, link) };
  const query = /\b(?:search|look up|google)(?: the web)?(?: for)?[: ]+(.{3,120})/i.exec(asked)?.[1]?.trim();
  if (query !== undefined && has('web_search')) return { text: '', parts: searching(id, query) };
  return null;
}

const WORK_MS = 2500;

function searching(id: string, query: string): readonly ScriptedPart[] {
  const topic = query.replace(/[?.!]+$/, '');
  const pages = [
    { url: 'https://en.wikipedia.org/wiki/Special:Search', title: `${topic} - Wikipedia` },
    { url: 'https://example.org/notes', title: `Notes on ${topic}` },
  ];
  const cite = (text: string, page: { url: string; title: string }): ScriptedPart => ({
    text,
    citations: [
      { type: 'web_search_result_location', ...page, encrypted_index: `Eo8B${id}`, cited_text: text.trim() },
    ],
  });
  return [
    { text: 'I look that up. ' },
    { call: { type: 'server_tool_use', id, name: 'web_search', input: { query: topic } } },
    {
      afterMs: WORK_MS,
      result: {
        type: 'web_search_tool_result',
        tool_use_id: id,
        caller: { type: 'direct' },
        content: pages.map((page) => ({
          type: 'web_search_result',
          ...page,
          page_age: null,
          encrypted_content: Buffer.from(`${id} ${page.url}`).toString('base64'),
        })),
      },
    },
    {
      text: `This is the scripted stand-in, so nothing of “${topic}” was really searched; it shows what it looks like. `,
    },
    cite('An encyclopedia would have the facts', pages[0] ?? { url: '', title: '' }),
    { text: ', and ' },
    cite('somebody’s notes would have an opinion', pages[1] ?? { url: '', title: '' }),
    { text: '.' },
  ];
}

function reading(id: string, url: string): readonly ScriptedPart[] {
  const host = new URL(url).hostname;
  const source = { type: 'text', media_type: 'text/plain', data: 'A page of the scripted stand-in.' };
  const content = { type: 'document', source, title: `A page of ${host}`, citations: null };
  return [
    { call: { type: 'server_tool_use', id, name: 'web_fetch', input: { url } } },
    {
      afterMs: WORK_MS,
      result: {
        type: 'web_fetch_tool_result',
        tool_use_id: id,
        caller: { type: 'direct' },
        content: { type: 'web_fetch_result', url, retrieved_at: null, content },
      },
    },
    {
      text: `This is the scripted stand-in: the page of ${host} was not really read, but this is how it looks when one is.`,
    },
  ];
}

function isNamed(tool: unknown, name: string): boolean {
  return typeof tool === 'object' && tool !== null && 'name' in tool && tool.name === name;
}
