import { useEffect, useMemo, useRef } from 'react';
import { isReply } from '../state/threads.ts';
import type { World } from '../state/world.ts';

/**
 * Channels with something that this person has not seen since the page was opened. As in Slack, replies in
 * a thread do not count, except in direct messages.
 */
export function useUnread(world: World, me: string, current: string | null): ReadonlySet<string> {
  const newest = useMemo(() => {
    const found = new Map<string, { readonly ts: string; readonly mine: boolean }>();
    for (const message of world.messages.values()) {
      if (message.deleted || (message.ephemeralFor !== null && message.ephemeralFor !== me)) continue;
      if (isReply(message) && world.channels.get(message.channel)?.kind !== 'im') continue;
      const before = found.get(message.channel);
      if (before === undefined || message.ts > before.ts) {
        found.set(message.channel, { ts: message.ts, mine: message.user === me });
      }
    }
    return found;
  }, [world.messages, world.channels, me]);

  // What was there when the page was opened counts as seen.
  const seen = useRef<Map<string, string> | null>(null);
  if (seen.current === null) {
    seen.current = new Map([...newest].map(([channel, { ts }]) => [channel, ts]));
  }
  const known = seen.current;
  useEffect(() => {
    const here = current === null ? undefined : newest.get(current);
    if (current !== null && here !== undefined) known.set(current, here.ts);
  }, [newest, current, known]);

  const unread = new Set<string>();
  for (const [channel, { ts, mine }] of newest) {
    if (channel !== current && !mine && ts > (known.get(channel) ?? '')) unread.add(channel);
  }
  return unread;
}
