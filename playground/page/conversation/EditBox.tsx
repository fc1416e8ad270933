import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { PageMessage } from '../../protocol.ts';
import { useAct } from '../shell/app.ts';
import { toTyped } from '../text/mrkdwn.ts';
import { usePeople } from '../text/people.ts';

/** One's own message as a text field. Enter saves, Escape leaves it as it was. */
export function EditBox({ message, onDone }: { readonly message: PageMessage; readonly onDone: () => void }) {
  const { users, channels, me } = usePeople();
  const act = useAct();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() =>
    toTyped(
      message.text,
      (id) => users.get(id)?.handle ?? null,
      (id) => channels.get(id)?.name ?? null,
    ),
  );
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(field.current.value.length, field.current.value.length);
  }, []);
  const save = () => {
    if (text.trim() === '') return;
    void act({ type: 'edit', user: me, channel: message.channel, ts: message.ts, text: text.trim() });
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onDone();
    } else if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      save();
    }
  };
  return (
    <div className="edit-box">
      <textarea
        ref={field}
        aria-label="Edit message"
        data-testid="edit-field"
        rows={Math.min(8, text.split('\n').length)}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="edit-buttons">
        <button type="button" className="button" onClick={onDone}>
          Cancel
        </button>
        <button type="button" className="button primary" disabled={text.trim() === ''} onClick={save}>
          Save
        </button>
      </div>
    </div>
  );
}
