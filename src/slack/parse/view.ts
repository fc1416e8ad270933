import { z } from 'zod';
import type { Incoming, SeenView } from '../../incoming.ts';
import { ignored } from './ignored.ts';
import { claimOfInteraction, type SelfOf } from './installation.ts';
import { id, list, maybe, person, text } from './schemas.ts';

/** Longer than any view of ours; what is longer was made by somebody else. */
const MOST_METADATA = 3000;

/** One input's value: typed text, or the value of the option that was picked. */
const held = z
  .object({
    value: maybe(text),
    selected_option: maybe(z.object({ value: maybe(text) })),
    selected_conversation: maybe(text),
  })
  .transform((input) => input.value ?? input.selected_option?.value ?? input.selected_conversation);

const inputs = z.record(z.string(), z.record(z.string(), z.unknown()).catch({})).catch({});

const view = z.object({
  id,
  callback_id: text.catch(''),
  private_metadata: text.pipe(z.string().max(MOST_METADATA)).nullish(),
  state: z.object({ values: inputs }).catch({ values: {} }),
});

const body = z.object({
  type: z.string(),
  user: person,
  view,
  actions: list,
  /** Of a `block_suggestion`: the select, and what was typed into it. */
  action_id: maybe(text),
  value: maybe(text),
  trigger_id: maybe(text),
});

const action = z.object({ action_id: text });

/**
 * What a person did in a modal or the Home tab: `view_submission`, `block_suggestion`, or `block_actions` without a
 * message. Total.
 */
export function parseGesture(payload: unknown, selfOf: SelfOf): Incoming {
  const read = body.safeParse(payload);
  if (!read.success) return ignored('malformed', 'view');
  const { type, user, actions, action_id: asked, value: typed, trigger_id: triggerId } = read.data;
  const self = selfOf(claimOfInteraction(payload));
  if (self === null) return ignored('not_installed', type);
  const who = { team: self.team, user: user.id, userTeam: user.team_id, view: seen(read.data.view) };
  switch (type) {
    case 'view_submission':
      return { kind: 'submitted', ...who };
    case 'block_suggestion':
      return asked === null
        ? ignored('malformed', type)
        : { kind: 'suggested', ...who, actionId: asked, typed: typed ?? '' };
    case 'block_actions': {
      const used = action.safeParse(actions[0]);
      if (!used.success) return ignored('malformed', type);
      const value = held.safeParse(actions[0]).data ?? null;
      return { kind: 'pressed', ...who, actionId: used.data.action_id, value, triggerId };
    }
    default:
      return ignored('unsupported', type);
  }
}

function seen(given: z.infer<typeof view>): SeenView {
  const values = new Map<string, string | null>();
  for (const [block, holders] of Object.entries(given.state.values)) {
    const read = held.safeParse(Object.values(holders)[0]);
    if (read.success) values.set(block, read.data);
  }
  return { id: given.id, callbackId: given.callback_id, metadata: given.private_metadata ?? '', values };
}
