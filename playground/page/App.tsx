import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { ChannelPane } from './conversation/ChannelPane.tsx';
import { ThreadPane } from './conversation/ThreadPane.tsx';
import { Inspector } from './inspector/Inspector.tsx';
import { Announcer } from './shell/Announcer.tsx';
import { type Act, ActContext, AppContext, type App as AppState, FeaturesContext } from './shell/app.ts';
import { Banner } from './shell/Banner.tsx';
import { MEDIUM, NARROW, useMedia, useRoute, useTheme } from './shell/browser.ts';
import { Logo } from './shell/icons.tsx';
import { Sidebar } from './shell/Sidebar.tsx';
import { type Note, Toasts } from './shell/Toasts.tsx';
import { TopBar } from './shell/TopBar.tsx';
import { useUnread } from './shell/useUnread.ts';
import { featuresFor } from './state/companies.ts';
import { type LineState, type PageStore, sendAction } from './state/connection.ts';
import { chooseChannel, choosePerson } from './state/place.ts';
import { visibleIn } from './state/threads.ts';
import { placeOf } from './state/views.ts';
import type { World } from './state/world.ts';
import { type People, PeopleContext } from './text/people.ts';
import { Modals } from './views/Modal.tsx';

const UNKNOWN_PLACE_MS = 500;

/** The whole page: waits for the first snapshot, then shows the workspace. */
export function App({ store, actUrl }: { readonly store: PageStore; readonly actUrl: string }) {
  const world = useSyncExternalStore(store.subscribe, store.world);
  const line = useSyncExternalStore(store.subscribe, store.line);
  const [theme, setTheme] = useTheme();
  if (world === null) {
    return (
      <div className="loading" role="status">
        <Logo size={56} />
        <p>
          {line === 'reconnecting'
            ? 'The playground can’t be reached. Trying again…'
            : 'Opening the playground…'}
        </p>
      </div>
    );
  }
  return <Workspace world={world} line={line} actUrl={actUrl} theme={theme} onTheme={setTheme} />;
}

function Workspace({
  world,
  line,
  actUrl,
  theme,
  onTheme,
}: {
  readonly world: World;
  readonly line: LineState;
  readonly actUrl: string;
  readonly theme: 'light' | 'dark';
  readonly onTheme: (theme: 'light' | 'dark') => void;
}) {
  const [route, go] = useRoute();
  const [drawer, setDrawer] = useState(false);
  const [errors, setErrors] = useState<readonly Note[]>([]);
  const narrow = useMedia(NARROW);
  const medium = useMedia(MEDIUM);
  const me = choosePerson(world, route.person);
  const channel = me === null ? null : chooseChannel(world, me.id, route.channel);
  const thread = channel !== null && channel.id === route.channel ? route.thread : null;
  const unread = useUnread(world, me?.id ?? '', channel?.id ?? null);

  // What is shown is also what the address says, so that it can be sent to someone. An address that is not
  // known yet gets a moment: a new channel's id may be here before the channel.
  useEffect(() => {
    if (channel === null || me === null) return;
    if (route.channel === channel.id && route.person === me.id && route.thread === thread) return;
    const correct = () => go({ channel: channel.id, person: me.id, thread });
    const timer = setTimeout(correct, route.channel === null ? 0 : UNKNOWN_PLACE_MS);
    return () => clearTimeout(timer);
  }, [channel, me, thread, route, go]);

  const errorCount = useRef(0);
  const act: Act = useCallback(
    async (action) => {
      const result = await sendAction(actUrl, action);
      if (!result.ok) {
        errorCount.current += 1;
        const note: Note = {
          key: `error ${errorCount.current}`,
          text: sentence(result.error),
          tone: 'error',
        };
        setErrors((before) => [...before.slice(-4), note]);
      }
      return result;
    },
    [actUrl],
  );

  const messages = useMemo(
    () => (channel === null || me === null ? [] : visibleIn(world, channel.id, me.id)),
    [world, channel, me],
  );
  const openChannel = useCallback((id: string) => go({ channel: id, thread: null }), [go]);
  const { users, channels, team } = world;
  const myId = me?.id ?? '';
  const myCompany = me?.company ?? null;
  const { domain } = team;
  const opens = useCallback(
    (url: string) => {
      const place = placeOf(domain, url);
      return place === null ? null : () => go(place);
    },
    [domain, go],
  );
  const names: People = useMemo(
    () => ({
      users,
      channels,
      me: myId,
      foreignCompany: (user) => (user.company === myCompany ? null : (user.company ?? team.name)),
      openChannel,
      opens,
    }),
    [users, channels, myId, myCompany, team, openChannel, opens],
  );

  if (me === null || channel === null) {
    return <div className="loading">This workspace has nobody to speak as.</div>;
  }
  const app: AppState = { world, me, route: { ...route, channel: channel.id, thread, person: me.id }, go };
  const notes: readonly Note[] = [
    ...world.toasts
      .filter((toast) => toast.user === me.id)
      .map((toast): Note => ({ key: `toast ${toast.id}`, text: toast.text, tone: 'plain' })),
    ...errors,
  ];

  return (
    <AppContext value={app}>
      <ActContext value={act}>
        <FeaturesContext value={featuresFor(world, me)}>
          <PeopleContext value={names}>
            <div className={thread === null ? 'app' : 'app app-thread'} data-testid="app">
              <TopBar theme={theme} onTheme={onTheme} menuOpen={drawer} onMenu={() => setDrawer(!drawer)} />
              <div className="banners">
                <Banner line={line} status={world.status} team={world.team.id} />
              </div>
              <div className="body">
                <Sidebar open={drawer} unread={unread} onDone={() => setDrawer(false)} />
                {narrow && drawer && (
                  <button
                    type="button"
                    className="veil"
                    aria-label="Close the channel list"
                    onClick={() => setDrawer(false)}
                  />
                )}
                <div className="work" inert={narrow && drawer}>
                  <div className="panes" inert={narrow && route.inspector !== null}>
                    <ChannelPane channel={channel} messages={messages} inert={medium && thread !== null} />
                    {thread !== null && (
                      <ThreadPane channel={channel} threadTs={thread} messages={messages} />
                    )}
                  </div>
                  {route.inspector !== null && <Inspector tab={route.inspector} />}
                </div>
              </div>
              <Modals />
              <Toasts notes={notes} />
              <Announcer />
            </div>
          </PeopleContext>
        </FeaturesContext>
      </ActContext>
    </AppContext>
  );
}

/** Slack's error codes are words with underscores; sentences are shown as they are. */
function sentence(error: string): string {
  return /^[a-z0-9_]+$/.test(error) ? `That did not work: ${error.replaceAll('_', ' ')}.` : error;
}
