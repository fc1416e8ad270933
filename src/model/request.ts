import type Anthropic from '@anthropic-ai/sdk';
import { type Offered, withTools } from '../conversation/blocks.ts';
import type { FileBlock, Keep, ModelRequest, Turn, TurnBlock } from '../reply/ports.ts';
import type { ClientTool } from '../tools/offered.ts';
import type { ModelFacts } from './catalogue.ts';
import { mannerOf, maxTokensFor } from './effort.ts';
import { webTools } from './web-tools.ts';

type BuiltRequest =
  | { readonly ok: true; readonly params: Anthropic.MessageCreateParamsStreaming }
  /** The provider would answer 400; `problem` says why, for the log. */
  | { readonly ok: false; readonly problem: string };

/**
 * The parameters of one streamed call. Blank blocks and turns are left out (the provider refuses them),
 * and so are answers at the front whose question was cut away. A transcript that ends with an answer is
 * not repaired, unless the provider paused in it: current models refuse prefill, and asking the last question again would
 * buy it twice. `facts`: of the request's model; null: nothing is known of it.
 */
export function buildRequest(request: ModelRequest, facts: ModelFacts | null): BuiltRequest {
  const { front, last } = marksOf(request.keep);
  const web = request.tools?.web == null ? [] : webTools(request.tools.web, facts);
  const tools = [...(request.tools?.client ?? []).map(toTool), ...web];
  const offered = { web: web.length > 0, client: tools.length > web.length };
  const messages = toMessages(request.turns, offered, request.media ?? new Map(), front, request.keep);
  if (messages.length === 0) return { ok: false, problem: 'the transcript has no user turn with text' };
  if (messages.at(-1)?.role !== 'user' && request.paused !== true)
    return { ok: false, problem: 'the transcript ends with an answer' };
  if (!Number.isSafeInteger(request.maxTokens) || request.maxTokens < 1) {
    return { ok: false, problem: 'maxTokens must be a whole number of at least 1' };
  }
  const system = wellFormed(request.system);
  return {
    ok: true,
    params: {
      model: request.model,
      // For a model that can't be kept from thinking, room for that besides the answer.
      max_tokens: maxTokensFor(facts, request.maxTokens, request.effort, tools.length > 0),
      stream: true,
      // A breakpoint of its own lets other threads read the instructions from the cache too.
      ...(tools.length === 0 ? {} : { tools }),
      ...(tools.length > 0 && request.mayCall === false ? { tool_choice: { type: 'none' } } : {}),
      ...(isBlank(system) ? {} : { system: [{ type: 'text', text: system, ...marked(front) }] }),
      messages,
      // Moves on to the last block with each call.
      ...marked(last),
      ...mannerOf(facts, request.effort),
      ...(request.user === '' ? {} : { metadata: { user_id: request.user } }),
    },
  };
}

type Mark = Anthropic.CacheControlEphemeral;

const MINUTES: Mark = { type: 'ephemeral' };
const HOUR: Mark = { type: 'ephemeral', ttl: '1h' };

/**
 * The lifetimes of the marks at the front of a prompt, and of the one on its last block; null: no mark. A longer one may not
 * come after a shorter one.
 */
function marksOf(keep: Keep | undefined): { front: Mark | null; last: Mark | null } {
  if (keep?.next === 'never') return { front: null, last: null };
  if (keep?.next === 'hour') return { front: HOUR, last: HOUR };
  return { front: keep?.next === 'stable' && keep.sentBefore > 0 ? HOUR : MINUTES, last: MINUTES };
}

const marked = (mark: Mark | null) => (mark === null ? {} : { cache_control: mark });

/**
 * The turns as messages. The provider looks back 20 blocks from a mark for what it has kept, and people say more than that
 * between two questions; so marks stand again on the blocks with which the call before ended, and up to which an earlier one
 * had all kept for an hour. For an hour of what was sent before (`stable`) the first of them stands on the answer that came
 * since: an entry is the whole prompt up to its mark, and only what lies between the longest hit and the last mark of an hour
 * is written at the price of an hour (caching guide, "How automatic prefix checking works", "Mixing different TTLs").
 * With the instructions and the last block that makes four marks, which is the most there may be.
 */
function toMessages(
  turns: readonly Turn[],
  offered: Offered,
  media: ReadonlyMap<string, string>,
  mark: Mark | null,
  { next, sentBefore, keptBefore }: Keep = { next: 'minutes', sentBefore: 0, keptBefore: 0 },
): Anthropic.MessageParam[] {
  const spoken = turns.flatMap(({ role, blocks }, at) => {
    const content = withTools(blocks, offered)
      .map((block) => (block.type === 'file' ? toMedia(block, media.get(block.hash)) : toParam(block)))
      .filter((block) => block.type !== 'text' || !isBlank(block.text));
    return content.length === 0 ? [] : [{ role, content, at }];
  });
  const first = spoken.findIndex(
    ({ role, content }) => role === 'user' && content[0]?.type !== 'tool_result',
  );
  const endOf = (count: number) => spoken.findLastIndex(({ at }) => at < count);
  const sent = endOf(sentBefore);
  const answered = spoken[sent + 1]?.role === 'assistant' ? sent + 1 : sent;
  const marks = new Set([next === 'stable' ? answered : sent, endOf(keptBefore)]);
  return spoken.flatMap(({ role, content }, at) => {
    if (first === -1 || at < first) return [];
    const last = content.at(-1);
    // The last block of all has a mark of its own.
    const again = mark !== null && at !== spoken.length - 1 && marks.has(at);
    if (!again || last === undefined || last.type.includes('thinking')) return [{ role, content }];
    return [{ role, content: [...content.slice(0, -1), { ...last, cache_control: mark }] }];
  });
}

/**
 * A block as it is sent. What came from the provider goes back as it was, but for `file_id: null` in a citation, which it
 * tells and does not take ("Extra inputs are not permitted", langchain#32592).
 */
function toParam(block: Exclude<TurnBlock, FileBlock>): Anthropic.ContentBlockParam {
  if (block.type !== 'text') return block as unknown as Anthropic.ContentBlockParam;
  const text = wellFormed(block.text);
  if (block.citations == null || block.citations.length === 0) return { type: 'text', text };
  const citations = block.citations.map(({ file_id: file, ...rest }) =>
    file == null ? rest : { ...rest, file_id: file },
  );
  return { type: 'text', text, citations: citations as unknown as Anthropic.TextCitationParam[] };
}

function toTool({ name, description, inputSchema }: ClientTool): Anthropic.ToolUnion {
  return { name, description, input_schema: { ...inputSchema, type: 'object' } };
}

type Content = Anthropic.TextBlockParam | Anthropic.ImageBlockParam | Anthropic.DocumentBlockParam;

const toText = (text: string): Anthropic.TextBlockParam => ({ type: 'text', text: wellFormed(text) });

/** Only turns of people have files: the API takes none in an answer. */
function toMedia({ media, name }: FileBlock, data: string | undefined): Content {
  if (data === undefined) return toText(`[the file "${name}" is not kept any more]`);
  if (media === 'application/pdf')
    return {
      type: 'document',
      source: { type: 'base64', media_type: media, data },
      ...(isBlank(name) ? {} : { title: wellFormed(name) }),
    };
  return { type: 'image', source: { type: 'base64', media_type: media, data } };
}

const isBlank = (text: string): boolean => text.trim() === '';

/** Half a surrogate pair is legal in a string but not in the UTF-8 that the provider reads. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');
