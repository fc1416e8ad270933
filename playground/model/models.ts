import { type EFFORTS, MODELS, type ModelFacts } from '../../src/model/catalogue.ts';

/** `GET /v1/models`: a page of models, newest first. `query` as in the URL: limit, after_id, lifecycle. */
export function modelPage(query: URLSearchParams): object {
  const wanted = query.getAll('lifecycle').concat(query.getAll('lifecycle[]'));
  const all = MODELS.filter((facts) => wanted.length === 0 || wanted.includes(facts.lifecycle));
  const after = all.findIndex((facts) => facts.id === query.get('after_id'));
  const limit = Math.min(1000, Math.max(1, Number(query.get('limit') ?? 20) || 20));
  const data = all.slice(after + 1, after + 1 + limit).map(modelInfo);
  return {
    data,
    has_more: after + 1 + limit < all.length,
    first_id: all[after + 1]?.id ?? null,
    last_id: all[Math.min(after + limit, all.length - 1)]?.id ?? null,
  };
}

/** The Models API's shape of one model. */
export function modelInfo(facts: ModelFacts): object {
  const yes = { supported: true };
  const supported = (value: boolean) => ({ supported: value });
  const effort = (level: (typeof EFFORTS)[number]) => supported(facts.efforts.includes(level));
  const thinking = (type: ModelFacts['thinkingTypes'][number]) =>
    supported(facts.thinkingTypes.includes(type));
  return {
    type: 'model',
    id: facts.id,
    display_name: facts.name,
    created_at: `${facts.released}T00:00:00Z`,
    lifecycle: facts.lifecycle,
    deprecated_at: null,
    retires_at: facts.retires === null ? null : `${facts.retires}T00:00:00Z`,
    line: facts.line,
    max_input_tokens: facts.contextTokens,
    max_tokens: facts.outputCap,
    capabilities: {
      batch: yes,
      citations: yes,
      code_execution: yes,
      image_input: yes,
      pdf_input: yes,
      structured_outputs: yes,
      context_management: {
        supported: true,
        clear_tool_uses_20250919: yes,
        clear_thinking_20251015: yes,
        compact_20260112: supported(facts.contextTokens > 200_000),
      },
      effort: {
        supported: facts.efforts.length > 0,
        low: effort('low'),
        medium: effort('medium'),
        high: effort('high'),
        xhigh: effort('xhigh'),
        max: effort('max'),
      },
      server_tools: { supported: true, web_search: supported(facts.web !== 'none'), code_execution: yes },
      thinking: {
        supported: true,
        types: {
          adaptive: thinking('adaptive'),
          between_tools: thinking('between_tools'),
          disabled: thinking('disabled'),
          enabled: thinking('enabled'),
        },
      },
    },
  };
}
