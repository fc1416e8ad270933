/** Completing `@handle` while someone types. Pure. */
import type { PageUser } from '../../protocol.ts';

/** The piece that is being completed: `text.slice(start, end)` is `@an`, `query` is `an`. */
export interface HalfMention {
  readonly start: number;
  readonly end: number;
  readonly query: string;
}

const MOST = 6;

/** The half-typed mention that the caret stands behind, or `null`. */
export function mentionAt(text: string, caret: number): HalfMention | null {
  const match = /(?:^|[\s([{])@([\w.-]{0,40})$/.exec(text.slice(0, caret));
  if (match === null) return null;
  const query = match[1] ?? '';
  return { start: caret - query.length - 1, end: caret, query: query.toLowerCase() };
}

/** People whose handle or a part of whose name begins so; bots first, then by name; at most six. */
export function candidates(users: Iterable<PageUser>, query: string): readonly PageUser[] {
  return [...users]
    .filter(
      (user) =>
        user.handle.toLowerCase().startsWith(query) ||
        user.displayName
          .toLowerCase()
          .split(/\s+/)
          .some((word) => word.startsWith(query)),
    )
    .sort((a, b) => Number(b.isBot) - Number(a.isBot) || a.displayName.localeCompare(b.displayName))
    .slice(0, MOST);
}

/** The text with the piece replaced by `@handle ` and where the caret goes. */
export function complete(
  text: string,
  part: HalfMention,
  handle: string,
): { readonly text: string; readonly caret: number } {
  const before = text.slice(0, part.start);
  const after = text.slice(part.end).replace(/^ /, '');
  const word = `@${handle} `;
  return { text: before + word + after, caret: before.length + word.length };
}

/** True if a typed text mentions this handle. */
export function mentions(text: string, handle: string): boolean {
  return text
    .toLowerCase()
    .split(/[^\w@.-]+/)
    .some((word) => word.replace(/[.-]+$/, '') === `@${handle.toLowerCase()}`);
}
