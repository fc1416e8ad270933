import type { PageMessage } from '../../protocol.ts';
import { useAct } from '../shell/app.ts';
import { Emoji } from '../text/Inline.tsx';
import { usePeople } from '../text/people.ts';

/** Reactions under a message; pressing one adds or takes back one's own. */
export function Reactions({ message }: { readonly message: PageMessage }) {
  const { users, me } = usePeople();
  const act = useAct();
  const reactions = message.reactions.filter((reaction) => reaction.users.length > 0);
  if (reactions.length === 0) return null;
  return (
    <div className="reactions">
      {reactions.map(({ name, users: ids }) => (
        <button
          key={name}
          type="button"
          className="reaction"
          aria-pressed={ids.includes(me)}
          title={`${ids.map((id) => users.get(id)?.displayName ?? 'someone').join(', ')} reacted with :${name}:`}
          onClick={() =>
            void act({ type: 'react', user: me, channel: message.channel, ts: message.ts, name })
          }
        >
          <Emoji name={name} /> <span>{ids.length}</span>
        </button>
      ))}
    </div>
  );
}
