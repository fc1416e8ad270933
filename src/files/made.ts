/** Why a file was not read; people read it in the words of `words/files.ts`. */
export const WHYS = [
  'kind',
  'old_office',
  'media',
  'no_transcript',
  'empty',
  'broken',
  'locked',
  'too_large',
  'too_many_pages',
  'too_many',
  'no_right',
  'gone',
  'hidden',
  'elsewhere',
  'slow',
  'slack',
  'not_kept',
  'refused',
] as const;
export type Why = (typeof WHYS)[number];

/** What may be otherwise in a moment: it is tried again with the next question. */
const PASSING: ReadonlySet<Why> = new Set(['slow', 'slack', 'no_transcript']);

export function isPassing(why: Why): boolean {
  return PASSING.has(why);
}

/** What became of the bytes of one file. */
export type Made =
  | {
      readonly kind: 'image';
      readonly mediaType: 'image/png' | 'image/jpeg';
      readonly bytes: Uint8Array;
      readonly width: number;
      readonly height: number;
    }
  | { readonly kind: 'pdf'; readonly bytes: Uint8Array; readonly pages: number }
  /** `what`: what the text is of, in a word or two for the model. */
  | { readonly kind: 'text'; readonly text: string; readonly what: string; readonly cut: boolean }
  | Unread;

export interface Unread {
  readonly kind: 'unread';
  readonly why: Why;
}

export const unread = (why: Why): Unread => ({ kind: 'unread', why });
