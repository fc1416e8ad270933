import type { Button, WriteOutcome } from '../ports.ts';

/** A piece of a grey line: words, which may be hostile and are never read as markup, or something that Slack shows for each reader. */
export type Piece =
  | string
  | { readonly user: string }
  | { readonly channel: string }
  /** Seconds since 1970. */
  | { readonly time: number };

/** One argument: a name and its value, one line each. Never read as markup. */
export interface Row {
  readonly name: string;
  readonly value: string;
}

/** A card at one moment. Everything but `line` and `buttons` may be hostile text, which the edge shows as it is. */
export interface Card {
  /** Slack user id of the one who is called by it; null: nobody. An edit calls nobody. */
  readonly mention: string | null;
  /** '' once there is nothing to decide. */
  readonly title: string;
  readonly rows: readonly Row[];
  /** Text that is shown as it stands; '' for none. */
  readonly text: string;
  /** The grey line: its parts are shown with a point between. */
  readonly line: readonly (readonly Piece[])[];
  readonly buttons: readonly Button[];
  /** After it was refused: in Slack's plainest blocks. */
  readonly plain?: true;
}

/** Written into a card's message, as `SegmentMark`. `card`: of which call, and which of its two. */
export interface CardMark {
  readonly reply: string;
  readonly card: string;
}

/** Where a card stands: in a thread, or in a direct message. */
export interface CardPlace {
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string | null;
}

/** Cards in Slack. Never throws, never repeats by itself; nothing leaves once `allowed` says no. */
export interface CardSurface {
  post(at: CardPlace, card: Card, mark: CardMark, allowed: () => boolean): Promise<WriteOutcome>;
  update(at: CardPlace, ts: string, card: Card, allowed: () => boolean): Promise<WriteOutcome>;
  remove(at: CardPlace, ts: string, allowed: () => boolean): Promise<WriteOutcome>;
  /**
   * The message later than `after` that carries the mark; null if there is certainly none, 'unknown' if Slack can't be read
   * now, 'gone' if the place is not there, or not for us.
   */
  find(at: CardPlace, after: string, mark: CardMark): Promise<string | null | 'unknown' | 'gone'>;
  /** The channel of our direct messages with a person, or why there is none. */
  direct(team: string, user: string): Promise<{ readonly channel: string } | WriteOutcome>;
}
