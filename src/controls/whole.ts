import type { Aside } from '../reply/ports.ts';
import { cut, header, type Modal, modal, plain } from '../views/blocks.ts';
import type { Windows } from '../views/ports.ts';
import { CALL_LINES, WHOLE } from '../words/tools-cards.ts';
import type { CallPressed } from './calls.ts';

/** What a window holds: Slack takes 100 blocks of 3,000 characters and 250 KB; a longer text is read in a file. */
const MOST_IN_WINDOW = 60_000;
const MOST_IN_BLOCK = 2_900;

export interface Whole {
  /** Shows somebody all that was shortened on a card: in a window, or as a file in their direct messages. Never rejects. */
  show(
    at: { readonly team: string; readonly channel: string; readonly threadTs: string | null },
    user: string,
    shows: NonNullable<CallPressed['shows']>,
    triggerId: string | null,
  ): Promise<void>;
}

export interface WholeOptions {
  readonly windows: Pick<Windows, 'open'>;
  readonly aside: Pick<Aside, 'whisper'>;
  /** A file to a person's direct messages. Never rejects. */
  readonly sendFile: (
    to: { readonly team: string; readonly user: string },
    file: { readonly name: string; readonly title: string; readonly pieces: readonly string[] },
    once: null,
  ) => Promise<'done' | 'refused' | 'unclear'>;
}

export function createWhole({ windows, aside, sendFile }: WholeOptions): Whole {
  return {
    async show(at, user, { tool, text }, triggerId) {
      if (triggerId !== null && text.length <= MOST_IN_WINDOW) {
        const opened = await windows.open(at.team, triggerId, windowOf(tool, text));
        if (opened.kind === 'done') return;
      }
      const title = WHOLE.fileTitle(cut(tool, 100));
      const file = { name: 'call.txt', title, pieces: [text] };
      const sent = await sendFile({ team: at.team, user }, file, null);
      await aside.whisper(at, user, sent === 'done' ? CALL_LINES.file : CALL_LINES.notShown);
    },
  };
}

/** Plain text in pieces, which Slack reads as nothing else. Pure. */
export function windowOf(tool: string, text: string): Modal {
  return modal('call_whole', WHOLE, [
    header(tool),
    ...pieces(text).map((piece) => ({ type: 'section' as const, text: plain(piece, MOST_IN_BLOCK) })),
  ]);
}

/** Pieces of at most `MOST_IN_BLOCK` units, never cut through a character. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + MOST_IN_BLOCK);
    if (end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1))) end -= 1;
    const piece = text.slice(at, end);
    // Slack refuses a block without a visible character.
    if (piece.trim() !== '') found.push(piece);
    at = end;
  }
  return found;
}
