import type { Clock } from '../../clock.ts';

/**
 * The log of a reply while it is written: text from the model comes in, goes to the database, and only then
 * may be shown. One write at a time; what arrives meanwhile goes with the next.
 */
export interface Logbook {
  /** Takes received text; a write follows within `SAVE_WITHIN_MS`. */
  add(text: string): void;
  /** Saves all that has come so far; resolves with everything that may be shown. */
  settle(): Promise<string>;
  /** All text received, saved or not. */
  text(): string;
  /** All of it is durable by another way (commit 2, a hand-over): nothing is appended any more, nor is a late failure one. */
  stored(): void;
  /** Ends the timer. */
  close(): void;
}

export interface LogbookOptions {
  /** What the log held before. */
  readonly before: string;
  readonly clock: Clock;
  /** Appends at this position; may be repeated with the same arguments. */
  readonly append: (piece: { at: number; text: string }) => Promise<void>;
  /** A write failed; it is repeated with the next one. */
  readonly onFailure: (error: unknown) => void;
  /**
   * Whether text may be shown without being durable: while the database is away, and certainly nobody else can go
   * on from an older log meanwhile. Always, unless told.
   */
  readonly unsavedMayShow?: () => boolean;
  /** True for failures after which nothing may be shown any more (the lease is lost). */
  readonly isFatal: (error: unknown) => boolean;
}

/** Received text is durable after this time even while no edit is due, so that a crash re-buys little. */
const SAVE_WITHIN_MS = 200;

export function openLogbook(options: LogbookOptions): Logbook {
  const { before, clock, append, onFailure, isFatal, unsavedMayShow = () => true } = options;
  let all = before;
  let saved = before.length;
  let writing: Promise<void> | null = null;
  let cancel: (() => void) | null = null;
  let fatal: { error: unknown } | null = null;
  let elsewhere = false;
  /** A piece whose write failed: it may have taken effect, so it is repeated as it was. */
  let unclear: { at: number; text: string } | null = null;

  const write = async () => {
    while (!elsewhere && saved < all.length && fatal === null) {
      const piece: { at: number; text: string } = unclear ?? {
        at: saved,
        text: wholeCharacters(all.slice(saved)),
      };
      if (piece.text === '') return;
      try {
        await append(piece);
        saved = Math.max(saved, piece.at + piece.text.length);
      } catch (error) {
        if (elsewhere) return;
        if (isFatal(error)) fatal = { error };
        unclear = piece;
        onFailure(error);
        return;
      }
      if (unclear === null) return;
      unclear = null;
    }
  };

  const save = async () => {
    cancel?.();
    cancel = null;
    // What came while the write before was under way is not in it.
    if (writing !== null) await writing;
    if (writing === null && saved < all.length) {
      writing = write().finally(() => {
        writing = null;
      });
    }
    await writing;
  };

  return {
    add(text) {
      all += text;
      cancel ??= clock.after(SAVE_WITHIN_MS, () => {
        cancel = null;
        void save();
      });
    },
    async settle() {
      const upTo = all.length;
      await save();
      if (fatal !== null) throw fatal.error;
      return all.slice(0, unsavedMayShow() ? upTo : Math.min(upTo, saved));
    },
    text: () => all,
    stored() {
      elsewhere = true;
      saved = all.length;
      cancel?.();
      cancel = null;
    },
    close() {
      cancel?.();
      cancel = null;
    },
  };
}

/** Half a surrogate pair can't be stored; its other half comes with the next piece. */
function wholeCharacters(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
