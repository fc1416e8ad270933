import type { Incoming, Origin } from '../../admission/incoming.ts';
import { type Fields, fieldsOf, idOf, listOf, textOf, tsOf } from './fields.ts';
import { hiddenOf } from './hidden.ts';
import { ignored } from './origin.ts';

/** A `block_actions` payload. Several actions in one payload do not occur for buttons; the first counts. */
export function parseAction(payload: Fields): Incoming {
  const action = fieldsOf(listOf(payload['actions'])[0]);
  const person = fieldsOf(payload['user']);
  const origin = interactionOrigin(payload, person);
  const actionId = textOf(action?.['action_id']);
  const user = idOf(person?.['id']);
  if (action === null || origin === null || actionId === null || user === null) {
    return ignored('malformed', payload['type']);
  }
  const container = fieldsOf(payload['container']);
  const message = fieldsOf(payload['message']);
  const messageTs = tsOf(container?.['message_ts']) ?? tsOf(message?.['ts']);
  const threadTs = tsOf(container?.['thread_ts']) ?? tsOf(message?.['thread_ts']);
  return {
    kind: 'action',
    ...origin,
    actionId,
    blockId: textOf(action['block_id']),
    value: chosenValue(action),
    user,
    userTeam: idOf(person?.['team_id']),
    channel: idOf(fieldsOf(payload['channel'])?.['id']) ?? idOf(container?.['channel_id']),
    messageTs,
    threadTs: threadTs === messageTs ? null : threadTs,
    triggerId: hiddenOf(payload['trigger_id']),
    responseUrl: hiddenOf(payload['response_url']),
  };
}

/** A `shortcut` or `message_action` payload. */
export function parseShortcut(payload: Fields): Incoming {
  const person = fieldsOf(payload['user']);
  const message = fieldsOf(payload['message']);
  const origin = interactionOrigin(payload, person);
  const callbackId = textOf(payload['callback_id']);
  const user = idOf(person?.['id']);
  const channel = idOf(fieldsOf(payload['channel'])?.['id']);
  const messageTs = tsOf(payload['message_ts']) ?? tsOf(message?.['ts']);
  const onMessage = payload['type'] === 'message_action';
  if (
    origin === null ||
    callbackId === null ||
    user === null ||
    (onMessage && (channel === null || messageTs === null))
  )
    return ignored('malformed', payload['type']);
  const threadTs = tsOf(message?.['thread_ts']);
  return {
    kind: 'shortcut',
    ...origin,
    callbackId,
    user,
    channel: onMessage ? channel : null,
    messageTs: onMessage ? messageTs : null,
    threadTs: threadTs === messageTs ? null : threadTs,
    triggerId: hiddenOf(payload['trigger_id']),
  };
}

/** A slash command: flat form fields. Commands never come from inside a thread. */
export function parseCommand(payload: Fields): Incoming {
  const command = textOf(payload['command']);
  const user = idOf(payload['user_id']);
  const channel = idOf(payload['channel_id']);
  const enterprise = idOf(payload['enterprise_id']);
  const team = idOf(payload['team_id']) ?? enterprise;
  if (command === null || user === null || channel === null || team === null) {
    return ignored('malformed', 'command');
  }
  return {
    kind: 'command',
    team,
    enterprise,
    eventId: null,
    command,
    text: textOf(payload['text']) ?? '',
    user,
    channel,
    channelName: textOf(payload['channel_name']),
    triggerId: hiddenOf(payload['trigger_id']),
    responseUrl: hiddenOf(payload['response_url']),
  };
}

function interactionOrigin(payload: Fields, person: Fields | null): Origin | null {
  const team = fieldsOf(payload['team']);
  const enterprise = idOf(fieldsOf(payload['enterprise'])?.['id']) ?? idOf(team?.['enterprise_id']);
  const teamId = idOf(team?.['id']) ?? idOf(person?.['team_id']) ?? enterprise;
  return teamId === null ? null : { team: teamId, enterprise, eventId: null };
}

function chosenValue(action: Fields): string | null {
  return (
    textOf(action['value']) ??
    textOf(fieldsOf(action['selected_option'])?.['value']) ??
    textOf(action['selected_user']) ??
    textOf(action['selected_channel']) ??
    textOf(action['selected_conversation']) ??
    textOf(action['selected_date']) ??
    textOf(action['selected_time'])
  );
}
