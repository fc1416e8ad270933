import type { Defaults } from '../defaults.ts';
import { KEY_NAMES, type Key, type KeyName, keyOf, type Scope, type Values } from './keys.ts';

/** One value as it was set somewhere. */
export interface Setting {
  readonly scope: Scope;
  readonly key: string;
  /** In stored form (`Key.format`). */
  readonly value: string;
  readonly by: string;
  readonly at: Date;
}

/** A value of one scope, with who set it and when; both null for the deployment's. */
export interface Layer<T> {
  readonly scope: Scope | 'deployment';
  readonly value: T;
  readonly by: string | null;
  readonly at: Date | null;
}

/** What holds, and which scope decided it. */
interface Resolved<T> extends Layer<T> {
  /** Every scope that says something here, widest first, the deployment's included. */
  readonly layers: readonly Layer<T>[];
}

export type Settings = { readonly [Name in KeyName]: Resolved<Values[Name]> };

const WIDEST_FIRST: readonly Scope[] = ['workspace', 'channel', 'person'];

/**
 * What holds at a place: the settings of its workspace, its channel and the person who asks, over the
 * deployment's. `direct`: a direct message with us, where all of a person's own settings hold. What can't be
 * read (written by a newer Skein) counts as not set.
 */
export function resolve(
  defaults: Defaults,
  set: readonly Setting[],
  { direct }: { direct: boolean },
): Settings {
  const resolved = KEY_NAMES.map((name) => [name, resolveKey(keyOf(name), defaults, set, direct)]);
  return Object.fromEntries(resolved) as Settings;
}

function resolveKey<Name extends KeyName>(
  key: Key<Name>,
  defaults: Defaults,
  set: readonly Setting[],
  direct: boolean,
): Resolved<Values[Name]> {
  const base: Layer<Values[Name]> = {
    scope: 'deployment',
    value: key.fallback(defaults),
    by: null,
    at: null,
  };
  const layers = [base, ...WIDEST_FIRST.flatMap((scope) => layerOf(key, set, scope, direct))];
  switch (key.combine) {
    case 'replace':
      return { ...(layers.at(-1) ?? base), layers };
    case 'join': {
      const last = layers.filter(({ value }) => value !== '').at(-1) ?? base;
      return { ...last, layers };
    }
    case 'tighten':
      return { ...tightest(key, layers, key.decided?.(defaults) ?? true), layers };
  }
}

function layerOf<Name extends KeyName>(
  key: Key<Name>,
  set: readonly Setting[],
  scope: Scope,
  direct: boolean,
): Layer<Values[Name]>[] {
  if (!key.scopes.includes(scope)) return [];
  if (scope === 'person' && !direct && key.personIn === 'direct') return [];
  const found = set.find((one) => one.scope === scope && one.key === key.name);
  if (found === undefined) return [];
  const parsed = key.parse(found.value);
  return 'problem' in parsed ? [] : [{ scope, value: parsed.value, by: found.by, at: found.at }];
}

/** Going inwards, only what is tighter counts; a fallback that nobody decided on gives way to the workspace. */
function tightest<Name extends KeyName>(
  key: Key<Name>,
  layers: readonly Layer<Values[Name]>[],
  decided: boolean,
): Layer<Values[Name]> {
  return layers.reduce((held, next) => {
    const free = held.scope === 'deployment' && !decided && next.scope === 'workspace';
    return free || (key.tighter?.(next.value, held.value) ?? false) ? next : held;
  });
}

const WHOSE = {
  deployment: 'Instructions of whoever runs this bot',
  workspace: 'Instructions of this workspace',
  channel: 'Instructions of this channel',
  person: 'Instructions of the person who asks',
} as const;

/** All instructions that hold, widest first, each under a heading; '' for none. */
export function joinInstructions({ instructions }: Settings): string {
  return instructions.layers
    .filter(({ value }) => value !== '')
    .map(({ scope, value }) => `${WHOSE[scope]}:\n${value}`)
    .join('\n\n');
}

/** A value that holds, in the form in which people read it. */
export function formatted<Name extends KeyName>(settings: Settings, name: Name): string {
  return keyOf(name).format(settings[name].value);
}
