import type { ChoiceWords, SettingWords } from '../words/settings.ts';
import type { Input } from './keys.ts';
import { oneOf, onOff, wholeNumber } from './parsing.ts';

/** What most keys have in common. */
export const inCommon = { personIn: 'direct', combine: 'replace' } as const;

/** A key with a fixed choice: of what its words have a label for. */
export function choice<Value extends string>(words: ChoiceWords<Value>) {
  const values = Object.keys(words.options) as Value[];
  return {
    ...inCommon,
    ...words,
    input: choiceInput(words),
    parse: oneOf(values),
    format: (value: Value): string => value,
  };
}

/** A key that is on or off. */
export function onOrOff(words: ChoiceWords<'on' | 'off'>) {
  const format = (value: boolean) => (value ? 'on' : 'off');
  return { ...inCommon, ...words, input: choiceInput(words), parse: onOff, format };
}

/** A key that is a whole number. */
export function whole(words: SettingWords, from: number, to: number) {
  const input = { kind: 'whole', from, to } as const;
  return { ...inCommon, ...words, input, parse: wholeNumber(from, to), format: String };
}

/** The form's input for a fixed choice, from its words. */
function choiceInput({ options }: { readonly options: Readonly<Record<string, string>> }): Input {
  return { kind: 'choice', options: Object.entries(options).map(([value, label]) => ({ value, label })) };
}
