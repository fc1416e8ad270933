import type { Script, ScriptedAnswer, ScriptedPart, ScriptRequest } from '../../playground/model/types.ts';
import * as web from '../support/web-parts.ts';
import { answerTo, numberIn } from './texts.ts';

/** One request as the script understood it. */
export interface Asked {
  /** Number of the question; null if there was no tag to go by. */
  readonly question: number | null;
  /** Which of its texts the model was shown the beginning of; null for a first call. */
  readonly draft: number | null;
  /** Length of the text that the model was shown as already received; 0 for a first call. */
  readonly from: number;
  /** Text that the request claims was received and that the model never said. */
  readonly strange: string | null;
}

/** The beginning of `goOnAfter` and of `GO_ON_AFTER_TOOLS` in `src/reply/write/seam.ts`: what a model would recognise. */
const GO_ON = /^Your answer (?:above )?was cut off/;
const REPEATED_WORDS = 6;

/**
 * A model that always knows what it was going to say: to a request to go on it repeats its last words and
 * goes on from there, so the whole text is known beforehand. Asked anew it has another draft each time.
 */
export function createScript(
  seed: number,
  tokensPerSecond: number,
): { script: Script; understand(request: Pick<ScriptRequest, 'turns'>): Asked } {
  /** Drafts begun, by question. */
  const begun = new Map<number, number>();

  const understand = ({ turns }: Pick<ScriptRequest, 'turns'>): Asked => {
    const asked = turns.filter(({ role, text }) => role === 'user' && !GO_ON.test(text));
    const tags = asked.map(({ text }) => numberIn(text)).filter((number) => number !== null);
    const question = tags.at(-1) ?? null;
    const goesOn = GO_ON.test(turns.at(-1)?.text ?? '');
    if (!goesOn || question === null) return { question, draft: null, from: 0, strange: null };
    const received = turns.at(-2)?.text ?? '';
    const draft = draftOf(seed, question, received, begun.get(question) ?? 1);
    return { question, draft, from: received.length, strange: draft === null ? received : null };
  };

  const script: Script = (request): ScriptedAnswer => {
    const { question, draft: known, from, strange } = understand(request);
    if (question === null) return { text: 'I was asked nothing that I know.' };
    const draft = known ?? begun.get(question) ?? 0;
    if (known === null) begun.set(question, draft + 1);
    const { text, kind, cuts, searches } = answerTo(seed, question, draft);
    const speed = kind === 'long' ? tokensPerSecond * 4 : tokensPerSecond;
    const start = strange !== null ? 0 : repeatedFrom(text, from);
    const rest = text.slice(start);
    const answer = { text: rest, tokensPerSecond: speed };
    if (searches.length > 0 && canSearch(request)) {
      const parts = partsOf(text, start, { searches, name: `${question}_${draft}`, request });
      return { ...answer, text: '', parts };
    }
    const cut = cuts.find((at) => at > from);
    if (cut !== undefined && strange === null)
      return { ...answer, text: text.slice(repeatedFrom(text, from), cut), stopReason: 'max_tokens' };
    if (kind === 'refused') return { ...answer, fault: { kind: 'refusal', afterTokens: 40 } };
    if (kind === 'full')
      return {
        ...answer,
        text: rest.slice(0, Math.max(0, rest.length - 300)),
        stopReason: 'model_context_window_exceeded',
      };
    return answer;
  };
  return { script, understand };
}

const SEARCH_MS = 400;

const canSearch = ({ body }: ScriptRequest) => JSON.stringify(body.tools ?? []).includes('"web_search"');

/** The text from `start` on, with the searches that were not made yet: a result that the request has is not asked for again. */
function partsOf(
  text: string,
  start: number,
  { searches, name, request }: { searches: readonly number[]; name: string; request: ScriptRequest },
): readonly ScriptedPart[] {
  const made = JSON.stringify(request.body.messages ?? []);
  const parts: ScriptedPart[] = [];
  let from = start;
  for (const [index, at] of searches.entries()) {
    const id = `srvtoolu_${name}_${index}`;
    if (at < start || made.includes(`"tool_use_id":"${id}"`)) continue;
    if (at > from) parts.push({ text: text.slice(from, at) });
    const result = web.searchResult(id);
    parts.push(web.searchCall(id), 'result' in result ? { ...result, afterMs: SEARCH_MS } : result);
    from = at;
  }
  return [...parts, { text: text.slice(from) }];
}

/** The newest of the first `drafts` drafts that begins like this; null if none does. */
export function draftOf(seed: number, question: number, beginning: string, drafts: number): number | null {
  for (let draft = drafts - 1; draft >= 0; draft--)
    if (answerTo(seed, question, draft).text.startsWith(beginning)) return draft;
  return null;
}

/** Where the last words before `end` begin. */
export function repeatedFrom(text: string, end: number): number {
  if (end === 0) return 0;
  const last = text.slice(0, end).trimEnd().split(/\s+/).slice(-REPEATED_WORDS);
  let at = end;
  for (const word of last.toReversed()) at = text.lastIndexOf(word, at - word.length);
  return Math.max(0, at);
}
