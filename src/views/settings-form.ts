import { KEY_NAMES, type KeyName, keyOf, type Scope } from '../settings/keys.ts';
import * as words from '../words/settings-form.ts';
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
import { ACTIONS, fieldBlocks, type SettingsForm, shownValue, widerValue } from './settings-fields.ts';

export const SETTINGS_MODAL = 'skein_settings';

/** The settings modal. Pure; within Slack's limits for every input. */
export function settingsModal(form: SettingsForm): Modal {
  const { metadata, locked, notice } = form;
  const keys = KEY_NAMES.filter((name) => keyOf(name).scopes.includes(metadata.scope));
  const fields = locked === null ? keys.flatMap((name) => fieldBlocks(name, form)) : [readOnly(keys, form)];
  const blocks: Block[] = [
    tabs(metadata),
    context(words.ABOUT_SCOPE[metadata.scope]),
    ...(metadata.scope === 'channel' && metadata.channel !== null
      ? [context(words.channelLine(metadata.channel))]
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
    title: plain(words.TITLE, 24),
    close: plain(locked === null ? words.BUTTONS.cancel : words.BUTTONS.close, 24),
    ...(locked === null ? { submit: plain(words.BUTTONS.save, 24) } : {}),
    private_metadata: writeMetadata(metadata),
    blocks: blocks.slice(0, LIMITS.blocks),
  };
}

/** A modal that says one thing and takes nothing. */
export function wordsModal(text: string, metadata: Metadata | null = null): Modal {
  return {
    type: 'modal',
    callback_id: SETTINGS_MODAL,
    title: plain(words.TITLE, 24),
    close: plain(words.BUTTONS.close, 24),
    private_metadata: metadata === null ? '' : writeMetadata(metadata),
    blocks: [section(text)],
  };
}

function tabs({ scope, channel }: Metadata): Block {
  const scopes: Scope[] = channel === null ? ['person', 'workspace'] : ['person', 'channel', 'workspace'];
  const elements = scopes.map(
    (one): Button => ({
      type: 'button',
      action_id: `${ACTIONS.scope}${one}`,
      text: plain(one === scope ? words.currentTab(words.TABS[one]) : words.TABS[one]),
      value: one,
      accessibility_label: words.tabAloud(words.TABS[one], one === scope),
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
      text: plain(words.MORE_ROOM),
      value: 'room',
    });
  if (own.length > 0) {
    const question = words.resetQuestion(own.length);
    elements.push({
      type: 'button',
      action_id: ACTIONS.reset,
      text: plain(words.RESET_ALL),
      value: 'all',
      style: 'danger',
      confirm: {
        title: plain(question.title),
        text: plain(question.text, 300),
        confirm: plain(question.yes, 30),
        deny: plain(question.no, 30),
      },
    });
  }
  return elements.length > 0 ? { type: 'actions', block_id: 'last', elements } : context(words.NOTHING_SET);
}

function readOnly(keys: readonly KeyName[], { own, wider, metadata, models }: SettingsForm): Block {
  const lines = keys.map((name) => {
    const set = own.find(({ key }) => key === name);
    const inherited = widerValue(name, wider, models);
    const value = set === undefined ? inherited.shown : shownValue(name, set.value, models);
    const from = set === undefined ? inherited.from : words.WHOSE_VALUE[metadata.scope];
    return words.readOnlyLine(keyOf(name).label, escapeLine(value), from);
  });
  return section(lines.join('\n'));
}

function escapeLine(text: string): string {
  return cut(text.replaceAll(/[\n*_~`<>&|]/g, ' '), 200);
}
