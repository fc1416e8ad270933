import { graphemeCut } from './grapheme.ts';

/** A stretch without a blank that is longer is not waited for: Chinese and Japanese have none. */
const longestWord = 40;
/** Marks that mean something together with their neighbours. */
const mark = /[`*_~|[\](){}<>&!\\#\u2060]/;

/**
 * What can be appended to a streamed message that holds `sent`, when `settled` is the beginning of what it will
 * hold: it ends behind a blank and in front of something else, because Slack may drop white space at the start of a
 * piece. '' if there is nothing yet; null if `settled` does not continue `sent`, so that appending can't help.
 */
export function nextPiece(sent: string, settled: string): string | null {
  const text = settled.trimEnd();
  if (text.length <= sent.length) return sent.startsWith(text) ? '' : null;
  if (!text.startsWith(sent)) return null;
  const fresh = text.slice(sent.length);
  const word = /\S*$/.exec(fresh)?.index ?? 0;
  if (fresh.length - word <= longestWord) return fresh.slice(0, word);
  const cut = graphemeCut(fresh, fresh.length - 1);
  const around = fresh.slice(cut - 1, cut + 1);
  return cut > word && !mark.test(around) && !/[\uD800-\uDBFF]$/.test(fresh.slice(0, cut))
    ? fresh.slice(0, cut)
    : fresh.slice(0, word);
}

/** What completes a streamed message to `markdown`; null if it can't be completed by adding to it. */
export function lastPiece(sent: string, markdown: string): string | null {
  if (markdown.startsWith(sent)) return markdown.slice(sent.length);
  return sent.trimEnd() === markdown ? '' : null;
}
