import { type Fields, isFields } from './refused.ts';
import { quoted, readThread } from './showcase-thread.ts';
import type { ScriptedAnswer, ScriptedPart, ScriptRequest } from './types.ts';

/**
 * What the showcase does with tools of ours, where a request has them: it calls the one that the question names, with
 * arguments out of its words, and answers from what came back. It knows no tool and no result of its own.
 */
export function toolsAnswer(request: ScriptRequest): ScriptedAnswer | null {
  const tools = clientTools(request.body.tools);
  const results = latestResults(request.body.messages);
  if (results.length > 0) return { text: results.map(told).join('\n\n') };
  if (tools.length === 0) return null;
  const { text } = readThread(request.turns).asked;
  const calls = text.split(/\s+and then\s+|;\s*|\n+/).flatMap((wish) => callFor(wish, tools) ?? []);
  if (calls.length === 0) return null;
  const parts = calls.flatMap(({ tool, input }, index): ScriptedPart[] => [
    { text: `${index === 0 ? '' : ' '}I use **${titleOf(tool.name)}** for that.` },
    {
      call: {
        type: 'tool_use',
        id: `toolu_${String(request.number).padStart(12, '0')}${String(index).padStart(4, '0')}`,
        name: tool.name,
        input,
      },
    },
  ]);
  return { text: '', parts, stopReason: 'tool_use' };
}

interface Tool {
  readonly name: string;
  /** What stands in front of its own name. */
  readonly server: string;
  /** Words of its name that a question has to have, in small letters. */
  readonly words: readonly string[];
  readonly schema: Fields;
}

interface Call {
  readonly tool: Tool;
  readonly input: Fields;
}

/** Words that say nothing about which tool is meant. */
const SMALL = new Set(['a', 'an', 'the', 'of', 'me', 'my', 'to', 'for', 'in', 'is', 'i']);

function clientTools(tools: unknown): Tool[] {
  return (Array.isArray(tools) ? tools : []).filter(isFields).flatMap((tool) => {
    if (tool.type !== undefined && tool.type !== 'custom') return [];
    const name = String(tool.name);
    // Behind the server's own name, where there is one in front.
    const own = name.split('__').at(-1) ?? name;
    const words = own.toLowerCase().split(/[^a-z0-9]+/);
    return [
      {
        name,
        server: name.split('__')[0]?.toLowerCase() ?? '',
        words: words.filter(Boolean),
        schema: isFields(tool.input_schema) ? tool.input_schema : {},
      },
    ];
  });
}

/** The tool with the most words that are all in the wish, or null. */
function callFor(wish: string, tools: readonly Tool[]): Call | null {
  const said = wish
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  const has = (word: string) =>
    said.some((one) => one === word || one === `${word}s` || (SAME[one] ?? []).includes(word));
  const [tool] = tools
    .filter(({ words }) => words.length > 0 && words.filter((word) => !SMALL.has(word)).every(has))
    // Of two servers with the same tool, the one that is named.
    .toSorted((a, b) => b.words.length - a.words.length || Number(has(b.server)) - Number(has(a.server)));
  return tool === undefined ? null : { tool, input: inputFor(wish, tool) };
}

