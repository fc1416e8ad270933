/** Who and where the ids in a text mean. Changes rarely, so that a message is drawn again only when it changed. */
import { createContext, useContext } from 'react';
import type { PageChannel, PageUser } from '../../protocol.ts';

export interface People {
  readonly users: ReadonlyMap<string, PageUser>;
  readonly channels: ReadonlyMap<string, PageChannel>;
  /** Who is looking: their own name is marked. */
  readonly me: string;
  readonly openChannel: (id: string) => void;
}

export const PeopleContext = createContext<People>({
  users: new Map(),
  channels: new Map(),
  me: '',
  openChannel: () => {},
});

/** The people and channels of the workspace, for turning ids into names. */
export const usePeople = (): People => useContext(PeopleContext);
