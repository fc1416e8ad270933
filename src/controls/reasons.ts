import { type Clock, LATE, within } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Gesture } from '../incoming.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import type { Aside } from '../reply/ports.ts';
import type { GestureAnswer, Windows } from '../views/ports.ts';
import { REASON_NOT_STORED } from '../words/controls.ts';
import { type Rated, REASON_BLOCK, REASON_FORM, readReason, reasonForm, withoutForm } from './reason-form.ts';
import { saveReason } from './store.ts';

export interface Reasons {
  /** Asks somebody who pressed 👎 why; where that can't be, it is noted without a reason, and they are told. */
  ask(
    at: { readonly team: string; readonly channel: string; readonly threadTs: string | null },
    user: string,
    rated: Rated,
    triggerId: string | null,
  ): Promise<void>;
  /** A gesture in our form; null: it is somebody else's. Never rejects. */
  gesture(gesture: Gesture): Promise<GestureAnswer> | null;
}

/** Slack waits for three seconds. */
const LIMIT_MS = 2000;

export function createReasons({
  database,
  windows,
  aside,
  clock,
  log,
}: {
  database: Database;
  windows: Pick<Windows, 'open'>;
  aside: Pick<Aside, 'whisper'>;
  clock: Clock;
  log: Log;
}): Reasons {
  return {
    async ask(at, user, rated, triggerId) {
      const opened =
        triggerId === null
          ? ({ kind: 'expired' } as const)
          : await windows.open(at.team, triggerId, reasonForm(rated));
      const line = withoutForm(opened);
      if (line !== null) await aside.whisper(at, user, line);
    },
    gesture(gesture) {
      if (gesture.view.callbackId !== REASON_FORM) return null;
      return gesture.kind === 'submitted' ? submit(gesture) : Promise.resolve({ kind: 'none' });
    },
  };

  async function submit({ team, user: person, view }: Gesture): Promise<GestureAnswer> {
    const read = readReason(view);
    if (read === null) return { kind: 'none' };
    try {
      const saved = await within(clock, LIMIT_MS, saveReason(database.query, { team, person, ...read }));
      // Taken back meanwhile: then there is nothing that the reason could be about.
      if (saved !== LATE) return { kind: 'none' };
    } catch (err) {
      log.warn({ err: toError(err) }, 'a reason could not be stored');
    }
    return { kind: 'errors', errors: { [REASON_BLOCK]: REASON_NOT_STORED } };
  }
}
