import type { Script, ScriptedAnswer, ScriptRequest } from '../../src/playground/model/types.ts';
import { answerTo, numberIn } from './texts.ts';

/** One request as the script understood it. */
export interface Asked {
  /** Number of the question; null if there was no tag to go by. */
  readonly question: number | null;
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
 * goes on from there, so the whole text is known beforehand.
 */
export function createScript(
  seed: number,
  tokensPerSecond: number,
): { script: Script; understand(request: Pick<ScriptRequest, 'turns'>): Asked } {
  const understand = ({ turns }: Pick<ScriptRequest, 'turns'>): Asked => {
    const asked = turns.filter(({ role, text }) => role === 'user' && !text.startsWith(GO_ON));
    const tags = asked.map(({ text }) => numberIn(text)).filter((number) => number !== null);
    const question = tags.at(-1) ?? null;
    const goesOn = turns.at(-1)?.text.startsWith(GO_ON) === true;
    if (!goesOn || question === null) return { question, from: 0, strange: null };
    const received = turns.at(-2)?.text ?? '';
    const known = answerTo(seed, question).text.startsWith(received);
    return { question, from: received.length, strange: known ? null : received };
  };

  const script: Script = (request): ScriptedAnswer => {
    const { question, from, strange } = understand(request);
    if (question === null) return { text: 'I was asked nothing that I know.' };
    const { text, kind } = answerTo(seed, question);
    const speed = kind === 'long' ? tokensPerSecond * 4 : tokensPerSecond;
    const rest = strange !== null ? text : text.slice(repeatedFrom(text, from));
    const answer = { text: rest, tokensPerSecond: speed };
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

/** Where the last words before `end` begin. */
export function repeatedFrom(text: string, end: number): number {
  if (end === 0) return 0;
  const last = text.slice(0, end).trimEnd().split(/\s+/).slice(-REPEATED_WORDS);
  let at = end;
  for (const word of last.toReversed()) at = text.lastIndexOf(word, at - word.length);
  return Math.max(0, at);
}
