import { inspect } from 'node:util';
import type { Hidden } from '../../incoming.ts';

const SHOWN = '[hidden]';

class HiddenText implements Hidden {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toJSON(): string {
    return SHOWN;
  }

  toString(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}

/** Keeps a credential of a payload out of logs, error messages and dumps; `null` if there is none. */
export function hiddenOf(text: string | null): Hidden | null {
  return text === null || text === '' ? null : new HiddenText(text);
}
