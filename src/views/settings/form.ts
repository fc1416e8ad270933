import { type KeyName, keyOf, type Scope } from '../../settings/keys.ts';
import * as words from '../../words/settings-form.ts';
import {
  actions,
  type Block,
  type Button,
  button,
  confirmOf,
  context,
  cut,
  divider,
  LIMITS,
  type Modal,
  modal,
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
  const { save: submit, cancel, close } = words.BUTTONS;
  const buttons = locked === null ? { submit, close: cancel } : { close };
  const shown = blocks.slice(0, LIMITS.blocks);
  return modal(SETTINGS_MODAL, { title: words.TITLE, ...buttons }, shown, writeState(state));
}

/** A modal that says one thing and takes nothing. */
export function wordsModal(text: string): Modal {
  return modal(SETTINGS_MODAL, { title: words.TITLE, close: words.BUTTONS.close }, [section(text)]);
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
    return button(`${ACTIONS.scope}${one}`, one === scope ? words.currentTab(label) : label, one, {
      accessibility_label: words.tabAloud(label, one === scope),
      ...(one === scope ? { style: 'primary' as const } : {}),
    });
  });
  return actions('scopes', elements);
}

function lastActions({ own, state }: SettingsForm): Block {
  const elements: Button[] = [];
  if (state.fields < MOST_FIELDS) elements.push(button(ACTIONS.room, words.MORE_ROOM, 'room'));
  if (own.length > 0) {
    const confirm = confirmOf(words.resetQuestion(own.length));
    elements.push(button(ACTIONS.reset, words.RESET_ALL, 'all', { style: 'danger', confirm }));
  }
  return elements.length > 0 ? actions('last', elements) : context(words.NOTHING_SET);
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
