/** chat.postMessage, update, delete, postEphemeral, getPermalink. */
import type { Args } from '../args.ts';
import { limits } from '../elementLimits.ts';
import type { Json } from '../json.ts';
import type { Channel, Message } from '../records.ts';
import { Refusal } from '../refusal.ts';
import { messageOnWire } from '../wire.ts';
import { contentOf, metadataOf, withBlockIds } from './content.ts';
import { channelOf, type Methods, messageOf, type World, writableChannel } from './method.ts';

function warningsOf(warnings: readonly (string | undefined)[]): Json {
  const found = warnings.filter((warning) => warning !== undefined);
  return found.length > 0 ? { warning: found.join(','), response_metadata: { warnings: found } } : {};
}

function post(world: World, args: Args): Json {
  const channel = writableChannel(world, args.required('channel'));
  const { workspace } = world;
  const { seed } = workspace;
  const content = contentOf(args);
  const marked = metadataOf(args);
  const text = content.text ?? '';
  const renamed = args.has('username') || args.has('icon_emoji') || args.has('icon_url');
  const threadTs = args.text('thread_ts') || null;
  const broadcast = threadTs !== null && args.flag('reply_broadcast');
  const message = world.posts.post({
    channel: channel.id,
    user: seed.app.user,
    botId: seed.app.botId,
    text: text.slice(0, limits.postText),
    blocks: withBlockIds(content.blocks ?? [], workspace.nextId('b')),
    attachments: content.attachments ?? [],
    metadata: marked?.metadata ?? null,
    threadTs,
    subtype: renamed ? 'bot_message' : broadcast ? 'thread_broadcast' : null,
  });
  return {
    channel: channel.id,
    ts: message.ts,
    message: messageOnWire(message, workspace, world.base(), true),
    ...warningsOf([text.length > limits.postText ? 'message_truncated' : undefined, marked?.warning]),
  };
}

/** Only what the app itself wrote can be changed. */
function ownMessage(world: World, channel: Channel, args: Args, refusal: string): Message {
  const message = messageOf(world, channel, args.required('ts'));
  if (message.botId !== world.workspace.seed.app.botId) throw new Refusal(refusal);
  return message;
}

function update(world: World, args: Args): Json {
  const channel = writableChannel(world, args.required('channel'));
  const before = ownMessage(world, channel, args, 'cant_update_message');
  if (before.streaming?.state === 'in_progress') throw new Refusal('streaming_state_conflict');
  const content = contentOf(args);
  const marked = metadataOf(args);
  if (!args.has('markdown_text') && (content.text ?? '').length > limits.updateText)
    throw new Refusal('msg_too_long');
  const after = world.posts.change(before, {
    text: content.text ?? '',
    // Text alone removes earlier blocks and attachments.
    blocks: withBlockIds(content.blocks ?? [], world.workspace.nextId('b')),
    attachments: content.attachments ?? [],
    metadata: marked ? marked.metadata : before.metadata,
  });
  return {
    channel: channel.id,
    ts: after.ts,
    text: after.text,
    message: messageOnWire(after, world.workspace, world.base(), true),
    ...warningsOf([marked?.warning]),
  };
}

function remove(world: World, args: Args): Json {
  const channel = channelOf(world, args.required('channel'));
  const message = ownMessage(world, channel, args, 'cant_delete_message');
  world.posts.remove(message);
  return { channel: channel.id, ts: message.ts };
}

function postEphemeral(world: World, args: Args): Json {
  const channel = writableChannel(world, args.required('channel'));
  const user = args.required('user');
  if (!channel.members.includes(user)) throw new Refusal('user_not_in_channel');
  const content = contentOf(args);
  const { app } = world.workspace.seed;
  const message = world.posts.post({
    channel: channel.id,
    user: app.user,
    botId: app.botId,
    text: content.text ?? '',
    blocks: withBlockIds(content.blocks ?? [], world.workspace.nextId('b')),
    threadTs: args.text('thread_ts') || null,
    ephemeralFor: user,
  });
  return { message_ts: message.ts };
}

/** A link as Slack makes it: timestamp without its dot; in a thread with the thread and the conversation. */
function permalink(domain: string, message: Message): string {
  const thread =
    message.threadTs !== null && message.threadTs !== message.ts
      ? `?thread_ts=${message.threadTs}&cid=${message.channel}`
      : '';
  return `https://${domain}.slack.com/archives/${message.channel}/p${message.ts.replace('.', '')}${thread}`;
}

export function chatMethods(world: World): Methods {
  return {
    'chat.postMessage': (args) => post(world, args),
    'chat.update': (args) => update(world, args),
    'chat.delete': (args) => remove(world, args),
    'chat.postEphemeral': (args) => postEphemeral(world, args),
    'chat.getPermalink': (args) => {
      const channel = channelOf(world, args.required('channel'));
      const message = messageOf(world, channel, args.required('message_ts'));
      return { channel: channel.id, permalink: permalink(world.workspace.seed.team.domain, message) };
    },
  };
}
