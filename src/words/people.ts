/** What somebody reads who may not do what they wanted, wherever they tried. */

const WORDS = {
  deactivated: 'This account is deactivated, so I can do nothing for it.',
  bot: 'I do not do this for other apps.',
  stranger: 'I answer only people of this workspace here. An admin of the workspace can change that.',
  guest: 'I do not answer guests of the workspace here. An admin of the workspace can change that.',
  not_of_workspace: 'Only people of this workspace may do that.',
  no_guests: 'This is not for guests of the workspace.',
  unknown_person:
    'Slack does not tell me who you are, so I may not do that for you. An admin of the workspace can help.',
  admins_only: 'Only admins of this workspace may do that.',
  not_in_channel: 'Only people who are in that channel may do that.',
  presence_unknown:
    'I could not check with Slack whether you are in that channel. Please try again in a moment. If I am not in it myself, invite me first.',
  set_by_other: 'Somebody else set this limit, so only an admin of this workspace may change it.',
} as const;

/** Why not, in one or two sentences for the person who was refused. Every `Refusal` has its sentence. */
export function wordsOf(refusal: keyof typeof WORDS): string {
  return WORDS[refusal];
}

/** In place of anything that needs rights, while Slack can not be asked. */
export const CANNOT_CHECK = 'I could not check with Slack who you are. Please try again in a moment.';
