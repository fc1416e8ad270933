import { toError } from '../../errors.ts';
import { keyRefusal, rightsAt, widerThan } from '../../people/editing.ts';
import type { People } from '../../people/person.ts';
import { KEY_NAMES, keyOf } from '../../settings/keys.ts';
import type { Setting } from '../../settings/resolve.ts';
import { readScope } from '../../settings/store.ts';
import * as words from '../../words/settings-form.ts';
import type { Modal } from '../blocks.ts';
import { botsIn } from './fields.ts';
import { settingsModal, wordsModal } from './form.ts';
import { fieldsFor, type OpenForm, scopeOf } from './form-state.ts';
import type { SettingsViewOptions } from './settings.ts';

/** What is different from the form as it would be drawn first. */
interface Drawing {
  /** The model picked in the form, whose effort levels are offered; null: the wider scope's. Absent: the stored one. */
  readonly model?: string | null;
  /** Something to know first, in mrkdwn. */
  readonly notice?: string;
  /** With the version it began with, because what was typed stays in it. */
  readonly keep?: boolean;
}

/** Names of people and bots may be so old. */
const NAME_AGE_MS = 3_600_000;
/** Rights to look may be so old; a change asks Slack anew. */
const LOOK_AGE_MS = 60_000;

/** Draws the modal anew in front of a person. Never rejects. */
export async function show(
  options: SettingsViewOptions,
  form: OpenForm,
  viewId: string,
  how: Drawing,
): Promise<void> {
  let view: Modal;
  try {
    view = await draw(options, form, how);
  } catch (thrown) {
    options.log.warn({ err: toError(thrown) }, 'the settings could not be read for a modal');
    view = wordsModal(words.AWAY);
  }
  await options.windows.update(form.team, viewId, view);
}

/** The modal for a person: values that they may change, values to read, or only the reason why they see none. */
export async function draw(options: SettingsViewOptions, form: OpenForm, how: Drawing): Promise<Modal> {
  const { team, user, state } = form;
  const target = scopeOf(form);
  const rights = await rightsAt(options, { team, user, cameFrom: null }, target, LOOK_AGE_MS);
  const { person, see, change } = rights;
  const [stored, wider, { models }] = await Promise.all([
    see === null ? readScope(options.database.query, target) : { settings: [], version: 0 },
    widerThan(options, target),
    options.models(),
  ]);
  const own = stored.settings;
  const names = await namesOf(options.people, team, [
    ...own.map(({ by }) => by),
    ...wider.bots.value,
    ...own.flatMap(({ key, value }) => (key === 'bots' ? botsIn(value) : [])),
  ]);
  const instructions = own.find(({ key }) => key === 'instructions')?.value ?? '';
  const ofScope = KEY_NAMES.filter((name) => keyOf(name).scopes.includes(state.scope));
  // A field that this person can never save is not offered; limits that others set are told at their field.
  const mine = (name: (typeof KEY_NAMES)[number]) =>
    person !== null && keyRefusal(person, name, null) === null;
  const version = how.keep === true ? state.version : stored.version;
  return settingsModal({
    state: { ...state, fields: Math.max(state.fields, fieldsFor(instructions)), version },
    own,
    wider,
    models,
    model: how.model ?? (how.model === undefined ? valueIn(own, 'model') : null) ?? wider.model.value,
    names,
    keys: change === null ? ofScope.filter(mine) : ofScope,
    locked: change,
    hidden: see !== null,
    notice: how.notice ?? null,
  });
}

function valueIn(own: readonly Setting[], key: string): string | null {
  return own.find((one) => one.key === key)?.value ?? null;
}

/** Names by user id; who is not known is left out. */
export async function namesOf(
  people: People,
  team: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  // Bots (`B…`) and apps (`A…`) are no users.
  const users = [...new Set(ids)].filter((id) => /^[UW]/.test(id));
  const found = await Promise.all(users.map((id) => people.of(team, id, NAME_AGE_MS)));
  return new Map(
    found.flatMap((person) =>
      person === 'unreachable' || person.name === null ? [] : [[person.id, person.name]],
    ),
  );
}
