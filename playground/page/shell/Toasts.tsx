import { useEffect, useState } from 'react';
import { Mrkdwn } from '../text/Mrkdwn.tsx';
import { Icon } from './icons.tsx';

export interface Note {
  readonly key: string;
  readonly text: string;
  readonly tone: 'plain' | 'error';
}

const SHOWN_MS = 7_000;

/** Short notes that go by themselves; read aloud once. */
export function Toasts({ notes }: { readonly notes: readonly Note[] }) {
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const forget = (key: string) => setGone((before) => new Set(before).add(key));
  return (
    <div className="toasts" role="status" data-testid="toasts">
      {notes
        .filter((note) => !gone.has(note.key))
        .slice(-3)
        .map((note) => (
          <ToastLine key={note.key} note={note} onGone={() => forget(note.key)} />
        ))}
    </div>
  );
}

function ToastLine({ note, onGone }: { readonly note: Note; readonly onGone: () => void }) {
  const [hovered, setHovered] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see below
  useEffect(() => {
    if (hovered) return;
    const timer = setTimeout(onGone, SHOWN_MS);
    return () => clearTimeout(timer);
    // `onGone` is new with every drawing; the time starts when the note appears or the pointer leaves it.
  }, [hovered]);
  return (
    <div
      className={`toast toast-${note.tone}`}
      role="presentation"
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
    >
      <Mrkdwn text={note.text} />
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={onGone}>
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}
