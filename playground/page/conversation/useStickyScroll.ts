import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** Closer to the end than this counts as being there: about a line and a half. */
const NEAR_PX = 40;

export interface StickyScroll {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  /** Something came below what is in view. */
  readonly behind: boolean;
  readonly toEnd: () => void;
}

/**
 * Keeps a growing list at its end, but only for someone who is at its end: whoever has scrolled up to read
 * is never moved. `newest` names the last thing in the list, '' while it is empty; `place` the list itself.
 */
export function useStickyScroll(place: string, newest: string): StickyScroll {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  const top = useRef(0);
  const [behind, setBehind] = useState(false);

  const toEnd = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    sticks.current = true;
    box.scrollTop = box.scrollHeight;
    top.current = box.scrollTop;
    setBehind(false);
  }, []);

  const empty = newest === '';
  const isEmpty = useRef(empty);
  isEmpty.current = empty;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place begins at its own end
  useLayoutEffect(() => {
    // Nothing has been said: what stands above the first message is read from its beginning.
    if (isEmpty.current) sticks.current = false;
    else toEnd();
  }, [place, empty, toEnd]);

  useEffect(() => {
    const box = scroller.current;
    const inner = content.current;
    if (box === null || inner === null) return;
    const onScroll = () => {
      const distance = box.scrollHeight - box.scrollTop - box.clientHeight;
      // Only a move upwards lets go: content that grows between two frames also makes a distance.
      if (box.scrollTop < top.current - 1 && distance > 1) {
        sticks.current = false;
      } else if (distance <= NEAR_PX) {
        sticks.current = true;
        setBehind(false);
      }
      top.current = box.scrollTop;
    };
    const observer = new ResizeObserver(() => {
      if (!sticks.current) return;
      box.scrollTop = box.scrollHeight;
      top.current = box.scrollTop;
    });
    observer.observe(inner);
    observer.observe(box);
    box.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', onScroll);
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: asks again whenever something newer is there
  useEffect(() => {
    if (!sticks.current && !isEmpty.current) setBehind(true);
  }, [newest]);

  return { scroller, content, behind, toEnd };
}
