import { isKeyName, KEY_NAMES, type KeyName, keyOf, normalise } from '../settings/keys.ts';
import type { Changed } from '../settings/store.ts';
import { LIMITS } from './blocks.ts';

/** The value of the option that leaves a setting to the wider scope. */
export const INHERIT = '-';

const { input } = keyOf('instructions');
/** Most characters of the instructions of one scope; a field of Slack takes fewer. */
export const MOST_TEXT: number = input.kind === 'text' ? input.most : LIMITS.input;
/** Fields that so many characters fill. */
export const MOST_FIELDS: number = Math.ceil(MOST_TEXT / LIMITS.input);

/** Stored values of one scope by key; a key that is missing is not set there. */
export type Stored = ReadonlyMap<KeyName, string>;

/**
 * The name of the field of a key. Slack keeps what was typed in a field whose name stays, so a new generation
 * shows first values again, and the effort field begins anew with another model.
 */
export function fieldName(key: KeyName, generation: number, part = ''): string {
  return `set.${key}.${generation}${part === '' ? '' : `.${part}`}`;
}

/** What a person entered, by key; null: left to the wider scope. Fields with other names are not looked at. */
export function entriesOf(values: ReadonlyMap<string, string | null>): Map<KeyName, string | null> {
  const entries = new Map<KeyName, string | null>();
  const parts: string[] = [];
  const fields = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, value] of fields) {
    const key = /^set\.([a-z_]+)\.\d+(?:\.|$)/.exec(name)?.[1];
    if (key === undefined || !isKeyName(key)) continue;
    if (key === 'instructions') parts.push(value ?? '');
    else entries.set(key, value === null || value === INHERIT || value.trim() === '' ? null : value);
  }
  if (parts.length > 0) {
    const text = joinParts(parts);
    entries.set('instructions', text.trim() === '' ? null : text);
  }
  return entries;
}

/** The field at which the problem of a key is told. */
export function fieldOf(values: ReadonlyMap<string, string | null>, key: KeyName): string | null {
  return [...values.keys()].find((name) => name.startsWith(`set.${key}.`)) ?? null;
}

/**
 * A text as parts that each fit a field, cut at a line's end where there is one. A part that fills its field was
 * cut inside a line: so `joinParts` makes the very same text again.
 */
export function splitParts(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > LIMITS.input) {
    const line = rest.lastIndexOf('\n', LIMITS.input - 1);
    const end = line > 0 ? line : LIMITS.input;
    parts.push(rest.slice(0, end));
    rest = rest.slice(line > 0 ? end + 1 : end);
  }
  return [...parts, rest];
}

function joinParts(parts: readonly string[]): string {
  return parts
    .filter((part, index) => part !== '' || index === 0)
    .reduce((text, part, index, all) => {
      if (index === 0) return part;
      const inside = all[index - 1]?.length === LIMITS.input;
      return `${text}${inside ? '' : '\n'}${part}`;
    }, '');
}

/** What was stored before these changes (oldest first), given what is stored now. */
export function storedBefore(now: Stored, since: readonly Changed[]): Stored {
  const before = new Map(now);
  for (const { key, from } of [...since].reverse()) {
    if (!isKeyName(key)) continue;
    if (from === null) before.delete(key);
    else before.set(key, from);
  }
  return before;
}

export interface Merged {
  /** What this person changed, in stored form; null: reset. Without what would not change anything. */
  readonly changes: readonly { readonly key: KeyName; readonly value: string | null }[];
  /** Keys that this person and somebody else changed to different values. */
  readonly conflicts: readonly KeyName[];
  /** What can't be read, by key: a sentence for the field. */
  readonly problems: ReadonlyMap<KeyName, string>;
}

/**
 * Three-way comparison: what the form began with, what it holds, what is stored now. A field that was not
 * touched changes nothing, whatever others did meanwhile.
 */
export function merge(entries: ReadonlyMap<KeyName, string | null>, base: Stored, now: Stored): Merged {
  const changes: { key: KeyName; value: string | null }[] = [];
  const conflicts: KeyName[] = [];
  const problems = new Map<KeyName, string>();
  for (const key of KEY_NAMES) {
    const raw = entries.get(key);
    if (raw === undefined) continue;
    const before = base.get(key) ?? null;
    if (raw === shownAs(key, before)) continue;
    const parsed = raw === null ? { value: null } : normalise(key, raw);
    if ('problem' in parsed) {
      problems.set(key, parsed.problem);
      continue;
    }
    const { value } = parsed;
    const current = now.get(key) ?? null;
    if (value === before || value === current) continue;
    if (current !== before) conflicts.push(key);
    changes.push({ key, value });
  }
  return { changes, conflicts, problems };
}

/** A stored value as an untouched form gives it back. */
function shownAs(key: KeyName, stored: string | null): string | null {
  // Texts of all scopes are joined, so that an empty one is as good as none.
  return key === 'instructions' && stored === 'none' ? null : stored;
}

/** Fields that a text needs, with room to go on as long as a longer text is allowed. */
export function fieldsFor(text: string): number {
  const parts = splitParts(text);
  const full = (parts.at(-1)?.length ?? 0) > LIMITS.input / 2;
  return Math.max(parts.length, Math.min(MOST_FIELDS, parts.length + (full ? 1 : 0)));
}
