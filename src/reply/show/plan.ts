import { lastPiece, nextPiece } from '../../render/append.ts';
import { hasForms } from '../../render/parts.ts';
import * as notices from '../../words/reply.ts';
import type { Carrier } from '../pace/carrier.ts';
import type { TurnKind } from '../pace/pacer.ts';
import type { StreamTurn } from '../pace/stream-pacer.ts';
import type { SegmentContent } from '../ports.ts';

/** How the reply should look at this moment, segment by segment. */
export interface Look {
  readonly segments: readonly SegmentLook[];
  /** What stands in messages that the reply does not need any more; a withdrawn answer unless told. */
  readonly surplus?: string;
}

export interface SegmentLook {
  readonly content: SegmentContent;
  readonly sealed: boolean;
  /** The beginning of its Markdown that stays as it is; only native streams need it. */
  readonly settled?: string;
}

/** A native stream that has not been stopped. */
interface OpenStream {
  /** What was appended so far. */
  readonly sent: string;
  /** Monotonic milliseconds of its start, and of the last text that it took. */
  readonly since: number;
  readonly touched: number;
  /** It can't be appended to any more, or we don't know what it holds: it is stopped as it is. */
  readonly broken: boolean;
  /** It was begun with buttons, which it keeps until it is edited. */
  readonly controls: boolean;
}

/** A stream of which only the ts is known. */
export const UNKNOWN_STREAM: OpenStream = { sent: '', since: 0, touched: 0, broken: true, controls: false };

/** A segment as Slack has it. `shown` null: something is there, but we don't know what. */
export interface Posted {
  readonly ts: string;
  readonly shown: string | null;
  readonly gone: boolean;
  readonly stream: OpenStream | null;
  /** It was a stream, and shows a Stop button still, or Markdown where there are better forms. */
  readonly leftover?: boolean;
}

/** The next call that brings Slack nearer to the look. */
export interface Next {
  /** `tidy`: an edit that only takes away a button which does nothing any more, or brings better forms. */
  readonly kind: TurnKind | StreamTurn | 'tidy';
  readonly index: number;
  readonly content: SegmentContent;
  /** For a stream: the text to add. */
  readonly piece: string;
  /** For a stop: with it, and with notice and buttons, the segment looks as `content` says. */
  readonly whole: boolean;
  /** It ends the text of the reply, for now. */
  readonly last: boolean;
}

export interface Situation {
  readonly posted: readonly (Posted | undefined)[];
  readonly finishing: boolean;
  /** The last look of this owner is not the end of the answer: it has no precedence of one. */
  readonly resting?: boolean;
  readonly textShown: boolean;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** What is to carry a segment that is not there yet. */
  readonly carrier: (index: number) => Carrier;
  /** True as long as a segment that has words, or has none yet, is better not begun. */
  readonly waits: (index: number, content: SegmentContent) => boolean;
  /** True if a stream could be stopped now. */
  readonly canStop: () => boolean;
  /** Age at which a stream is stopped and its segment goes on by edits, in milliseconds. */
  readonly streamAgeMs: number;
}

/**
 * Some reports say that Slack ends a stream which takes no text for about half a minute. And a message that grows by edits
 * can say what it waits for.
 */
const STREAM_QUIET_MS = 25_000;

function surplusLook(notice: string): SegmentLook {
  return { content: { markdown: '', notice, buttons: [] }, sealed: true };
}

/** The call for the first segment that does not look as it should; null if there is none now. */
export function planNext(look: Look, situation: Situation): Next | null {
  const { posted, finishing, resting = false } = situation;
  for (let index = 0; index < Math.max(look.segments.length, posted.length); index++) {
    // Fewer segments than were posted: the answer was withdrawn, or another version of it was longer. While this
    // one grows it may come to need them.
    const wanted = look.segments[index] ?? surplusLook(look.surplus ?? notices.WITHDRAWN);
    const there = posted[index];
    if (there?.gone === true) continue;
    if (look.surplus !== undefined && look.segments[index] === undefined && (!finishing || resting)) continue;
    if (there === undefined) return planNew(wanted, index, situation);
    if (there.stream !== null) {
      const next = planStream(wanted, index, there.stream, situation);
      if (next !== null) return next;
      continue;
    }
    const { content, sealed } = wanted;
    if (there.shown === keyOf(content)) continue;
    const first = !situation.textShown || content.markdown === '';
    const final = (finishing && !resting) || sealed;
    return call(final ? 'final' : first ? 'first' : 'interim', index, content);
  }
  // Not while it grows: a call for a button must not hold up words.
  if (!finishing) return null;
  const index = posted.findIndex((there) => there?.leftover === true && there.stream === null && !there.gone);
  const content = look.segments[index]?.content;
  return content === undefined ? null : call('tidy', index, content);
}

function planNew({ content, sealed, settled = '' }: SegmentLook, index: number, at: Situation): Next | null {
  const post = () => call('post', index, content);
  // What is complete before it began is one post rather than a start and a stop.
  if (at.finishing || sealed) return post();
  if (at.carrier(index) === 'native') {
    const piece = nextPiece('', settled) ?? '';
    if (piece !== '') return { ...call('start', index, content), piece };
  }
  return at.waits(index, content) ? null : post();
}

function planStream(wanted: SegmentLook, index: number, stream: OpenStream, at: Situation): Next | null {
  const { content, sealed, settled = '' } = wanted;
  const bare = { ...call('stop', index, content), last: at.finishing };
  if (stream.broken) return bare;
  if (at.finishing || sealed || at.now >= endOfStream(stream, at.streamAgeMs)) {
    const piece = lastPiece(stream.sent, content.markdown);
    if (piece === null) return bare;
    // The text does not wait for its end.
    if (piece !== '' && !at.canStop()) return { ...call('last_append', index, content), piece };
    return { ...bare, piece, whole: true };
  }
  const piece = nextPiece(stream.sent, settled);
  if (piece === null) return bare;
  return piece === '' ? null : { ...call('append', index, content), piece };
}

/** When a stream is to be stopped, in monotonic milliseconds: too old, or too long without a word. */
export function endOfStream(
  { since, touched }: Pick<OpenStream, 'since' | 'touched'>,
  ageMs: number,
): number {
  return Math.min(since + ageMs, touched + STREAM_QUIET_MS);
}

function call(kind: Next['kind'], index: number, content: SegmentContent): Next {
  return { kind, index, content, piece: '', whole: false, last: false };
}

export function keyOf(content: SegmentContent): string {
  return JSON.stringify([content.markdown, content.notice, content.buttons, isFormed(content)]);
}

/** It looks better in forms of Slack's own than as the Markdown that it grew as. */
export function isFormed({ markdown, over, charts = [] }: SegmentContent): boolean {
  return over === true && hasForms(markdown, charts);
}
