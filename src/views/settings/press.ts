import type { Gesture, SeenView } from '../../incoming.ts';
import { edit, keyRefusal, rightsAt } from '../../people/editing.ts';
import { isKeyName, type KeyName, keyOf, SCOPES, type Scope } from '../../settings/keys.ts';
import { changesSince, readScope } from '../../settings/store.ts';
import * as words from '../../words/settings-form.ts';
import { show } from './draw.ts';
import { ACTIONS } from './fields.ts';
import { entriesOf, merge, type OpenForm, scopeOf, storedBefore, valuesOf } from './form-state.ts';
import type { SettingsViewOptions } from './settings.ts';

/** A button or the model's select in the form: another tab, other effort levels, more room, or all of it reset. */
export async function press(
  options: SettingsViewOptions,
  form: OpenForm,
  { view, actionId, value }: Gesture & { kind: 'pressed' },
): Promise<void> {
  const { state } = form;
  if (actionId.startsWith(ACTIONS.scope)) {
    const scope = SCOPES.find((one) => one === value);
    if (scope === undefined || (scope === 'channel' && state.channel === null)) return;
    if (scope !== state.scope) await turnTo(options, form, view, scope);
  } else if (actionId === ACTIONS.model) {
    // The levels of effort are the model's: the field is drawn for the one that was picked.
    await show(options, form, view.id, { model: pickedModel(view), keep: true });
  } else if (actionId === ACTIONS.room) {
    const roomier = { ...form, state: { ...state, fields: state.fields + 1 } };
    await show(options, roomier, view.id, { model: pickedModel(view), keep: true });
  } else if (actionId === ACTIONS.reset) {
    await resetAll(options, { ...form, state: { ...state, generation: state.generation + 1 } }, view.id);
  }
}

function pickedModel(view: SeenView): string | null {
  return entriesOf(view.values).get('model') ?? null;
}

/** What was typed stays behind with its tab: where there is any, the first press only says so. */
async function turnTo(
  options: SettingsViewOptions,
  form: OpenForm,
  view: SeenView,
  scope: Scope,
): Promise<void> {
  const { state } = form;
  const unsaved = await unsavedIn(options, form, view);
  const warned = unsaved.length === 0 ? '' : `${scope} ${unsaved.join(' ')}`;
  if (warned !== state.warned && unsaved.length > 0) {
    const labels = unsaved.map((key) => keyOf(key).label);
    const notice = words.unsavedNotice(labels, words.TABS[scope]);
    const still = { ...form, state: { ...state, warned } };
    return show(options, still, view.id, { notice, keep: true, model: pickedModel(view) });
  }
  const turned = { ...state, generation: state.generation + 1, scope, fields: 1, warned: '' };
  await show(options, { ...form, state: turned }, view.id, {});
}

/** Keys whose fields hold something else than the form began with. */
async function unsavedIn(
  { database }: SettingsViewOptions,
  form: OpenForm,
  view: SeenView,
): Promise<KeyName[]> {
  const target = scopeOf(form);
  const { settings } = await readScope(database.query, target);
  const since = await changesSince(database.query, target, form.state.version);
  const base = storedBefore(valuesOf(settings), since);
  const { changes, problems } = merge(entriesOf(view.values), base, base);
  return [...changes.map(({ key }) => key), ...problems.keys()];
}

async function resetAll(options: SettingsViewOptions, form: OpenForm, viewId: string): Promise<void> {
  const { team, user } = form;
  const target = scopeOf(form);
  const { person, change } = await rightsAt(options, { team, user, cameFrom: null }, target, 0);
  if (person === null || change !== null) return show(options, form, viewId, {});
  let kept: string[] = [];
  const edited = await edit(options, person, target, ({ settings }) => {
    const mine = settings.flatMap(({ key, by }) => (isKeyName(key) ? [{ key, by }] : []));
    const free = mine.filter(({ key, by }) => keyRefusal(person, key, by) === null);
    kept = mine.filter((one) => !free.includes(one)).map(({ key }) => keyOf(key).label);
    return { changes: free.map(({ key }) => ({ key, value: null })) };
  });
  options.onChange(team, user);
  const notice = edited.kind === 'done' ? words.resetNotice(kept) : words.BUSY;
  await show(options, form, viewId, { notice });
}
