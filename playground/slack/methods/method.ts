/** What every method of the Web API is given, and the checks that many of them share. */
import type { Clock } from '../../../src/clock.ts';
import type { Args } from '../args.ts';
import type { Events } from '../events.ts';
import type { Json } from '../json.ts';
import type { Posts } from '../posts.ts';
import type { Channel, Message } from '../records.ts';
import { Refusal } from '../refusal.ts';
import type { Workspace } from '../workspace.ts';

/** Works on a call's arguments and answers what goes beside `ok: true`; throws `Refusal` for `ok: false`. */
export type Method = (args: Args) => Json;
export type Methods = Readonly<Record<string, Method>>;

export interface World {
  readonly clock: Clock;
  readonly workspace: Workspace;
  readonly events: Events;
  readonly posts: Posts;
  /** The stand-in's own address with a slash at the end. */
  readonly base: () => string;
}

/** A conversation by id, by `#name` or name, or the direct message with a person by the person's id. */
export function channelOf(world: World, asked: string): Channel {
  const { channels, botUser } = world.workspace;
  const direct = (user: string) =>
    [...channels.values()].find(
      ({ kind, members }) => kind === 'im' && members.includes(user) && members.includes(botUser),
    );
  const named = () => {
    const name = asked.replace(/^#/, '');
    return [...channels.values()].find((channel) => channel.kind !== 'im' && channel.name === name);
  };
  const found = channels.get(asked) ?? (/^[UW]/.test(asked) ? direct(asked) : named());
  const inside = found?.members.includes(botUser) ?? false;
  if (!found || (!inside && found.kind !== 'public')) throw new Refusal('channel_not_found');
  return found;
}

/** Lists of a whole organisation are not given: a token of it must say which workspace (`team_id`, docs.slack.dev). */
export function demandWorkspace({ workspace: { seed } }: World, args: Args): void {
  if (!seed.orgInstall) return;
  if (args.required('team_id') !== seed.team.id) throw new Refusal('team_access_not_granted');
}

/** The conversation, if the bot may write there or read its history. */
export function joinedChannel(world: World, asked: string): Channel {
  const found = channelOf(world, asked);
  if (!found.members.includes(world.workspace.botUser)) throw new Refusal('not_in_channel');
  return found;
}

export function writableChannel(world: World, asked: string): Channel {
  const found = joinedChannel(world, asked);
  if (found.archived) throw new Refusal('is_archived');
  return found;
}

/** The message, if it is there for the bot to see. */
export function messageOf(world: World, channel: Channel, ts: string): Message {
  const found = world.workspace.message(channel.id, ts);
  if (!found || found.deleted || found.ephemeralFor !== null) throw new Refusal('message_not_found');
  return found;
}
