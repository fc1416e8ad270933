import type { ScriptTurn } from './types.ts';

/** One thing that a person said, in order. */
export interface Utterance {
  readonly speaker: string | null;
  readonly text: string;
}

/** What the showcase knows of a thread; all of it comes from the request, so it proves what was sent. */
export interface Thread {
  readonly asked: Utterance;
  /** Everything that people said before, the asker's own words included. */
  readonly earlier: readonly Utterance[];
  /** 1 for the asker's first message. */
  readonly number: number;
  /** True until the assistant has said something. */
  readonly isFirstAnswer: boolean;
  /** The asker's name, from the speaker label or from "my name is …". */
  readonly name: string | null;
}

/** "[Ana]: hello", "[Ana (U123)] hello": the label by which a transcript names who speaks. */
const LABEL = /^[ \t]*\[([^\]\n]{1,80}?)(?:[ \t]*\([A-Z0-9]{1,20}\))?\]:?[ \t]+/gm;
const NAMED = /\b(?:my name is|call me)\s+(\p{L}[\p{L}\p{M}'’-]{0,39})/iu;
const MOST_QUOTED = 120;

export function readThread(turns: readonly ScriptTurn[]): Thread {
  const said = turns.filter((turn) => turn.role === 'user').flatMap((turn) => readUtterances(turn.text));
  const asked = said.at(-1) ?? { speaker: null, text: '' };
  const earlier = said.slice(0, -1);
  const own = earlier.filter((utterance) => utterance.speaker === asked.speaker);
  const introduced = [...own, asked].map((utterance) => NAMED.exec(utterance.text)?.[1]);
  return {
    asked,
    earlier,
    number: own.length + 1,
    isFirstAnswer: turns.every((turn) => turn.role === 'user'),
    name: introduced.findLast((name) => name !== undefined) ?? asked.speaker,
  };
}

/** Labelled pieces of a text; all of it as one, by nobody, if it has no label. */
export function readUtterances(text: string): Utterance[] {
  const labels = [...text.matchAll(LABEL)];
  if (labels.length === 0) return [{ speaker: null, text: text.trim() }];
  return labels.map((label, index) => ({
    speaker: plain(label[1] ?? ''),
    text: text.slice(label.index + label[0].length, labels[index + 1]?.index).trim(),
  }));
}

/**
 * A person's words made fit to be quoted inside Markdown: one line, short, without any character that is
 * markup in Markdown or in Slack. What people write is not ours to trust, not even here.
 */
export function quoted(text: string): string {
  const words = plain(text);
  if (words === '') return '“…”';
  const points = [...words];
  return points.length > MOST_QUOTED ? `“${points.slice(0, MOST_QUOTED).join('').trim()}…”` : `“${words}”`;
}

function plain(text: string): string {
  return text
    .replace(/[`*_~<>[\]()|#@\\&]|\p{Cc}|\p{Cf}|\p{Surrogate}/gu, ' ')
    .replace(/:\/\//g, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}

export function ordinal(number: number): string {
  const isTeen = number % 100 >= 11 && number % 100 <= 13;
  const suffix = isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return `${number}${suffix}`;
}
