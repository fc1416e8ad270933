/** What Slack and its clients put where a message has no text of its own. */
const STAND_INS = new Set(['[no preview available]', "this content can't be displayed."]);

/** Share of the pairs of words of a text that must be found again before it counts as said already. */
const ENOUGH = 0.7;
/** Letters of scripts that do not part words with blanks count one by one. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}]+/gu;
/** Emoji by name or as a keycap, and the numbers of list items: text and blocks write them differently. */
const WRITTEN_TWO_WAYS =
  /:[a-z0-9_+'-]{1,60}:|[0-9#*]\uFE0F?\u20E3|^[ \t]*(?:[0-9]{1,4}|[a-z]{1,4})[.)][ \t]/gm;

/**
 * The two halves of a message, text and blocks, with what both say said once. Slack writes the text of a person's
 * message from its blocks; an app may put a headline there that its blocks do not repeat. Which one it is, no field
 * says, so the words are compared.
 */
export function bothOnce(text: string, blocks: string): string {
  const headline = isStandIn(text) ? '' : text;
  if (blocks.trim() === '') return headline;
  if (headline.trim() === '' || wordsIn(blocks).repeatedBy(headline)) return blocks;
  return wordsIn(headline).repeatedBy(blocks) ? headline : `${headline}\n\n${blocks}`;
}

export function isStandIn(text: string): boolean {
  return STAND_INS.has(text.trim().toLowerCase());
}

export interface WordsIn {
  /** Whether nearly all that `text` says is said there too, in the same order. True if it has no words. */
  repeatedBy(text: string): boolean;
}

/** The words of a text, taken apart once, to be compared with others. */
export function wordsIn(there: string): WordsIn {
  let known: ReadonlySet<string> | null = null;
  return {
    repeatedBy(text) {
      const said = wordsOf(text);
      if (said.length === 0) return true;
      if (known === null) {
        const words = wordsOf(there);
        known = new Set([...words, ...pairsOf(words)]);
      }
      const parts = said.length === 1 ? said : pairsOf(said);
      const found = parts.filter((part) => known?.has(part)).length;
      return found >= ENOUGH * parts.length;
    },
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().replace(WRITTEN_TWO_WAYS, ' ').match(WORD) ?? [];
}

function pairsOf(words: readonly string[]): string[] {
  return words.slice(1).map((word, at) => `${words[at]} ${word}`);
}
