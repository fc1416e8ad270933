/** Records as Slack's API and events show them. */
import { companyOf, hostOf, isForeign, teamOf, teamOfPerson } from './companies.ts';
import { compact, isJson, type Json } from './json.ts';
import type { Channel, Message, Person, View } from './records.ts';
import { fileOnWire } from './wireFiles.ts';
import type { Workspace } from './workspace.ts';

/**
 * Of people of other companies Slack tells less: no rights, and `is_stranger` unless the app shares a channel
 * with them (docs.slack.dev, the user object).
 */
export function personOnWire(person: Person, workspace: Workspace): Json {
  const { seed } = workspace;
  const team = teamOfPerson(person, seed);
  const foreign = team !== seed.team.id;
  const enterprise = foreign ? undefined : seed.team.enterprise;
  const own = person.id === seed.app.user;
  const profile = compact({
    display_name: person.isBot ? '' : person.displayName,
    real_name: person.displayName,
    team,
    bot_id: own ? seed.app.botId : undefined,
    api_app_id: own ? seed.app.id : undefined,
  });
  return compact({
    id: person.id,
    team_id: team,
    name: person.handle,
    real_name: person.displayName,
    deleted: person.isDeactivated,
    is_bot: person.isBot,
    is_app_user: false,
    ...(foreign
      ? { is_stranger: person.isStranger || !workspace.sharesChannel(person.id) }
      : {
          is_admin: person.isAdmin,
          is_owner: person.isAdmin,
          is_restricted: person.isGuest,
          is_ultra_restricted: false,
          is_stranger: person.isStranger,
        }),
    tz: person.timeZone,
    enterprise_user: enterprise && {
      id: person.id,
      enterprise_id: enterprise.id,
      enterprise_name: enterprise.name,
      is_admin: person.isAdmin,
      is_owner: false,
      teams: [seed.team.id],
    },
    profile,
  });
}

export function channelOnWire(channel: Channel, workspace: Workspace): Json {
  const { kind, shared } = channel;
  const own = workspace.seed.team.id;
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
    is_shared: shared ? true : undefined,
    is_ext_shared: shared !== null,
    is_org_shared: false,
    is_member: channel.members.includes(workspace.botUser),
    context_team_id: own,
    conversation_host_id: shared ? hostOf(channel, workspace.seed) : undefined,
    shared_team_ids: shared?.teams,
    connected_team_ids: shared?.teams.filter((team) => team !== own),
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

/** Slack says of every plain text in a view's frame whether emoji are drawn in it, also where the app did not. */
function withEmoji(content: Json): Json {
  const frame = ['title', 'submit', 'close'].flatMap((name) => {
    const text = content[name];
    return isJson(text) ? [[name, { emoji: true, ...text }] as const] : [];
  });
  return { ...content, ...Object.fromEntries(frame) };
}

/** `team_id` is the viewer's own workspace, `app_installed_team_id` the app's (bolt-js #1614, bolt-python #734). */
export function viewOnWire(view: View, workspace: Workspace): Json {
  const { seed } = workspace;
  return {
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    close: null,
    submit: null,
    ...withEmoji(view.content),
    id: view.id,
    team_id: teamOf(workspace, view.user),
    state: { values: {} },
    hash: view.hash,
    root_view_id: view.rootId,
    previous_view_id: view.previousId,
    app_id: seed.app.id,
    app_installed_team_id: seed.orgInstall ? (seed.team.enterprise?.id ?? seed.team.id) : seed.team.id,
    bot_id: seed.app.botId,
  };
}

/** Who wrote it, as far as it can be seen from the outside. */
function authorOnWire(message: Message, workspace: Workspace): Json {
  const { seed } = workspace;
  const user = message.user ?? undefined;
  const team = teamOf(workspace, message.user);
  if (message.botId === null) return compact({ user, team });
  const { app } = message;
  const bot = app ?? {
    id: seed.app.id,
    botId: seed.app.botId,
    name: workspace.people.get(seed.app.user)?.displayName ?? 'bot',
  };
  // A classic bot message names itself and nothing else (java-slack-sdk, MessageBotPayload).
  if (message.subtype === 'bot_message')
    return { bot_id: bot.botId, username: bot.name, icons: { emoji: ':robot_face:' } };
  return compact({
    user,
    bot_id: bot.botId,
    app_id: bot.id,
    team,
    bot_profile: {
      id: bot.botId,
      app_id: bot.id,
      name: bot.name,
      icons: { image_36: '', image_48: '', image_72: '' },
      updated: 1_766_000_000,
      team_id: seed.team.id,
      deleted: false,
    },
  });
}

/**
 * What `app_mention` adds for an author whose workspace is not the envelope's: `team` is the envelope's, the
 * author's own (or its organisation) is named beside it. Recorded: bolt-python, tests/slack_bolt/request.
 */
export function mentionTeams(message: Message, envelope: string, workspace: Workspace): Json {
  const person = workspace.people.get(message.user ?? '');
  const team = teamOf(workspace, message.user);
  if (!person || team === envelope) return { team: envelope };
  const theirs = companyOf(workspace.seed, team).enterprise?.id ?? team;
  const profile = {
    name: person.handle,
    first_name: person.displayName.split(' ')[0] ?? '',
    real_name: person.displayName,
    display_name: person.displayName,
    team: theirs,
    is_restricted: person.isGuest,
    is_ultra_restricted: false,
    avatar_hash: '',
    image_72: '',
  };
  return { team: envelope, user_team: theirs, source_team: theirs, user_profile: profile };
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
  const channel = workspace.channels.get(message.channel);
  const files = message.files
    .map((id) => workspace.files.get(id))
    .filter((file) => file !== undefined)
    .map((file) =>
      // Of files that came over Slack Connect events say only where to ask (docs.slack.dev, the file object).
      channel?.shared && isForeign(workspace, file.user)
        ? { id: file.id, mode: 'file_access', file_access: 'check_file_info' }
        : fileOnWire(file, workspace, base),
    );
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
    display_as_bot: files.length > 0 ? false : undefined,
    edited: message.edited ?? undefined,
    streaming_state: message.streaming?.state,
    thread_ts: message.threadTs ?? (replies.length > 0 ? message.ts : undefined),
    parent_user_id: parent?.user ?? undefined,
    reply_count: root && replies.length > 0 ? replies.length : undefined,
    reply_users: root && replies.length > 0 ? [...new Set(replies.map((reply) => reply.user))] : undefined,
    reply_users_count:
      root && replies.length > 0 ? new Set(replies.map((reply) => reply.user)).size : undefined,
    latest_reply: root ? replies.at(-1)?.ts : undefined,
    reactions:
      message.reactions.length > 0
        ? message.reactions.map(({ name, users }) => ({ name, users, count: users.length }))
        : undefined,
    metadata: withMetadata ? (message.metadata ?? undefined) : undefined,
  });
}
