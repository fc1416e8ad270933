/**
 * Comparing the keys of a payload with what is known of its kind. Known are the keys of the skeleton (every key
 * that was ever seen) and of recorded bodies. Required are those that every recorded body of the kind has;
 * recordings were trimmed by who published them, so this asks for less than Slack sends, never for more.
 */
import { isJson, type Json } from '../../../../playground/slack/json.ts';

/**
 * Members whose content is the app's or the person's own and follows no payload. The skeletons leave some of them
 * out because of that, so they are neither looked into nor missed in a skeleton.
 */
const OPAQUE = /(?:^|\.)(?:blocks|values|event_payload|event_context|rich_text_value)$/;

/** Paths such as `event.message.user`; lists count as one thing of that shape. */
export function pathsOf(value: unknown, at = ''): Set<string> {
  const found = new Set<string>();
  const list = Array.isArray(value) ? value : [value];
  for (const item of list) {
    if (!isJson(item)) continue;
    for (const [key, member] of Object.entries(item)) {
      const path = at === '' ? key : `${at}.${key}`;
      found.add(path);
      if (!OPAQUE.test(path)) for (const inner of pathsOf(member, path)) found.add(inner);
    }
  }
  return found;
}

/** Paths that every one of the bodies has; none where there are no bodies. */
export function requiredOf(bodies: readonly Json[]): Set<string> {
  const [first, ...rest] = bodies.map((body) => pathsOf(body));
  return new Set([...(first ?? [])].filter((path) => rest.every((paths) => paths.has(path))));
}

export interface Difference {
  readonly unknown: readonly string[];
  readonly missing: readonly string[];
}

/** A member that is null says nothing of what would be below it. */
function isBelowNull(path: string, payload: Json): boolean {
  let at: unknown = payload;
  for (const key of path.split('.')) {
    if (Array.isArray(at)) at = at[0];
    if (at === null || at === undefined) return true;
    at = isJson(at) ? at[key] : undefined;
  }
  return false;
}

/** What a payload has too much and too little, besides the paths in `allowed` (and what is below them). */
export function differenceOf(
  payload: Json,
  kind: {
    readonly skeletons: readonly unknown[];
    readonly recorded: readonly Json[];
    readonly allowed: readonly string[];
    readonly optional: readonly string[];
  },
): Difference {
  const known = new Set([...kind.skeletons, ...kind.recorded].flatMap((body) => [...pathsOf(body)]));
  const under = (paths: readonly string[], path: string) =>
    paths.some((one) => path === one || path.startsWith(`${one}.`));
  const present = pathsOf(payload);
  return {
    unknown: [...present]
      .filter((path) => !known.has(path) && !OPAQUE.test(path) && !under(kind.allowed, path))
      .sort(),
    missing: [...requiredOf(kind.recorded)]
      .filter((path) => !present.has(path) && !under(kind.optional, path) && !isBelowNull(path, payload))
      .sort(),
  };
}
