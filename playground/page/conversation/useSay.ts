import type { PageUpload } from '../../protocol.ts';
import { useAct, useApp } from '../shell/app.ts';
import { mentions } from './mention.ts';

/**
 * Says something as the person who is speaking. A question to Skein opens its thread, because that is where
 * the answer appears. Resolves to false if it was not accepted.
 */
export function useSay(): (
  channel: string,
  threadTs: string | null,
  text: string,
  files: readonly PageUpload[],
) => Promise<boolean> {
  const { world, me, go } = useApp();
  const act = useAct();
  return async (channel, threadTs, text, files) => {
    const result = await act({ type: 'say', user: me.id, channel, threadTs, text, files });
    if (!result.ok) return false;
    const place = world.channels.get(channel);
    const direct = place?.kind === 'im' && place.members.includes(world.bot.user);
    if (threadTs === null && result.ts !== undefined && (direct || mentions(text, world.bot.handle))) {
      go({ channel, thread: result.ts });
    }
    return true;
  };
}
