/**
 * Payloads in the shape that Slack sends (recorded ones with ids replaced). Each call gives a fresh object,
 * so that a test may change it.
 */
export type Payload = Record<string, unknown>;

export const SELF = { team: 'T1', botUserId: 'UBOT', botId: 'BBOT' };

export function envelope(event: Payload, more: Payload = {}): Payload {
  return {
    token: 'verification',
    team_id: 'T1',
    context_team_id: 'T1',
    context_enterprise_id: null,
    api_app_id: 'A1',
    event,
    type: 'event_callback',
    event_id: 'Ev1',
    event_time: 1766458026,
    authorizations: [
      { enterprise_id: null, team_id: 'T1', user_id: 'UBOT', is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
    event_context: '4-abc',
    ...more,
  };
}

export function richText(...elements: Payload[]): Payload {
  return { type: 'rich_text', block_id: 'b', elements: [{ type: 'rich_text_section', elements }] };
}

/** A mention in a channel as `message`; with `type: 'app_mention'` and no `channel_type` it is its twin. */
export function mention(more: Payload = {}): Payload {
  return {
    type: 'message',
    user: 'U1',
    ts: '1766458026.240809',
    client_msg_id: '66cc8a1e-0000-4000-8000-000000000001',
    text: '<@UBOT> 1',
    team: 'T1',
    blocks: [richText({ type: 'user', user_id: 'UBOT' }, { type: 'text', text: ' 1' })],
    channel: 'C1',
    event_ts: '1766458026.240809',
    channel_type: 'channel',
    ...more,
  };
}

export function directMessage(more: Payload = {}): Payload {
  return mention({
    text: 'hello',
    blocks: [richText({ type: 'text', text: 'hello' })],
    channel: 'D1',
    channel_type: 'im',
    ...more,
  });
}

export function changed(message: Payload, previous: Payload, more: Payload = {}): Payload {
  return {
    type: 'message',
    subtype: 'message_changed',
    hidden: true,
    channel: 'C1',
    channel_type: 'channel',
    ts: '1766458099.000100',
    event_ts: '1766458099.000100',
    message,
    previous_message: previous,
    ...more,
  };
}

export function deleted(previous: Payload, more: Payload = {}): Payload {
  return {
    type: 'message',
    subtype: 'message_deleted',
    hidden: true,
    channel: 'C1',
    channel_type: 'channel',
    ts: '1766458099.000200',
    event_ts: '1766458099.000200',
    deleted_ts: previous['ts'],
    previous_message: previous,
    ...more,
  };
}

export function buttonPress(more: Payload = {}): Payload {
  return {
    type: 'block_actions',
    user: { id: 'U1', username: 'x', name: 'x', team_id: 'T1' },
    api_app_id: 'A1',
    token: 'verification',
    container: {
      type: 'message',
      message_ts: '1.2',
      channel_id: 'C1',
      is_ephemeral: false,
      thread_ts: '1.1',
    },
    trigger_id: '123.456.secret',
    team: { id: 'T1', domain: 'd' },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: 'C1', name: 'general' },
    message: {
      user: 'UBOT',
      type: 'message',
      ts: '1.2',
      bot_id: 'BBOT',
      app_id: 'A1',
      text: '…',
      thread_ts: '1.1',
    },
    state: { values: {} },
    response_url: 'https://hooks.slack.com/actions/T1/1/secret',
    actions: [{ type: 'button', action_id: 'stop', block_id: 'b', value: 'reply-1', action_ts: '1.3' }],
    ...more,
  };
}

export function command(more: Payload = {}): Payload {
  return {
    token: 'verification',
    team_id: 'T1',
    team_domain: 'd',
    channel_id: 'C1',
    channel_name: 'general',
    user_id: 'U1',
    user_name: 'x',
    command: '/skein',
    text: 'help me',
    response_url: 'https://hooks.slack.com/commands/T1/1/secret',
    trigger_id: '123.456.secret',
    api_app_id: 'A1',
    is_enterprise_install: 'false',
    ...more,
  };
}