/** What people say for words that tools are named by. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  open: ['create'],
  file: ['create'],
  make: ['create'],
  new: ['create'],
  search: ['find'],
  show: ['find'],
  list: ['find'],
  look: ['find'],
  close: ['set', 'status'],
  reopen: ['set', 'status'],
  remove: ['delete'],
};

/** The arguments that the tool's schema asks for, as far as the words have them. */
function inputFor(wish: string, { words, schema }: Tool): Fields {
  const properties = isFields(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const input: Record<string, unknown> = {};
  let rest: string | null = restOf(wish, words);
  for (const [name, property] of Object.entries(properties)) {
    const kind = isFields(property) ? property : {};
    const number = /\d+(?:\.\d+)?/.exec(wish)?.[0];
    if (Array.isArray(kind.enum)) {
      const value = kind.enum.find((one) => new RegExp(`\\b${String(one).slice(0, -1)}`, 'i').test(wish));
      if (value !== undefined) input[name] = value;
    } else if (kind.type === 'number' || kind.type === 'integer') {
      if (number !== undefined) input[name] = Number(number);
    } else if (kind.type === 'boolean') input[name] = !/\b(not|no|don't)\b/i.test(wish);
    else if (/^id$|_id$/i.test(name)) {
      const id = /\b[A-Z]+-\d+\b/.exec(wish)?.[0] ?? (number === undefined ? undefined : `T-${number}`);
      if (id !== undefined) input[name] = id;
    } else if (required.includes(name) && rest !== null) {
      input[name] = rest;
      rest = null;
    }
  }
  return input;
}

/** What a wish says beside the words that name the tool: behind "about", ":", or after them. */
function restOf(wish: string, words: readonly string[]): string {
  const marked = /(?:\babout\b|\bsaying\b|\bthat says\b|:)\s*(.+)$/is.exec(wish)?.[1];
  const after = new RegExp(
    `\\b(?:${words.join('|')})s?\\b(?!.*\\b(?:${words.join('|')})s?\\b)\\s*(.*)$`,
    'is',
  ).exec(wish)?.[1];
  const text = (marked ?? after ?? wish).replace(/^(?:for|with|named|called)\s+/i, '');
  return (
    text
      .replace(/[\s.!?]+$/, '')
      .replace(/^["“”']|["“”']$/g, '')
      .trim() || wish.trim()
  );
}

interface Result {
  readonly name: string;
  readonly text: string;
  readonly pictures: number;
  readonly failed: boolean;
}

/** The results that the last message brings; empty: it brings none. */
function latestResults(messages: unknown): Result[] {
  const all = (Array.isArray(messages) ? messages : []).filter(isFields);
  const blocks = blocksOf(all.at(-1));
  const calls = blocksOf(all.at(-2)).filter(({ type }) => type === 'tool_use');
  return blocks
    .filter(({ type }) => type === 'tool_result')
    .map(({ tool_use_id: id, content, is_error: failed }) => {
      const parts =
        typeof content === 'string'
          ? [{ type: 'text', text: content }]
          : Array.isArray(content)
            ? content
            : [];
      const texts = parts
        .filter(isFields)
        .flatMap(({ type, text }) => (type === 'text' ? [String(text)] : []));
      return {
        name: String(calls.find((call) => call.id === id)?.name ?? 'tool'),
        // What a server gave comes in a frame of ours.
        text: texts
          .filter((text) => !/^<\/?tool_result_data\b[^>]*>$/.test(text.trim()))
          .join('\n')
          .replace(/<\/?tool_result_data\b[^>]*>/g, ''),
        pictures: parts.filter((part) => isFields(part) && part.type === 'image').length,
        failed: failed === true,
      };
    });
}

const MOST_SAID = 600;

function told({ name, text, pictures, failed }: Result): string {
  const title = `**${titleOf(name)}**`;
  const lines = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [quoted(line).slice(1, -1)]));
  const said = lines.join('\n> ').slice(0, MOST_SAID);
  const seen =
    pictures === 0 ? '' : ` It came with ${pictures === 1 ? 'a picture' : `${pictures} pictures`}.`;
  if (failed) return `${title} did not do it. I was told:\n\n> ${said}\n\nI leave it at that.${seen}`;
  return `Done: ${title} says\n\n> ${said}\n${seen}`.trimEnd();
}

function titleOf(name: string): string {
  return (name.split('__').at(-1) ?? name).replaceAll('_', ' ');
}

function blocksOf(message: unknown): readonly Fields[] {
  const content = isFields(message) ? message.content : null;
  return Array.isArray(content) ? content.filter(isFields) : [];
}
