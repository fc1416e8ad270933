import { z } from 'zod';
import type { Incoming } from '../../incoming.ts';
import { hiddenOf } from './hidden.ts';
import { ignored } from './ignored.ts';
import { claimOfCommand, claimOfInteraction, type SelfOf } from './installation.ts';
import { id, list, maybe, named, person, text, ts } from './schemas.ts';
import { parseGesture } from './view.ts';

/** What was used: one button or select; several actions in one payload do not occur for those, and the first counts. */
const action = z.object({
  action_id: text,
  value: maybe(text),
  selected_option: maybe(z.object({ value: maybe(text) })),
  selected_user: maybe(text),
  selected_channel: maybe(text),
  selected_conversation: maybe(text),
  selected_date: maybe(text),
  selected_time: maybe(text),
});

const press = z.object({
  user: person,
  actions: list,
  channel: maybe(named),
  container: maybe(z.object({ message_ts: maybe(ts), thread_ts: maybe(ts), channel_id: maybe(id) })),
  message: maybe(z.object({ ts: maybe(ts), thread_ts: maybe(ts) })),
  trigger_id: maybe(text),
  response_url: maybe(text),
});

/** A `block_actions` payload: of a message, or (then it is a `Gesture`) of a modal or the Home tab. Total. */
export function parseAction(body: unknown, selfOf: SelfOf): Incoming {
  const read = press.safeParse(body);
  const used = action.safeParse(read.data?.actions[0]);
  if (!read.success || !used.success) return ignored('malformed', 'block_actions');
  const self = selfOf(claimOfInteraction(body));
  if (self === null) return ignored('not_installed', 'block_actions');
  const { user, container, message } = read.data;
  const channel = read.data.channel?.id ?? container?.channel_id ?? null;
  if (channel === null) return parseGesture(body, selfOf);
  const messageTs = container?.message_ts ?? message?.ts ?? null;
  const threadTs = container?.thread_ts ?? message?.thread_ts ?? null;
  const { action_id: actionId } = used.data;
  return {
    kind: 'action',
    team: self.team,
    eventId: null,
    actionId,
    value: chosen(used.data),
    user: user.id,
    userTeam: user.team_id,
    channel,
    messageTs,
    threadTs: threadTs === messageTs ? null : threadTs,
    triggerId: hiddenOf(read.data.trigger_id),
    responseUrl: hiddenOf(read.data.response_url),
  };
}

function chosen(used: z.infer<typeof action>): string | null {
  return (
    used.value ??
    used.selected_option?.value ??
    used.selected_user ??
    used.selected_channel ??
    used.selected_conversation ??
    used.selected_date ??
    used.selected_time
  );
}

const shortcut = z.object({
  type: z.enum(['shortcut', 'message_action']),
  callback_id: text,
  user: person,
  channel: maybe(named),
  message_ts: maybe(ts),
  message: maybe(z.object({ ts: maybe(ts), thread_ts: maybe(ts) })),
  trigger_id: maybe(text),
});

/** A `shortcut` or `message_action` payload. Total. */
export function parseShortcut(body: unknown, selfOf: SelfOf): Incoming {
  const read = shortcut.safeParse(body);
  if (!read.success) return ignored('malformed', 'shortcut');
  const self = selfOf(claimOfInteraction(body));
  if (self === null) return ignored('not_installed', read.data.type);
  const { type, user, message } = read.data;
  const onMessage = type === 'message_action';
  const channel = onMessage ? (read.data.channel?.id ?? null) : null;
  const messageTs = onMessage ? (read.data.message_ts ?? message?.ts ?? null) : null;
  if (onMessage && (channel === null || messageTs === null)) return ignored('malformed', type);
  const threadTs = message?.thread_ts ?? null;
  return {
    kind: 'shortcut',
    team: self.team,
    eventId: null,
    callbackId: read.data.callback_id,
    user: user.id,
    userTeam: user.team_id,
    channel,
    messageTs,
    threadTs: threadTs === messageTs ? null : threadTs,
    triggerId: hiddenOf(read.data.trigger_id),
  };
}

const command = z.object({
  command: text,
  text: text.catch(''),
  user_id: id,
  team_id: maybe(id),
  channel_id: id,
  channel_name: maybe(text),
  trigger_id: maybe(text),
  response_url: maybe(text),
});

/** A slash command: flat form fields. Commands never come from inside a thread. Total. */
export function parseCommand(body: unknown, selfOf: SelfOf): Incoming {
  const read = command.safeParse(body);
  if (!read.success) return ignored('malformed', 'command');
  const self = selfOf(claimOfCommand(body));
  if (self === null) return ignored('not_installed', 'command');
  return {
    kind: 'command',
    team: self.team,
    eventId: null,
    command: read.data.command,
    text: read.data.text,
    user: read.data.user_id,
    userTeam: read.data.team_id,
    channel: read.data.channel_id,
    channelName: read.data.channel_name,
    triggerId: hiddenOf(read.data.trigger_id),
    responseUrl: hiddenOf(read.data.response_url),
  };
}
