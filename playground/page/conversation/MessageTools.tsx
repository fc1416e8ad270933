import { type FocusEvent, type KeyboardEvent, useRef, useState } from 'react';
import type { PageMessage } from '../../protocol.ts';
import { useAct, useFeatures } from '../shell/app.ts';
import { Icon, type IconName } from '../shell/icons.tsx';
import { Menu } from '../shell/Menu.tsx';
import { QUICK_REACTIONS } from '../text/emoji.ts';
import { Emoji } from '../text/Inline.tsx';
import { usePeople } from '../text/people.ts';

/** What one can do with a message: shown under the pointer, on focus, and behind a dot menu on touch screens. */
export function MessageTools({
  message,
  own,
  onReply,
  onEdit,
  onDelete,
}: {
  readonly message: PageMessage;
  readonly own: boolean;
  readonly onReply: (() => void) | null;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}) {
  const { me } = usePeople();
  const act = useAct();
  const [picking, setPicking] = useState(false);
  const [menu, setMenu] = useState(false);
  const shortcuts = useFeatures().shortcuts.filter(({ kind }) => kind === 'message');
  const opener = useRef<HTMLButtonElement>(null);
  const react = (name: string) => {
    setPicking(false);
    opener.current?.focus();
    void act({ type: 'react', user: me, channel: message.channel, ts: message.ts, name });
  };
  const onBlur = (event: FocusEvent<HTMLElement>) => {
    if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget))
      setPicking(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !picking) return;
    event.stopPropagation();
    setPicking(false);
    opener.current?.focus();
  };
  return (
    <div
      className={picking || menu ? 'tools tools-open' : 'tools'}
      role="toolbar"
      aria-label="Message actions"
      onBlur={onBlur}
      onKeyDown={onKeyDown}
    >
      <button type="button" className="tool tool-more" aria-label="More actions">
        <Icon name="more" />
      </button>
      <div className="tools-row">
        <button
          ref={opener}
          type="button"
          className="tool"
          aria-label="Add a reaction"
          title="Add a reaction"
          aria-expanded={picking}
          data-testid="react"
          onClick={() => setPicking(!picking)}
        >
          <Icon name="smile" />
        </button>
        {onReply !== null && <Tool icon="reply" label="Reply in thread" onClick={onReply} />}
        {shortcuts.length > 0 && (
          <Menu
            label="Message shortcuts"
            className="tool"
            align="end"
            testId="message-shortcuts"
            onOpen={setMenu}
            items={shortcuts.map(({ callbackId, name, description }) => ({
              key: callbackId,
              label: name,
              note: description,
              onPick: () => {
                const on = { channel: message.channel, ts: message.ts };
                void act({ type: 'shortcut', user: me, callbackId, on });
              },
            }))}
          >
            <Icon name="bolt" />
          </Menu>
        )}
        {own && <Tool icon="edit" label="Edit message" onClick={onEdit} />}
        {own && <Tool icon="trash" label="Delete message" onClick={onDelete} />}
      </div>
      {picking && (
        <fieldset className="picker" aria-label="Reactions">
          {QUICK_REACTIONS.map((name) => (
            <button
              key={name}
              type="button"
              className="tool"
              data-testid={`react-${name}`}
              onClick={() => react(name)}
            >
              <Emoji name={name} />
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}

function Tool({
  icon,
  label,
  onClick,
}: {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
}) {
  return (
    <button
      type="button"
      className="tool"
      aria-label={label}
      title={label}
      data-testid={`tool-${icon}`}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
