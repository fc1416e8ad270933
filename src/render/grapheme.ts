const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

// Longer clusters occur only in text made to break things; then a cut between code points must do.
const longestCluster = 128;

/**
 * The last index not above `limit` at which `text` can be cut without breaking a surrogate pair or what a reader
 * sees as one character. At least one code point is left in front of it. Looks at a bounded stretch only.
 */
export function graphemeCut(text: string, limit: number): number {
  if (limit >= text.length) return text.length;
  const from = stretchStart(text, limit);
  const stretch = text.slice(from, limit + longestCluster);
  let cut = 0;
  for (const part of segmenter.segment(stretch)) {
    if (from + part.index > limit) break;
    cut = from + part.index;
  }
  if (cut > from || (cut === from && from > 0 && limit - from < longestCluster)) return cut;
  const low = text.charCodeAt(limit);
  const safe = low >= 0xdc00 && low <= 0xdfff ? limit - 1 : limit;
  if (safe > 0) return safe;
  return (text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
}

/** A place in front of the limit where a cluster certainly begins (flags pair up from their first half). */
function stretchStart(text: string, limit: number): number {
  for (let at = limit - 1; at > 0 && at > limit - longestCluster; at--) {
    const code = text.charCodeAt(at);
    if (code >= 0x20 && code < 0x7f) return at;
  }
  const from = Math.max(0, limit - longestCluster);
  const low = text.charCodeAt(from);
  return low >= 0xdc00 && low <= 0xdfff ? from + 1 : from;
}
