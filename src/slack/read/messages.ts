import type { EarlierMessage, RawMessage } from '../../reply/ports.ts';
import { fieldsOf, idOf, listOf, textOf } from '../parse/fields.ts';
import { appName, isByApp } from '../text/apps.ts';
import { fileOf, type SlackContent } from '../text/content.ts';
import type { Self } from './reader.ts';

/** Subtypes that are words of somebody; all others are Slack's own remarks about the channel. */
const SPOKEN = new Set(['', 'file_share', 'thread_broadcast', 'me_message', 'bot_message']);

export interface Content {
  readonly content: SlackContent;
  /** Name of a bot, which has no profile to ask for. */
  readonly name: string | null;
}

/** The stored JSON text of a message; anything that is not what we wrote reads as no words. */
export function contentOf({ raw }: RawMessage): Content {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(raw);
  } catch {
    // Falls through to an empty message.
  }
  const fields = fieldsOf(parsed) ?? {};
  return {
    content: {
      text: textOf(fields['text']) ?? '',
      blocks: listOf(fields['blocks']),
      attachments: listOf(fields['attachments']),
      files: listOf(fields['files']).map(fileOf),
    },
    name: textOf(fields['name']),
  };
}

/**
 * A message of a thread as Slack lists it (`conversations.replies`); null if it is no words of anybody. Of an app it keeps
 * the name: an app has no profile to ask for.
 */
export function earlierOf(untrusted: unknown, us: Self | null): EarlierMessage | null {
  const message = fieldsOf(untrusted);
  const slackTs = textOf(message?.['ts']);
  if (message === null || slackTs === null || !SPOKEN.has(textOf(message['subtype']) ?? '')) return null;
  const user = idOf(message['user']);
  const botId = idOf(message['bot_id']);
  const own = us !== null && (user === us.botUserId || botId === us.botId);
  const byApp = isByApp(message);
  const raw = JSON.stringify({
    text: textOf(message['text']) ?? '',
    blocks: listOf(message['blocks']),
    attachments: listOf(message['attachments']),
    files: listOf(message['files']),
    ...(byApp ? { name: appName(message) } : {}),
  });
  return { slackTs, role: own ? 'assistant' : 'user', speaker: byApp || own ? null : user, raw };
}
