import type { Access } from '../defaults.ts';
import type { Person, Presence } from './person.ts';

/** Why somebody may not do something. Each has its sentence in `words/people.ts`. */
export type Refusal =
  | 'deactivated'
  /** Another app asks. */
  | 'bot'
  /** A person of another company, or a guest, asks where the setting `access` does not let them. */
  | 'stranger'
  | 'guest'
  /** The same two, for what no setting opens to them. */
  | 'not_of_workspace'
  | 'no_guests'
  /** Slack does not tell who this is, so that a rule about it can't be kept. */
  | 'unknown_person'
  | 'admins_only'
  | 'not_in_channel'
  /** Slack does not tell whether this person is in the channel. */
  | 'presence_unknown'
  | 'set_by_other';

/** What a person may want to do that is not everybody's right. */
export type Action =
  | {
      readonly kind: 'ask';
      readonly access: Access;
      /** Somebody chose `access` (`askAction` in `gate.ts`), so that it holds also while Slack does not tell who asks. */
      readonly ruled: boolean;
      /** Setting `bots`: ids of the bots and apps that may ask. */
      readonly bots: readonly string[];
    }
  | { readonly kind: 'change_own' }
  | {
      readonly kind: 'change_channel';
      readonly inChannel: Presence;
      /** Setting `channel_changes`. */
      readonly by: 'members' | 'admins';
    }
  /** Settings, usage and people of the whole workspace, and other people's own settings. */
  | { readonly kind: 'manage_workspace' }
  /** Usage of a channel, by person. */
  | { readonly kind: 'see_channel'; readonly inChannel: Presence }
  /** A limit (budget, access, retention) that was set before by `setBy`: only an admin lifts what somebody else set. */
  | { readonly kind: 'change_limit'; readonly setBy: string | null };

/** The one rule of who may do what: null if they may, else why not. */
export function refusalOf(person: Person, action: Action): Refusal | null {
  if (person.deactivated) return 'deactivated';
  if (person.kind === 'bot') return action.kind === 'ask' && action.bots.includes(person.id) ? null : 'bot';
  switch (action.kind) {
    case 'ask':
      return mayAsk(person, action);
    case 'change_own':
      return person.admin ? null : outsideOf(person);
    case 'change_channel':
      if (person.admin) return null;
      // Guests write in a channel; how it is answered there is for those it belongs to.
      if (person.kind === 'guest') return 'no_guests';
      if (action.by === 'admins') return outsideOf(person) ?? 'admins_only';
      return outsideOf(person) ?? absence(action.inChannel);
    case 'see_channel':
      return person.admin ? null : (outsideOf(person) ?? absence(action.inChannel));
    case 'manage_workspace':
      return person.admin ? null : 'admins_only';
    case 'change_limit':
      return person.admin || action.setBy === null || action.setBy === person.id ? null : 'set_by_other';
  }
}

function mayAsk({ kind, admin }: Person, { access, ruled }: Action & { kind: 'ask' }): Refusal | null {
  if (access === 'everyone') return null;
  switch (kind) {
    case 'stranger':
      return 'stranger';
    case 'guest':
      return access === 'members' ? 'guest' : null;
    case 'unknown':
      return ruled && !admin ? 'unknown_person' : null;
    default:
      return null;
  }
}

/** Why a person is not one of this workspace; null: they are. */
function outsideOf({ kind }: Person): Refusal | null {
  if (kind === 'unknown') return 'unknown_person';
  return kind === 'stranger' ? 'not_of_workspace' : null;
}

function absence(inChannel: Presence): Refusal | null {
  if (inChannel === 'unknown') return 'presence_unknown';
  return inChannel === 'yes' ? null : 'not_in_channel';
}
