import { type Input, KEY_NAMES, type KeyName, keyOf, type Scope } from '../settings/keys.ts';
import type { Setting, Settings } from '../settings/resolve.ts';
import {
  type Block,
  type Button,
  context,
  cut,
  divider,
  type InputElement,
  LIMITS,
  type Modal,
  type Option,
  plain,
  section,
} from './blocks.ts';
import { fieldName, INHERIT, MOST_FIELDS, MOST_TEXT, splitParts } from './entries.ts';
import { type Metadata, writeMetadata } from './metadata.ts';
import type { ModelChoice } from './ports.ts';

export const SETTINGS_MODAL = 'skein_settings';
export const ACTIONS = {
  scope: 'settings_scope_',
  model: 'settings_model',
  value: 'settings_value',
  reset: 'settings_reset',
  room: 'settings_room',
} as const;

/** Everything that a settings modal shows. */
export interface SettingsForm {
  readonly metadata: Metadata;
  /** What is set at this scope. */
  readonly own: readonly Setting[];
  /** What would hold if nothing were set at this scope. */
  readonly wider: Settings;
  readonly models: readonly ModelChoice[];
  /** The model whose effort levels are offered. */
  readonly model: string;
  /** Names of those who set something, by user id. */
  readonly names: ReadonlyMap<string, string>;
  /** Why the values can be read but not changed; null: they can. */
  readonly locked: string | null;
  /** Something to know first; null: nothing. Mrkdwn. */
  readonly notice: string | null;
}

const TABS: Readonly<Record<Scope, string>> = {
  person: 'Me',
  channel: 'This channel',
  workspace: 'Workspace',
};

const ABOUT: Readonly<Record<Scope, string>> = {
  person:
    'Your own settings. They hold in direct messages with me; instructions, effort, the line under an answer, the ping and budgets hold wherever you ask.',
  channel: 'Settings of this channel, for everybody who asks here.',
  workspace: 'Settings of the whole workspace. Channels and people may set their own over most of them.',
};

const WHOSE: Readonly<Record<Scope | 'deployment', string>> = {
  deployment: 'the usual value',
  workspace: 'as the workspace has it',
  channel: 'as the channel has it',
  person: 'your own',
};

/** The settings modal. Pure; within Slack's limits for every input. */
export function settingsModal(form: SettingsForm): Modal {
  const { metadata, locked, notice } = form;
  const keys = KEY_NAMES.filter((name) => keyOf(name).scopes.includes(metadata.scope));
  const fields = locked === null ? keys.flatMap((name) => fieldBlocks(name, form)) : [readOnly(keys, form)];
  const blocks: Block[] = [
    tabs(metadata),
    context(ABOUT[metadata.scope]),
    ...(metadata.scope === 'channel' && metadata.channel !== null
      ? [context(`Channel: <#${metadata.channel}>`)]
      : []),
    ...(notice === null ? [] : [section(notice)]),
    ...(locked === null ? [] : [section(locked)]),
    divider,
    ...fields,
    ...(locked === null ? [lastActions(form)] : []),
  ];
  return {
    type: 'modal',
    callback_id: SETTINGS_MODAL,
    title: plain('Settings', 24),
    close: plain(locked === null ? 'Cancel' : 'Close', 24),
    ...(locked === null ? { submit: plain('Save', 24) } : {}),
    private_metadata: writeMetadata(metadata),
    blocks: blocks.slice(0, LIMITS.blocks),
  };
}

/** A modal that says one thing and takes nothing. */
export function wordsModal(words: string, metadata: Metadata | null = null): Modal {
  return {
    type: 'modal',
    callback_id: SETTINGS_MODAL,
    title: plain('Settings', 24),
    close: plain('Close', 24),
    private_metadata: metadata === null ? '' : writeMetadata(metadata),
    blocks: [section(words)],
  };
}

