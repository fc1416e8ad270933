import { LATE, within } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { SeenView } from '../../incoming.ts';
import { edit, type Problem, rightsAt } from '../../people/editing.ts';
import { type KeyName, keyOf } from '../../settings/keys.ts';
import type { Setting } from '../../settings/resolve.ts';
import { changesSince } from '../../settings/store.ts';
import { CANNOT_CHECK } from '../../words/people.ts';
import * as words from '../../words/settings-form.ts';
import { escapeMrkdwn } from '../blocks.ts';
import type { GestureAnswer } from '../ports.ts';
import { draw, namesOf } from './draw.ts';
import { wordsModal } from './form.ts';
import { entriesOf, fieldOf, merge, type OpenForm, scopeOf, storedBefore, valuesOf } from './form-state.ts';
import type { SettingsViewOptions } from './settings.ts';

/** Slack waits three seconds for the answer to a submission; the way to it takes some of them. */
const SUBMIT_MS = 2200;

/** Save: what Slack is to show. Never rejects, and answers within the time that Slack waits. */
export async function submitInTime(
  options: SettingsViewOptions,
  form: OpenForm,
  view: SeenView,
): Promise<GestureAnswer> {
  const answer = await within(options.clock, SUBMIT_MS, submit(options, form, view)).catch(
    (thrown): typeof LATE => {
      options.log.error({ err: toError(thrown) }, 'settings could not be saved');
      return LATE;
    },
  );
  return answer === LATE ? atFirstField(view, words.LATE) : answer;
}

interface Conflict {
  readonly keys: readonly KeyName[];
  /** What is stored now. */
  readonly settings: readonly Setting[];
}

async function submit(options: SettingsViewOptions, form: OpenForm, view: SeenView): Promise<GestureAnswer> {
  const { team, user, state } = form;
  const target = scopeOf(form);
  // Asked now, not from memory: rights may have been lost while the modal was open.
  const { person, change } = await rightsAt(options, { team, user, cameFrom: null }, target, 0);
  if (person === null || change === CANNOT_CHECK) return atFirstField(view, CANNOT_CHECK);
  if (change !== null) return { kind: 'update', view: wordsModal(words.refusedToSave(change)) };
  const entries = entriesOf(view.values);
  const edited = await edit<Conflict>(options, person, target, async ({ settings }) => {
    const now = valuesOf(settings);
    const since = await changesSince(options.database.query, target, state.version);
    const { changes, conflicts, problems } = merge(entries, storedBefore(now, since), now);
    if (conflicts.length > 0) return { stop: { keys: conflicts, settings } };
    return { changes, problems };
  });
  switch (edited.kind) {
    case 'done':
      if (edited.changed.length > 0) options.onChange(team, user);
      return { kind: 'none' };
    case 'problems':
      return { kind: 'errors', errors: atFields(view, edited.problems) };
    case 'stopped':
      return conflicting(options, form, edited.stop);
    case 'contended':
      return atFirstField(view, words.BUSY);
  }
}

/** Somebody else changed the same setting: both values are shown, and the next press of Save decides. */
async function conflicting(
  options: SettingsViewOptions,
  form: OpenForm,
  { keys, settings }: Conflict,
): Promise<GestureAnswer> {
  const names = await namesOf(
    options.people,
    form.team,
    settings.map(({ by }) => by),
  );
  const told = keys.map((key) => {
    const set = settings.find((one) => one.key === key);
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
  return { kind: 'update', view: await draw(options, form, { notice }) };
}

function atFields(view: SeenView, problems: ReadonlyMap<KeyName, Problem>): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [key, problem] of problems) {
    const field = fieldOf(view.values, key);
    if (field !== null) errors[field] = 'sentence' in problem ? problem.sentence : words.NO_SUCH_MODEL;
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
