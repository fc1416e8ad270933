import type { Clock } from '../clock.ts';
import type { Defaults } from '../defaults.ts';
import { toError } from '../errors.ts';
import type { Gesture, SeenView } from '../incoming.ts';
import type { Log } from '../log.ts';
import type { People } from '../people/person.ts';
import type { Database } from '../postgres/database.ts';
import { isKeyName, type KeyName, keyOf, type Scope, unsuited } from '../settings/keys.ts';
import { resolve, type Setting } from '../settings/resolve.ts';
import { type Change, changeSettings, changesSince, readScope } from '../settings/store.ts';
import { CANNOT_CHECK, wordsOf } from '../words/people.ts';
import * as words from '../words/settings-form.ts';
import { escapeMrkdwn, type Modal } from './blocks.ts';
import { entriesOf, fieldOf, fieldsFor, merge, type Stored, storedBefore } from './entries.ts';
import { type Metadata, readMetadata } from './metadata.ts';
import type { GestureAnswer, Models, Windows } from './ports.ts';
import { createSeats, type Seat, targetOf } from './seat.ts';
import { ACTIONS, modelOptions } from './settings-fields.ts';
import { settingsModal, wordsModal } from './settings-form.ts';

export interface SettingsViewOptions {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly people: People;
  readonly windows: Windows;
  readonly models: Models;
  readonly clock: Clock;
  readonly log: Log;
  /** Something was changed: what else shows settings is drawn again. */
  readonly onChange: (team: string, user: string) => void;
}

export interface OpenSettings {
  readonly team: string;
  readonly user: string;
  /** Where it was asked for; null where there is no channel of its own (App Home, a direct message). */
  readonly channel: string | null;
  readonly scope: Scope;
  readonly triggerId: string;
}

export interface SettingsView {
  /** Opens the modal. 'expired': Slack's three seconds were over; the person must be told. Never rejects. */
  open(request: OpenSettings): Promise<'done' | 'expired' | 'failed'>;
  /** A gesture in the modal. Never rejects. */
  gesture(gesture: Gesture): Promise<GestureAnswer>;
}

/** Slack waits three seconds for the answer to a submission; the way to it takes some of them. */
const SUBMIT_MS = 2200;

const TRIES = 3;

