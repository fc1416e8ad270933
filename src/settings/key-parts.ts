import type { Input } from './keys.ts';

/** What most keys have in common. */
export const inCommon = { personIn: 'direct', combine: 'replace' } as const;

/** The form's input for a fixed choice, from its words. */
export function choiceInput({ options }: { readonly options: Readonly<Record<string, string>> }): Input {
  return { kind: 'choice', options: Object.entries(options).map(([value, label]) => ({ value, label })) };
}
