import { useCallback, useEffect } from 'react';
import type { PageChannel, PageMessage } from '../../protocol.ts';
import { useAct, useApp, useFeatures } from '../shell/app.ts';
import { Icon } from '../shell/icons.tsx';
import { mentionable, sharingLine } from '../state/companies.ts';
import { plural } from '../state/format.ts';
import { channelMessages, channelTitle, threadSummaries } from '../state/threads.ts';
import { AppTabs } from '../views/AppTabs.tsx';
import { HomePane } from '../views/HomePane.tsx';
import { Composer } from './Composer.tsx';
import { MessageList } from './MessageList.tsx';
import { ShortcutMenu } from './ShortcutMenu.tsx';
import { useSay } from './useSay.ts';
import { Welcome } from './Welcome.tsx';

/** A channel or direct message: its beginning, its messages and a place to write. */
export function ChannelPane({
  channel,
  messages,
  inert,
}: {
  readonly channel: PageChannel;
  /** All of the channel that this person may see, threads included. */
  readonly messages: readonly PageMessage[];
  /** The thread lies over it. */
  readonly inert: boolean;
}) {
  const { world, me, route, go } = useApp();
  const say = useSay();
  const title = channelTitle(world, channel, me.id);
  const isMember = channel.members.includes(me.id);
  const act = useAct();
  const features = useFeatures();
  const isApp = channel.kind === 'im' && channel.members.includes(world.bot.user) && features.home;
  const home = isApp && route.home;
  // The app hears of every opening of its page, by tab.
  useEffect(() => {
    if (isApp) void act({ type: 'open_home', user: me.id, tab: home ? 'home' : 'messages' });
  }, [act, isApp, home, me.id]);
  const onOpenThread = useCallback((thread: string) => go({ thread }), [go]);
  return (
    <main className="pane" inert={inert} data-testid="channel-pane">
      <header className="pane-head">
        <h2>
          {channel.kind === 'private' && <Icon name="lock" size={16} />}
          {title}
          {channel.shared !== null && <Icon name="shared" size={20} />}
        </h2>
        <p>
          {channel.shared !== null && (
            <span className="shared-with" data-testid="shared-with">
              {sharingLine(world, channel, me)}
              {' · '}
            </span>
          )}
          {channel.kind === 'im' ? 'Direct message' : plural(channel.members.length, 'member', 'members')}
          {channel.topic !== '' && ` · ${channel.topic}`}
        </p>
        {isApp && (
          <AppTabs
            tab={home ? 'home' : 'messages'}
            onTab={(tab) => go({ home: tab === 'home', thread: null })}
          />
        )}
      </header>
      {home ? <HomePane /> : messagesTab()}
    </main>
  );

  function messagesTab() {
    return (
      <>
        <MessageList
          place={`${me.id} ${channel.id}`}
          label={`Messages in ${title}`}
          head={<Welcome channel={channel} canWrite={isMember} />}
          messages={channelMessages(messages)}
          summaries={threadSummaries(messages)}
          openThread={route.thread}
          onOpenThread={onOpenThread}
        />
        <Composer
          key={`${me.id} ${channel.id}`}
          draftKey={`${me.id} ${channel.id}`}
          label={`Message ${title}`}
          placeholder={`Message ${title} as ${me.displayName}`}
          people={mentionable(world, channel, me)}
          commands={features.commands}
          tools={<ShortcutMenu />}
          disabledBecause={isMember ? null : `${me.displayName} is not a member of ${title}`}
          hint={
            <>
              {' · '}
              <kbd>/</kbd> commands
            </>
          }
          autoFocus={route.thread === null}
          onSend={(text, files) => say(channel.id, null, text, files)}
          testId="composer"
        />
      </>
    );
  }
}
