import { initials } from '../state/format.ts';
import { usePeople } from '../text/people.ts';
import { Logo } from './icons.tsx';

const COLOURS = 8;

/** A person's initials on a colour of their own; Skein's mark for a bot. Decoration beside the name. */
export function Avatar({
  id,
  name,
  isBot,
  size = 36,
}: {
  readonly id: string;
  readonly name: string;
  readonly isBot: boolean;
  readonly size?: number;
}) {
  const { users } = usePeople();
  // By place in the workspace: two neighbours never look alike.
  const colour = Math.max(0, [...users.keys()].indexOf(id)) % COLOURS;
  if (isBot) return <Logo size={size} />;
  return (
    <span
      className={`avatar avatar-${colour}`}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.4) }}
      aria-hidden="true"
    >
      {initials(name)}
    </span>
  );
}
