import { LRUCache } from 'lru-cache';
import type { Form } from './forms.ts';

/** Slack brings new blocks to one workspace after the other: what is refused today is tried again after this. */
const REFUSED_MS = 60 * 60_000;
const MOST_WORKSPACES = 10_000;

const NONE: ReadonlySet<Form> = new Set();

/** By workspace: the forms that it refused, in whatever message they were. */
export interface RefusedForms {
  of(team: string): ReadonlySet<Form>;
  /** All that were in a refused message, as Slack does not say which it minds. */
  note(team: string, forms: readonly Form[]): void;
}

/** Remembers them for an hour, in this process. */
export function createRefusedForms(): RefusedForms {
  const refused = new LRUCache<string, ReadonlySet<Form>>({ max: MOST_WORKSPACES, ttl: REFUSED_MS });
  const of = (team: string) => refused.get(team) ?? NONE;
  return {
    of,
    note(team, forms) {
      if (forms.length > 0) refused.set(team, new Set([...of(team), ...forms]));
    },
  };
}
