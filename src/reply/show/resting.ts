import type { Pacer, Seat } from '../pace/pacer.ts';
import { newRhythm, type Rhythm } from '../pace/turns.ts';

/** A seat that counts among those who edit only while it does. */
export interface RestingSeat extends Seat {
  /** No edits are wanted for now; the next turn takes the seat again. */
  rest(): void;
  /** Takes the seat if there is an edit for the end of this reply; false: it stays among those who don't edit. */
  room(): boolean;
  /** How the reply moves, also while something else moves it. */
  readonly rhythm: Rhythm;
}

export function createRestingSeat(pacer: Pacer, team: string, channel: string, since?: number): RestingSeat {
  let seat: Seat | null = null;
  let left = false;
  const rhythm: Rhythm = newRhythm();
  const taken = (): Seat => {
    seat ??= pacer.join(team, channel, since, rhythm);
    return seat;
  };
  const rest = () => {
    seat?.leave();
    seat = null;
  };
  return {
    rhythm,
    turn: (kind, signal) => (left ? Promise.resolve(false) : taken().turn(kind, signal)),
    limited: (kind, retryAfterMs) => taken().limited(kind, retryAfterMs),
    firstWordsMs: () => (left ? 0 : taken().firstWordsMs()),
    rest,
    room() {
      if (left || (seat === null && !pacer.room(team))) return false;
      taken();
      return true;
    },
    leave() {
      left = true;
      rest();
    },
  };
}
