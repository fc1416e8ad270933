import type {
  ChannelKind,
  FileMeta,
  Incoming,
  IncomingChange,
  IncomingDeletion,
  IncomingIgnored,
  IncomingMessage,
  Origin,
  SlackSelf,
} from '../../admission/incoming.ts';
import { transcriptOf } from '../text/content.ts';
import { addressedUserIds } from '../text/mentions.ts';
import { countOf, eachOf, type Fields, fieldsOf, idOf, listOf, textOf, tsOf } from './fields.ts';
import { ignored } from './origin.ts';

/** Subtypes under which a person's own words arrive. Any other, known or not, is Slack speaking. */
const WRITTEN_BY_A_PERSON = new Set([null, 'file_share', 'thread_broadcast', 'me_message']);

/** `USLACK` writes notices in direct messages, `USLACKBOT` is Slackbot, `UREVOKEDU` stands for withheld text. */
const SYSTEM_USERS = new Set(['USLACK', 'USLACKBOT', 'UREVOKEDU']);

const CHANNEL_KINDS = new Set<unknown>(['channel', 'group', 'im', 'mpim']);

/** An inner event of type `message` or `app_mention`. */
export function parseMessage(event: Fields, origin: Origin, external: boolean, self: SlackSelf): Incoming {
  const subtype = textOf(event['subtype']);
  if (subtype === 'message_changed') return parseChange(event, origin, external, self);
  if (subtype === 'message_deleted') return parseDeletion(event, origin, self);
  const viaMention = event['type'] === 'app_mention';
  const refusal = notFromAPerson(event, self);
  if (refusal !== null) return refusal;
  if (event['hidden'] === true) return ignored('hidden', subtype);
  // Slack delivers an edit that contains the mention as a new mention with the old ts.
  if (viaMention && fieldsOf(event['edited']) !== null) return ignored('edited_mention', event['type']);
  const written = parseWritten(event, event, origin, external, self);
  if (written.kind === 'ignored') return written;
  const mentionsBot = viaMention || written.mentionsBot;
  if (written.channelKind !== 'im' && written.threadTs === null && !mentionsBot) {
    return ignored('not_addressed', written.channelKind);
  }
  return { ...written, viaMention, mentionsBot, edited: fieldsOf(event['edited']) !== null, subtype };
}

/** Own messages, other bots, Slack itself and system subtypes; `null` for what a person wrote. */
function notFromAPerson(message: Fields, self: SlackSelf): IncomingIgnored | null {
  const subtype = textOf(message['subtype']);
  if (isOwn(message, self)) return ignored('own_message', subtype);
  if (typeof message['user'] === 'string' && SYSTEM_USERS.has(message['user'])) {
    return ignored('uslack', message['user']);
  }
  if (
    subtype === 'bot_message' ||
    idOf(message['bot_id']) !== null ||
    fieldsOf(message['bot_profile']) !== null
  ) {
    return ignored('bot_message', subtype);
  }
  if (!WRITTEN_BY_A_PERSON.has(subtype)) return ignored('system_subtype', subtype);
  return null;
}

function isOwn(message: Fields, self: SlackSelf): boolean {
  return (
    message['user'] === self.botUserId ||
    message['bot_id'] === self.botId ||
    (self.appId !== null && message['app_id'] === self.appId)
  );
}

/** What a message and the new state of an edited one have in common. `message` is the one with the words. */
function parseWritten(
  event: Fields,
  message: Fields,
  origin: Origin,
  external: boolean,
  self: SlackSelf,
): Omit<IncomingMessage, 'viaMention' | 'edited' | 'subtype'> | IncomingIgnored {
  const user = idOf(message['user']);
  if (user === null) return ignored('no_user', event['subtype'] ?? event['type']);
  const channel = idOf(event['channel']);
  const ts = tsOf(message['ts']);
  if (channel === null || ts === null) return ignored('malformed', event['type']);
  const text = textOf(message['text']) ?? '';
  const blocks = listOf(message['blocks']);
  return {
    kind: 'message',
    ...origin,
    channel,
    channelKind: channelKindOf(event['channel_type'] ?? message['channel_type'], channel),
    ts,
    threadTs: threadOf(message, ts),
    user,
    userTeam: idOf(message['user_team']) ?? idOf(message['team']),
    text,
    blocks,
    attachments: listOf(message['attachments']),
    files: eachOf(message['files'], fileOf),
    clientMsgId: idOf(message['client_msg_id']),
    mentionsBot: addressedUserIds({ text, blocks }).includes(self.botUserId),
    external,
  };
}

