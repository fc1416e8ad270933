import type { WireError } from './wire.ts';

/** Thrown while a request is read; caught where it becomes an HTTP answer. */
export class Refused extends Error {
  readonly error: WireError;

  constructor(error: WireError) {
    super(error.message);
    this.error = error;
  }
}

export function invalid(message: string): Refused {
  return new Refused({ status: 400, type: 'invalid_request_error', message });
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Refuses fields that the API does not know, as it does: "…: Extra inputs are not permitted". */
export function onlyFields(value: Fields, path: string, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw invalid(`${path}${key}: Extra inputs are not permitted`);
  }
}
