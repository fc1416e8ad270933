import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker';
import { field } from '../../conversation/blocks.ts';

/** Parts of a schema that are looked at, references followed: beyond them everything fits. */
const MOST_PARTS = 5000;
const MOST_TOLD = 4;
const MOST_WORDS = 600;

/** Keywords whose value is one schema, several, or several by name; all others are kept as they are. */
const ONE = new Set([
  'items',
  'additionalProperties',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'propertyNames',
]);
const LIST = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items']);
const NAMED = new Set(['properties', 'dependentSchemas']);
/**
 * Expressions of a stranger are not run on what the model wrote (one that backtracks would stop the process), nor is what
 * costs the square of a list; and names of schemas would lead elsewhere.
 */
const LEFT_OUT = new Set([
  'pattern',
  'patternProperties',
  'format',
  'uniqueItems',
  'unevaluatedProperties',
  'unevaluatedItems',
  '$id',
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  '$recursiveRef',
  '$recursiveAnchor',
  '$schema',
  '$defs',
  'definitions',
  '$ref',
]);

/**
 * Why an input is not what a tool's JSON Schema asks for, in words for the model; null: it fits, or the schema can't say. The
 * schema is a stranger's: it is interpreted, not compiled into code, and looked at as far as that is cheap. The server
 * judges again. Total.
 */
export function misfitOf(schema: Readonly<Record<string, unknown>>, input: unknown): string | null {
  const old = /draft-0[4-7]/.test(String(schema['$schema']));
  try {
    const cheap = cheapPart(schema);
    const validator = new CfWorkerJsonSchemaValidator({ draft: old ? '7' : '2020-12', shortcircuit: false });
    const checked = validator.getValidator({ ...cheap, type: 'object' })(input);
    return checked.valid ? null : told(checked.errorMessage);
  } catch {
    // No schema that anybody could go by.
    return null;
  }
}

/** The schema without what is dear or leads elsewhere; references within it are replaced by what they name. */
function cheapPart(root: Readonly<Record<string, unknown>>): Record<string, unknown> {
  let parts = 0;
  const open = new Set<unknown>();

  const of = (schema: unknown): unknown => {
    if (typeof schema === 'boolean') return schema;
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return {};
    parts += 1;
    // One that contains itself is looked at once.
    if (parts > MOST_PARTS || open.has(schema)) return {};
    open.add(schema);
    const found: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(schema)) {
      if (LEFT_OUT.has(key)) continue;
      if (key === 'additionalProperties' && Object.hasOwn(schema, 'patternProperties')) continue;
      if (LIST.has(key) && Array.isArray(value)) found[key] = value.map(of);
      else if (ONE.has(key)) found[key] = of(value);
      else if (NAMED.has(key) && typeof value === 'object' && value !== null)
        found[key] = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, of(one)]));
      else found[key] = value;
    }
    const ref = field(schema, '$ref');
    const all = Array.isArray(found['allOf']) ? found['allOf'] : [];
    if (typeof ref === 'string') found['allOf'] = [...all, of(targetOf(ref))];
    open.delete(schema);
    return found;
  };

  const targetOf = (ref: string): unknown => {
    if (!ref.startsWith('#')) return {};
    const path = decodeURIComponent(ref.slice(1)).split('/').slice(1);
    return path.reduce<unknown>(
      (at, step) => field(at, step.replaceAll('~1', '/').replaceAll('~0', '~')),
      root,
    );
  };

  return of(root) as Record<string, unknown>;
}

/** What is wrong, without the lines that only say that something further in is. */
function told(message: string): string {
  const problems = message.split('; ').filter((line) => !/does not match .*schemas?\.$/.test(line));
  const words = (problems.length === 0 ? message.split('; ') : problems).slice(0, MOST_TOLD).join('; ');
  return words.length > MOST_WORDS ? `${words.slice(0, MOST_WORDS)}…` : words;
}
