import { type Turn, type TurnBlock, turnsOfAnswer } from './blocks.ts';

/** All that is said in words. */
export function wordsOf(blocks: readonly TurnBlock[], between = '\n'): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(between);
}

/** A stored message, as far as the transcript needs it. */
export interface Said {
  readonly id: number;
  readonly role: 'user' | 'assistant';
  readonly speakerName: string | null;
  /** Readable Markdown. */
  readonly text: string;
  /** What the model was given or gave, if it was already part of a call. */
  readonly blocks: readonly TurnBlock[] | null;
  /** What is given of its files; stands before the words. */
  readonly files?: readonly TurnBlock[];
}

interface Transcript {
  readonly turns: readonly Turn[];
  /** Blocks made now, to be stored: the next call sends them unchanged, so the prompt cache matches. */
  readonly made: readonly { readonly id: number; readonly blocks: readonly TurnBlock[] }[];
}

/**
 * The history as turns for the model. With `named`, each turn of a person begins with `[Name]: `. That is
 * decided by the kind of place and not by how many have spoken, because a label that appears later would
 * change what was already sent. Messages without any text are left out: the API refuses empty blocks.
 */
export function buildTranscript(history: readonly Said[], { named }: { named: boolean }): Transcript {
  const turns: Turn[] = [];
  const made: { id: number; blocks: readonly TurnBlock[] }[] = [];
  for (const said of history) {
    const blocks = said.blocks ?? toBlocks(said, named);
    if (blocks.length === 0) continue;
    if (said.blocks === null) made.push({ id: said.id, blocks });
    if (said.role === 'user') turns.push({ role: said.role, blocks });
    // The API wants the first turn from a person: an answer whose question was deleted has lost its sense too.
    else if (turns.length > 0) turns.push(...turnsOfAnswer(blocks));
  }
  return { turns, made };
}

function toBlocks(said: Said, named: boolean): readonly TurnBlock[] {
  const text = said.text.trim();
  const files = said.files ?? [];
  if (text === '') return files;
  if (said.role === 'assistant' || !named) return [...files, { type: 'text', text }];
  const label = `[${said.speakerName ?? 'Someone'}]: `;
  return [...files, { type: 'text', text: `${label}${withoutFalseLabels(text)}` }];
}

/**
 * A line of someone's text that looks like another person's label is told apart by a backslash. Blanks in front of it end
 * at the line's beginning, so that no run of line breaks is looked at more than once.
 */
function withoutFalseLabels(text: string): string {
  return text.replace(/(^|[\v\f\u0085])([^\S\n\r\v\f\u2028\u2029]*)\[(?=[^\]\n]{1,80}\]:)/gm, '$1$2\\[');
}
