import type { Problem } from '../../people/editing.ts';
import { isKeyName, KEY_NAMES, type KeyName, keyOf, SCOPES, type Scope } from '../../settings/keys.ts';
import type { Setting } from '../../settings/resolve.ts';
import type { Changed, Target } from '../../settings/store.ts';
import { normalise } from '../../settings/values.ts';
import { LIMITS } from '../blocks.ts';

/**
 * What a settings modal carries from its opening to its submission, so that a restart between them loses
 * nothing. It passes through the person's hands: it says what was asked for, never what is allowed. Who the
 * person is comes from Slack, rights are asked anew, and a version that is not the real one only makes the
 * comparison with what others changed stricter or looser for this person's own entries.
 */
export interface FormState {
  /** The tab that is shown. */
  readonly scope: Scope;
  /** The channel of the channel tab; null: opened where there is none. */
  readonly channel: string | null;
  /** Whose settings the personal tab has; null: those of whoever has the form. */
  readonly person: string | null;
  /** Version of the scope whose values the form began with. */
  readonly version: number;
  /** Another one gives the inputs new names, so that Slack shows their first values again. */
  readonly generation: number;
  /** Fields for the instructions: one takes 3,000 characters. */
  readonly fields: number;
  /** The tab, and what was entered, that the person was warned of before turning to it; '' for none. */
  readonly warned: string;
}

/** The settings form in front of a person. */
export interface OpenForm {
  readonly team: string;
  readonly user: string;
  readonly state: FormState;
}

/** The state of a form that was just opened at a scope. `channel`: that of the place it is opened in. */
export function firstState(target: Target, user: string, channel: string | null): FormState {
  const { scope, scopeId } = target;
  return {
    scope,
    channel: scope === 'channel' ? scopeId : channel,
    person: scope === 'person' && scopeId !== user ? scopeId : null,
    version: 0,
    generation: 0,
    fields: 1,
    warned: '',
  };
}

/** The scope that a form shows. */
export function scopeOf({ team, user, state: { scope, channel, person } }: OpenForm): Target {
  // `readState` takes no channel tab without a channel.
  if (scope === 'channel' && channel !== null) return { team, scope, scopeId: channel };
  if (scope === 'workspace') return { team, scope, scopeId: team };
  return { team, scope: 'person', scopeId: person ?? user };
}

export function writeState({
  scope,
  channel,
  person,
  version,
  generation,
  fields,
  warned,
}: FormState): string {
  return JSON.stringify([scope, channel, person, version, generation, fields, warned]);
}

/** What was written, or null for anything else. Total. */
export function readState(text: string): FormState | null {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 7) return null;
  const [scopeWord, channel, person, version, generation, fields, warned]: unknown[] = parts;
  const scope = SCOPES.find((one) => one === scopeWord);
  if (scope === undefined || !isCount(version) || !isCount(generation) || !isCount(fields)) return null;
  if (!isIdOrNull(channel) || !isIdOrNull(person) || typeof warned !== 'string') return null;
  if (scope === 'channel' && channel === null) return null;
  const some = Math.min(4, Math.max(1, fields));
  return { scope, channel, person, version, generation, warned, fields: some };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isIdOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && /^[A-Z0-9]{1,64}$/.test(value));
}

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

interface Merged {
  /** What this person changed, in stored form; null: reset. Without what would not change anything. */
  readonly changes: readonly { readonly key: KeyName; readonly value: string | null }[];
  /** Keys that this person and somebody else changed to different values. */
  readonly conflicts: readonly KeyName[];
  /** What can't be read, by key: a sentence for the field. */
  readonly problems: ReadonlyMap<KeyName, Problem>;
}

/**
 * Three-way comparison: what the form began with, what it holds, what is stored now. A field that was not
 * touched changes nothing, whatever others did meanwhile.
 */
export function merge(entries: ReadonlyMap<KeyName, string | null>, base: Stored, now: Stored): Merged {
  const changes: { key: KeyName; value: string | null }[] = [];
  const conflicts: KeyName[] = [];
  const problems = new Map<KeyName, Problem>();
  for (const key of KEY_NAMES) {
    const raw = entries.get(key);
    if (raw === undefined) continue;
    const before = base.get(key) ?? null;
    if (raw === shownAs(key, before)) continue;
    const parsed = raw === null ? { value: null } : normalise(key, raw);
    if ('problem' in parsed) {
      problems.set(key, { sentence: parsed.problem });
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

/** What is stored at a scope, by key; keys of another version are left out. */
export function valuesOf(settings: readonly Setting[]): Stored {
  return new Map(settings.flatMap(({ key, value }) => (isKeyName(key) ? [[key, value] as const] : [])));
}
