import { useMemo, useRef, useState } from 'react';
import type { PageHeld, PageValues, PageView } from '../../protocol.ts';
import type { Controls } from '../forms/controls.ts';
import { useAct } from '../shell/app.ts';
import { adopt } from '../state/views.ts';
import { list } from '../text/fields.ts';

export interface ViewControls {
  readonly controls: Controls;
  /** The inputs as they stand at this moment, also between two drawings. */
  readonly values: () => PageValues;
  readonly errors: Readonly<Record<string, string>>;
  readonly setErrors: (errors: Readonly<Record<string, string>>) => void;
}

/**
 * What a person does in a view. What was typed stays when the app changes the view, for inputs that keep their
 * ids, and when a view that lay above it is closed (`kept`, by view id).
 */
export function useViewControls(view: PageView, kept: Map<string, PageValues>): ViewControls {
  const act = useAct();
  const { id, user, hash } = view;
  const now = useRef<{ id: string; hash: string; values: PageValues } | null>(null);
  const [, redraw] = useState(0);
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  if (now.current?.hash !== hash || now.current.id !== id) {
    now.current = { id, hash, values: adopt(kept.get(id) ?? {}, view.values) };
    kept.set(id, now.current.values);
  }
  const { values } = now.current;
  const controls: Controls = useMemo(() => {
    const set = (blockId: string, actionId: string, held: PageHeld) => {
      if (now.current === null) return;
      const before = now.current.values;
      const next = { ...before, [blockId]: { ...before[blockId], [actionId]: held } };
      now.current = { ...now.current, values: next };
      kept.set(id, next);
      setErrors(({ [blockId]: _, '': __, ...rest }) => rest);
      redraw((count) => count + 1);
    };
    return {
      press: (press) =>
        act({ type: 'click_view', user, viewId: id, ...press, values: now.current?.values ?? {} }),
      suggest: async (query) => {
        const result = await act({ type: 'suggest', user, place: { viewId: id }, ...query });
        return result.ok ? list(result.options) : null;
      },
      form: { values, errors, set },
    };
  }, [act, user, id, values, errors, kept]);
  return { controls, values: () => now.current?.values ?? {}, errors, setErrors };
}
