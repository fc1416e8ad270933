import type { Clock } from '../../clock.ts';
import { acceptable, type TurnBlock } from '../../conversation/blocks.ts';

/** A block of an answer, stored behind the text that it ends with. */
export interface LoggedBlock {
  /** 0 for the first of a version. */
  readonly seq: number;
  /** Length of the log when it was complete, in UTF-16 units. */
  readonly upto: number;
  /** The call to the model that it came with. */
  readonly call: number;
  /** Null: words of ours, which the model does not get. */
  readonly block: TurnBlock | null;
}

/**
 * The log of a reply while it is written: text from the model comes in, goes to the database, and only then
 * may be shown. One write at a time; what arrives meanwhile goes with the next.
 */
export interface Logbook {
  /** Takes received text; a write follows within `SAVE_WITHIN_MS`. */
  add(text: string): void;
  /** Takes a block that is complete with the text so far; null: that text, since the last block, is ours. */
  block(block: TurnBlock | null, call: number): void;
  /** All blocks so far. */
  blocks(): readonly LoggedBlock[];
  /** Saves all that has come so far; resolves with everything that may be shown. */
  settle(): Promise<string>;
  /** Saves all that has come so far; whether all of it is durable. */
  durable(): Promise<boolean>;
  /** All text received, saved or not. */
  text(): string;
  /** All of it is durable by another way (commit 2, a hand-over): nothing is appended any more, nor is a late failure one. */
  stored(): void;
  /** Ends the timer. */
  close(): void;
}

interface LogbookOptions {
  /** What the log held before. */
  readonly before: string;
  /** The blocks that it held, in order. */
  readonly blocks?: readonly LoggedBlock[];
  readonly clock: Clock;
  /** Appends at this position; may be repeated with the same arguments. */
  readonly append: (piece: { at: number; text: string }) => Promise<void>;
  /** Stores a block, behind all of its text; may be repeated. Absent: there are none. */
  readonly appendBlock?: (block: LoggedBlock) => Promise<void>;
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
  const { before, clock, append, appendBlock, onFailure, isFatal, unsavedMayShow = () => true } = options;
  let all = before;
  let saved = before.length;
  const blocks: LoggedBlock[] = [...(options.blocks ?? [])];
  let savedBlocks = blocks.length;
  let writing: Promise<void> | null = null;
  let cancel: (() => void) | null = null;
  let fatal: { error: unknown } | null = null;
  let elsewhere = false;
  /** A piece whose write failed: it may have taken effect, so it is repeated as it was. */
  let unclear: { at: number; text: string } | null = null;

  const isBehind = () => saved < all.length || savedBlocks < blocks.length;

  /** What is to be written next; null: nothing. */
  const next = (): { at: number; text: string } | LoggedBlock | null => {
    if (unclear !== null) return unclear;
    const block = blocks[savedBlocks];
    if (block !== undefined && saved >= block.upto) return block;
    const text = block === undefined ? wholeCharacters(all.slice(saved)) : all.slice(saved, block.upto);
    return text === '' ? null : { at: saved, text };
  };

  const write = async () => {
    for (let one = next(); one !== null && !elsewhere && fatal === null; one = next()) {
      try {
        if ('seq' in one) {
          await appendBlock?.(one);
          savedBlocks = Math.max(savedBlocks, one.seq + 1);
          continue;
        }
        await append(one);
        saved = Math.max(saved, one.at + one.text.length);
        // What came meanwhile goes with the next save, unless this was a repeated one, or a block waits for its text.
        if (unclear === null && savedBlocks === blocks.length) return;
        unclear = null;
      } catch (error) {
        if (elsewhere) return;
        if (isFatal(error)) fatal = { error };
        if (!('seq' in one)) unclear = one;
        onFailure(error);
        return;
      }
    }
  };

  const soon = () => {
    cancel ??= clock.after(SAVE_WITHIN_MS, () => {
      cancel = null;
      void save();
    });
  };

  const save = async () => {
    cancel?.();
    cancel = null;
    // What came while the write before was under way is not in it.
    if (writing !== null) await writing;
    if (writing === null && isBehind()) {
      writing = write().finally(() => {
        writing = null;
      });
    }
    await writing;
  };

  return {
    add(text) {
      all += text;
      soon();
    },
    block(block, call) {
      blocks.push({ seq: blocks.length, upto: all.length, call, block });
      soon();
    },
    blocks: () => blocks,
    async settle() {
      const upTo = all.length;
      await save();
      if (fatal !== null) throw fatal.error;
      return all.slice(0, unsavedMayShow() ? upTo : Math.min(upTo, saved));
    },
    async durable() {
      await save();
      if (fatal !== null) throw fatal.error;
      return !isBehind();
    },
    text: () => all,
    stored() {
      elsewhere = true;
      saved = all.length;
      savedBlocks = blocks.length;
      cancel?.();
      cancel = null;
    },
    close() {
      cancel?.();
      cancel = null;
    },
  };
}

/** An answer as blocks: those that are complete, and the text of `log` behind the last of them. */
export function contentOf(blocks: readonly LoggedBlock[], log: string): readonly TurnBlock[] {
  const whole = blocks.flatMap(({ block }) => block ?? []);
  const tail = log.slice(blocks.at(-1)?.upto ?? 0);
  return tail === '' ? whole : [...whole, { type: 'text', text: tail }];
}

/** An answer that is over as blocks that may be sent again. */
export function finishedContent(blocks: readonly LoggedBlock[], log: string): readonly TurnBlock[] {
  return acceptable(contentOf(blocks, log));
}

/** Half a surrogate pair can't be stored; its other half comes with the next piece. */
function wholeCharacters(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
