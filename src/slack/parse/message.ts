import { z } from 'zod';
import type {
  ChannelKind,
  Incoming,
  IncomingChange,
  IncomingDeletion,
  IncomingIgnored,
  IncomingMessage,
  Origin,
  SlackSelf,
  WritingApp,
} from '../../incoming.ts';
import { addressedUserIds, leadingMention, mentionedUserIds } from '../text/mentions.ts';
import { cleanName } from '../text/names.ts';
import { file } from './file.ts';
import { ignored } from './ignored.ts';
import { eachOf, id, list, maybe, text, ts } from './schemas.ts';

/** Subtypes under which somebody's own words arrive. Any other, known or not, is Slack speaking. */
const WRITTEN = new Set([null, 'file_share', 'thread_broadcast', 'me_message', 'bot_message']);

/** `USLACK` writes notices in direct messages, `USLACKBOT` is Slackbot, `UREVOKEDU` stands for withheld text. */
const SYSTEM_USERS = new Set(['USLACK', 'USLACKBOT', 'UREVOKEDU']);

const channelKind = z.enum(['channel', 'group', 'im', 'mpim']);

const profile = z.object({
  id: maybe(id),
  app_id: maybe(id),
  user_id: maybe(id),
  name: maybe(text),
});

/** A message, as an event of its own or inside one that tells of its change. */
const message = z.object({
  subtype: maybe(text),
  channel_type: maybe(channelKind),
  user: maybe(id),
  user_team: maybe(id),
  team: maybe(id),
  ts: maybe(ts),
  thread_ts: maybe(ts),
  text: text.catch(''),
  blocks: list,
  attachments: list,
  files: eachOf(file),
  edited: maybe(z.object({})),
  hidden: z.boolean().default(false).catch(false),
  bot_id: maybe(id),
  app_id: maybe(id),
  username: maybe(text),
  bot_profile: maybe(profile),
});

type Message = z.infer<typeof message>;

const change = z.object({
  type: maybe(text),
  subtype: maybe(text),
  channel: maybe(id),
  channel_type: maybe(channelKind),
  message: maybe(message),
  previous_message: maybe(message),
  deleted_ts: maybe(ts),
});

type Change = z.infer<typeof change>;

/** An inner event of type `message` or `app_mention`. */
export function parseMessage(event: unknown, origin: Origin, self: SlackSelf): Incoming {
  const outer = change.safeParse(event);
  const said = message.safeParse(event);
  if (!outer.success || !said.success) return ignored('malformed', 'message');
  switch (outer.data.subtype) {
    case 'message_changed':
      return parseChange(outer.data, origin, self);
    case 'message_deleted':
      return parseDeletion(outer.data, origin, self);
    default:
      return parseSaid(said.data, outer.data, origin, self);
  }
}

/**
 * Both events of a mention become the same message. Whether it mentions us is read from its words, not from the type of
 * the event: Slack was seen to send `app_mention` for messages without a mention in them.
 */
function parseSaid(said: Message, outer: Change, origin: Origin, self: SlackSelf): Incoming {
  const refusal = notWritten(said, self);
  if (refusal !== null) return refusal;
  if (said.hidden) return ignored('hidden', said.subtype);
  // Slack delivers an edit that contains the mention as a new mention with the old ts; `message_changed` comes as well.
  if (outer.type === 'app_mention' && said.edited !== null) return ignored('edited_mention', said.subtype);
  const written = writtenBy(said, outer, origin, self);
  return written.kind === 'ignored' ? written : { ...written, kind: 'message', asked: false };
}

/** Own messages, Slack itself and system subtypes; null for what somebody wrote. */
function notWritten(said: Message, self: SlackSelf): IncomingIgnored | null {
  if (isOwn(said, self)) return ignored('own_message', said.subtype);
  if (said.user !== null && SYSTEM_USERS.has(said.user)) return ignored('uslack', said.user);
  if (!WRITTEN.has(said.subtype)) return ignored('system_subtype', said.subtype);
  return null;
}

function isOwn(said: Message, self: SlackSelf): boolean {
  return said.user === self.botUserId || (said.bot_id !== null && said.bot_id === self.botId);
}

