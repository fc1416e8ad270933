/** What of the world belongs on a pane: a channel's messages, a thread's, and how they are grouped. Pure. */
import type { PageChannel, PageMessage, PageUser } from '../../protocol.ts';
import type { World } from './world.ts';

/** People's messages within this time stand under one name, as in Slack. */
const GROUP_MS = 5 * 60_000;

/** One line of a message list. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: PageMessage;
      readonly grouped: boolean;
    };

export interface ThreadSummary {
  readonly replies: number;
  readonly lastTs: string;
  /** Who replied, newest last, each once. */
  readonly users: readonly string[];
}

/** Milliseconds since the epoch of a Slack ts (`seconds.microseconds`); 0 for anything else. */
export function tsToMs(ts: string): number {
  const seconds = Number.parseFloat(ts);
  return Number.isFinite(seconds) ? Math.trunc(seconds * 1000) : 0;
}

/** True for a message that stands in a thread and not in the channel. */
export function isReply(message: PageMessage): boolean {
  return message.threadTs !== null && message.threadTs !== message.ts;
}

/** Everything in one channel that this person may see, oldest first. */
export function visibleIn(world: World, channel: string, viewer: string): readonly PageMessage[] {
  const found: PageMessage[] = [];
  for (const message of world.messages.values()) {
    if (message.channel !== channel) continue;
    if (message.ephemeralFor !== null && message.ephemeralFor !== viewer) continue;
    found.push(message);
  }
  return found.sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0));
}

/** Messages that stand in the channel itself: roots, and replies that were also sent to the channel. */
export function channelMessages(all: readonly PageMessage[]): readonly PageMessage[] {
  const answered = new Set(all.filter((m) => isReply(m) && !m.deleted).map((m) => m.threadTs));
  return all.filter((message) => {
    if (isReply(message)) return message.subtype === 'thread_broadcast' && !message.deleted;
    // A deleted root stays as a tombstone only while there is a thread below it.
    return !message.deleted || answered.has(message.ts);
  });
}

/** The root (or `null` when it is not known) and the replies of one thread. */
export function threadMessages(
  all: readonly PageMessage[],
  threadTs: string,
): { readonly root: PageMessage | null; readonly replies: readonly PageMessage[] } {
  return {
    root: all.find((message) => message.ts === threadTs) ?? null,
    replies: all.filter((message) => message.threadTs === threadTs && isReply(message) && !message.deleted),
  };
}

/** Reply counts by root ts. Lines that only one person sees are not counted, as in Slack. */
export function threadSummaries(all: readonly PageMessage[]): ReadonlyMap<string, ThreadSummary> {
  const found = new Map<string, ThreadSummary>();
  for (const message of all) {
    if (!isReply(message) || message.threadTs === null || message.deleted || message.ephemeralFor !== null)
      continue;
    const before = found.get(message.threadTs);
    const user = message.user ?? message.botId ?? '';
    found.set(message.threadTs, {
      replies: (before?.replies ?? 0) + 1,
      lastTs: message.ts,
      users: [...(before?.users ?? []).filter((other) => other !== user), user],
    });
  }
  return found;
}

/** Adds day lines and says which message goes under the name of the one before. */
export function toRows(messages: readonly PageMessage[]): readonly Row[] {
  const rows: Row[] = [];
  let before: PageMessage | null = null;
  for (const message of messages) {
    const at = tsToMs(message.ts);
    const newDay = before === null || dayOf(tsToMs(before.ts)) !== dayOf(at);
    if (newDay) rows.push({ kind: 'day', key: `day ${message.ts}`, at });
    const grouped =
      !newDay &&
      before !== null &&
      !before.deleted &&
      !message.deleted &&
      before.user === message.user &&
      before.botId === message.botId &&
      before.ephemeralFor === message.ephemeralFor &&
      at - tsToMs(before.ts) < GROUP_MS;
    rows.push({ kind: 'message', key: message.ts, message, grouped });
    before = message;
  }
  return rows;
}

function dayOf(ms: number): string {
  return new Date(ms).toDateString();
}

/** Channels in the sidebar for this person: public ones of their own workspace and those they are in; by name. */
export function channelsFor(world: World, viewer: string): readonly PageChannel[] {
  const outside = (world.users.get(viewer)?.company ?? null) !== null;
  return [...world.channels.values()]
    .filter((channel) => (channel.kind === 'public' && !outside) || channel.members.includes(viewer))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The direct-message channel of two people, if they have one. */
export function directChannel(world: World, one: string, other: string): PageChannel | null {
  for (const channel of world.channels.values()) {
    if (channel.kind === 'im' && channel.members.includes(one) && channel.members.includes(other))
      return channel;
  }
  return null;
}

/** People one can speak as: everyone but bots; the admin first, guests after members, other companies last. */
export function people(world: World): readonly PageUser[] {
  const rank = (user: PageUser) => (user.company !== null ? 3 : user.isAdmin ? 0 : user.isGuest ? 2 : 1);
  return [...world.users.values()]
    .filter((user) => !user.isBot)
    .sort((a, b) => rank(a) - rank(b) || a.displayName.localeCompare(b.displayName));
}

/** The title of a channel as this person sees it: `#general`, or the other one's name. */
export function channelTitle(world: World, channel: PageChannel, viewer: string): string {
  if (channel.kind === 'public' || channel.kind === 'private') return `#${channel.name}`;
  const others = channel.members.filter((id) => id !== viewer);
  const names = others.map((id) => world.users.get(id)?.displayName ?? id);
  return names.join(', ') || 'You';
}
