import { z } from 'zod';
import type { Incoming, Origin, SlackSelf } from '../../incoming.ts';
import { ignored } from './ignored.ts';
import { claimOfEvent, type SelfOf } from './installation.ts';
import { parseMessage } from './message.ts';
import { eachOf, id, list, maybe, ts } from './schemas.ts';

const envelope = z.object({ event_id: maybe(id), event: z.looseObject({ type: z.string() }) });

/**
 * An Events API body as an `Incoming`. Total: a body that is not what Slack documents is `ignored`, never an exception.
 */
export function parseEvent(body: unknown, selfOf: SelfOf): Incoming {
  const read = envelope.safeParse(body);
  if (!read.success) return ignored('malformed', 'event_callback');
  const { event, event_id: eventId } = read.data;
  const self = selfOf(claimOfEvent(body));
  if (self === null) return ignored('not_installed', event.type);
  const parse = Object.hasOwn(EVENTS, event.type) ? EVENTS[event.type] : undefined;
  return parse === undefined
    ? ignored('unsupported', event.type)
    : parse(event, { team: self.team, eventId }, self);
}

type Parse = (event: unknown, origin: Origin, self: SlackSelf) => Incoming;

/** Every event that we act on; `listeners/events.ts` listens for these. */
const EVENTS: Readonly<Record<string, Parse>> = {
  message: parseMessage,
  app_mention: parseMessage,
  reaction_added: parseReaction,
  app_home_opened: parseHomeOpened,
  member_joined_channel: parseJoin,
  agent_session_stopped: parseStop,
  app_uninstalled: (_event, origin) => ({ kind: 'installation_gone', ...origin, why: 'app_uninstalled' }),
  tokens_revoked: parseRevoked,
};

export const EVENT_TYPES = Object.keys(EVENTS);

const reaction = z.object({
  user: id,
  reaction: z.string(),
  item: z.object({ type: z.literal('message').optional(), channel: id, ts }),
});

function parseReaction(event: unknown, origin: Origin, self: SlackSelf): Incoming {
  const read = reaction.safeParse(event);
  // Reactions to files have another kind of item.
  if (!read.success) return ignored('unsupported', 'reaction_added');
  const { user, reaction: name, item } = read.data;
  if (user === self.botUserId) return ignored('own_reaction', 'reaction_added');
  return {
    kind: 'reaction',
    ...origin,
    name: name.replace(/::skin-tone-\d$/, '').replaceAll('\0', ''),
    user,
    channel: item.channel,
    ts: item.ts,
  };
}

const homeOpened = z.object({ user: id, channel: maybe(id), tab: z.enum(['home', 'messages']) });

function parseHomeOpened(event: unknown, origin: Origin): Incoming {
  const read = homeOpened.safeParse(event);
  if (!read.success) return ignored('unsupported', 'app_home_opened');
  return { kind: 'home_opened', ...origin, ...read.data };
}

const join = z.object({ user: id, channel: id });

function parseJoin(event: unknown, origin: Origin, self: SlackSelf): Incoming {
  const read = join.safeParse(event);
  if (!read.success) return ignored('malformed', 'member_joined_channel');
  const { user, channel } = read.data;
  if (user !== self.botUserId) return ignored('somebody_joined', 'member_joined_channel');
  return { kind: 'joined_channel', ...origin, channel };
}

/** One sample in the wild has `message_ts` in place of the list `streaming_message_ts`: both are read. */
const stop = z.object({
  user: id,
  channel: id,
  thread_ts: maybe(ts),
  message_ts: maybe(ts),
  streaming_message_ts: z.union([ts.transform((one) => [one]), eachOf(ts)]),
});

function parseStop(event: unknown, origin: Origin): Incoming {
  const read = stop.safeParse(event);
  if (!read.success) return ignored('malformed', 'agent_session_stopped');
  const { user, channel, thread_ts: root, message_ts: one, streaming_message_ts: many } = read.data;
  const messageTs = one === null ? many : [...many, one];
  const threadTs = root ?? messageTs[0];
  if (threadTs === undefined) return ignored('malformed', 'agent_session_stopped');
  return { kind: 'stopped', ...origin, channel, threadTs, user, messageTs };
}

const revoked = z.object({ tokens: z.object({ bot: list }) });

/** `tokens.bot` are ids of bot users whose tokens are void (never tokens). */
function parseRevoked(event: unknown, origin: Origin, self: SlackSelf): Incoming {
  const read = revoked.safeParse(event);
  if (!read.success) return ignored('malformed', 'tokens_revoked');
  return read.data.tokens.bot.includes(self.botUserId)
    ? { kind: 'installation_gone', ...origin, why: 'tokens_revoked' }
    : ignored('person_tokens', 'tokens_revoked');
}