function parseChange(event: Fields, origin: Origin, external: boolean, self: SlackSelf): Incoming {
  const message = fieldsOf(event['message']);
  if (message === null) return ignored('malformed', 'message_changed');
  const previous = fieldsOf(event['previous_message']);
  // A deleted root that has replies stays as a tombstone, whose author is Slack.
  if (message['subtype'] === 'tombstone') {
    return deletionOf(event, origin, message['ts'], previous, threadOf(message, message['ts']), self);
  }
  const refusal = notFromAPerson(message, self);
  if (refusal !== null)
    return refusal.reason === 'own_message' ? ignored('own_edit', event['subtype']) : refusal;
  const written = parseWritten(event, message, origin, external, self);
  if (written.kind === 'ignored') return written;
  const previousText = previous === null ? null : textOf(previous['text']);
  const change: IncomingChange = {
    ...written,
    kind: 'message_changed',
    previousText,
    textChanged: previousText === null || previousText !== written.text,
    mentionedBotBefore:
      previous !== null &&
      addressedUserIds({ text: previousText ?? '', blocks: listOf(previous['blocks']) }).includes(
        self.botUserId,
      ),
  };
  return change;
}

function parseDeletion(event: Fields, origin: Origin, self: SlackSelf): Incoming {
  const previous = fieldsOf(event['previous_message']);
  const ts = tsOf(event['deleted_ts']) ?? tsOf(previous?.['ts']);
  return deletionOf(event, origin, ts, previous, previous === null ? null : threadOf(previous, ts), self);
}

function deletionOf(
  event: Fields,
  origin: Origin,
  rawTs: unknown,
  previous: Fields | null,
  threadTs: string | null,
  self: SlackSelf,
): IncomingDeletion | IncomingIgnored {
  const channel = idOf(event['channel']);
  const ts = tsOf(rawTs);
  if (channel === null || ts === null) return ignored('malformed', event['subtype']);
  const user = idOf(previous?.['user']);
  const own = previous !== null && isOwn(previous, self);
  return { kind: 'message_deleted', ...origin, channel, ts, threadTs, user, own };
}

/** Slack repeats a root's own ts as its `thread_ts` once it has replies; for us that is no thread it is in. */
function threadOf(message: Fields, ts: unknown): string | null {
  const threadTs = tsOf(message['thread_ts']);
  return threadTs === ts ? null : threadTs;
}

/** `app_mention` has no `channel_type`; only `D` tells a kind by itself (C and G may be either). */
function channelKindOf(type: unknown, channel: string): ChannelKind {
  if (isChannelKind(type)) return type;
  return channel.startsWith('D') ? 'im' : 'unknown';
}

function isChannelKind(type: unknown): type is ChannelKind {
  return CHANNEL_KINDS.has(type);
}

function fileOf(raw: unknown): FileMeta | null {
  const file = fieldsOf(raw);
  const id = idOf(file?.['id']);
  if (file === null || id === null) return null;
  return {
    id,
    name: textOf(file['name']),
    title: textOf(file['title']),
    mimetype: textOf(file['mimetype']),
    filetype: textOf(file['filetype']),
    size: countOf(file['size']),
    mode: textOf(file['mode']),
    access: textOf(file['file_access']),
    url: textOf(file['url_private_download']) ?? textOf(file['url_private']),
    transcript: transcriptOf(file),
  };
}
