import { isJson, type Json, listOf, textOf } from '../../../playground/slack/json.ts';
import { numberIn } from '../texts.ts';

/** The beginning of `goOnAfter` and of `GO_ON_AFTER_TOOLS` in `src/reply/write/seam.ts`: what a model would recognise. */
export const GO_ON = /^Your answer (?:above )?was cut off/;

/** What a request has of the answer that it asks for. */
export interface Loop {
  /**
   * `question`: nothing; `go_on`: it was cut, and is to be gone on with after its words; `results`: what was called has its
   * results; `paused`: the provider paused in it.
   */
  readonly last: 'question' | 'go_on' | 'results' | 'paused';
  /** Its words so far. */
  readonly received: string;
  /** Ids of the calls that it made, first to last. */
  readonly ids: readonly string[];
  /** Nothing was said behind the last of them. */
  readonly behindCall: boolean;
}

const blocksOf = (message: unknown): readonly Json[] =>
  isJson(message) && Array.isArray(message.content) ? message.content.filter(isJson) : [];
const isCall = ({ type }: Json) => type === 'tool_use' || type === 'server_tool_use';

/** Reads what stands behind the last question of a request. */
export function loopIn(body: Readonly<Record<string, unknown>> | null): Loop {
  const messages = listOf(body?.['messages']).filter(isJson);
  const wordsOf = (message: Json) =>
    typeof message.content === 'string'
      ? [message.content]
      : blocksOf(message).flatMap(({ type, text }) => (type === 'text' ? (textOf(text) ?? []) : []));
  const goesOn = (message: Json) => wordsOf(message).some((text) => GO_ON.test(text));
  const isQuestion = (message: Json) =>
    message.role === 'user' && !goesOn(message) && numberIn(wordsOf(message).join('\n')) !== null;
  const after = messages.slice(messages.findLastIndex(isQuestion) + 1);
  const said = after.filter(({ role }) => role === 'assistant').flatMap(blocksOf);
  const last = after.at(-1);
  const loop = {
    received: after.reduce((received, message, at) => {
      if (message.role !== 'assistant') return received;
      const words = blocksOf(message)
        .map(({ type, text }) => (type === 'text' ? (textOf(text) ?? '') : ''))
        .join('');
      const before = after[at - 1];
      return before !== undefined && goesOn(before) ? behindSeam(received, words) : received + words;
    }, ''),
    ids: said.flatMap((block) => (isCall(block) ? String(block.id) : [])),
    behindCall: said.slice(said.findLastIndex(isCall) + 1).every(({ type }) => type !== 'text'),
  };
  if (last === undefined) return { ...loop, last: 'question' };
  if (last.role === 'assistant') return { ...loop, last: 'paused' };
  if (goesOn(last)) return { ...loop, last: 'go_on' };
  return {
    ...loop,
    last: blocksOf(last).some(({ type }) => type === 'tool_result') ? 'results' : 'question',
  };
}

/** Longer than the last words that a model repeats, and shorter. */
const MOST_REPEATED = 300;
const LEAST_REPEATED = 8;

/**
 * What was said, and what goes on after it: a round that calls something goes back as it came, with the words that it repeated,
 * or without them where another process goes on with what is stored of it.
 */
function behindSeam(received: string, words: string): string {
  const said = received.replace(/\s+/g, '');
  for (let length = Math.min(words.length, MOST_REPEATED); length > 0; length--) {
    const again = words.slice(0, length).replace(/\s+/g, '');
    if (again.length < Math.min(LEAST_REPEATED, said.length)) break;
    if (said.endsWith(again)) return received + words.slice(length);
  }
  return received + words;
}

/** The length of the beginning of `text` that has these words, whatever blanks are between; null: it begins otherwise. */
export function lengthOf(text: string, words: string): number | null {
  let at = 0;
  for (const letter of words) {
    if (/\s/.test(letter)) continue;
    while (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
    if (!text.startsWith(letter, at)) return null;
    at += letter.length;
  }
  return at;
}

/** Question, draft and place of a call of ours, by its id. */
export function madeOf(id: string | undefined): { draft: number; place: number } | null {
  const found = /^(?:srv)?toolu_\d+_(\d+)_(\d+)/.exec(id ?? '');
  return found === null ? null : { draft: Number(found[1]), place: Number(found[2]) };
}
