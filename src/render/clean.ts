/**
 * The character stage: what leaves it is well-formed Unicode with `\n` as the only line break and no control
 * characters but the tab. Knows nothing about Markdown.
 */
interface Cleaner {
  push(delta: string): string;
  /** Gives what was held back. */
  finish(): string;
}

// NUL breaks Postgres and JSON consumers, the rest is invisible or moves a cursor; U+FEFF and the non-characters
// have no look. Tab and line feed stay.
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the purpose
const unwanted = /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufeff\ufffe\uffff]/g;
// Vertical tab, form feed, NEL and the Unicode separators all end a line somewhere.
// biome-ignore lint/suspicious/noControlCharactersInRegex: replacing control characters is the purpose
const lineBreaks = /\r\n|[\r\u000b\u000c\u0085\u2028\u2029]/g;

const loneSurrogates = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A character stage for one stream. It holds back a CR or half a surrogate pair at the end of a delta. */
export function createCleaner(): Cleaner {
  let held = '';
  const clean = (text: string) =>
    text.replace(loneSurrogates, '\ufffd').replace(lineBreaks, '\n').replace(unwanted, '');
  return {
    push(delta) {
      const text = held + delta;
      const last = text.charCodeAt(text.length - 1);
      const hold = last === 0x0d || (last >= 0xd800 && last <= 0xdbff);
      held = hold ? text.slice(-1) : '';
      return clean(hold ? text.slice(0, -1) : text);
    },
    finish() {
      const text = held;
      held = '';
      return clean(text);
    },
  };
}
