import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { PageCommand, PageUpload, PageUser } from '../../protocol.ts';
import { Avatar } from '../shell/Avatar.tsx';
import { keep } from '../shell/browser.ts';
import { Icon } from '../shell/icons.tsx';
import { AttachButton, PickedList, usePicked } from './Attachments.tsx';
import { commandAt, completeCommand, hintFor } from './command.ts';
import { candidates, complete, mentionAt } from './mention.ts';

/**
 * Where one writes. Enter sends, Shift+Enter makes a new line, `@` completes names, `/` commands. What is half-written is
 * kept for each person and place; give it a `key` of the place.
 */
export function Composer({
  draftKey,
  label,
  placeholder,
  people,
  commands = [],
  tools,
  disabledBecause,
  hint,
  autoFocus,
  onSend,
  testId,
}: {
  readonly draftKey: string;
  readonly label: string;
  readonly placeholder: string;
  /** Who can be mentioned. */
  readonly people: readonly PageUser[];
  /** Slash commands; none in threads. */
  readonly commands?: readonly PageCommand[];
  /** Buttons beside the field. */
  readonly tools?: ReactNode;
  /** Why one can't write here; `null` when one can. */
  readonly disabledBecause: string | null;
  /** What else one can write here, for the line below. */
  readonly hint?: ReactNode;
  readonly autoFocus: boolean;
  /** Resolves to false if the text was not accepted: then it comes back into the field. */
  readonly onSend: (text: string, files: readonly PageUpload[]) => Promise<boolean>;
  readonly testId: string;
}) {
  const field = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const [text, setText] = useState(() => keep.read(`draft ${draftKey}`) ?? '');
  const [caret, setCaret] = useState(0);
  const [picked, setPicked] = useState(0);
  const [closedAt, setClosedAt] = useState<number | null>(null);

  const attached = usePicked();

  const half = mentionAt(text, caret);
  const suggestions = suggestionsFor({ text, caret, people, commands });
  const found = half?.start === closedAt || (half === null && closedAt === 0) ? [] : suggestions;
  const known = hintFor(commands, text);
  const open = found.length > 0;
  const active = Math.min(picked, found.length - 1);

  const write = (next: string) => {
    setText(next);
    keep.write(`draft ${draftKey}`, next);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: the field is measured anew when its text changed
  useLayoutEffect(() => {
    const area = field.current;
    if (area === null) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);

  useLayoutEffect(() => {
    // A touch keyboard that jumps up over the page is no help.
    if (autoFocus && window.matchMedia('(hover: hover)').matches)
      field.current?.focus({ preventScroll: true });
  }, [autoFocus]);

  const accept = (suggestion: Suggestion | undefined) => {
    if (suggestion === undefined) return;
    const done = suggestion.done;
    // At once and not with the next frame: a letter that is typed between the two would be before the caret.
    flushSync(() => {
      write(done.text);
      setCaret(done.caret);
      setPicked(0);
    });
    field.current?.focus();
    field.current?.setSelectionRange(done.caret, done.caret);
  };
  const send = async () => {
    const sent = text.trim();
    const files = attached.files;
    if ((sent === '' && files.length === 0) || disabledBecause !== null) return;
    write('');
    setCaret(0);
    attached.clear();
    if (
      await onSend(
        sent,
        files.map(({ key: _, ...upload }) => upload),
      )
    )
      return;
    attached.restore(files);
    // Given back, unless something else has been written meanwhile.
    if (field.current !== null && field.current.value === '') write(sent);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setPicked((active + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length);
    } else if (open && (event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) {
      event.preventDefault();
      accept(found[active]);
    } else if (open && event.key === 'Escape') {
      event.stopPropagation();
      setClosedAt(half?.start ?? 0);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void send();
    }
  };

  return (
    <div className="composer-frame">
      {open && (
        <div
          className="mentions"
          role="listbox"
          id={listId}
          aria-label={half === null ? 'Commands' : 'People'}
        >
          {found.map((suggestion, index) => (
            <div
              key={suggestion.key}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              className="menu-item"
              // Before the field loses the focus to a click.
              onPointerDown={(event) => {
                event.preventDefault();
                accept(suggestion);
              }}
            >
              {suggestion.shown}
            </div>
          ))}
        </div>
      )}
      {known !== null && !open && (
        <p className="command-hint" role="status">
          <strong>{known.command}</strong> {known.usageHint !== '' && <code>{known.usageHint}</code>}
          <span> {known.description}</span>
        </p>
      )}
      <PickedList files={attached.files} problem={attached.problem} onDrop={attached.drop} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: files can be dropped here; the button does the same. */}
      <div
        className={disabledBecause === null ? 'composer' : 'composer composer-off'}
        onDragOver={attached.onDragOver}
        onDrop={attached.onDrop}
      >
        {tools}
        <AttachButton onPick={attached.pick} disabled={disabledBecause !== null} />
        <textarea
          ref={field}
          rows={1}
          role="combobox"
          aria-label={label}
          aria-expanded={open}
          aria-controls={open ? listId : undefined}
          aria-autocomplete="list"
          aria-activedescendant={open ? `${listId}-${active}` : undefined}
          data-testid={testId}
          placeholder={disabledBecause ?? placeholder}
          disabled={disabledBecause !== null}
          value={text}
          onChange={(event) => {
            write(event.target.value);
            setCaret(event.target.selectionStart);
            setPicked(0);
            setClosedAt(null);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onPaste={attached.onPaste}
        />
        <button
          type="button"
          className="send"
          aria-label="Send"
          title="Send (Enter)"
          data-testid={`${testId}-send`}
          disabled={(text.trim() === '' && attached.files.length === 0) || disabledBecause !== null}
          onClick={() => void send()}
        >
          <Icon name="send" />
        </button>
      </div>
      <p className="composer-hint" aria-hidden="true">
        <kbd>Enter</kbd> sends · <kbd>Shift</kbd>+<kbd>Enter</kbd> new line · <kbd>@</kbd> mentions{hint}
      </p>
    </div>
  );
}

interface Suggestion {
  readonly key: string;
  /** The text with it, and where the caret goes. */
  readonly done: { readonly text: string; readonly caret: number };
  readonly shown: ReactNode;
}

function suggestionsFor(now: {
  readonly text: string;
  readonly caret: number;
  readonly people: readonly PageUser[];
  readonly commands: readonly PageCommand[];
}): readonly Suggestion[] {
  const { text, caret } = now;
  const half = mentionAt(text, caret);
  if (half !== null)
    return candidates(now.people, half.query).map((user) => ({
      key: user.id,
      done: complete(text, half, user.handle),
      shown: (
        <>
          <Avatar id={user.id} name={user.displayName} isBot={user.isBot} size={24} />
          <span>
            {user.displayName} <span className="menu-note-inline">@{user.handle}</span>
          </span>
          {user.isBot && <span className="badge">APP</span>}
        </>
      ),
    }));
  return commandAt(now.commands, text, caret).map((command) => ({
    key: command.command,
    done: completeCommand(command),
    shown: (
      <span>
        <strong>{command.command}</strong> <span className="menu-note-inline">{command.usageHint}</span>
        <span className="menu-note">{command.description}</span>
      </span>
    ),
  }));
}
