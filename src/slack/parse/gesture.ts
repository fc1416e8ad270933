import type { Gesture, SeenView } from '../../views/ports.ts';
import { type Fields, fieldsOf, idOf, listOf, textOf } from './fields.ts';

/** Longer than any view of ours; what is longer was made by somebody else. */
const MOST_METADATA = 3000;

/**
 * What a person did in a modal or the Home tab; null for any other payload, and for one that is not what Slack
 * documents. Never throws.
 */
export function parseGesture(payload: unknown): Gesture | null {
  const body = fieldsOf(payload);
  const view = viewOf(fieldsOf(body?.['view']));
  const person = fieldsOf(body?.['user']);
  const user = idOf(person?.['id']);
  const team = idOf(fieldsOf(body?.['team'])?.['id']) ?? idOf(person?.['team_id']);
  if (body === null || view === null || user === null || team === null) return null;
  const who = { team, user, view };
  switch (body['type']) {
    case 'view_submission':
      return { kind: 'submitted', ...who };
    case 'block_suggestion': {
      const actionId = textOf(body['action_id']);
      return actionId === null
        ? null
        : { kind: 'suggested', ...who, actionId, typed: textOf(body['value']) ?? '' };
    }
    case 'block_actions': {
      const action = fieldsOf(listOf(body['actions'])[0]);
      const actionId = textOf(action?.['action_id']);
      if (action === null || actionId === null) return null;
      const triggerId = textOf(body['trigger_id']);
      return { kind: 'pressed', ...who, actionId, value: heldValue(action), triggerId };
    }
    default:
      return null;
  }
}

function viewOf(view: Fields | null): SeenView | null {
  const id = idOf(view?.['id']);
  const metadata = textOf(view?.['private_metadata']) ?? '';
  if (view === null || id === null || metadata.length > MOST_METADATA) return null;
  const values = new Map<string, string | null>();
  for (const [block, inputs] of Object.entries(fieldsOf(fieldsOf(view['state'])?.['values']) ?? {})) {
    const held = fieldsOf(Object.values(fieldsOf(inputs) ?? {})[0]);
    if (held !== null) values.set(block, heldValue(held));
  }
  return {
    id,
    callbackId: textOf(view['callback_id']) ?? '',
    metadata,
    values,
  };
}

/** One input's value: typed text, or the value of the option that was picked. */
function heldValue(held: Fields): string | null {
  return (
    textOf(held['value']) ??
    textOf(fieldsOf(held['selected_option'])?.['value']) ??
    textOf(held['selected_conversation'])
  );
}
