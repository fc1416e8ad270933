/**
 * Streams of every shape that the types of the SDK allow (`BetaContentBlock`, `BetaRawContentBlockDelta`,
 * `BetaStopReason` in `@anthropic-ai/sdk`), and of shapes that they may allow tomorrow. The records below are keyed by
 * those types: a kind that the SDK gets is missing here until somebody writes its stream down.
 */
import { createServer } from 'node:http';
import type Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { sseEvent } from '../../../playground/model/wire.ts';
import { systemClock } from '../../../src/clock.ts';
import { generate } from '../../../src/reply/write/generate.ts';
import { hearWire, modelFor, never, question } from './support.ts';

type Beta = Anthropic.Beta.BetaContentBlock;
type Delta = Anthropic.Beta.BetaRawContentBlockDelta;
type Reason = Anthropic.Beta.BetaStopReason;

const SECRET = 'EqQBCkYIARgCKkBsecret';
const caller = { type: 'direct' };

/** The start of a block of each kind, as the provider sends it. */
const BLOCKS: Record<Beta['type'], object> = {
  text: { type: 'text', text: '', citations: null },
  thinking: { type: 'thinking', thinking: '', signature: '' },
  redacted_thinking: { type: 'redacted_thinking', data: SECRET },
  tool_use: { type: 'tool_use', id: 'toolu_1', name: 'lookup', input: {}, caller },
  server_tool_use: { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {}, caller },
  web_search_tool_result: {
    type: 'web_search_tool_result',
    tool_use_id: 'srvtoolu_1',
    caller,
    content: [
      {
        type: 'web_search_result',
        title: 'T',
        url: 'https://t.example',
        page_age: null,
        encrypted_content: SECRET,
      },
    ],
  },
  web_fetch_tool_result: {
    type: 'web_fetch_tool_result',
    tool_use_id: 'srvtoolu_2',
    caller,
    content: { type: 'web_fetch_tool_result_error', error_code: 'url_not_allowed' },
  },
  advisor_tool_result: {
    type: 'advisor_tool_result',
    tool_use_id: 'srvtoolu_3',
    content: { type: 'advisor_result', text: SECRET },
  },
  code_execution_tool_result: {
    type: 'code_execution_tool_result',
    tool_use_id: 'srvtoolu_4',
    content: { type: 'code_execution_result', stdout: SECRET, stderr: '', return_code: 0, content: [] },
  },
  bash_code_execution_tool_result: {
    type: 'bash_code_execution_tool_result',
    tool_use_id: 'srvtoolu_5',
    content: {
      type: 'bash_code_execution_result',
      stdout: SECRET,
      stderr: '',
      return_code: 1,
      content: [{ type: 'bash_code_execution_output', file_id: 'file_1' }],
    },
  },
  text_editor_code_execution_tool_result: {
    type: 'text_editor_code_execution_tool_result',
    tool_use_id: 'srvtoolu_6',
    content: { type: 'text_editor_code_execution_create_result', is_file_update: false },
  },
  tool_search_tool_result: {
    type: 'tool_search_tool_result',
    tool_use_id: 'srvtoolu_7',
    content: {
      type: 'tool_search_tool_search_result',
      tool_references: [{ type: 'tool_reference', tool_name: 'lookup' }],
    },
  },
  mcp_tool_use: { type: 'mcp_tool_use', id: 'mcptoolu_1', name: 'find', server_name: 'docs', input: {} },
  mcp_tool_result: {
    type: 'mcp_tool_result',
    tool_use_id: 'mcptoolu_1',
    is_error: false,
    content: [{ type: 'text', text: SECRET, citations: null }],
  },
  mcp_tool_listing: { type: 'mcp_tool_listing', mcp_server_name: 'docs', tools: [{ name: 'find' }] },
  container_upload: { type: 'container_upload', file_id: 'file_1' },
  compaction: { type: 'compaction', content: null },
  fallback: { type: 'fallback', model: 'claude-sonnet-4-6' },
};

const DELTAS: Record<Delta['type'], object> = {
  text_delta: { type: 'text_delta', text: 'Some words. ' },
  thinking_delta: { type: 'thinking_delta', thinking: SECRET, estimated_tokens: 3 },
  signature_delta: { type: 'signature_delta', signature: SECRET },
  input_json_delta: { type: 'input_json_delta', partial_json: '{"query": "' },
  citations_delta: {
    type: 'citations_delta',
    citation: {
      type: 'web_search_result_location',
      url: 'https://t.example',
      title: 'T',
      cited_text: SECRET,
      encrypted_index: SECRET,
    },
  },
  compaction_delta: { type: 'compaction_delta', content: SECRET, encrypted_content: SECRET },
};

