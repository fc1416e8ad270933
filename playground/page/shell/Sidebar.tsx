import type { ReactNode } from 'react';
import type { PageChannel, PageUser } from '../../protocol.ts';
import { companyName, partners, sharingLine } from '../state/companies.ts';
import { channelsFor, directChannel, people } from '../state/threads.ts';
import { Avatar } from './Avatar.tsx';
import { useAct, useApp } from './app.ts';
import { Icon } from './icons.tsx';
import { PersonSwitcher } from './PersonSwitcher.tsx';

/** Channels, direct messages and the app, as the person who is speaking has them. */
export function Sidebar({
  open,
  unread,
  onDone,
}: {
  readonly open: boolean;
  readonly unread: ReadonlySet<string>;
  /** A place was chosen: on narrow screens the drawer closes. */
  readonly onDone: () => void;
}) {
  const { world, me, route, go } = useApp();
  const act = useAct();
  const bot = world.users.get(world.bot.user);
  const show = (channel: string) => {
    go({ channel, thread: null });
    onDone();
  };
  const openDirect = async (other: PageUser) => {
    const known = directChannel(world, me.id, other.id);
    if (known !== null) return show(known.id);
    const result = await act({ type: 'open_dm', user: me.id, with: other.id });
    if (result.ok && result.channel !== undefined) show(result.channel);
  };
  const direct = (user: PageUser) => {
    const channel = directChannel(world, me.id, user.id);
    return (
      <Item
        key={user.id}
        current={channel !== null && channel.id === route.channel}
        unread={channel !== null && unread.has(channel.id)}
        onClick={() => void openDirect(user)}
        icon={<Avatar id={user.id} name={user.displayName} isBot={user.isBot} size={20} />}
        testId={`dm-${user.handle}`}
      >
        {user.displayName}
        {user.isBot && <span className="badge">APP</span>}
        {user.isGuest && <span className="item-note">guest</span>}
      </Item>
    );
  };
  const channels = channelsFor(world, me.id).filter((channel) => channel.kind !== 'im');
  return (
    <nav className={open ? 'sidebar sidebar-open' : 'sidebar'} aria-label="Channels and direct messages">
      <div className="team">{companyName(world, me)}</div>
      <PersonSwitcher />
      <div className="sidebar-lists">
        <Section title="Channels">
          {channels.map((channel) => (
            <Item
              key={channel.id}
              current={channel.id === route.channel}
              unread={unread.has(channel.id)}
              onClick={() => show(channel.id)}
              icon={<Icon name={channel.kind === 'public' ? 'hash' : 'lock'} size={16} />}
              testId={`channel-${channel.name}`}
            >
              {nameOf(channel, world.users, me.id)}
              {channel.shared !== null && (
                <span className="item-shared" title={sharingLine(world, channel, me)}>
                  <Icon name="shared" size={18} />
                  <span className="hidden">shared with {partners(world, channel, me).join(', ')}</span>
                </span>
              )}
            </Item>
          ))}
        </Section>
        <Section title="Direct messages">
          {people(world)
            .filter((user) => user.id !== me.id && user.company === me.company)
            .map(direct)}
        </Section>
        {/* The app is in one workspace only. */}
        {me.company === null && <Section title="Apps">{bot !== undefined && direct(bot)}</Section>}
      </div>
      <p className="sidebar-foot">Runs on this computer only. Fake workspace, fake tokens.</p>
    </nav>
  );
}

function nameOf(channel: PageChannel, users: ReadonlyMap<string, PageUser>, me: string): string {
  if (channel.kind !== 'mpim') return channel.name;
  const others = channel.members.filter((id) => id !== me);
  return others.map((id) => users.get(id)?.displayName ?? id).join(', ');
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h2>{title}</h2>
      <ul>{children}</ul>
    </section>
  );
}

function Item(props: {
  readonly current: boolean;
  readonly unread: boolean;
  readonly onClick: () => void;
  readonly icon: ReactNode;
  readonly testId: string;
  readonly children: ReactNode;
}) {
  return (
    <li>
      <button
        type="button"
        className={props.unread && !props.current ? 'item item-unread' : 'item'}
        aria-current={props.current ? 'page' : undefined}
        data-testid={props.testId}
        onClick={props.onClick}
      >
        {props.icon}
        <span className="item-name">{props.children}</span>
        {props.unread && !props.current && (
          <span className="dot">
            <span className="hidden">new messages</span>
          </span>
        )}
      </button>
    </li>
  );
}
