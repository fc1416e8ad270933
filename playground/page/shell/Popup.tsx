import { type CSSProperties, type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from 'react';

const GAP = 4;
const MARGIN = 8;
const MOST_HEIGHT = 340;

/**
 * Something that opens at an element and lies over everything around it, also over the edge of a dialog that
 * scrolls. Below the element where there is room, else above it.
 */
export function Popup({
  anchor,
  align = 'start',
  className,
  children,
}: {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly align?: 'start' | 'end';
  readonly className: string;
  readonly children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<CSSProperties>({ visibility: 'hidden' });
  useLayoutEffect(() => {
    const measure = () => {
      const at = anchor.current?.getBoundingClientRect();
      const height = box.current?.scrollHeight ?? 0;
      if (at === undefined) return;
      const below = window.innerHeight - at.bottom - GAP - MARGIN;
      const above = at.top - GAP - MARGIN;
      const under = below >= Math.min(height, MOST_HEIGHT) || below >= above;
      const side =
        align === 'end'
          ? { right: Math.max(MARGIN, window.innerWidth - at.right) }
          : { left: Math.max(MARGIN, at.left) };
      setPlace({
        ...side,
        ...(under ? { top: at.bottom + GAP } : { bottom: window.innerHeight - at.top + GAP }),
        maxHeight: Math.min(MOST_HEIGHT, under ? below : above),
        minWidth: Math.min(at.width, window.innerWidth - 2 * MARGIN),
      });
    };
    measure();
    // What the list holds changes while one types.
    const observer = new ResizeObserver(measure);
    if (box.current?.firstElementChild) observer.observe(box.current.firstElementChild);
    window.addEventListener('scroll', measure, true);
    window.addEventListener('resize', measure);
    return () => {
      observer.disconnect();
      window.removeEventListener('scroll', measure, true);
      window.removeEventListener('resize', measure);
    };
  }, [anchor, align]);
  return (
    <div ref={box} className={`popup ${className}`} style={place}>
      {children}
    </div>
  );
}
