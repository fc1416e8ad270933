import { harmless } from '../harmless.ts';

type Schema = Readonly<Record<string, unknown>>;
export type SchemaProblem = 'remote_schema' | 'deep_schema' | 'large_schema' | 'odd_schema';

/** Characters of JSON. */
const MOST_SCHEMA = 16_000;
const MOST_DEPTH = 12;
/** Values in a schema whose references were replaced by what they stand for. */
const MOST_VALUES = 4000;
/**
 * What the Messages API takes as a name of an argument; it refuses the whole request for any other, and for a choice of
 * forms at the top ("Property keys should match pattern …" and "input_schema does not support oneOf, allOf, or anyOf at the
 * top level": decocms/studio #6874, anthropics/claude-code #27337).
 */
const KEY = /^[a-zA-Z0-9_.-]{1,64}$/;
const CHOICES = ['oneOf', 'anyOf', 'allOf'];
/** Where a schema keeps what its references name. */
const STORES = new Set(['$defs', 'definitions']);

/**
 * A schema of arguments as the model's API takes it, with every text in it made harmless, or what is wrong with it. References
 * within it are replaced by what they stand for: the documentation of custom tools says that the API refuses them
 * (diegosouzapw/OmniRoute #13552 quotes it), and what refers to itself has no end. Nothing is ever fetched.
 */
export function readSchema(schema: Schema): Schema | SchemaProblem {
  // Before anything walks it: a schema may be deeper than the stack, and JSON of it too.
  if (depthOf(schema) > MOST_DEPTH * 2) return 'deep_schema';
  if (JSON.stringify(schema).length > MOST_SCHEMA) return 'large_schema';
  let values = 0;
  let problem: SchemaProblem | null = null;
  const copy = (value: unknown, within: readonly string[]): unknown => {
    values += 1;
    if (values > MOST_VALUES || within.length > MOST_DEPTH) problem ??= 'deep_schema';
    if (problem !== null) return null;
    if (typeof value === 'string') return harmless(value);
    if (Array.isArray(value)) return value.map((inner) => copy(inner, within));
    if (typeof value !== 'object' || value === null) return value;
    const { $ref, ...rest } = value as Record<string, unknown>;
    if (typeof $ref === 'string') {
      const target = $ref.startsWith('#') ? at(schema, $ref) : undefined;
      if (target === undefined) problem ??= 'remote_schema';
      else if (within.includes($ref)) problem ??= 'deep_schema';
      else return copy({ ...target, ...rest }, [...within, $ref]);
      return null;
    }
    const entries = Object.entries(value).filter(([key]) => value !== schema || !STORES.has(key));
    return Object.fromEntries(entries.map(([key, inner]) => [harmless(key), copy(inner, within)]));
  };
  const made = copy(schema, []) as Schema | null;
  if (problem !== null || made === null) return problem ?? 'odd_schema';
  if (depthOf(made) > MOST_DEPTH) return 'deep_schema';
  if (JSON.stringify(made).length > MOST_SCHEMA) return 'large_schema';
  const { type, properties } = made;
  if (type !== 'object' || CHOICES.some((word) => word in made)) return 'odd_schema';
  if (properties !== undefined && (typeof properties !== 'object' || properties === null))
    return 'odd_schema';
  return Object.keys(properties ?? {}).every((key) => KEY.test(key)) ? made : 'odd_schema';
}

/** What a pointer (RFC 6901) within the schema names; undefined: nothing. */
function at(schema: Schema, ref: string): Schema | undefined {
  let found: unknown = schema;
  for (const part of ref.slice(1).split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Schema) : undefined;
}

function depthOf(value: unknown): number {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MOST_DEPTH * 2 + 1; depth++) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
    if (level.length === 0) return depth;
  }
  return Number.POSITIVE_INFINITY;
}