function tabs({ scope, channel }: Metadata): Block {
  const scopes: Scope[] = channel === null ? ['person', 'workspace'] : ['person', 'channel', 'workspace'];
  const elements = scopes.map(
    (one): Button => ({
      type: 'button',
      action_id: `${ACTIONS.scope}${one}`,
      text: plain(one === scope ? `✓ ${TABS[one]}` : TABS[one]),
      value: one,
      accessibility_label: one === scope ? `${TABS[one]}, shown now` : `Show settings of: ${TABS[one]}`,
      ...(one === scope ? { style: 'primary' as const } : {}),
    }),
  );
  return { type: 'actions', block_id: 'scopes', elements };
}

function lastActions({ own, metadata }: SettingsForm): Block {
  const elements: Button[] = [];
  if (metadata.fields < MOST_FIELDS)
    elements.push({
      type: 'button',
      action_id: ACTIONS.room,
      text: plain('More room for instructions'),
      value: 'room',
    });
  if (own.length > 0)
    elements.push({
      type: 'button',
      action_id: ACTIONS.reset,
      text: plain('Reset all of these'),
      value: 'all',
      style: 'danger',
      confirm: {
        title: plain('Reset these settings?'),
        text: plain(`${own.length} of them are set here. The wider scope decides again.`, 300),
        confirm: plain('Reset', 30),
        deny: plain('Keep', 30),
      },
    });
  return elements.length > 0
    ? { type: 'actions', block_id: 'last', elements }
    : context('Nothing is set here yet.');
}

function readOnly(keys: readonly KeyName[], { own, wider, metadata, models }: SettingsForm): Block {
  const lines = keys.map((name) => {
    const set = own.find(({ key }) => key === name);
    const inherited = widerValue(name, wider, models);
    const value = set === undefined ? inherited.shown : shownValue(name, set.value, models);
    const from = set === undefined ? inherited.from : WHOSE[metadata.scope];
    return `*${keyOf(name).label}*: ${escapeLine(value)} (${from})`;
  });
  return section(lines.join('\n'));
}

function fieldBlocks(name: KeyName, form: SettingsForm): Block[] {
  if (name === 'instructions') return instructionBlocks(form);
  const { metadata, own, wider } = form;
  const key = keyOf(name);
  const set = own.find((one) => one.key === name);
  const inherited = widerValue(name, wider, form.models);
  const block: Block = {
    type: 'input',
    block_id: fieldName(name, metadata.generation, name === 'effort' ? form.model : ''),
    label: plain(key.label, 2000),
    hint: plain(hintOf(name, set, inherited, form), LIMITS.hint),
    // A select always holds something, if only to leave it to the wider scope.
    ...(key.input.kind === 'choice' || key.input.kind === 'model' ? {} : { optional: true as const }),
    ...(name === 'model' ? { dispatch_action: true as const } : {}),
    element: elementOf(name, key.input, set?.value ?? null, inherited, form),
  };
  return [block];
}

interface Inherited {
  readonly shown: string;
  /** Whose value it is, in words. */
  readonly from: string;
}

function widerValue(name: KeyName, wider: Settings, models: readonly ModelChoice[]): Inherited {
  return { shown: shownValue(name, storedOf(name, wider), models), from: WHOSE[wider[name].scope] };
}

/** What holds for a key, in stored form. */
export function storedOf<Name extends KeyName>(name: Name, settings: Settings): string {
  return keyOf(name).format(settings[name].value);
}

/** A stored value in words: the label of its option or the name of the model, where there is one. */
export function shownValue(name: KeyName, stored: string, models: readonly ModelChoice[]): string {
  const { input } = keyOf(name);
  if (input.kind === 'choice') return input.options.find(({ value }) => value === stored)?.label ?? stored;
  return (input.kind === 'model' ? models.find(({ id }) => id === stored)?.name : undefined) ?? stored;
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
        placeholder: plain(`${inherited.shown} (${inherited.from})`),
        ...(stored === null ? {} : { initial_value: stored }),
      };
    case 'seconds':
    case 'money':
    case 'text':
      return {
        type: 'plain_text_input',
        action_id: ACTIONS.value,
        multiline: false,
        max_length: 40,
        placeholder: plain(`${inherited.shown} (${inherited.from})`),
        ...(stored === null ? {} : { initial_value: stored }),
      };
  }
}

