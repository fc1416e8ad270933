import type { Refusal } from './may.ts';

const WORDS: Readonly<Record<Refusal, string>> = {
  deactivated: 'This account is deactivated, so I can do nothing for it.',
  stranger: 'I answer only people of this workspace here. An admin of the workspace can change that.',
  guest: 'I do not do this for guests of the workspace. An admin of the workspace can change who may ask.',
  admins_only: 'Only admins of this workspace may do that.',
  not_in_channel: 'Only people who are in that channel may do that.',
  set_by_other: 'Somebody else set this limit, so only an admin of this workspace may change it.',
};

/** Why not, in one or two sentences for the person who was refused. */
export function wordsOf(refusal: Refusal): string {
  return WORDS[refusal];
}

export const CANNOT_CHECK = 'I could not check with Slack who you are. Please try again in a moment.';
