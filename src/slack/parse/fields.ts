/** Reading untrusted JSON: each reader answers with a value of the asked type or with nothing. */

export type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown): Fields | null {
  return isFields(value) ? value : null;
}

/** Text without NUL characters, which Postgres refuses in `text` and `jsonb`. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.replaceAll('\0', '') : null;
}

/** A Slack id: opaque, but never long and never with blanks or markup. */
export function idOf(value: unknown): string | null {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value) ? value : null;
}

export function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A type or subtype made fit for a log line: `a-z0-9_`, at most 60 characters; `null` if nothing is left. */
export function wordOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const word = value
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '')
    .slice(0, 60);
  return word === '' ? null : word;
}
