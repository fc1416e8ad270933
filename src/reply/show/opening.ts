import type { Clock } from '../../clock.ts';
import * as notices from '../../words/reply.ts';
import type { Carrier } from '../pace/carrier.ts';
import type { Place, SegmentContent, Streams } from '../ports.ts';
import type { Look } from './plan.ts';

/** How long the first words are waited for before a stream gives way to a placeholder: with a status in sight, and without. */
const WITH_STATUS_MS = 30_000;
const WITHOUT_STATUS_MS = 3000;
/**
 * A message that is to grow by edits is posted at once, with a placeholder, unless so many are being written that
 * its first words would then have to wait for longer than `CROWDED_MS`. Posts are plenty and edits are few: a post
 * that comes a little later and carries the words needs no edit for them. It is held for as long as the edit would
 * take, within these bounds.
 */
const CROWDED_MS = 250;
const LEAST_HOLD_MS = 1000;
const LONGEST_HOLD_MS = 5000;

interface OpeningOptions {
  readonly place: Place;
  readonly clock: Clock;
  readonly status: Streams['status'];
  readonly held: () => boolean;
  /** When an edit would show the first words of this reply, by what the workspace has left. Milliseconds. */
  readonly firstWordsMs: () => number;
  /** True if this reply may be begun: there will be an edit for its end. */
  readonly room: () => boolean;
  /** What is waited for may be over. */
  readonly wake: () => void;
}

/** What a person sees before the first words: a message with a placeholder, or Slack's own line beside the thread. */
interface Opening {
  /**
   * True as long as a segment that is not there yet is better not begun: it has no words yet; or it has, and so many
   * are being written that no edit could show its end. It then comes whole, with its post.
   */
  waits(index: number, carrier: Carrier, content: SegmentContent): boolean;
  /** Nothing can be written now: says beside the thread what is waited for, as long as nothing stands in it. */
  tell(index: number, carrier: Carrier, look: Look): void;
  close(): void;
}

export function createOpening(options: OpeningOptions): Opening {
  const { place, clock, held, wake } = options;
  const since = new Map<number, number>();
  const timers = new Map<string, () => void>();
  let holdMs: number | null = null;
  let status: { readonly notice: string; shown: boolean } | null = null;

  const patience = (index: number, carrier: Carrier, { markdown, notice }: SegmentContent): number => {
    const seen = status?.shown !== false;
    // What needs an explanation stands in a message, where it can be stopped.
    const calm = markdown !== '' || notice === null || notice === notices.THINKING;
    const longest = seen && calm ? WITH_STATUS_MS : WITHOUT_STATUS_MS;
    if (carrier === 'native') return longest;
    // What goes on is where the reader looks already; and somebody has to see something at once.
    if (index > 0 || !seen) return 0;
    if (holdMs === null && !options.room()) return longest;
    holdMs ??= holdFor(options.firstWordsMs());
    return holdMs;
  };

  return {
    waits(index, carrier, content) {
      if (carrier === 'edit' && content.markdown !== '' && (index > 0 || options.room())) return false;
      const now = clock.monotonic();
      const begun = since.get(index) ?? now;
      since.set(index, begun);
      return now - begun < patience(index, carrier, content);
    },
    tell(index, carrier, look) {
      const begun = since.get(index);
      const content = look.segments[index]?.content;
      if (begun === undefined || content === undefined) return;
      const limit = patience(index, carrier, content);
      const timer = `${index} ${limit}`;
      if (!timers.has(timer)) {
        const over = () => {
          // A timer may ring a moment early: then it is set anew.
          timers.delete(timer);
          wake();
        };
        timers.set(timer, clock.after(Math.max(1, begun + limit - clock.monotonic()), over));
      }
      if (index > 0) return;
      const notice = content.markdown === '' ? content.notice : notices.WRITING;
      if (notice === null || status?.notice === notice) return;
      const asked = { notice, shown: true };
      status = asked;
      void options.status(place, notices.statusOf(notice), held).then((shown) => {
        asked.shown = shown;
        if (!shown) wake();
      });
    },
    close() {
      for (const cancel of timers.values()) cancel();
    },
  };
}

function holdFor(firstWordsMs: number): number {
  if (firstWordsMs <= CROWDED_MS) return 0;
  return Math.min(LONGEST_HOLD_MS, Math.max(LEAST_HOLD_MS, firstWordsMs));
}
