import type { Script, ScriptedAnswer, ScriptRequest } from '../../playground/model/types.ts';
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

/** The beginning of `goOnAfter` in `src/reply/seam.ts`: what a model would recognise. */
const GO_ON = 'Your answer above was cut off';
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
    const asked = turns.filter(({ role, text }) => role === 'user' && !text.startsWith(GO_ON));
    const tags = asked.map(({ text }) => numberIn(text)).filter((number) => number !== null);
    const question = tags.at(-1) ?? null;
    const goesOn = turns.at(-1)?.text.startsWith(GO_ON) === true;
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
    const { text, kind, cuts } = answerTo(seed, question, draft);
    const speed = kind === 'long' ? tokensPerSecond * 4 : tokensPerSecond;
    const rest = strange !== null ? text : text.slice(repeatedFrom(text, from));
    const answer = { text: rest, tokensPerSecond: speed };
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
