import type { Unread } from './made.ts';

/** A file of a message, as far as Slack's payload tells. All of it are claims. */
export interface FileRef {
  /** Slack's id. */
  readonly id: string;
  /** A tidy name, never ''. */
  readonly name: string;
  /** Bytes; null: not told. */
  readonly size: number | null;
}

/** What came of fetching a file. */
type Fetched =
  /** `name`: a better one than its message told. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly name: string }
  /** What is said in a clip, as Slack wrote it down. `cut`: Slack gives the beginning only. */
  | { readonly kind: 'transcript'; readonly words: string; readonly cut: boolean }
  | Unread;

/** Where files come from. `slack/read/files.ts` provides it. */
export interface FileSource {
  /** The files of a message, its own and those of messages that it forwards. `raw`: JSON text, as it is stored. Total. */
  of(raw: string): readonly FileRef[];
  /**
   * A file with the right of the installation `team`. `smaller`: a picture of it that Slack made, where there is one: for
   * an image that can't be read itself. Ends when `signal` aborts. Never rejects.
   */
  fetch(
    team: string,
    file: FileRef,
    how: { readonly smaller: boolean; readonly signal: AbortSignal },
  ): Promise<Fetched>;
}
