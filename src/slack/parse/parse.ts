import type { Incoming, Origin, SlackSelf } from '../../admission/incoming.ts';
import { countOf, eachOf, type Fields, fieldsOf, idOf, tsOf } from './fields.ts';
import { parseAction, parseCommand, parseShortcut } from './interaction.ts';
import { parseMessage } from './message.ts';
import { eventOrigin, ignored } from './origin.ts';

/**
 * Any payload of Slack's Events API, interactivity or slash commands as an `Incoming`. Total: a payload that
 * is not what Slack documents is `ignored`, never an exception.
 */
export function parseIncoming(payload: unknown, self: SlackSelf): Incoming {
  const body = fieldsOf(payload);
  if (body === null) return ignored('malformed', typeof payload);
  if (body['type'] === 'event_callback') return parseEnvelope(body, self);
  if (body['type'] === 'block_actions') return parseAction(body);
  if (body['type'] === 'shortcut' || body['type'] === 'message_action') return parseShortcut(body);
  if (body['type'] === 'app_rate_limited') return parseRateLimited(body);
  if (body['type'] === undefined && typeof body['command'] === 'string') return parseCommand(body);
  return ignored('unsupported', body['type']);
}

function parseEnvelope(envelope: Fields, self: SlackSelf): Incoming {
  const event = fieldsOf(envelope['event']);
  const origin = eventOrigin(envelope);
  if (event === null || typeof event['type'] !== 'string' || origin === null) {
    return ignored('malformed', event?.['type'] ?? 'event_callback');
  }
  const external = envelope['is_ext_shared_channel'] === true;
  switch (event['type']) {
    case 'message':
    case 'app_mention':
      return parseMessage(event, origin, external, self);
    case 'reaction_added':
    case 'reaction_removed':
      return parseReaction(event, origin, self);
    case 'app_home_opened':
      return parseHomeOpened(event, origin);
    case 'member_joined_channel':
      return parseJoin(event, origin, self);
    case 'agent_session_stopped':
      return parseStop(event, origin);
    case 'app_uninstalled':
      return { kind: 'uninstalled', ...origin };
    case 'tokens_revoked': {
      const tokens = fieldsOf(event['tokens']);
      const bots = eachOf(tokens?.['bot'], idOf);
      return { kind: 'tokens_revoked', ...origin, bots, users: eachOf(tokens?.['oauth'], idOf) };
    }
    default:
      return ignored('unsupported', event['type']);
  }
}

function parseReaction(event: Fields, origin: Origin, self: SlackSelf): Incoming {
  const item = fieldsOf(event['item']);
  const user = idOf(event['user']);
  const name = event['reaction'];
  if (item !== null && item['type'] !== 'message') return ignored('unsupported', event['type']);
  const channel = idOf(item?.['channel']);
  const ts = tsOf(item?.['ts']);
  if (user === self.botUserId) return ignored('own_reaction', event['type']);
  if (user === null || channel === null || ts === null || typeof name !== 'string') {
    return ignored('malformed', event['type']);
  }
  return {
    kind: 'reaction',
    ...origin,
    added: event['type'] === 'reaction_added',
    name: name.replace(/::skin-tone-\d$/, '').replaceAll('\0', ''),
    user,
    channel,
    ts,
    itemUser: idOf(event['item_user']),
  };
}

function parseHomeOpened(event: Fields, origin: Origin): Incoming {
  const user = idOf(event['user']);
  const tab = event['tab'];
  if (user === null) return ignored('malformed', event['type']);
  if (tab !== 'home' && tab !== 'messages') return ignored('unsupported', event['type']);
  return { kind: 'home_opened', ...origin, user, channel: idOf(event['channel']), tab };
}

function parseJoin(event: Fields, origin: Origin, self: SlackSelf): Incoming {
  const user = idOf(event['user']);
  const channel = idOf(event['channel']);
  if (user === null || channel === null) return ignored('malformed', event['type']);
  const inviter = idOf(event['inviter']);
  return { kind: 'joined_channel', ...origin, channel, user, inviter, self: user === self.botUserId };
}

/** One sample in the wild has `message_ts` in place of the list `streaming_message_ts`: both are read. */
function parseStop(event: Fields, origin: Origin): Incoming {
  const user = idOf(event['user']);
  const channel = idOf(event['channel']);
  const messageTs = [
    ...eachOf(event['streaming_message_ts'], tsOf),
    ...eachOf([event['message_ts'], event['streaming_message_ts']], tsOf),
  ];
  const threadTs = tsOf(event['thread_ts']) ?? messageTs[0] ?? null;
  if (user === null || channel === null || threadTs === null) return ignored('malformed', event['type']);
  return { kind: 'stopped', ...origin, channel, threadTs, user, messageTs };
}

function parseRateLimited(body: Fields): Incoming {
  const origin = eventOrigin(body);
  const minute = countOf(body['minute_rate_limited']);
  if (origin === null || minute === null) return ignored('malformed', body['type']);
  return { kind: 'rate_limited', ...origin, minute };
}
