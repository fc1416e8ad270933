/** What every part of the page may ask for. */
import { createContext, useContext } from 'react';
import type { PageAction, PageActionResult, PageFeatures, PageUser } from '../../protocol.ts';
import type { Route } from '../state/route.ts';
import type { World } from '../state/world.ts';

export interface App {
  readonly world: World;
  /** Who is speaking. */
  readonly me: PageUser;
  readonly route: Route;
  /** Changes parts of the address. */
  readonly go: (change: Partial<Route>) => void;
}

/** Sends an action and tells the person if it failed. Never rejects. The same function for the page's whole life. */
export type Act = (action: PageAction) => Promise<PageActionResult>;

export const AppContext = createContext<App | null>(null);
export const ActContext = createContext<Act>(() => Promise.resolve({ ok: false, error: 'not ready' }));

/** The page as it stands; drawn again with every event. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('useApp is for parts inside the page');
  return app;
}

/** The way to do something, for parts that should not be drawn again with every event. */
export const useAct = (): Act => useContext(ActContext);

export const FeaturesContext = createContext<PageFeatures>({ commands: [], shortcuts: [], home: false });

/** What the app's manifest offers to who is speaking: nothing to people of other companies. */
export const useFeatures = (): PageFeatures => useContext(FeaturesContext);
