import type { Script, ScriptedAnswer, ScriptedPart, ScriptRequest } from '../../playground/model/types.ts';
import * as web from '../support/web-parts.ts';
import { GO_ON, lengthOf, loopIn, madeOf } from './calls/asked.ts';
import { SERVER } from './calls/server.ts';
import { callsOf, inputOf, pausesAt, titleOf } from './calls/texts.ts';
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
  /** What the model called has its results, or it paused: it goes on with the next word. */
  readonly exact: boolean;
}

const REPEATED_WORDS = 6;

/**
 * A model that always knows what it was going to say: to a request to go on it repeats its last words and
 * goes on from there, so the whole text is known beforehand. Asked anew it has another draft each time.
 */
export function createScript(
  seed: number,
  tokensPerSecond: number,
): {
  script: Script;
  understand(request: Pick<ScriptRequest, 'turns'> & { readonly body: ScriptRequest['body'] | null }): Asked;
} {
  /** Drafts begun, by question. */
  const begun = new Map<number, number>();

  /** Calls that were made so far: each has an id of its own, as the provider's have. */
  let made = 0;

  const understand = ({
    turns,
    body,
  }: Pick<ScriptRequest, 'turns'> & { readonly body: ScriptRequest['body'] | null }): Asked => {
    const asked = turns.filter(({ role, text }) => role === 'user' && !GO_ON.test(text));
    const tags = asked.map(({ text }) => numberIn(text)).filter((number) => number !== null);
    const question = tags.at(-1) ?? null;
    const { last, received, ids, behindCall } = loopIn(body);
    if (last === 'question' || question === null)
      return { question, draft: null, from: 0, strange: null, exact: false };
    const call = madeOf(ids.at(-1));
    const draft = call?.draft ?? draftOf(seed, question, received, begun.get(question) ?? 1);
    if (draft === null) return { question, draft, from: received.length, strange: received, exact: false };
    const { text, searches } = answerTo(seed, question, draft);
    const from = lengthOf(text, received);
    if (from === null) return { question, draft, from: received.length, strange: received, exact: false };
    // Behind what we called there are no words to repeat; behind the provider's own results there may be.
    const exact = last !== 'go_on' || (behindCall && ids.at(-1)?.startsWith('toolu_') === true);
    if (!exact || call === null) return { question, draft, from, strange: null, exact };
    const at = (
      ids.at(-1)?.startsWith('srv') === true
        ? searches
        : callsOf(seed, question, draft).map((place) => place.at)
    )[call.place];
    return { question, draft, from: Math.max(from, at ?? 0), strange: null, exact };
  };

  const script: Script = (request): ScriptedAnswer => {
    const { question, draft: known, from, strange, exact } = understand(request);
    if (question === null) return { text: 'I was asked nothing that I know.' };
    const draft = known ?? begun.get(question) ?? 0;
    if (known === null) begun.set(question, draft + 1);
    const { text, kind, cuts, searches } = answerTo(seed, question, draft);
    const speed = kind === 'long' ? tokensPerSecond * 4 : tokensPerSecond;
    const start = strange !== null ? 0 : exact ? from : repeatedFrom(text, from);
    const rest = text.slice(start);
    const answer = { text: rest, tokensPerSecond: speed };
    if (searches.length > 0 && canSearch(request)) {
      const pauses = pausesAt(seed, question, draft);
      return {
        ...answer,
        text: '',
        ...partsOf(text, start, { searches, name: `${question}_${draft}`, request, pauses }),
      };
    }
    const next = canCall(request)
      ? callsOf(seed, question, draft).findIndex(
          ({ at }, place) => at >= start && !isMade(request, `toolu_${question}_${draft}_${place}_`),
        )
      : -1;
    const place = callsOf(seed, question, draft)[next];
    if (place !== undefined) {
      const uses = place.tools.map((tool, index): ScriptedPart => {
        made += 1;
        const id = `toolu_${question}_${draft}_${next}_${index}_${made}`;
        const input = inputOf(tool, titleOf(question, draft, next, index));
        return { call: { type: 'tool_use', id, name: `${SERVER}__${tool}`, input } };
      });
      const before = text.slice(start, place.at);
      return { ...answer, text: '', parts: [...(before === '' ? [] : [{ text: before }]), ...uses] };
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
const canCall = ({ body }: ScriptRequest) => JSON.stringify(body.tools ?? []).includes(`"${SERVER}__`);
const isMade = ({ body }: ScriptRequest, id: string) =>
  JSON.stringify(body.messages ?? []).includes(`"id":"${id}`);

/**
 * The text from `start` on, with the searches that were not made yet: a result that the request has is not asked for again.
 * `pauses`: the provider ends its answer at the first search, and gives what it found when it is asked to go on.
 */
function partsOf(
  text: string,
  start: number,
  {
    searches,
    name,
    request,
    pauses,
  }: { searches: readonly number[]; name: string; request: ScriptRequest; pauses: boolean },
): { readonly parts: readonly ScriptedPart[]; readonly stopReason?: string } {
  const made = JSON.stringify(request.body.messages ?? []);
  const parts: ScriptedPart[] = [];
  let from = start;
  for (const [index, at] of searches.entries()) {
    const id = `srvtoolu_${name}_${index}`;
    if (at < start || made.includes(`"tool_use_id":"${id}"`)) continue;
    if (at > from) parts.push({ text: text.slice(from, at) });
    from = at;
    const isAsked = made.includes(`"id":"${id}"`);
    if (!isAsked) parts.push(web.searchCall(id));
    if (!isAsked && pauses && index === 0) return { parts, stopReason: 'pause_turn' };
    const result = web.searchResult(id);
    parts.push('result' in result ? { ...result, afterMs: SEARCH_MS } : result);
  }
  return { parts: [...parts, { text: text.slice(from) }] };
}

/** The newest of the first `drafts` drafts that begins like this, whatever blanks are between; null if none does. */
export function draftOf(seed: number, question: number, beginning: string, drafts: number): number | null {
  for (let draft = drafts - 1; draft >= 0; draft--)
    if (lengthOf(answerTo(seed, question, draft).text, beginning) !== null) return draft;
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
