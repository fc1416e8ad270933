import type { Clock } from '../clock.ts';
import { SkeinError } from '../errors.ts';
import type { Log } from '../log.ts';
import { placementOf } from './lifecycle.ts';
import * as notices from './notices.ts';
import type { Seat, TurnKind } from './pacer.ts';
import type { Place, SegmentContent, Surface, WriteOutcome } from './ports.ts';

/** How the reply should look at this moment, segment by segment. */
export interface Look {
  readonly segments: readonly { readonly content: SegmentContent; readonly sealed: boolean }[];
}

/** A segment as Slack has it. `shown` null: something is there, but we don't know what. */
interface Posted {
  ts: string;
  shown: string | null;
  plain: boolean;
  gone: boolean;
}

/** The next call that brings Slack nearer to the look. */
interface Next {
  readonly kind: TurnKind;
  readonly index: number;
  readonly content: SegmentContent;
}

export interface PublisherOptions {
  readonly place: Place;
  readonly reply: string;
  readonly surface: Surface;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly log: Log;
  /** Stops writing at once: the lease is lost, or the process lets go. */
  readonly signal: AbortSignal;
  /** False while another process may write this reply: the last look before each call. */
  readonly held: () => boolean;
  /** Waits until it is certain who may write; false if it is not us. */
  readonly confirm: () => Promise<boolean>;
  /** The look to show now; everything in it is durable when the promise resolves. */
  readonly look: () => Promise<Look>;
  /** Segments known from before: `ts` null means that it may have been posted. */
  readonly known: readonly { readonly index: number; readonly ts: string | null }[];
  readonly onIntent: (index: number) => Promise<void>;
  readonly onPlaced: (index: number, ts: string) => Promise<void>;
  /** Nothing of the reply can be shown any more: its place or all its messages are gone. */
  readonly onGone: (code: string) => void;
  /** The first text of the answer is visible. */
  readonly onFirstText: () => void;
}

export interface Publisher {
  /** There is something new to show. */
  changed(): void;
  /**
   * Shows the last look and resolves when Slack has it all. Rejects with SLACK_UNREACHABLE when that can't
   * be done within `FINISH_LIMIT_MS`, and with a plain error when `signal` ended it: the job is tried again.
   */
  finish(): Promise<'shown' | 'gone'>;
  /** Ends without writing anything more; resolves when no call is under way. */
  abandon(): Promise<void>;
}

const FINISH_LIMIT_MS = 120_000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 10_000;
/** A turn that came this soon shows what it was asked for; a fresh look would cost a write to the log. */
const SAME_LOOK_MS = 5;
/** A post whose outcome is unclear may still be on its way; Slack is asked for it only after this. */
const SETTLE_MS = 1500;

const WITHDRAWN: SegmentContent = { markdown: '', notice: notices.WITHDRAWN, buttons: [] };

