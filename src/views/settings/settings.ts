import type { Clock } from '../../clock.ts';
import { toError } from '../../errors.ts';
import type { Gesture } from '../../incoming.ts';
import type { Log } from '../../log.ts';
import { type EditingPorts, widerThan } from '../../people/editing.ts';
import { resolve } from '../../settings/resolve.ts';
import type { Target } from '../../settings/store.ts';
import * as words from '../../words/settings-form.ts';
import type { GestureAnswer, Windows } from '../ports.ts';
import { show } from './draw.ts';
import { ACTIONS, modelOptions } from './fields.ts';
import { wordsModal } from './form.ts';
import { entriesOf, type FormState, firstState, readState, scopeOf } from './form-state.ts';
import { press } from './press.ts';
import { submitInTime } from './submit.ts';

export interface SettingsViewOptions extends EditingPorts {
  readonly windows: Windows;
  readonly clock: Clock;
  readonly log: Log;
  /** Something was changed: what else shows settings is drawn again. */
  readonly onChange: (team: string, user: string) => void;
}

interface OpenSettings {
  readonly team: string;
  readonly user: string;
  /** Where it was asked for; null where there is no channel of its own (App Home, a direct message). */
  readonly channel: string | null;
  /** The scope that is shown first. It may name anything: rights are asked before a value is shown. */
  readonly target: Target;
  readonly triggerId: string;
}

export interface SettingsView {
  /** Opens the modal. 'expired': Slack's three seconds were over; the person must be told. Never rejects. */
  open(request: OpenSettings): Promise<'done' | 'expired' | 'failed'>;
  /** A gesture in the modal. Never rejects. */
  gesture(gesture: Gesture): Promise<GestureAnswer>;
}

/** The settings modal: opened, turned over, submitted. All it has to know is in the modal itself. */
export function createSettingsView(options: SettingsViewOptions): SettingsView {
  const { windows, log } = options;
  return {
    async open({ team, user, channel, target, triggerId }) {
      // At once: a trigger works for three seconds, and the database or the list of models may take longer.
      const opened = await windows.open(team, triggerId, wordsModal(words.ONE_MOMENT));
      if (opened.kind !== 'done') return opened.kind;
      await show(options, { team, user, state: firstState(target, user, channel) }, opened.viewId, {});
      return 'done';
    },

    async gesture(gesture) {
      const { team, user, view } = gesture;
      const state = readState(view.metadata);
      if (gesture.kind === 'suggested') return suggest(options, gesture, state);
      if (state === null) return { kind: 'update', view: wordsModal(words.STALE) };
      const form = { team, user, state };
      if (gesture.kind === 'pressed') {
        await press(options, form, gesture).catch(async (thrown) => {
          log.warn({ err: toError(thrown) }, 'a press in the settings modal failed');
          await windows.update(team, view.id, wordsModal(words.AWAY));
        });
        return { kind: 'none' };
      }
      return submitInTime(options, form, view);
    },
  };
}

async function suggest(
  options: SettingsViewOptions,
  { team, user, view, actionId, typed }: Gesture & { kind: 'suggested' },
  state: FormState | null,
): Promise<GestureAnswer> {
  if (actionId !== ACTIONS.model || state === null) return { kind: 'options', options: [] };
  // Without the database the list is still good: it only says less of what the wider scope has.
  const nothing = () => resolve(options.defaults, [], { direct: false });
  const wider = widerThan(options, scopeOf({ team, user, state })).catch(nothing);
  const set = entriesOf(view.values).get('model') != null;
  const { models } = await options.models();
  return { kind: 'options', options: modelOptions(models, typed, { wider: await wider, set }) };
}
