import type { Lease } from '../../jobs/worker.ts';
import type { Connected } from '../../tools/connected.ts';
import type { Place } from '../ports.ts';
import type { StoredReply } from '../store.ts';
import type { Waits } from '../waits/waits.ts';
import type { StoredCall } from './store.ts';

/** Cards in Slack on which people decide about calls. They are views of rows in `tool_calls`, and hold nothing that is not there. */
interface Cards {
  /**
   * The card of each of these calls that somebody has to decide about, or had to, stands in the thread and shows their state of
   * now; the private card of a result that is withheld stands with its owner. Safe to repeat after a crash. A call that
   * nobody can be asked about is denied, a result kept; 'gone': that became of all that were to be asked. Throws
   * LeaseLost, `Later` where nothing can be shown in this workspace for now, and SLACK_UNREACHABLE.
   */
  show(place: Place, calls: readonly StoredCall[], lease: Lease): Promise<'shown' | 'gone'>;
}

/** The rest of their life, after the round that they are of. */
export interface CardsOfReplies extends Cards {
  /** Draws the cards of a reply that show something else than what is, and decides nothing. Throws as `show`. */
  redraw(reply: { readonly id: string }, lease: Lease): Promise<void>;
  /** The reply is over: what is undecided lapses, and its cards show how all ended. Throws as `show`. */
  close(reply: { readonly id: string }, lease: Lease): Promise<void>;
  /** The reply is deleted: its cards go too. Throws as `show`. */
  remove(reply: { readonly id: string }, lease: Lease): Promise<void>;
}

/** Has people link accounts of their own. */
export interface Linking {
  /**
   * Gives the one who asked a private link, once for each wait, and notes that the reply waits for it: throw what is returned.
   * Null: there is no way to link one, or the time for it is over. Throws LeaseLost.
   */
  wait(reply: StoredReply, server: string, lease: Lease): Promise<Waits | null>;
}

/** What it takes to call tools of connected servers. */
export interface Calling {
  readonly connected: Connected;
  /** Absent: nobody can be asked, so that nothing that may change something is called. */
  readonly cards?: Cards;
  /** Absent: nobody is helped to link an account. */
  readonly linking?: Linking;
  readonly newId: () => string;
}
