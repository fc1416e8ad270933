import type { KeyboardEvent } from 'react';
import type { PageChannel, PageMessage } from '../../protocol.ts';
import { useApp } from '../shell/app.ts';
import { Icon } from '../shell/icons.tsx';
import { mentionable } from '../state/companies.ts';
import { plural } from '../state/format.ts';
import { channelTitle, threadMessages } from '../state/threads.ts';
import { Composer } from './Composer.tsx';
import { Message } from './Message.tsx';
import { MessageList } from './MessageList.tsx';
import { useSay } from './useSay.ts';

/** One thread beside its channel; on narrow screens over it. */
export function ThreadPane({
  channel,
  threadTs,
  messages,
}: {
  readonly channel: PageChannel;
  readonly threadTs: string;
  readonly messages: readonly PageMessage[];
}) {
  const { world, me, go } = useApp();
  const say = useSay();
  const title = channelTitle(world, channel, me.id);
  const { root, replies } = threadMessages(messages, threadTs);
  const isMember = channel.members.includes(me.id);
  const counted = replies.filter((reply) => reply.ephemeralFor === null).length;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented) go({ thread: null });
  };

  return (
    <aside className="thread" onKeyDown={onKeyDown} aria-label={`Thread in ${title}`} data-testid="thread">
      <header className="pane-head">
        <h2>Thread</h2>
        <p>{title}</p>
        <button
          type="button"
          className="icon-button"
          aria-label="Close thread"
          title="Close thread (Esc)"
          data-testid="thread-close"
          onClick={() => go({ thread: null })}
        >
          <Icon name="close" />
        </button>
      </header>
      <MessageList
        place={`${me.id} ${channel.id} ${threadTs}`}
        label="Messages in this thread"
        root={
          <div className="thread-root">
            {root === null ? (
              <p className="block-unknown late">The first message of this thread is not here.</p>
            ) : (
              <Message message={root} grouped={false} summary={null} threadOpen={false} onOpenThread={null} />
            )}
            <div className="thread-divider">
              <span>{counted === 0 ? 'No replies yet' : plural(counted, 'reply', 'replies')}</span>
            </div>
          </div>
        }
        messages={replies}
        openThread={null}
        onOpenThread={null}
      />
      <Composer
        key={`${me.id} ${channel.id} ${threadTs}`}
        draftKey={`${me.id} ${channel.id} ${threadTs}`}
        label="Reply in this thread"
        placeholder={`Reply as ${me.displayName}`}
        people={mentionable(world, channel, me)}
        disabledBecause={isMember ? null : `${me.displayName} is not a member of ${title}`}
        autoFocus={true}
        onSend={(text, files) => say(channel.id, threadTs, text, files)}
        testId="thread-composer"
      />
    </aside>
  );
}
