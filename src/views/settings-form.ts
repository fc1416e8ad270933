import { KEY_NAMES, type KeyName, keyOf, type Scope } from '../settings/keys.ts';
import {
  type Block,
  type Button,
  context,
  cut,
  divider,
  LIMITS,
  type Modal,
  plain,
  section,
} from './blocks.ts';
import { MOST_FIELDS } from './entries.ts';
import { type Metadata, writeMetadata } from './metadata.ts';
import { ACTIONS, fieldBlocks, type SettingsForm, shownValue, WHOSE, widerValue } from './settings-fields.ts';

export const SETTINGS_MODAL = 'skein_settings';
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

function escapeLine(text: string): string {
  return cut(text.replaceAll(/[\n*_~`<>&|]/g, ' '), 200);
}
