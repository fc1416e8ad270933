/**
 * An answer of which one can tell at any moment how much of it is there, however it was rendered: every word
 * carries its number. Headings, lists, bold words and code come along.
 */
const DIGITS = 3;
/** A word with its space: so many characters. */
const WORD = DIGITS + 2;
const WORDS_IN_LINE = 12;
const LINES_IN_PART = 8;
const MARK = new RegExp(`x([0-9a-z]{${DIGITS}})(?![0-9a-z])`, 'g');

/** About `chars` characters of mixed Markdown. */
export function markedText(chars: number): string {
  const words = Math.floor(chars / WORD);
  let text = '';
  for (let index = 0; index < words; index++) {
    const line = Math.floor(index / WORDS_IN_LINE);
    const inLine = index % WORDS_IN_LINE;
    const part = Math.floor(line / LINES_IN_PART) % 3;
    const first = line % LINES_IN_PART === 0;
    const last = line % LINES_IN_PART === LINES_IN_PART - 1;
    if (inLine === 0) {
      if (first) text += part === 0 ? '## ' : part === 1 ? '- ' : '```\n';
      else if (part === 1) text += '- ';
    }
    const word = `x${index.toString(36).padStart(DIGITS, '0')}`;
    text += part === 0 && inLine === 5 ? `**${word}** ` : `${word} `;
    const over = index === words - 1;
    if (inLine === WORDS_IN_LINE - 1 || over) {
      text = `${text.trimEnd()}\n`;
      if (part === 2 && (last || over)) text += '```\n';
      if (last || (first && part === 0)) text += '\n';
    }
  }
  return text.trimEnd();
}

/** The numbers of the words in a text, in their order. */
export function marksIn(text: string): readonly number[] {
  return [...text.matchAll(MARK)].map(([, digits]) => Number.parseInt(digits ?? '', 36));
}
