/** The browser's own state as hooks: address, width, kept choices. */
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { formatRoute, parseRoute, type Route } from '../state/route.ts';

/** The route in the address bar, and how to change it. A new channel or thread is a step of the back button. */
export function useRoute(): readonly [Route, (change: Partial<Route>) => void] {
  const hash = useSyncExternalStore(subscribeHash, () => window.location.hash);
  const [route, setRoute] = useState(() => parseRoute(hash));
  useEffect(() => setRoute(parseRoute(hash)), [hash]);
  const go = useCallback((change: Partial<Route>) => {
    const before = parseRoute(window.location.hash);
    // Going to a channel or thread is leaving the Home tab, unless it is said.
    const leaves = change.channel !== undefined || (change.thread ?? null) !== null;
    const next = { ...before, ...(leaves ? { home: false } : {}), ...change };
    const place =
      next.channel !== before.channel || next.thread !== before.thread || next.home !== before.home;
    if (place && before.channel !== null) window.history.pushState(null, '', formatRoute(next));
    else window.history.replaceState(null, '', formatRoute(next));
    // The history API changes the address without an event.
    setRoute(next);
  }, []);
  return [route, go];
}

function subscribeHash(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  window.addEventListener('popstate', listener);
  return () => {
    window.removeEventListener('hashchange', listener);
    window.removeEventListener('popstate', listener);
  };
}

/** True while a media query holds. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}

/** The sidebar is a drawer. The same width as in `styles/layout.css`. */
export const NARROW = '(max-width: 760px)';
/** The thread lies over the channel. The same width as in `styles/layout.css`. */
export const MEDIUM = '(max-width: 1080px)';

export type Theme = 'light' | 'dark';

/** Light or dark: the person's choice if they made one, else the system's. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  const [chosen, setChosen] = useState<Theme | null>(() => {
    const kept = keep.read('theme');
    return kept === 'light' || kept === 'dark' ? kept : null;
  });
  const theme = chosen ?? (systemDark ? 'dark' : 'light');
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  const choose = useCallback((next: Theme) => {
    keep.write('theme', next);
    setChosen(next);
  }, []);
  return [theme, choose];
}

/** What this tab remembers over a reload. Browsers may refuse storage; then it is forgotten. */
export const keep = {
  read(key: string): string | null {
    try {
      return window.sessionStorage.getItem(`skein ${key}`);
    } catch {
      return null;
    }
  },
  write(key: string, value: string): void {
    try {
      if (value === '') window.sessionStorage.removeItem(`skein ${key}`);
      else window.sessionStorage.setItem(`skein ${key}`, value);
    } catch {
      // A draft that is not kept is no reason to stop someone from writing.
    }
  },
};