/** The settings modal: opened, turned over, submitted. All it has to know is in the modal itself. */
export function createSettingsView(options: SettingsViewOptions): SettingsView {
  const { database, defaults, windows, clock, log } = options;
  const { refusedAt, limitRefusal, widerThan, namesOf } = createSeats(options);

  return {
    async open({ team, user, channel, scope, triggerId }) {
      // At once: a trigger works for three seconds, and the database or the list of models may take longer.
      const opened = await windows.open(team, triggerId, wordsModal(words.ONE_MOMENT));
      if (opened.kind !== 'done') return opened.kind;
      const metadata = { scope, channel, version: 0, generation: 0, fields: 1, warned: '' };
      await show({ team, user, metadata }, opened.viewId, {});
      return 'done';
    },

    async gesture(gesture) {
      const { team, user, view } = gesture;
      const metadata = readMetadata(view.metadata);
      if (gesture.kind === 'suggested') return suggest(gesture, metadata);
      if (metadata === null) return { kind: 'update', view: wordsModal(words.STALE) };
      const seat = { team, user, metadata };
      if (gesture.kind === 'pressed') {
        await press(seat, gesture).catch(async (thrown) => {
          log.warn({ err: toError(thrown) }, 'a press in the settings modal failed');
          await windows.update(team, view.id, wordsModal(words.AWAY));
        });
        return { kind: 'none' };
      }
      return submitInTime(seat, view);
    },
  };

  async function suggest(
    { team, user, view, actionId, typed }: Gesture & { kind: 'suggested' },
    metadata: Metadata | null,
  ): Promise<GestureAnswer> {
    if (actionId !== ACTIONS.model || metadata === null) return { kind: 'options', options: [] };
    const seat = { team, user, metadata };
    // Without the database the list is still good: it only says less of what the wider scope has.
    const wider = widerThan(seat).catch(() => resolve(defaults, [], { direct: false }));
    const set = entriesOf(view.values).get('model') != null;
    return {
      kind: 'options',
      options: modelOptions(await options.models(), typed, { wider: await wider, set }),
    };
  }

  async function press(seat: Seat, gesture: Gesture & { kind: 'pressed' }): Promise<void> {
    const { view, actionId, value } = gesture;
    const { metadata } = seat;
    const anew = { ...metadata, generation: metadata.generation + 1 };
    if (actionId.startsWith(ACTIONS.scope)) {
      const scope = (['person', 'channel', 'workspace'] as const).find((one) => one === value);
      if (scope === undefined || (scope === 'channel' && metadata.channel === null)) return;
      if (scope !== metadata.scope) await turnTo(seat, view, scope);
    } else if (actionId === ACTIONS.model) {
      // The levels of effort are the model's: the field is drawn for the one that was picked.
      const model = entriesOf(view.values).get('model') ?? null;
      await show(seat, view.id, { model, keep: true });
    } else if (actionId === ACTIONS.room) {
      const model = entriesOf(view.values).get('model') ?? null;
      await show({ ...seat, metadata: { ...metadata, fields: metadata.fields + 1 } }, view.id, {
        model,
        keep: true,
      });
    } else if (actionId === ACTIONS.reset) {
      await resetAll({ ...seat, metadata: anew }, view.id);
    }
  }

  /** What was typed stays behind with its tab: where there is any, the first press only says so. */
  async function turnTo(seat: Seat, view: SeenView, scope: Scope): Promise<void> {
    const { metadata } = seat;
    const unsaved = await unsavedIn(seat, view);
    const warned = unsaved.length === 0 ? '' : `${scope} ${unsaved.join(' ')}`;
    if (warned !== metadata.warned && unsaved.length > 0) {
      const labels = unsaved.map((key) => keyOf(key).label);
      const notice = words.unsavedNotice(labels, words.TABS[scope]);
      return show({ ...seat, metadata: { ...metadata, warned } }, view.id, {
        notice,
        keep: true,
        model: entriesOf(view.values).get('model') ?? null,
      });
    }
    const generation = metadata.generation + 1;
    await show({ ...seat, metadata: { ...metadata, generation, scope, fields: 1, warned: '' } }, view.id, {});
  }

  /** Keys whose fields hold something else than the form began with. */
  async function unsavedIn(seat: Seat, view: SeenView): Promise<KeyName[]> {
    const target = targetOf(seat);
    const { settings } = await readScope(database.query, target);
    const since = await changesSince(database.query, target, seat.metadata.version);
    const base = storedBefore(storedOf(settings), since);
    const { changes, problems } = merge(entriesOf(view.values), base, base);
    return [...changes.map(({ key }) => key), ...problems.keys()];
  }

  async function resetAll(seat: Seat, viewId: string): Promise<void> {
    const locked = await refusedAt(seat, 0);
    if (locked !== null) return show(seat, viewId, {});
    const target = targetOf(seat);
    const { settings } = await readScope(database.query, target);
    const changes: Change[] = [];
    const kept: string[] = [];
    for (const { key, by } of settings) {
      if (!isKeyName(key)) continue;
      if ((await limitRefusal(seat, key, by)) === null) changes.push({ key, value: null });
      else kept.push(keyOf(key).label);
    }
    await changeSettings(database, target, { changes, by: seat.user });
    options.onChange(seat.team, seat.user);
    await show(seat, viewId, { notice: words.resetNotice(kept) });
  }

  /** Draws the modal anew. `keep`: with the version it began with, because what was typed stays in it. */
  async function show(
    seat: Seat,
    viewId: string,
    how: { readonly model?: string | null; readonly notice?: string; readonly keep?: boolean },
  ): Promise<void> {
    let view: Modal;
    try {
      view = await draw(seat, how);
    } catch (thrown) {
      log.warn({ err: toError(thrown) }, 'the settings could not be read for a modal');
      view = wordsModal(words.AWAY);
    }
    await windows.update(seat.team, viewId, view);
  }

  async function draw(
    seat: Seat,
    how: { readonly model?: string | null; readonly notice?: string; readonly keep?: boolean },
  ): Promise<Modal> {
    const { team, metadata } = seat;
    const [{ settings: own, version }, wider, models, locked] = await Promise.all([
      readScope(database.query, targetOf(seat)),
      widerThan(seat),
      options.models(),
      refusedAt(seat, 60_000),
    ]);
    const names = await namesOf(team, own);
    const stored = own.find(({ key }) => key === 'instructions')?.value ?? '';
    const fields = Math.max(metadata.fields, fieldsFor(stored));
    const ownModel = own.find(({ key }) => key === 'model')?.value;
    return settingsModal({
      metadata: { ...metadata, fields, version: how.keep === true ? metadata.version : version },
      own,
      wider,
      models,
      model: how.model === undefined ? (ownModel ?? wider.model.value) : (how.model ?? wider.model.value),
      names,
      locked,
      notice: how.notice ?? null,
    });
  }

  async function submitInTime(seat: Seat, view: SeenView): Promise<GestureAnswer> {
    const over = new AbortController();
    const late = clock.sleep(SUBMIT_MS, over.signal).then(() => atFirstField(view, words.LATE));
    return Promise.race([submit(seat, view), late])
      .catch((thrown) => {
        log.error({ err: toError(thrown) }, 'settings could not be saved');
        return atFirstField(view, words.LATE);
      })
      .finally(() => over.abort());
  }

  async function submit(seat: Seat, view: SeenView): Promise<GestureAnswer> {
    // Asked now, not from memory: rights may have been lost while the modal was open.
    const locked = await refusedAt(seat, 0);
    if (locked === CANNOT_CHECK) return atFirstField(view, CANNOT_CHECK);
    if (locked !== null) return { kind: 'update', view: wordsModal(words.refusedToSave(locked)) };
    const target = targetOf(seat);
    const entries = entriesOf(view.values);
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const { settings, version } = await readScope(database.query, target);
      const now = storedOf(settings);
      const since = await changesSince(database.query, target, seat.metadata.version);
      const { changes, conflicts, problems } = merge(entries, storedBefore(now, since), now);
      if (conflicts.length > 0) return conflicting(seat, conflicts, settings);
      const wrong = new Map(problems);
      for (const { key, value } of changes) {
        const problem = await problemOf(seat, { key, value }, entries, settings);
        if (problem !== null && !wrong.has(key)) wrong.set(key, problem);
      }
      if (wrong.size > 0) return { kind: 'errors', errors: atFields(view, wrong) };
      if (changes.length === 0) return { kind: 'none' };
      const outcome = await changeSettings(database, target, { changes, by: seat.user, expected: version });
      if (outcome.kind === 'done') {
        options.onChange(seat.team, seat.user);
        return { kind: 'none' };
      }
      // Changed by somebody between the two statements: compared once more.
    }
    return atFirstField(view, words.LATE);
  }

  /** Somebody else changed the same setting: both values are shown, and the next press of Save decides. */
  async function conflicting(
    seat: Seat,
    conflicts: readonly KeyName[],
    now: readonly Setting[],
  ): Promise<GestureAnswer> {
    const names = await namesOf(seat.team, now);
    const told = conflicts.map((key) => {
      const set = now.find((one) => one.key === key);
      const { label } = keyOf(key);
      if (set === undefined) return { label, now: null };
      const name = names.get(set.by);
      return {
        label,
        now: {
          by: name === undefined ? null : escapeMrkdwn(name),
          value: escapeMrkdwn(set.value.slice(0, 200)),
        },
      };
    });
    const notice = words.conflictNotice(told);
    return { kind: 'update', view: await draw(seat, { notice }) };
  }

  async function problemOf(
    seat: Seat,
    { key, value }: Change,
    entries: ReadonlyMap<KeyName, string | null>,
    settings: readonly Setting[],
  ): Promise<string | null> {
    const setBy = settings.find((one) => one.key === key)?.by ?? null;
    const limit = setBy === null ? null : await limitRefusal(seat, key, setBy);
    if (limit !== null) return wordsOf(limit);
    if (value === null) return null;
    const models = await options.models();
    const chosen = entries.get('model') ?? (await widerThan(seat)).model.value;
    const model = models.find(({ id }) => id === chosen);
    if (key === 'model' && model === undefined) return words.NO_SUCH_MODEL;
    return model === undefined ? null : unsuited(key, value, model);
  }
}

function storedOf(settings: readonly Setting[]): Stored {
  return new Map(settings.flatMap(({ key, value }) => (isKeyName(key) ? [[key, value] as const] : [])));
}

function atFields(view: SeenView, problems: ReadonlyMap<KeyName, string>): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [key, problem] of problems) {
    const field = fieldOf(view.values, key);
    if (field !== null) errors[field] = problem;
  }
  return errors;
}

/** Slack shows errors at fields only. */
function atFirstField(view: SeenView, problem: string): GestureAnswer {
  const first = [...view.values.keys()].find((name) => name.startsWith('set.'));
  return first === undefined
    ? { kind: 'update', view: wordsModal(problem) }
    : { kind: 'errors', errors: { [first]: problem } };
}
