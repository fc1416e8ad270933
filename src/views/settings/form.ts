import { type KeyName, keyOf, type Scope } from '../../settings/keys.ts';
import * as words from '../../words/settings-form.ts';
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
} from '../blocks.ts';
import { ACTIONS, fieldBlocks, type SettingsForm, shownValue, widerValue } from './fields.ts';
import { type FormState, MOST_FIELDS, writeState } from './form-state.ts';

export const SETTINGS_MODAL = 'skein_settings';

/** The settings modal. Pure; within Slack's limits for every input. */
export function settingsModal(form: SettingsForm): Modal {
  const { state, keys, locked, hidden, notice } = form;
  const fields = locked === null ? keys.flatMap((name) => fieldBlocks(name, form)) : [readOnly(keys, form)];
  const blocks: Block[] = [
    tabs(state),
    context(
      state.scope === 'person' && state.person !== null ? words.ABOUT_PERSON : words.ABOUT_SCOPE[state.scope],
    ),
    ...whichOne(state),
    ...(notice === null ? [] : [section(notice)]),
    ...(locked === null ? [] : [section(locked)]),
    ...(hidden ? [] : [divider, ...fields]),
    ...(locked === null ? [lastActions(form)] : []),
  ];
  return {
    type: 'modal',
    callback_id: SETTINGS_MODAL,
    title: plain(words.TITLE, 24),
    close: plain(locked === null ? words.BUTTONS.cancel : words.BUTTONS.close, 24),
    ...(locked === null ? { submit: plain(words.BUTTONS.save, 24) } : {}),
    private_metadata: writeState(state),
    blocks: blocks.slice(0, LIMITS.blocks),
  };
}

/** A modal that says one thing and takes nothing. */
export function wordsModal(text: string): Modal {
  return {
    type: 'modal',
    callback_id: SETTINGS_MODAL,
    title: plain(words.TITLE, 24),
    close: plain(words.BUTTONS.close, 24),
    private_metadata: '',
    blocks: [section(text)],
  };
}

/** Whose settings they are, where the tab does not say it. */
function whichOne({ scope, channel, person }: FormState): Block[] {
  if (scope === 'channel' && channel !== null) return [context(words.channelLine(channel))];
  return scope === 'person' && person !== null ? [context(words.personLine(person))] : [];
}

function tabs({ scope, channel, person }: FormState): Block {
  const scopes: Scope[] = channel === null ? ['person', 'workspace'] : ['person', 'channel', 'workspace'];
  const elements = scopes.map((one): Button => {
    const label = one === 'person' && person !== null ? words.PERSON_TAB : words.TABS[one];
    return {
      type: 'button',
      action_id: `${ACTIONS.scope}${one}`,
      text: plain(one === scope ? words.currentTab(label) : label),
      value: one,
      accessibility_label: words.tabAloud(label, one === scope),
      ...(one === scope ? { style: 'primary' as const } : {}),
    };
  });
  return { type: 'actions', block_id: 'scopes', elements };
}

function lastActions({ own, state }: SettingsForm): Block {
  const elements: Button[] = [];
  if (state.fields < MOST_FIELDS)
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

function readOnly(keys: readonly KeyName[], form: SettingsForm): Block {
  const { own, wider, state } = form;
  const lines = keys.map((name) => {
    const set = own.find(({ key }) => key === name);
    const inherited = widerValue(name, wider, form);
    const value = set === undefined ? inherited.shown : shownValue(name, set.value, form);
    const from = set === undefined ? inherited.from : words.WHOSE_VALUE[state.scope];
    return words.readOnlyLine(keyOf(name).label, escapeLine(value), from);
  });
  return section(lines.join('\n'));
}

function escapeLine(text: string): string {
  return cut(text.replaceAll(/[\n*_~`<>&|]/g, ' '), 200);
}
