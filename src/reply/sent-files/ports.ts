import type { Place, WriteOutcome } from '../ports.ts';

/** A file beside an answer, or in the place of one. `pieces`, one after the other, are its content. */
export interface OutgoingFile {
  readonly name: string;
  /** What it is, for people who hear it read out. */
  readonly alt: string;
  readonly pieces: readonly string[];
}

type Uploaded =
  /** Slack's id of the file. */
  | { readonly kind: 'done'; readonly file: string }
  /** Slack takes no such file here. */
  | { readonly kind: 'refused' }
  /** It may be taken in a moment. */
  | { readonly kind: 'failed' };

/** Files that people are sent. Never throws, never repeats by itself; nothing leaves once `allowed` says no. */
export interface Outlet {
  /** Hands the bytes to Slack, where nobody sees them yet. */
  upload(team: string, file: OutgoingFile, allowed: () => boolean): Promise<Uploaded>;
  /** Shows an uploaded file in the thread. `unclear`: it may or may not be there. */
  share(
    place: Place,
    file: string,
    title: string,
    allowed: () => boolean,
  ): Promise<'done' | 'refused' | 'unclear'>;
  /** Shows it to one person in a direct message, below a line if there is one. */
  shareWith(
    to: { readonly team: string; readonly user: string },
    file: string,
    shown: { readonly title: string; readonly line: string | null },
    allowed: () => boolean,
  ): Promise<'done' | 'refused' | 'unclear'>;
  /** Whether an uploaded file is shown anywhere. */
  isShared(team: string, file: string): Promise<boolean | 'unknown'>;
  /** Deletes a file wherever it is shown, under the rules of a segment; `gone`: it was not there, or may not be deleted. */
  remove(team: string, file: string, allowed: () => boolean): Promise<WriteOutcome>;
}
