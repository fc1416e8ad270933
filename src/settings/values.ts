import { type Key, type KeyName, keyOf } from './keys.ts';
import type { ModelLimits } from './models.ts';
import type { Parsed } from './parsing.ts';

/** A value in the one form in which it is stored and shown, or why it is none. */
export function normalise(name: KeyName, raw: string): Parsed<string> {
  return normaliseBy(keyOf(name), raw);
}

function normaliseBy<Name extends KeyName>(key: Key<Name>, raw: string): Parsed<string> {
  const parsed = key.parse(raw);
  return 'problem' in parsed ? parsed : { value: key.format(parsed.value) };
}

/** Why a value in stored form does not suit the model; null: it does. */
export function unsuited(name: KeyName, stored: string, model: ModelLimits): string | null {
  return unsuitedBy(keyOf(name), stored, model);
}

function unsuitedBy<Name extends KeyName>(key: Key<Name>, stored: string, model: ModelLimits): string | null {
  const parsed = key.parse(stored);
  return 'problem' in parsed ? parsed.problem : (key.unsuited?.(parsed.value, model) ?? null);
}
