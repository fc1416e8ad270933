/** Who and where the ids in a text mean. Changes rarely, so that a message is drawn again only when it changed. */
import { createContext, useContext } from 'react';
import type { PageChannel, PageUser } from '../../protocol.ts';

export interface People {
  readonly users: ReadonlyMap<string, PageUser>;
  readonly channels: ReadonlyMap<string, PageChannel>;
  /** Who is looking: their own name is marked. */
  readonly me: string;
  /** The company of someone who is not of the reader's own; `null` for colleagues. */
  readonly foreignCompany: (user: PageUser) => string | null;
  readonly openChannel: (id: string) => void;
  /** For a link to a message of this workspace, how to go there; `null` for other links. */
  readonly opens: (url: string) => (() => void) | null;
}

export const PeopleContext = createContext<People>({
  users: new Map(),
  channels: new Map(),
  me: '',
  foreignCompany: () => null,
  openChannel: () => {},
  opens: () => null,
});

/** The people and channels of the workspace, for turning ids into names. */
export const usePeople = (): People => useContext(PeopleContext);