/** What each reason is for people: the words in which the reply says it are in `ending.ts`. */
const REASONS: Record<Reason | 'a_reason_of_tomorrow', string> = {
  end_turn: 'end',
  max_tokens: 'max_tokens',
  stop_sequence: 'stop_sequence',
  tool_use: 'tool_use',
  pause_turn: 'paused',
  refusal: 'refusal',
  model_context_window_exceeded: 'context_full',
  compaction: 'other',
  a_reason_of_tomorrow: 'other',
};

const CITATIONS = [
  {
    type: 'char_location',
    cited_text: SECRET,
    document_index: 0,
    document_title: null,
    file_id: null,
    start_char_index: 0,
    end_char_index: 5,
  },
  {
    type: 'page_location',
    cited_text: SECRET,
    document_index: 0,
    document_title: 'D',
    file_id: null,
    start_page_number: 1,
    end_page_number: 2,
  },
  {
    type: 'content_block_location',
    cited_text: SECRET,
    document_index: 0,
    document_title: 'D',
    file_id: null,
    start_block_index: 0,
    end_block_index: 1,
  },
  {
    type: 'search_result_location',
    cited_text: SECRET,
    source: 's',
    title: 'T',
    search_result_index: 0,
    start_block_index: 0,
    end_block_index: 1,
  },
  { type: 'location_of_tomorrow', cited_text: SECRET },
];

const START = sseEvent(
  'message_start',
  {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      content: [],
      container: null,
      context_management: null,
      stop_details: null,
      usage: {
        input_tokens: 3,
        output_tokens: 1,
        service_tier: 'standard',
        inference_geo: null,
        iterations: null,
      },
    },
  },
  3,
);
const block = (index: number, content: unknown, ...deltas: readonly unknown[]) =>
  [
    sseEvent('content_block_start', { index, content_block: content }, 0),
    ...deltas.map((delta) => sseEvent('content_block_delta', { index, delta }, 0)),
    sseEvent('content_block_stop', { index }, 0),
  ].join('');
const words = (index: number, text: string, ...more: readonly object[]) =>
  block(index, BLOCKS.text, { type: 'text_delta', text }, ...more);
const end = (reason: string, delta: object = {}, more: object = {}) =>
  sseEvent(
    'message_delta',
    {
      delta: { stop_reason: reason, stop_sequence: null, ...delta },
      usage: { output_tokens: 9, server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 } },
      ...more,
    },
    0,
  ) + sseEvent('message_stop', {}, 0);

/** No failure, no throw, and nothing of what is not for people. */
async function heard(stream: string) {
  const all = await hearWire((res) => res.end(START + stream));
  expect(all.failure).toBeNull();
  expect(all.last?.type).toBe('stop');
  expect(all.text).not.toContain(SECRET);
  expect(all.text).not.toMatch(/[{}]|_result|toolu_/);
  return all;
}

describe('a block of every kind', () => {
  it.each(Object.entries(BLOCKS))('%s, in front of an answer', async (_type, content) => {
    const { text, last } = await heard(block(0, content) + words(1, 'The answer.') + end('end_turn'));
    expect(text).toBe('The answer.');
    expect(last).toEqual({ type: 'stop', reason: 'end', raw: 'end_turn' });
  });

  it.each(Object.entries(DELTAS))('%s, in a block of every kind', async (type, delta) => {
    for (const content of Object.values(BLOCKS)) {
      const { text } = await heard(
        block(0, content, delta, delta) + words(1, 'The answer.') + end('end_turn'),
      );
      expect(text).toBe(type === 'text_delta' ? 'Some words. Some words. The answer.' : 'The answer.');
    }
  });
});

