/** What stands between a control of Block Kit and the app: pressing, typing into selects, and the form around it. */
import { createContext, useContext, useState } from 'react';
import type { PageHeld, PageValues } from '../../protocol.ts';
import { type Fields, fields, list, str } from '../text/fields.ts';

export interface Press {
  readonly blockId: string;
  readonly actionId: string;
  readonly value: string;
  /** What a select or checkboxes hold after the change. */
  readonly held?: PageHeld;
}

export interface Form {
  readonly values: PageValues;
  /** What is said at the fields, by block id. */
  readonly errors: Readonly<Record<string, string>>;
  readonly set: (blockId: string, actionId: string, held: PageHeld) => void;
}

export interface Controls {
  /** Settles when the app has answered. */
  readonly press: (press: Press) => Promise<unknown>;
  /** Options of an external select for a typed text; `null` if the app did not answer. */
  readonly suggest: (query: Omit<Press, 'held'>) => Promise<readonly Fields[] | null>;
  /** `null` in messages, which have no inputs. */
  readonly form: Form | null;
}

export const ControlsContext = createContext<Controls>({
  press: () => Promise.resolve(),
  suggest: () => Promise.resolve(null),
  form: null,
});

export const useControls = (): Controls => useContext(ControlsContext);

/** Everything that a control needs to know of its place. */
export interface ControlTraits {
  readonly element: Fields;
  readonly blockId: string;
  /** The app hears of every change: always outside of input blocks. */
  readonly dispatches: boolean;
  /** An input that may be left empty. */
  readonly optional?: boolean;
  /** Ids of its label, and of its hint and error. */
  readonly labelledBy?: string | undefined;
  readonly describedBy?: string | undefined;
  readonly invalid?: boolean;
}

/** What a control holds, and how it is changed. `tell: false` keeps a change from the app for now. */
export function useHeld({
  element,
  blockId,
  dispatches,
}: ControlTraits): readonly [Fields, (held: Fields, tell?: boolean) => void] {
  const { press, form } = useControls();
  const actionId = str(element['action_id']);
  const [local, setLocal] = useState<Fields | null>(null);
  const first = {
    selected_option: element['initial_option'] ?? null,
    selected_options: element['initial_options'] ?? [],
  };
  const held = form === null ? (local ?? first) : (form.values[blockId]?.[actionId] ?? first);
  const change = (next: Fields, tell = true) => {
    const whole = { type: element['type'], ...next };
    if (form === null) setLocal(whole);
    else form.set(blockId, actionId, whole);
    if (dispatches && tell) void press({ blockId, actionId, value: '', held: whole });
  };
  return [held, change];
}

/** The label of an option, or of any text object. */
export function textOf(value: unknown): string {
  return str(fields(value)['text']);
}

/** Options of a select with the label of their group, '' without groups. */
export function optionsOf(element: Fields): readonly { readonly group: string; readonly option: Fields }[] {
  const groups = list(element['option_groups']);
  if (groups.length === 0) return list(element['options']).map((option) => ({ group: '', option }));
  return groups.flatMap((group) =>
    list(group['options']).map((option) => ({ group: textOf(group['label']), option })),
  );
}
