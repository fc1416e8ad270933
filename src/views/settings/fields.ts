import { type Input, KEYS, type KeyName, keyOf } from '../../settings/keys.ts';
import type { ModelChoice } from '../../settings/models.ts';
import type { Setting, Settings } from '../../settings/resolve.ts';
import * as words from '../../words/settings-form.ts';
import { type Block, cut, type InputElement, input, LIMITS, type Option, plain } from '../blocks.ts';
import { type FormState, fieldName, INHERIT, MOST_TEXT, splitParts } from './form-state.ts';

export const ACTIONS = {
  scope: 'settings_scope_',
  model: 'settings_model',
  value: 'settings_value',
  reset: 'settings_reset',
  room: 'settings_room',
} as const;

/** Everything that a settings modal shows. */
export interface SettingsForm {
  readonly state: FormState;
  /** What is set at this scope. */
  readonly own: readonly Setting[];
  /** What would hold if nothing were set at this scope. */
  readonly wider: Settings;
  readonly models: readonly ModelChoice[];
  /** The model whose effort levels are offered. */
  readonly model: string;
  /** Names of those who set something and of bots, by user id. */
  readonly names: ReadonlyMap<string, string>;
  /** Keys whose fields this person is offered. */
  readonly keys: readonly KeyName[];
  /** Why the values can't be changed; null: they can. */
  readonly locked: string | null;
  /** The values are not shown either, for the same reason. */
  readonly hidden: boolean;
  /** Something to know first; null: nothing. Mrkdwn. */
  readonly notice: string | null;
}

/** The field of a setting; the instructions have several. */
export function fieldBlocks(name: KeyName, form: SettingsForm): Block[] {
  if (name === 'instructions') return instructionBlocks(form);
  const { state, own, wider } = form;
  const key = keyOf(name);
  const set = own.find((one) => one.key === name);
  const inherited = widerValue(name, wider, form);
  const texts = { label: key.label, hint: hintOf(name, set, inherited, form) };
  const block = input(
    fieldName(name, state.generation, name === 'effort' ? form.model : ''),
    texts,
    elementOf(name, key.input, set?.value ?? null, inherited, form),
    // A select always holds something, if only to leave it to the wider scope.
    key.input.kind !== 'choice' && key.input.kind !== 'model',
  );
  return [name === 'model' ? { ...block, dispatch_action: true } : block];
}

interface Inherited {
  readonly shown: string;
  /** Whose value it is, in words. */
  readonly from: string;
}

/** What holds without this scope, and whose it is. */
export function widerValue(name: KeyName, wider: Settings, known: Known): Inherited {
  return {
    shown: shownValue(name, storedOf(name, wider), known),
    from: words.WHOSE_VALUE[wider[name].scope],
  };
}

/** What holds for a key, in stored form. */
export function storedOf<Name extends KeyName>(name: Name, settings: Settings): string {
  return keyOf(name).format(settings[name].value);
}

/** What stored values are shown by. */
export type Known = Pick<SettingsForm, 'models' | 'names'>;

/** A stored value in words: the label of its option, the name of the model or of the bots, where there is one. */
export function shownValue(name: KeyName, stored: string, { models, names }: Known): string {
  const { input } = keyOf(name);
  switch (input.kind) {
    case 'choice':
      return input.options.find(({ value }) => value === stored)?.label ?? stored;
    case 'model':
      return models.find(({ id }) => id === stored)?.name ?? stored;
    case 'bots':
      return (
        botsIn(stored)
          .map((id) => (names.has(id) ? `${names.get(id)} (${id})` : id))
          .join(', ') || stored
      );
    default:
      return stored;
  }
}

/** The ids in a stored value of the key `bots`. */
export function botsIn(stored: string): readonly string[] {
  const parsed = KEYS.bots.parse(stored);
  return 'problem' in parsed ? [] : parsed.value;
}

