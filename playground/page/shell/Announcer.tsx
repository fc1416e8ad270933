import { useEffect, useRef, useState } from 'react';
import type { PageMessage } from '../../protocol.ts';
import { channelTitle } from '../state/threads.ts';
import { isWriting } from '../state/writing.ts';
import { useApp } from './app.ts';

/**
 * Tells screen readers that an answer has begun and that it is finished: not its text at every edit, which
 * nobody could listen to.
 */
export function Announcer() {
  const { world, me } = useApp();
  const [words, setWords] = useState('');
  const seen = useRef<ReadonlyMap<string, PageMessage>>(world.messages);
  useEffect(() => {
    const before = seen.current;
    seen.current = world.messages;
    if (before === world.messages) return;
    let said: string | null = null;
    for (const [key, message] of world.messages) {
      const known = before.get(key);
      if (known === message || message.botId === null || message.deleted) continue;
      if (message.ephemeralFor !== null && message.ephemeralFor !== me.id) continue;
      const channel = world.channels.get(message.channel);
      const place = channel === undefined ? '' : ` in ${channelTitle(world, channel, me.id)}`;
      if (known === undefined)
        said = isWriting(message) ? `Skein is answering${place}.` : `New message from Skein${place}.`;
      else if (isWriting(known) && !isWriting(message)) said = `Skein’s answer${place} is finished.`;
    }
    if (said !== null) setWords(said);
  }, [world, me.id]);
  return (
    <div className="hidden" role="status" aria-live="polite" data-testid="announcer">
      {words}
    </div>
  );
}
