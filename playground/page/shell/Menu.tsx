import { type FocusEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Popup } from './Popup.tsx';

export interface MenuItem {
  readonly key: string;
  readonly label: ReactNode;
  readonly note?: string;
  readonly onPick: () => void;
}

/** A button that opens a menu. Arrows, Home, End and the first letters move in it; Escape closes it. */
export function Menu({
  label,
  className,
  align = 'start',
  items,
  empty,
  testId,
  children,
  onOpen,
}: {
  /** Spoken name of the button and of the menu. */
  readonly label: string;
  readonly className: string;
  readonly align?: 'start' | 'end';
  readonly items: readonly MenuItem[];
  /** Shown where there are no items. */
  readonly empty?: string;
  readonly testId?: string;
  /** What the button shows. */
  readonly children: ReactNode;
  readonly onOpen?: (open: boolean) => void;
}) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const all = () => [...(root.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
  const show = (next: boolean) => {
    setOpen(next);
    onOpen?.(next);
  };

  useEffect(() => {
    if (open) root.current?.querySelector<HTMLElement>('[role="menuitem"]')?.focus({ preventScroll: true });
  }, [open]);

  const close = () => {
    show(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const items = all();
    const at = items.findIndex((item) => item.matches(':focus'));
    const to = targetOf(event.key, at, items);
    if (event.key === 'Escape') {
      // Closes the menu and nothing behind it.
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab') {
      show(false);
    } else if (to !== null) {
      event.preventDefault();
      items.at(to)?.focus();
    }
  };
  const onBlur = (event: FocusEvent<HTMLElement>) => {
    if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget))
      show(false);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys that the menu's items let through
    <span className="menu-root" ref={root} onKeyDown={onKeyDown} onBlur={onBlur}>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        data-testid={testId}
        onClick={() => show(!open)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' || open) return;
          event.preventDefault();
          show(true);
        }}
      >
        {children}
      </button>
      {open && (
        <Popup anchor={button} align={align} className="popup-menu">
          <div role="menu" aria-label={label}>
            {items.map((item) => (
              <button
                key={item.key}
                type="button"
                role="menuitem"
                tabIndex={-1}
                className="menu-item"
                data-testid={`menu-${item.key}`}
                onClick={() => {
                  close();
                  item.onPick();
                }}
              >
                <span>
                  {item.label}
                  {item.note !== undefined && item.note !== '' && (
                    <span className="menu-note">{item.note}</span>
                  )}
                </span>
              </button>
            ))}
            {items.length === 0 && <p className="menu-empty">{empty}</p>}
          </div>
        </Popup>
      )}
    </span>
  );
}

function targetOf(key: string, at: number, items: readonly HTMLElement[]): number | null {
  if (items.length === 0) return null;
  if (key === 'ArrowDown') return (at + 1) % items.length;
  if (key === 'ArrowUp') return (at + items.length - 1) % items.length;
  if (key === 'Home') return 0;
  if (key === 'End') return items.length - 1;
  if (key.length !== 1 || key === ' ') return null;
  const found = items.findIndex((item) =>
    item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()),
  );
  return found === -1 ? null : found;
}