it.each([
  [
    'web search with sources',
    words(0, 'Let me look. ') +
      block(
        1,
        BLOCKS.server_tool_use,
        { type: 'input_json_delta', partial_json: '' },
        DELTAS.input_json_delta,
        { type: 'input_json_delta', partial_json: 'skein"}' },
      ) +
      block(2, BLOCKS.web_search_tool_result) +
      words(3, 'It is ') +
      words(4, 'a length of thread', DELTAS.citations_delta) +
      words(5, '.') +
      end('end_turn'),
    'Let me look. It is a length of thread.',
  ],
  [
    'a search that failed',
    block(0, BLOCKS.server_tool_use, DELTAS.input_json_delta) +
      block(1, {
        ...BLOCKS.web_search_tool_result,
        content: { type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' },
      }) +
      words(2, 'I could not look it up.') +
      end('end_turn'),
    'I could not look it up.',
  ],
  [
    'code that ran in a container',
    block(0, { ...BLOCKS.server_tool_use, name: 'bash_code_execution' }, DELTAS.input_json_delta) +
      block(1, BLOCKS.bash_code_execution_tool_result) +
      block(2, BLOCKS.container_upload) +
      words(3, 'It printed 4.') +
      end('end_turn', { container: { id: 'container_1', expires_at: '2026-11-28T23:00:00Z', skills: null } }),
    'It printed 4.',
  ],
  [
    'context that was edited and a conversation that was compacted',
    block(0, BLOCKS.compaction, DELTAS.compaction_delta) +
      words(1, 'Going on.') +
      end(
        'end_turn',
        {},
        {
          context_management: {
            applied_edits: [
              { type: 'clear_tool_uses_20250919', cleared_tool_uses: 2, cleared_input_tokens: 90 },
            ],
          },
        },
      ),
    'Going on.',
  ],
  [
    'another model that took over',
    block(0, BLOCKS.fallback) + words(1, 'The answer.') + end('end_turn'),
    'The answer.',
  ],
  [
    'citations of every kind',
    CITATIONS.map((citation, at) => words(at, `${at} `, { type: 'citations_delta', citation })).join('') +
      end('end_turn'),
    '0 1 2 3 4 ',
  ],
  [
    'blocks that overlap, come twice, or never end',
    sseEvent('content_block_start', { index: 0, content_block: BLOCKS.thinking }, 0) +
      sseEvent('content_block_start', { index: 1, content_block: BLOCKS.text }, 0) +
      sseEvent('content_block_delta', { index: 1, delta: { type: 'text_delta', text: 'Words.' } }, 0) +
      sseEvent('content_block_delta', { index: 0, delta: DELTAS.signature_delta }, 0) +
      sseEvent('content_block_stop', { index: 9 }, 0) +
      end('end_turn'),
    'Words.',
  ],
  [
    'events, blocks and deltas of tomorrow between all others',
    sseEvent('message_aura', { aura: SECRET }, 0) +
      block(0, { type: 'hologram', text: SECRET, input: { a: 1 } }, { type: 'light_delta', text: SECRET }) +
      words(1, 'Words') +
      block(2, null, null) +
      block(3, [], 'x', 7) +
      sseEvent('content_block_delta', {}, 0) +
      words(4, '.') +
      end('end_turn', { stop_details: { type: 'mood', mood: SECRET } }, { constellation: SECRET }),
    'Words.',
  ],
])('%s is heard as its words', async (_name, stream, text) => {
  expect((await heard(stream)).text).toBe(text);
});

describe('a stop reason of every kind', () => {
  it.each(Object.entries(REASONS))('%s, behind words', async (raw, reason) => {
    const { last, text } = await heard(
      words(0, 'Words.') +
        end(raw, {
          stop_details:
            raw === 'refusal' ? { type: 'refusal', category: 'cyber', explanation: SECRET } : null,
        }),
    );
    expect(last).toEqual({ type: 'stop', reason, raw });
    expect(text).toBe('Words.');
  });

  it.each(Object.keys(REASONS))('%s without a word has an end that people are told', async (raw) => {
    let calls = 0;
    const ending = await answered(() => {
      calls += 1;
      return START + block(0, BLOCKS.server_tool_use, DELTAS.input_json_delta) + end(raw);
    });
    // Asked once more in other words, then said; a refusal is said at once.
    expect(calls).toBe(raw === 'refusal' ? 1 : 2);
    expect(ending).toMatchObject(
      raw === 'refusal' ? { kind: 'ended', reason: 'refusal' } : { kind: 'empty', code: 'MODEL_EMPTY' },
    );
  });
});

/** One answer over a wire that is written anew for each call. */
async function answered(stream: () => string) {
  const server = createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.end(stream());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    return await generate({
      model: modelFor(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`),
      request: question,
      received: '',
      clock: systemClock,
      signal: never,
      calls: {
        begin: async ({ maxTokens }) => ({ kind: 'begun', call: 0, maxTokens }),
        started: () => {},
        ended: async () => {},
      },
      onText: () => {},
      onThinking: () => {},
      onRetry: () => {},
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
