/** conversations.*: what the bot can read of channels and threads. */
import type { Args } from '../args.ts';
import { compact, type Json } from '../json.ts';
import type { Channel, Message } from '../records.ts';
import { Refusal } from '../refusal.ts';
import { channelOnWire, messageOnWire } from '../wire.ts';
import { compareTs } from '../workspace.ts';
import { channelOf, demandWorkspace, joinedChannel, type Methods, type World } from './method.ts';
import { page } from './paging.ts';

export interface HistoryLimits {
  /** Most messages of one answer: 999, or 15 for apps that Slack has not approved (since May 2025). */
  readonly most: number;
}

function between(messages: readonly Message[], args: Args): Message[] {
  const oldest = args.text('oldest') ?? '0';
  const latest = args.text('latest') ?? '99999999999';
  if (Number.isNaN(Number(oldest))) throw new Refusal('invalid_ts_oldest');
  if (Number.isNaN(Number(latest))) throw new Refusal('invalid_ts_latest');
  const edge = args.flag('inclusive') ? 0 : 1;
  return messages.filter(({ ts }) => compareTs(ts, oldest) >= edge && compareTs(latest, ts) >= edge);
}

function answer(
  world: World,
  args: Args,
  messages: readonly Message[],
  limits: { otherwise: number; most: number },
): Json {
  const { items, next } = page(messages, args, limits);
  const withMetadata = args.flag('include_all_metadata');
  return compact({
    messages: items.map((message) => messageOnWire(message, world.workspace, world.base(), withMetadata)),
    has_more: next !== '',
    response_metadata: { next_cursor: next },
  });
}

function replies(world: World, args: Args, history: HistoryLimits): Json {
  const channel = joinedChannel(world, args.required('channel'));
  const { workspace } = world;
  const asked = workspace.message(channel.id, args.required('ts'));
  const rootTs = asked?.threadTs ?? asked?.ts ?? args.required('ts');
  const root = workspace.message(channel.id, rootTs);
  const rest = workspace.replies(channel.id, rootTs);
  if ((!root || root.deleted || root.ephemeralFor !== null) && rest.length === 0)
    throw new Refusal('thread_not_found');
  const most = history.most;
  const head = root && !root.deleted ? [root] : [];
  // The root opens the first page whatever `oldest` says.
  const inRange = between(rest, args);
  return answer(world, args, [...head, ...inRange], { otherwise: Math.min(1_000, most), most });
}

function open(world: World, args: Args): Json {
  const { workspace } = world;
  const asked = args.text('channel');
  if (asked !== undefined)
    return { channel: channelOnWire(channelOf(world, asked), workspace), already_open: true };
  const users = (args.text('users') ?? '').split(',').filter((user) => user !== '');
  if (users.length === 0) throw new Refusal('users_list_not_supplied');
  if (users.length > 8) throw new Refusal('too_many_users');
  for (const user of users) if (!workspace.people.has(user)) throw new Refusal('user_not_found');
  const { channel, fresh } = openConversation(world, [workspace.botUser, ...users]);
  return { channel: channelOnWire(channel, workspace), already_open: !fresh, no_op: !fresh };
}

/** The direct or group message between exactly these people; made if there is none yet. */
export function openConversation(
  world: Pick<World, 'workspace'>,
  people: readonly string[],
): { readonly channel: Channel; readonly fresh: boolean } {
  const { workspace } = world;
  const members = [...new Set(people)];
  const found = [...workspace.channels.values()].find(
    ({ kind, members: others }) =>
      (kind === 'im' || kind === 'mpim') &&
      others.length === members.length &&
      members.every((member) => others.includes(member)),
  );
  if (found) return { channel: found, fresh: false };
  const direct = members.length <= 2;
  const handles = members.map((member) => workspace.people.get(member)?.handle ?? member);
  const channel: Channel = {
    id: workspace.nextId(direct ? 'D' : 'C'),
    name: direct ? '' : `mpdm-${handles.join('--')}-1`,
    kind: direct ? 'im' : 'mpim',
    topic: '',
    members,
    archived: false,
    shared: null,
  };
  workspace.put({ table: 'channel', key: channel.id, value: channel });
  return { channel, fresh: true };
}

function list(world: World, args: Args, wanted: (channel: Channel) => boolean = () => true): Json {
  const kinds = new Set(
    (args.text('types') ?? 'public_channel').split(',').map((type) => type.replace('_channel', '')),
  );
  const seen = [...world.workspace.channels.values()].filter(
    (channel) =>
      kinds.has(channel.kind) &&
      wanted(channel) &&
      (channel.kind === 'public' || channel.members.includes(world.workspace.botUser)) &&
      !(channel.archived && args.flag('exclude_archived')),
  );
  const { items, next } = page(seen, args, { otherwise: 100, most: 1_000 });
  return {
    channels: items.map((channel) => channelOnWire(channel, world.workspace)),
    response_metadata: { next_cursor: next },
  };
}

function members(world: World, args: Args): Json {
  const channel = channelOf(world, args.required('channel'));
  const { items, next } = page(channel.members, args, { otherwise: 100, most: 1_000 });
  return { members: items, response_metadata: { next_cursor: next } };
}

export function conversationMethods(world: World, history: HistoryLimits): Methods {
  return {
    'conversations.info': (args) => ({
      channel: channelOnWire(channelOf(world, args.required('channel')), world.workspace),
    }),
    'conversations.list': (args) => list(world, args),
    'users.conversations': (args) => {
      demandWorkspace(world, args);
      // The bot's own unless a person is named: then those in which both are.
      const user = args.text('user') ?? world.workspace.botUser;
      return list(world, args, (channel) => channel.members.includes(user));
    },
    'conversations.members': (args) => members(world, args),
    'conversations.open': (args) => open(world, args),
    'conversations.history': (args) => {
      const channel = joinedChannel(world, args.required('channel'));
      const found = between(world.workspace.channelMessages(channel.id), args).reverse();
      return answer(world, args, found, { otherwise: Math.min(100, history.most), most: history.most });
    },
    'conversations.replies': (args) => replies(world, args, history),
  };
}
