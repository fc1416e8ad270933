import type { IncomingAction } from '../incoming.ts';
import type { Log } from '../log.ts';
import type { Press } from '../reply/actions.ts';
import { parsePress } from '../reply/actions.ts';
import type { Aside } from '../reply/ports.ts';
import { NOT_CARRIED_OUT, POSTPONED } from '../words/controls.ts';
import type { Pressed, Tried, Who } from './press.ts';
import type { Reasons } from './reasons.ts';

export interface ControlOptions {
  /** `createPress`. */
  readonly press: (press: Press, who: Who) => Promise<Pressed>;
  readonly reasons: Pick<Reasons, 'ask'>;
  readonly aside: Pick<Aside, 'whisper'>;
  readonly log: Log;
}

/** Buttons under replies. */
export interface Controls {
  /**
   * Carries a press out and tells the person what there is to tell. Resolves when what follows from it is stored, rejects
   * if it could not be; the same press may be given again then.
   */
  press(action: IncomingAction): Promise<void>;
  /** Tells the person that a press could not be carried out now and is tried again. Never rejects. */
  postponed(action: IncomingAction): Promise<void>;
  /** Tells the person that a press was not carried out and will not be. Never rejects. */
  lost(action: IncomingAction): Promise<void>;
}

export function createControls({ press, reasons, aside, log }: ControlOptions): Controls {
  /** A press whose outcome is not known is given again; what its first try found is kept until then. */
  const tries = new WeakMap<IncomingAction, Tried>();

  const whisper = async (action: IncomingAction, line: string): Promise<void> => {
    await aside.whisper(placeOf(action), action.user, line);
  };

  return {
    async press(action) {
      const { team, user: by, actionId, value, triggerId } = action;
      const read = parsePress(actionId, value);
      if (typeof read === 'string')
        return log.debug({ team, reason: read }, 'a press of nothing that is ours');
      const tried = tries.get(action) ?? {};
      tries.set(action, tried);
      const { reason, line, poor } = await press(read, { team, by, tried });
      log.debug({ team, control: read.control, reply: read.reply, reason }, 'press');
      // Niceties: Slack's acknowledgement does not wait for them.
      if (line !== null) void whisper(action, line);
      if (poor !== undefined) void reasons.ask(placeOf(action), by, poor, triggerId?.reveal() ?? null);
    },
    postponed: (action) => whisper(action, POSTPONED),
    lost: (action) => whisper(action, NOT_CARRIED_OUT),
  };
}

/** A reply is in a thread; its root is the message itself where Slack names none. */
function placeOf({ team, channel, threadTs, messageTs }: IncomingAction) {
  return { team, channel, threadTs: threadTs ?? messageTs };
}