/** One writer for one reply: one call in flight, the newest text replaces what waits, the last one always comes. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { place, surface, seat, clock, log } = options;
  const posted: (Posted | undefined)[] = [];
  /** Segments of which a post may exist that we don't know of. */
  const uncertain = new Set(
    options.known.filter((segment) => segment.ts === null).map((segment) => segment.index),
  );
  for (const { index, ts } of options.known)
    if (ts !== null) posted[index] = { ts, shown: null, plain: false, gone: false };

  let finishing = false;
  let ended = false;
  let gone = false;
  let failures = 0;
  let textShown = options.known.length > 0;
  let wake: () => void = () => {};
  let waiting = new AbortController();
  const abandoned = new AbortController();
  const over = AbortSignal.any([options.signal, abandoned.signal]);

  const run = async (): Promise<'shown' | 'gone'> => {
    while (!over.aborted && !gone) {
      const mayEnd = finishing;
      const next = plan(await options.look());
      if (next === null) {
        if (mayEnd) return 'shown';
        await somethingChanged();
        continue;
      }
      waiting = new AbortController();
      // A turn that was asked for as interim is asked for anew when it turns out to be the last.
      if (finishing !== mayEnd) continue;
      const askedAt = clock.monotonic();
      const given = await seat.turn(next.kind, AbortSignal.any([over, waiting.signal]));
      if (!given) continue;
      const waited = clock.monotonic() - askedAt > SAME_LOOK_MS;
      await write(next.kind, waited ? plan(await options.look()) : next);
    }
    if (gone) return 'gone';
    throw new Error('the reply was handed over before its end');
  };

  const write = async (kind: TurnKind, next: Next | null) => {
    if (next === null || (next.kind === 'post') !== (kind === 'post')) return;
    if (!(await options.confirm()) || over.aborted) return;
    const { index, content } = next;
    const before = posted[index];
    const sent = before?.plain === true ? { ...content, plain: true } : content;
    const outcome =
      before === undefined
        ? await post(index, sent)
        : await surface.update(place, before.ts, sent, options.held);
    await handle(outcome, kind, index, content);
  };

  const post = async (index: number, content: SegmentContent): Promise<WriteOutcome> => {
    if (placementOf({ intended: uncertain.has(index), placed: false }) === 'look_first') {
      const found = await surface.find(place, { reply: options.reply, segment: index });
      if (found === 'unknown')
        return { kind: 'failed', code: 'SLACK_UNREACHABLE', message: 'the thread cannot be read' };
      uncertain.delete(index);
      if (found !== null) {
        posted[index] = { ts: found, shown: null, plain: false, gone: false };
        await options.onPlaced(index, found);
        return surface.update(place, found, content, options.held);
      }
    }
    await options.onIntent(index);
    if (over.aborted || !options.held())
      return { kind: 'failed', code: 'SLACK_FAILED', message: 'the lease is lost' };
    const outcome = await surface.post(
      place,
      content,
      { reply: options.reply, segment: index },
      options.held,
    );
    if (outcome.kind === 'unclear') uncertain.add(index);
    return outcome;
  };

  const handle = async (outcome: WriteOutcome, kind: TurnKind, index: number, content: SegmentContent) => {
    switch (outcome.kind) {
      case 'done': {
        failures = 0;
        const before = posted[index];
        posted[index] = { ts: outcome.ts, shown: keyOf(content), plain: before?.plain ?? false, gone: false };
        if (before === undefined) await options.onPlaced(index, outcome.ts);
        if (content.markdown !== '' && !textShown) {
          textShown = true;
          options.onFirstText();
        }
        return;
      }
      case 'limited':
        log.warn(
          { method: kind, retryAfterMs: outcome.retryAfterMs, code: 'SLACK_RATE_LIMITED' },
          'Slack asks to slow down',
        );
        seat.limited(kind, outcome.retryAfterMs);
        return;
      case 'content_refused': {
        log.warn(
          { code: outcome.code, reason: outcome.message },
          'Slack refused the form of a message; sent as plain text',
        );
        const before = posted[index];
        if (before?.plain === true || (before === undefined && plainOnly.has(index)))
          return skip(index, content, outcome.code);
        if (before === undefined) plainOnly.add(index);
        else posted[index] = { ...before, plain: true };
        return;
      }
      case 'gone':
        return skip(index, content, outcome.code);
      case 'unclear':
      case 'failed': {
        const waitMs =
          Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures++) * (1 - clock.random() / 4);
        log.warn(
          { code: outcome.code, reason: outcome.message, waitMs: Math.round(waitMs) },
          'a message could not be written',
        );
        await clock.sleep(
          outcome.kind === 'unclear' && kind === 'post' ? Math.max(SETTLE_MS, waitMs) : waitMs,
          over,
        );
      }
    }
  };

  const plainOnly = new Set<number>();

  const skip = (index: number, content: SegmentContent, code: string) => {
    log.warn({ segment: index, code }, 'a message of the reply is gone or cannot be written');
    const before = posted[index];
    posted[index] = { ts: before?.ts ?? '', shown: keyOf(content), plain: true, gone: true };
    if (before === undefined || posted.every((segment) => segment === undefined || segment.gone)) {
      gone = true;
      options.onGone(code);
    }
  };

  /** The first segment that does not look as it should. */
  const plan = (look: Look): Next | null => {
    for (let index = 0; index < Math.max(look.segments.length, posted.length); index++) {
      // Fewer segments than were posted: the answer was withdrawn, and so is what stands there.
      const { content, sealed } = look.segments[index] ?? { content: WITHDRAWN, sealed: true };
      const there = posted[index];
      if (there?.gone === true || there?.shown === keyOf(content)) continue;
      if (there === undefined)
        return { kind: 'post', index, content: plainOnly.has(index) ? { ...content, plain: true } : content };
      if (finishing || sealed) return { kind: 'final', index, content };
      const kind = !textShown || content.markdown === '' ? 'first' : 'interim';
      return { kind, index, content };
    }
    return null;
  };

  const somethingChanged = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
      if (finishing || over.aborted || dirty) resolve();
      dirty = false;
    });
  let dirty = false;
  over.addEventListener('abort', () => wake(), { once: true });

  const running = run();
  // The result is read in `finish` or `abandon`, which may come much later.
  running.catch(() => {});

  return {
    changed() {
      dirty = true;
      wake();
    },
    async finish() {
      finishing = true;
      waiting.abort();
      wake();
      const late = new AbortController();
      const limit = clock.sleep(FINISH_LIMIT_MS, late.signal).then(() => 'late' as const);
      const end = await Promise.race([running, limit]).finally(() => late.abort());
      if (end === 'late') {
        abandoned.abort();
        throw new SkeinError('SLACK_UNREACHABLE', 'the end of a reply could not be shown in time');
      }
      ended = true;
      return end;
    },
    async abandon() {
      if (!ended) abandoned.abort();
      await running.catch(() => {});
    },
  };
}

function keyOf(content: SegmentContent): string {
  return JSON.stringify([content.markdown, content.notice, content.buttons]);
}
