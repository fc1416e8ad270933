/** Arguments of one Web API call, whatever way they came: form, JSON or query. */
import { isJson, type Json, parseJson } from './json.ts';
import { Refusal } from './refusal.ts';

export class Args {
  readonly all: Json;

  constructor(all: Json) {
    this.all = all;
  }

  has(name: string): boolean {
    return this.all[name] !== undefined && this.all[name] !== null;
  }

  text(name: string): string | undefined {
    const value = this.all[name];
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') {
      throw new Refusal('invalid_arguments', [`[ERROR] missing required field: ${name}`]);
    }
    return value;
  }

  flag(name: string): boolean {
    const value = this.text(name);
    return value === 'true' || value === '1';
  }

  /** A whole number, or `otherwise` if the argument is missing or not one. */
  whole(name: string, otherwise: number): number {
    const value = Number(this.text(name) ?? Number.NaN);
    return Number.isInteger(value) ? value : otherwise;
  }

  /** A list, or `undefined` if the argument is missing. Anything else is refused with `code`. */
  list(name: string, code = 'invalid_array_arg'): readonly unknown[] | undefined {
    if (!this.has(name)) return undefined;
    const value = this.#structured(name);
    if (!Array.isArray(value)) throw new Refusal(code);
    return value;
  }

  object(name: string, code = 'invalid_arguments'): Json | undefined {
    if (!this.has(name)) return undefined;
    const value = this.#structured(name);
    if (!isJson(value)) throw new Refusal(code, [`[ERROR] must be an object [json-pointer:/${name}]`]);
    return value;
  }

  #structured(name: string): unknown {
    const value = this.all[name];
    return typeof value === 'string' ? parseJson(value) : value;
  }

  /** As the journal keeps them: structured values parsed, the token left out. */
  forJournal(): Json {
    return Object.fromEntries(
      Object.entries(this.all)
        .filter(([name]) => name !== 'token')
        .map(([name, value]) => {
          const structured =
            typeof value === 'string' && /^[[{]/.test(value) && name !== 'text' && name !== 'markdown_text';
          return [name, structured ? (parseJson(value) ?? value) : value];
        }),
    );
  }
}

/** Reads a request body by its content type; `query` members are used where the body has none. */
export function parseArgs(body: string, contentType: string, query: URLSearchParams): Args {
  const fromQuery = Object.fromEntries(query);
  if (contentType.startsWith('application/json')) {
    const parsed = parseJson(body === '' ? '{}' : body);
    if (!isJson(parsed)) throw new Refusal('json_not_object');
    return new Args({ ...fromQuery, ...parsed });
  }
  return new Args({ ...fromQuery, ...Object.fromEntries(new URLSearchParams(body)) });
}
