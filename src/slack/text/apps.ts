import { type Fields, fieldsOf, idOf, textOf } from '../parse/fields.ts';
import { cleanName } from './names.ts';

/**
 * Whether a message is an app's own. What an app posts with a person's token has a `bot_id` beside the `user` too; then
 * the bot user that `bot_profile` names is not the one who speaks.
 */
export function isByApp(message: Fields): boolean {
  if (message['subtype'] === 'bot_message' || idOf(message['user']) === null) return true;
  if (idOf(message['bot_id']) === null) return false;
  const botUser = idOf(fieldsOf(message['bot_profile'])?.['user_id']);
  return botUser === null || botUser === message['user'];
}

/** The name under which an app speaks: the one that it chose for this message, else its own. */
export function appName(message: Fields): string {
  const profile = fieldsOf(message['bot_profile']);
  return cleanName(textOf(message['username']) ?? textOf(profile?.['name']) ?? '') || 'an app';
}
