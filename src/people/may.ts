import type { Access } from '../defaults.ts';
import type { Person } from './person.ts';

/** Why somebody may not do something. */
export type Refusal =
  | 'deactivated'
  | 'stranger'
  | 'guest'
  | 'admins_only'
  | 'not_in_channel'
  | 'set_by_other';

/** What a person may want to do that is not everybody's right. */
export type Action =
  | { readonly kind: 'ask'; readonly access: Access }
  | { readonly kind: 'change_own' }
  | {
      readonly kind: 'change_channel';
      readonly inChannel: boolean;
      /** Setting `channel_changes`. */
      readonly by: 'members' | 'admins';
    }
  /** Settings, usage and people of the whole workspace, and other people's own settings. */
  | { readonly kind: 'manage_workspace' }
  /** Usage of a channel, by person. */
  | { readonly kind: 'see_channel'; readonly inChannel: boolean }
  /** A limit (budget, access, retention) that was set before by `setBy`: only an admin lifts what somebody else set. */
  | { readonly kind: 'change_limit'; readonly setBy: string | null };

/** The one rule of who may do what: null if they may, else why not. */
export function refusalOf(person: Person, action: Action): Refusal | null {
  if (person.deactivated) return 'deactivated';
  switch (action.kind) {
    case 'ask':
      return mayAsk(person, action.access);
    case 'change_own':
      return person.kind === 'stranger' ? 'stranger' : null;
    case 'change_channel':
      if (person.admin) return null;
      // Guests write in a channel; how it is answered there is for those it belongs to.
      if (person.kind !== 'member') return person.kind === 'guest' ? 'guest' : 'stranger';
      if (!action.inChannel) return 'not_in_channel';
      return action.by === 'admins' ? 'admins_only' : null;
    case 'see_channel':
      if (person.admin) return null;
      if (person.kind === 'stranger' || person.kind === 'unknown') return 'stranger';
      return action.inChannel ? null : 'not_in_channel';
    case 'manage_workspace':
      return person.admin ? null : 'admins_only';
    case 'change_limit':
      return person.admin || action.setBy === null || action.setBy === person.id ? null : 'set_by_other';
  }
}

function mayAsk({ kind }: Person, access: Access): Refusal | null {
  if (kind === 'stranger') return access === 'everyone' ? null : 'stranger';
  if (kind === 'guest') return access === 'members' ? 'guest' : null;
  // Slack hides a few accounts from apps; those who are of another team were sorted out before.
  return null;
}
