/** Records as Slack's API and events show them. */
import { compact, type Json } from './json.ts';
import type { Channel, Message, Person, StoredFile, View } from './records.ts';
import type { Workspace } from './workspace.ts';

export function personOnWire(person: Person, workspace: Workspace): Json {
  const { seed } = workspace;
  return {
    id: person.id,
    team_id: person.isStranger ? 'T0ELSEWHERE' : seed.team.id,
    name: person.handle,
    real_name: person.displayName,
    deleted: false,
    is_bot: person.isBot,
    is_app_user: false,
    is_admin: person.isAdmin,
    is_owner: person.isAdmin,
    is_restricted: person.isGuest,
    is_ultra_restricted: false,
    is_stranger: person.isStranger,
    tz: person.timeZone,
    profile: compact({
      display_name: person.isBot ? '' : person.displayName,
      real_name: person.displayName,
      bot_id: person.id === seed.app.user ? seed.app.botId : undefined,
      api_app_id: person.id === seed.app.user ? seed.app.id : undefined,
    }),
  };
}

export function channelOnWire(channel: Channel, workspace: Workspace): Json {
  const { kind } = channel;
  const other = channel.members.find((member) => member !== workspace.botUser);
  return compact({
    id: channel.id,
    name: kind === 'im' ? undefined : channel.name,
    is_channel: kind === 'public' || kind === 'private',
    is_group: kind === 'private',
    is_im: kind === 'im',
    is_mpim: kind === 'mpim',
    is_private: kind !== 'public',
    is_archived: channel.archived,
    is_ext_shared: channel.external,
    is_org_shared: false,
    is_member: channel.members.includes(workspace.botUser),
    context_team_id: workspace.seed.team.id,
    user: kind === 'im' ? other : undefined,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    num_members: channel.members.length,
  });
}

export function channelType(channel: Channel): string {
  if (channel.kind === 'public') return 'channel';
  return channel.kind === 'private' ? 'group' : channel.kind;
}

/** `base` is the stand-in's own address, where the file is served. */
export function fileOnWire(file: StoredFile, base: string): Json {
  const path = `files-pri/${file.id}/${encodeURIComponent(file.name)}`;
  return {
    id: file.id,
    created: file.created,
    timestamp: file.created,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.name.includes('.')
      ? file.name.slice(file.name.lastIndexOf('.') + 1).toLowerCase()
      : 'text',
    user: file.user,
    size: file.size,
    mode: file.deleted ? 'tombstone' : 'hosted',
    is_external: false,
    is_public: true,
    file_access: 'visible',
    url_private: `${base}${path}`,
    url_private_download: `${base}${path}?download=1`,
    permalink: `${base}files/${file.id}`,
  };
}

export function viewOnWire(view: View, workspace: Workspace): Json {
  const { seed } = workspace;
  return {
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    ...view.content,
    id: view.id,
    team_id: seed.team.id,
    state: { values: {} },
    hash: view.hash,
    root_view_id: view.rootId,
    previous_view_id: view.previousId,
    app_id: seed.app.id,
    app_installed_team_id: seed.team.id,
    bot_id: seed.app.botId,
  };
}

/** Who wrote it, as far as it can be seen from the outside. */
export function authorOnWire(message: Message, workspace: Workspace): Json {
  const { seed } = workspace;
  if (message.botId === null) return compact({ user: message.user ?? undefined, team: seed.team.id });
  const own = message.botId === seed.app.botId;
  return compact({
    user: message.user ?? undefined,
    bot_id: message.botId,
    app_id: own ? seed.app.id : 'A0OTHER',
    team: seed.team.id,
    bot_profile: {
      id: message.botId,
      app_id: own ? seed.app.id : 'A0OTHER',
      user_id: message.user,
      name: workspace.people.get(message.user ?? '')?.displayName ?? 'bot',
      team_id: seed.team.id,
      deleted: false,
    },
  });
}

/** A message as `conversations.*`, responses and the `message` of an event show it, without channel. */
export function messageOnWire(
  message: Message,
  workspace: Workspace,
  base: string,
  withMetadata = false,
): Json {
  const replies = workspace.replies(message.channel, message.ts);
  const root = message.threadTs === null || message.threadTs === message.ts;
  const parent =
    root || message.threadTs === null ? undefined : workspace.message(message.channel, message.threadTs);
  const files = message.files
    .map((id) => workspace.files.get(id))
    .filter((file) => file !== undefined)
    .map((file) => fileOnWire(file, base));
  return compact({
    type: 'message',
    subtype: message.subtype ?? undefined,
    ...authorOnWire(message, workspace),
    client_msg_id: message.clientMsgId ?? undefined,
    ts: message.ts,
    text: message.text,
    blocks: message.blocks.length > 0 ? message.blocks : undefined,
    attachments: message.attachments.length > 0 ? message.attachments : undefined,
    files: files.length > 0 ? files : undefined,
    upload: files.length > 0 ? false : undefined,
    edited: message.edited ?? undefined,
    streaming_state: message.streaming?.state,
    thread_ts: message.threadTs ?? (replies.length > 0 ? message.ts : undefined),
    parent_user_id: parent?.user ?? undefined,
    reply_count: root && replies.length > 0 ? replies.length : undefined,
    reply_users: root && replies.length > 0 ? [...new Set(replies.map((reply) => reply.user))] : undefined,
    latest_reply: root ? replies.at(-1)?.ts : undefined,
    reactions:
      message.reactions.length > 0
        ? message.reactions.map(({ name, users }) => ({ name, users, count: users.length }))
        : undefined,
    metadata: withMetadata ? (message.metadata ?? undefined) : undefined,
  });
}
