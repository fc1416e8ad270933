import { createHash } from 'node:crypto';
import type pg from 'pg';

/** Texts beyond so many are not named: those that hold a list have as many forms as lists have lengths. */
const MOST_NAMES = 400;
/** A text that holds values is longer than any of ours, and would be kept here and on the server for nothing. */
const LONGEST_NAMED = 4096;
const names = new Map<string, string>();

/**
 * Lets Postgres parse and plan each statement of this connection once instead of each time: a statement that is
 * given as an object with parameters and has no name gets one, made from its text. A text of its own is a plan of
 * its own, so nothing has to be thrown away. Not for a pooler that gives each transaction another session.
 */
export function keepPlans(client: pg.ClientBase): void {
  const query = client.query;
  const named = (...given: unknown[]): unknown => {
    const [config, values] = given;
    if (!isUnnamed(config) || !Array.isArray(values) || values.length === 0)
      return Reflect.apply(query, client, given);
    const name = nameOf(config.text);
    return Reflect.apply(query, client, [name === null ? config : { ...config, name }, ...given.slice(1)]);
  };
  Object.defineProperty(client, 'query', { value: named, configurable: true });
}

function isUnnamed(config: unknown): config is { readonly text: string } {
  if (typeof config !== 'object' || config === null || !('text' in config)) return false;
  return typeof config.text === 'string' && (!('name' in config) || config.name === undefined);
}

function nameOf(text: string): string | null {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= MOST_NAMES || text.length > LONGEST_NAMED) return null;
  const name = `skein_${createHash('sha1').update(text).digest('base64url')}`;
  names.set(text, name);
  return name;
}
