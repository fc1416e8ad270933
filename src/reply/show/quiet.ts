import type { Clock } from '../../clock.ts';
import * as notices from '../../words/reply.ts';

/** What a reply is at, while no word of it comes. */
interface Quiet {
  /** The line to show now; null: text is coming, and needs no line. */
  line(): string | null;
  /** From now on this is waited for; null: text comes. `late`: how it is called once it takes long. */
  waitFor(what: string | null, late?: string): void;
  /** A word came. */
  word(): void;
  close(): void;
}

/** Without a word for so many milliseconds the line says for how long already, and again at these moments. */
const TOLD_AT_MS = [15_000, 30_000, 45_000, 60_000, 90_000, 120_000] as const;
/** After the last of them, as often as this: each time takes an edit. */
const THEN_EVERY_MS = 60_000;

/**
 * The line under a reply that no text comes for: first what is waited for alone ("Thinking…", as if the model had begun),
 * after 15 s more exactly and for how long. `changed` is called whenever there is a new line to show without anybody else's doing.
 */
export function createQuiet(clock: Clock, changed: () => void): Quiet {
  let what: string | null = notices.THINKING;
  let late: string = notices.WAITING;
  let since = clock.monotonic();
  let told = 0;
  let cancel = () => {};

  const set = () => {
    cancel();
    const next = TOLD_AT_MS.find((ms) => ms > told) ?? told + THEN_EVERY_MS;
    cancel = clock.after(Math.max(1, since + next - clock.monotonic()), () => {
      // Words came meanwhile: they move the moment, and not the timer, of which there would be one for each.
      const due = clock.monotonic() >= since + next;
      if (due) told = next;
      set();
      if (due) changed();
    });
  };
  set();

  return {
    line() {
      if (told === 0) return what;
      return notices.quietFor(late, Math.round(told / 1000));
    },
    waitFor(next, named) {
      what = next;
      late = named ?? next ?? notices.WRITING;
    },
    word() {
      what = null;
      late = notices.WRITING;
      since = clock.monotonic();
      if (told === 0) return;
      told = 0;
      set();
    },
    close: () => cancel(),
  };
}
