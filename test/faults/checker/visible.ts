import type { Evidence, Violation } from './evidence.ts';

/**
 * Letters and digits that a person sees: what a half-open mark or a table that is still growing can't change. The
 * language after a fence is not shown.
 */
const bare = (text: string) => text.replace(/^\s*(```|~~~).*$/gm, '').replace(/[^\p{L}\p{N}]/gu, '');

/** What a person has seen of an answer is never taken back, refusals aside. */
export function neverTakenBack({ messages, replies }: Evidence): Violation[] {
  const found: Violation[] = [];
  const refused = new Set(replies.filter(({ stopReason }) => stopReason === 'refusal').map(({ id }) => id));
  for (const { reply, segment, seen, texts } of messages) {
    if (reply !== null && refused.has(reply)) continue;
    let before = '';
    for (const [look, text] of texts.entries()) {
      const now = bare(text);
      if (!now.startsWith(before)) {
        const what = `look ${look} of segment ${segment} (${seen.ts}, reply ${reply}) has ${now.length} letters where ${before.length} were: …${before.slice(-40)} became …${now.slice(-40)}`;
        found.push({ promise: 'nothing seen is taken back', question: null, what });
        break;
      }
      before = now;
    }
  }
  return found;
}