function elementOf(
  name: KeyName,
  input: Input,
  stored: string | null,
  inherited: Inherited,
  form: SettingsForm,
): InputElement {
  const back = inheritOption(inherited, stored !== null);
  switch (input.kind) {
    case 'choice': {
      const fits = ({ value }: { value: string }) =>
        name !== 'effort' || value === 'auto' || value === stored || effortsOf(form).includes(value);
      const options = input.options
        .filter(fits)
        .map(({ value, label }): Option => ({ text: plain(label), value }));
      return {
        type: 'static_select',
        action_id: ACTIONS.value,
        options: [back, ...options],
        initial_option: options.find(({ value }) => value === stored) ?? back,
      };
    }
    case 'model': {
      const chosen = form.models.find(({ id }) => id === stored);
      const option = chosen ? modelOption(chosen) : stored === null ? back : plainOption(stored);
      return {
        type: 'external_select',
        action_id: ACTIONS.model,
        min_query_length: 0,
        initial_option: option,
      };
    }
    case 'whole':
      return {
        type: 'number_input',
        action_id: ACTIONS.value,
        is_decimal_allowed: false,
        min_value: String(input.from),
        max_value: String(input.to),
        placeholder: plain(words.valueFrom(inherited.shown, inherited.from)),
        ...(stored === null ? {} : { initial_value: stored }),
      };
    case 'bots':
    case 'domains':
    case 'servers':
      return typedText(stored, inherited, 500);
    case 'seconds':
    case 'days':
    case 'money':
    case 'text':
      return typedText(stored, inherited, 40);
  }
}

function typedText(stored: string | null, { shown, from }: Inherited, most: number): InputElement {
  return {
    type: 'plain_text_input',
    action_id: ACTIONS.value,
    multiline: false,
    max_length: most,
    placeholder: plain(words.valueFrom(shown, from), 150),
    ...(stored === null ? {} : { initial_value: stored }),
  };
}

function instructionBlocks(form: SettingsForm): Block[] {
  const { state, own } = form;
  const stored = own.find(({ key }) => key === 'instructions')?.value ?? '';
  const text = stored === 'none' ? '' : stored;
  const parts = splitParts(text);
  const key = keyOf('instructions');
  const set = own.find((one) => one.key === 'instructions');
  const characters = { used: text.length, most: MOST_TEXT };
  const hint = words.instructionsHint(key.line, characters, setBy(set, form));
  return Array.from({ length: Math.max(state.fields, parts.length) }, (_, index): Block => {
    const part = parts[index] ?? '';
    return input(
      fieldName('instructions', state.generation, String(index)),
      index === 0 ? { label: key.label, hint } : { label: words.continuedLabel(key.label, index + 1) },
      {
        type: 'plain_text_input',
        action_id: ACTIONS.value,
        multiline: true,
        max_length: LIMITS.input,
        ...(part === '' ? {} : { initial_value: part }),
      },
      true,
    );
  });
}

/** The options of the model select for what was typed: leaving it to the wider scope, then the models. */
export function modelOptions(
  models: readonly ModelChoice[],
  typed: string,
  { wider, set }: { readonly wider: Settings; readonly set: boolean },
): Option[] {
  const wanted = typed.trim().toLowerCase();
  const back = inheritOption(widerValue('model', wider, { models, names: new Map() }), set);
  const found = models.filter(({ id, name }) => `${name} ${id}`.toLowerCase().includes(wanted));
  return [...(wanted === '' ? [back] : []), ...found.map(modelOption)].slice(0, 100);
}

function modelOption({ id, name, price, retires }: ModelChoice): Option {
  return {
    text: plain(words.modelOption(name, price)),
    value: id,
    ...(retires === null ? {} : { description: plain(words.retiresOn(retires)) }),
  };
}

function plainOption(value: string): Option {
  return { text: plain(value), value: cut(value, LIMITS.label) };
}

function inheritOption({ shown, from }: Inherited, set: boolean): Option {
  return { text: plain(words.inheritOption(shown, from, set)), value: INHERIT };
}

function effortsOf({ models, model }: SettingsForm): readonly string[] {
  return models.find(({ id }) => id === model)?.efforts ?? [];
}

function hintOf(name: KeyName, set: Setting | undefined, inherited: Inherited, form: SettingsForm): string {
  const key = keyOf(name);
  const typed = ['money', 'seconds', 'days', 'whole', 'bots', 'domains', 'servers'].includes(key.input.kind);
  return words.fieldHint({
    line: key.line,
    priced: name === 'model',
    values: typed ? key.values.replaceAll('`', '') : null,
    now: name === 'bots' && set !== undefined ? shownValue(name, set.value, form) : null,
    set: setBy(set, form),
    inherited,
  });
}

function setBy(set: Setting | undefined, { names }: SettingsForm): words.SetBy | null {
  return set === undefined ? null : { by: names.get(set.by) ?? null, at: set.at };
}
