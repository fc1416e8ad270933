import { filesIn, withoutFiles } from './showcase-files.ts';
import * as forms from './showcase-forms.ts';
import { LONG } from './showcase-long.ts';
import * as texts from './showcase-texts.ts';
import { ordinal, quoted, readThread, readUtterances, type Thread } from './showcase-thread.ts';
import { toolsAnswer } from './showcase-tools.ts';
import { webAnswer } from './showcase-web.ts';
import type { ModelFault, ScriptedAnswer, ScriptRequest, ScriptTurn } from './types.ts';

/** Where the error demo breaks: late enough that text was seen, early enough that much is left. */
const DEMO_FAULT: ModelFault = { kind: 'reset', afterTokens: 45 };
const GO_ON = /\b(continue|carry on|go on|keep going|resume|left off)\b/i;

/** Set pieces by the words that ask for them, in the order in which they are shown. */
const PIECES: readonly (readonly [RegExp, string])[] = [
  [/\b(table|everything)\b/i, texts.TABLE],
  [/\b(list|everything)\b/i, texts.LIST],
  [/\b(code|everything)\b/i, texts.CODE],
  [/\b(quote|everything)\b/i, texts.QUOTE],
  [/\b(links?|everything)\b/i, texts.LINK],
  [/\b(charts?|everything)\b/i, forms.CHART],
  [/\bnumbers\b/i, forms.NUMBERS],
  [/\bsources\b/i, forms.SOURCES],
  [/\bnasty\b/i, forms.NASTY],
  [/\blong(er)?\b/i, LONG],
  [/\b(help|what can you do)\b/i, texts.HELP],
];

/**
 * The playground's answers: says what it is, shows what a reply can look like, and proves by quoting that
 * the thread was sent. The same turns always get the same answer, so one that was cut can be continued.
 */
export function showcaseScript(request: ScriptRequest): ScriptedAnswer {
  const { turns, system } = request;
  if (/\bwrite a summary\b/i.test(system)) return { text: summaryOf(turns.at(-1)?.text ?? '') };
  const rest = restOfCutAnswer(turns);
  if (rest !== null) return { text: rest };
  const called = toolsAnswer(request);
  if (called !== null) return called;
  const web = webAnswer(request);
  if (web !== null) return web;
  const text = answerTo(turns);
  return isErrorDemo(readThread(turns)) ? { text, fault: DEMO_FAULT } : { text };
}

/**
 * When the last turn asks to go on and the answer before it is the beginning of what the showcase would
 * have said, the remainder of that; `null` otherwise. Works through any number of cuts.
 */
function restOfCutAnswer(turns: readonly ScriptTurn[]): string | null {
  const partial = turns.at(-2);
  if (partial?.role !== 'assistant' || !GO_ON.test(turns.at(-1)?.text ?? '')) return null;
  const before = turns.slice(0, -2);
  const whole = restOfCutAnswer(before) ?? answerTo(before);
  const shown = partial.text.trimEnd();
  return whole.startsWith(shown) && whole.length > partial.text.length ? whole.slice(shown.length) : null;
}

const MOST_SUMMARISED = 30;

/** What people said, each in a line; lines of a summary that came before are kept. */
function summaryOf(material: string): string {
  const before = material.split('\n').filter((line) => line.startsWith('- '));
  const said = readUtterances(material)
    .filter(({ speaker }) => speaker !== null)
    .map(({ speaker, text }) => `- ${speaker} said: ${quoted(text.split(/\n\s*You: /)[0] ?? '')}`);
  const lines = [...new Set([...before, ...said])].slice(-MOST_SUMMARISED);
  return lines.length === 0 ? texts.NOTHING_TO_SUMMARISE : [texts.SUMMARY, ...lines].join('\n');
}

function answerTo(all: readonly ScriptTurn[]): string {
  const turns = all.map(withoutFiles);
  const thread = readThread(turns);
  const files = filesIn(all.at(-1));
  const introduction = thread.isFirstAnswer ? [texts.INTRODUCTION] : [];
  const given = files.length === 0 ? [] : [texts.FILES, files.join('\n')];
  const pieces = given.length > 0 && isOnlyFile(thread) ? [] : body(thread);
  return [...introduction, ...given, ...pieces].join('\n\n');
}

function body(thread: Thread): string[] {
  const { text } = thread.asked;
  if (isErrorDemo(thread)) return [texts.ERROR_DEMO];
  const pieces = PIECES.filter(([asks]) => asks.test(text)).map(([, piece]) => piece);
  if (pieces.length > 0) return pieces;
  if (/\b(what('s| is) my name|who am i)\b/i.test(text)) return [nameOf(thread)];
  if (/\bwhat (did|have) (i|we) (say|said|ask|asked|write|written)\b/i.test(text)) return recall(thread);
  if (/\b(thanks|thank you|thx)\b/i.test(text)) return [`${texts.THANKS} ${countOf(thread)}`];
  return [smallTalk(thread), 'Say **help** to see what I can show.'];
}

/** Nothing was asked beside the files. */
const isOnlyFile = ({ asked }: Thread): boolean => asked.text === '';

const isErrorDemo = (thread: Thread): boolean => /\berror demo\b/i.test(thread.asked.text);

function smallTalk(thread: Thread): string {
  const greeting = thread.name === null ? 'You' : `${quoted(thread.name).slice(1, -1)}, you`;
  return `${greeting} said: ${quoted(thread.asked.text)}. ${countOf(thread)}`;
}

function countOf({ asked, earlier, number }: Thread): string {
  const first = earlier.find((utterance) => utterance.speaker === asked.speaker);
  if (first === undefined) {
    return earlier.length === 0
      ? 'This is the first message in this thread.'
      : `This is your first message in this thread; others wrote ${earlier.length} before you.`;
  }
  return `This is your ${ordinal(number)} message in this thread; you first said ${quoted(first.text)}.`;
}

function nameOf(thread: Thread): string {
  return thread.name === null
    ? 'I don\'t know yet. Say "my name is …" and ask me again.'
    : `You are **${quoted(thread.name).slice(1, -1)}**: that is in this thread's history, which came with your question.`;
}

function recall({ earlier }: Thread): string[] {
  if (earlier.length === 0) return ['Nothing yet: this is the first message in this thread.'];
  const lines = earlier.map(
    ({ speaker, text }, index) =>
      `${index + 1}. ${speaker === null ? '' : `**${speaker}**: `}${quoted(text)}`,
  );
  return ['So far in this thread:', lines.join('\n')];
}