function instructionBlocks(form: SettingsForm): Block[] {
  const { metadata, own } = form;
  const stored = own.find(({ key }) => key === 'instructions')?.value ?? '';
  const text = stored === 'none' ? '' : stored;
  const parts = splitParts(text);
  const key = keyOf('instructions');
  const characters = `${count(text.length)} of ${count(MOST_TEXT)} characters.`;
  const set = own.find((one) => one.key === 'instructions');
  const hint = `${key.line} ${characters}${set === undefined ? '' : ` ${setBy(set, form)}`}`;
  return Array.from({ length: Math.max(metadata.fields, parts.length) }, (_, index): Block => {
    const part = parts[index] ?? '';
    return {
      type: 'input',
      block_id: fieldName('instructions', metadata.generation, String(index)),
      label: plain(index === 0 ? key.label : `${key.label}, continued (${index + 1})`, 2000),
      ...(index === 0 ? { hint: plain(hint, LIMITS.hint) } : {}),
      optional: true,
      element: {
        type: 'plain_text_input',
        action_id: ACTIONS.value,
        multiline: true,
        max_length: LIMITS.input,
        ...(part === '' ? {} : { initial_value: part }),
      },
    };
  });
}

/** The options of the model select for what was typed: leaving it to the wider scope, then the models. */
export function modelOptions(
  models: readonly ModelChoice[],
  typed: string,
  { wider, set }: { readonly wider: Settings; readonly set: boolean },
): Option[] {
  const wanted = typed.trim().toLowerCase();
  const back = inheritOption(widerValue('model', wider, models), set);
  const found = models.filter(({ id, name }) => `${name} ${id}`.toLowerCase().includes(wanted));
  return [...(wanted === '' ? [back] : []), ...found.map(modelOption)].slice(0, 100);
}

function modelOption({ id, name, price, retires }: ModelChoice): Option {
  const cost = price === null ? 'price not known' : `${usd(price.input)} in, ${usd(price.output)} out`;
  return {
    text: plain(`${name} · ${cost}`),
    value: id,
    ...(retires === null ? {} : { description: plain(`Retires on ${day(retires)}`) }),
  };
}

/** A price that people know by heart: whole dollars without cents. */
function usd(dollars: number): string {
  return `$${Number.isInteger(dollars) ? dollars : dollars.toFixed(2)}`;
}

function plainOption(value: string): Option {
  return { text: plain(value), value: cut(value, LIMITS.label) };
}

function inheritOption({ shown, from }: Inherited, set: boolean): Option {
  return { text: plain(set ? `Reset to: ${shown} (${from})` : `${shown} (${from})`), value: INHERIT };
}

function effortsOf({ models, model }: SettingsForm): readonly string[] {
  return models.find(({ id }) => id === model)?.efforts ?? [];
}

function hintOf(name: KeyName, set: Setting | undefined, inherited: Inherited, form: SettingsForm): string {
  const key = keyOf(name);
  const typed = key.input.kind === 'money' || key.input.kind === 'seconds' || key.input.kind === 'whole';
  const how = typed ? ` Enter ${key.values.replaceAll('`', '')}.` : '';
  const prices = name === 'model' ? ' Prices are for a million tokens.' : '';
  if (set === undefined) return `${key.line}${prices}${how}`;
  const back = typed ? ` Empty it to go back to ${inherited.shown} (${inherited.from}).` : '';
  return `${key.line}${prices}${how} ${setBy(set, form)}${back}`;
}

function setBy({ by, at }: Setting, { names }: SettingsForm): string {
  return `Set here by ${names.get(by) ?? 'somebody'} on ${day(at.toISOString())}.`;
}

/** `2026-11-03…` as `3 November 2026`. */
export function day(iso: string): string {
  const at = new Date(iso);
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

function escapeLine(text: string): string {
  return cut(text.replaceAll(/[\n*_~`<>&|]/g, ' '), 200);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
