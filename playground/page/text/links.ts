/** Which addresses a message may lead to. Message text is hostile: anything else stays plain text. */

const ALLOWED = new Set(['http:', 'https:', 'mailto:']);

/** The address if it may be opened, else `null`. Relative addresses are refused: they would lead into the page. */
export function safeUrl(raw: string): string | null {
  try {
    const url = new URL(raw.trim());
    return ALLOWED.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
