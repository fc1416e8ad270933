import type { Database } from '../../postgres/database.ts';
import { CALL_BUTTONS, linkAccount, WAITING_FOR_LINK } from '../../words/tools-cards.ts';
import { beginWait } from '../waits/waits.ts';
import type { Linking } from './ports.ts';

/**
 * So long an answer waits for its asker to link an account, in milliseconds: they are there and have just asked, and signing in
 * somewhere takes minutes. Then the answer goes on without, and the next question gives a new link.
 */
const LINKED_WITHIN_MS = 15 * 60_000;

/** What wakes a reply that waits for an account; told with `wakeWaiting` when it was linked. */
export function linkTopic(team: string, person: string, server: string): string {
  return `link:${team}:${person}:${server}`;
}

/** A private line with a link that only this person gets. Never throws; false: it was not shown. */
export type TellLink = (
  at: { readonly team: string; readonly channel: string; readonly threadTs: string },
  user: string,
  line: string,
  link: { readonly label: string; readonly url: string },
) => Promise<boolean>;

/** An address made for this person alone, to be opened once; null: this server has no way to link an account. */
export type LinkFor = (team: string, person: string, server: string) => Promise<string | null>;

/**
 * Gives people who have no account at a server a private link to link one. Where the link could not be shown, the answer goes on without.
 */
export function createLinking({
  database,
  linkFor,
  tell,
}: {
  readonly database: Database;
  readonly linkFor: LinkFor;
  readonly tell: TellLink;
}): Linking {
  return {
    async wait(reply, server, lease) {
      const { team, channel, threadTs, asker } = reply;
      const waits = await beginWait({ database, lease }, reply, {
        topic: linkTopic(team, asker, server),
        notice: WAITING_FOR_LINK,
        mostMs: LINKED_WITHIN_MS,
        lookAgainMs: null,
      });
      // Told already: whoever looks again gives no second link.
      if (waits === null || waits.told) return waits;
      const url = await linkFor(team, asker, server);
      if (url === null) return null;
      const line = linkAccount(server, LINKED_WITHIN_MS / 60_000);
      const link = { label: CALL_BUTTONS.link.label, url };
      return (await tell({ team, channel, threadTs }, asker, line, link)) ? waits : null;
    },
  };
}
