import type { ReactNode } from 'react';
import { emojiOf } from './emoji.ts';
import { safeUrl } from './links.ts';
import { usePeople } from './people.ts';

/** A link that leaves the page (unless it leads to a message of this workspace) and tells the other side nothing; plain text if it leads anywhere but the web or mail. */
export function SafeLink({ url, children }: { readonly url: string; readonly children: ReactNode }) {
  const href = safeUrl(url);
  const { opens } = usePeople();
  if (href === null) return <span>{children}</span>;
  const inside = opens(href);
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      title={href}
      onClick={(event) => {
        if (inside === null) return;
        event.preventDefault();
        inside();
      }}
    >
      {children}
    </a>
  );
}

/** `@Ana Ruiz`, marked when it is the one who is looking. */
export function UserMention({ id }: { readonly id: string }) {
  const { users, me } = usePeople();
  const name = users.get(id)?.displayName ?? 'someone';
  return <span className={id === me ? 'mention mention-me' : 'mention'}>@{name}</span>;
}

/** `#general`, which opens it where it is known. */
export function ChannelMention({ id, label }: { readonly id: string; readonly label: string | null }) {
  const { channels, openChannel } = usePeople();
  const channel = channels.get(id);
  if (channel === undefined) return <span className="mention">#{label ?? 'a channel'}</span>;
  return (
    <button type="button" className="mention" onClick={() => openChannel(id)}>
      #{channel.name}
    </button>
  );
}

/** An emoji by its Slack name, `:name:` where it is not known. */
export function Emoji({ name }: { readonly name: string }) {
  const char = emojiOf(name);
  if (char === null) return <span>:{name}:</span>;
  return (
    <span role="img" aria-label={name.replaceAll('_', ' ')} title={`:${name}:`}>
      {char}
    </span>
  );
}
