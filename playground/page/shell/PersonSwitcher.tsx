import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { PageUser } from '../../protocol.ts';
import { channelsFor, people } from '../state/threads.ts';
import { Avatar } from './Avatar.tsx';
import { useApp } from './app.ts';
import { Icon } from './icons.tsx';

/** Who is speaking: a menu of the workspace's people. */
export function PersonSwitcher() {
  const { world, me, route, go } = useApp();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLElement>('[aria-checked="true"]')?.focus();
    const away = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const choose = (person: string) => {
    const stays = channelsFor(world, person).some((channel) => channel.id === route.channel);
    go(stays ? { person } : { person, channel: null, thread: null });
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role="menuitemradio"]') ?? [])];
    const at = items.findIndex((item) => item.matches(':focus'));
    items.at((at + step) % items.length)?.focus();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows and Escape, from the menu's items
    <div className="person" ref={root} onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        className="person-button"
        aria-haspopup="menu"
        aria-expanded={open}
        data-testid="person-switcher"
        onClick={() => setOpen(!open)}
      >
        <Avatar id={me.id} name={me.displayName} isBot={false} size={24} />
        <span className="person-name">
          <span className="person-hint">Speaking as</span> {me.displayName}
          <span className="person-role">{roleOf(me)}</span>
        </span>
        <Icon name="chevron" size={16} />
      </button>
      {open && (
        <div className="menu" role="menu" aria-label="Speak as">
          {people(world).map((user) => (
            <button
              key={user.id}
              type="button"
              role="menuitemradio"
              aria-checked={user.id === me.id}
              tabIndex={-1}
              className="menu-item"
              data-testid={`person-${user.handle}`}
              onClick={() => choose(user.id)}
            >
              <Avatar id={user.id} name={user.displayName} isBot={false} size={28} />
              <span>
                {user.displayName}
                <span className="menu-note">
                  @{user.handle}
                  {' · '}
                  {roleOf(user)}
                </span>
              </span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function roleOf(user: PageUser): string {
  if (user.company !== null) return `from ${user.company}`;
  return user.isAdmin ? 'admin' : user.isGuest ? 'guest' : 'member';
}