type Written = Omit<IncomingMessage, 'kind' | 'asked'> & { readonly kind: 'written' };

/** What a message and the new state of an edited one have in common. */
function writtenBy(said: Message, outer: Change, origin: Origin, self: SlackSelf): Written | IncomingIgnored {
  const user = said.user ?? said.bot_id;
  if (user === null) return ignored('no_user', said.subtype);
  const { channel } = outer;
  if (channel === null || said.ts === null) return ignored('malformed', said.subtype);
  const { blocks, attachments } = said;
  const words = { text: said.text, blocks };
  const first = leadingMention(words);
  return {
    kind: 'written',
    ...origin,
    channel,
    channelKind: kindOf(outer.channel_type ?? said.channel_type, channel),
    ts: said.ts,
    threadTs: threadOf(said),
    user,
    userTeam: said.user_team ?? said.team,
    text: said.text,
    blocks,
    attachments,
    files: said.files,
    mentionsBot: addressedUserIds(words).includes(self.botUserId),
    toSomebodyElse: first !== null && first !== self.botUserId,
    app: appOf(said),
  };
}

/**
 * The app behind a message. One that posts with a person's token leaves `bot_id` and `bot_profile` beside the person's
 * `user`, exactly as one that posts as its own bot user: only a profile that names this user is certain.
 */
function appOf({ subtype, user, bot_id, app_id, username, bot_profile: shown }: Message): WritingApp | null {
  if (bot_id === null && shown === null && subtype !== 'bot_message') return null;
  const name = shown?.name ?? username;
  const ids = [user, bot_id, app_id, shown?.id ?? null, shown?.app_id ?? null].filter((one) => one !== null);
  return {
    name: name === null ? null : cleanName(name) || null,
    ids: [...new Set(ids)],
    certain: subtype === 'bot_message' || user === null || shown?.user_id === user,
  };
}

function parseChange(event: Change, origin: Origin, self: SlackSelf): Incoming {
  const { message: now, previous_message: before } = event;
  if (now === null) return ignored('malformed', 'message_changed');
  // A deleted root that has replies stays as a tombstone, whose author is Slack.
  if (now.subtype === 'tombstone') return deletionOf(event, origin, now, before, self);
  const refusal = notWritten(now, self);
  if (refusal !== null)
    return refusal.reason === 'own_message' ? ignored('own_edit', event.subtype) : refusal;
  const written = writtenBy(now, event, origin, self);
  if (written.kind === 'ignored') return written;
  const changed: IncomingChange = {
    ...written,
    kind: 'message_changed',
    // Slack marks what a person edited; a link preview that arrives as a change has no such mark.
    textChanged: before === null ? now.edited !== null : before.text !== now.text,
    mentionedBotBefore: before !== null && mentionedUserIds(before).includes(self.botUserId),
  };
  return changed;
}

function parseDeletion(event: Change, origin: Origin, self: SlackSelf): Incoming {
  const { previous_message: before, deleted_ts: gone } = event;
  return deletionOf(event, origin, { ts: gone ?? before?.ts ?? null, thread_ts: null }, before, self);
}

function deletionOf(
  { channel, subtype }: Change,
  origin: Origin,
  gone: Pick<Message, 'ts' | 'thread_ts'>,
  before: Message | null,
  self: SlackSelf,
): IncomingDeletion | IncomingIgnored {
  if (channel === null || gone.ts === null) return ignored('malformed', subtype);
  const threadTs = threadOf({ ts: gone.ts, thread_ts: gone.thread_ts ?? before?.thread_ts ?? null });
  const own = before !== null && isOwn(before, self);
  return { kind: 'message_deleted', ...origin, channel, ts: gone.ts, threadTs, own };
}

/** Slack repeats a root's own ts as its `thread_ts` once it has replies; for us that is no thread it is in. */
function threadOf({ ts: own, thread_ts: root }: Pick<Message, 'ts' | 'thread_ts'>): string | null {
  return root === own ? null : root;
}

/** `app_mention` has no `channel_type`; only `D` tells a kind by itself (C and G may be either). */
function kindOf(type: z.infer<typeof channelKind> | null, channel: string): ChannelKind {
  return type ?? (channel.startsWith('D') ? 'im' : 'unknown');
}
