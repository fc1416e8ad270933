import { type Clock, LATE, within } from '../clock.ts';
import { toError } from '../errors.ts';
import type { IncomingAction } from '../incoming.ts';
import type { Log } from '../log.ts';
import { whileAway } from '../postgres/while-away.ts';
import { type Press, parsePress } from '../reply/actions.ts';
import { type CallPress, parseCallPress } from '../reply/cards/actions.ts';
import type { Aside } from '../reply/ports.ts';
import { LINES } from '../words/controls.ts';
import type { CallPressed, CallWho } from './calls.ts';
import { type Pressed, pressKey, type Who } from './press.ts';
import type { Reasons } from './reasons.ts';
import type { Whole } from './whole.ts';

export interface Pressing {
  /**
   * Takes a press; Slack has its acknowledgement and delivers it once. Null: the button is none of those under replies.
   * Never rejects: what fails is told.
   */
  take(action: IncomingAction): Promise<Pressed> | null;
  /** Tries nothing again from now on. Resolves when everybody whose press was under way has been told. */
  stop(): Promise<void>;
}

export interface PressingOptions {
  readonly press: (press: Press, who: Who) => Promise<Pressed>;
  /** The same for cards of calls. */
  readonly calls: (press: CallPress, who: CallWho) => Promise<CallPressed>;
  /** Tells the one who pressed: in private where the button stands, else, where we are no more, in a direct message. */
  readonly tell: Aside['whisper'];
  readonly reasons: Pick<Reasons, 'ask'>;
  readonly whole: Whole;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long a press is tried while the database is away: longer, and its moment is over. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 500;
/** For the log: what was pressed, and on what. */
type Facts = { readonly control: string } & ({ readonly reply: string } | { readonly call: string });

/** Longest that a private line may hold up the end of the process. */
const LAST_WORDS_MS = 3000;

/**
 * Carries out presses of buttons under replies and on cards of calls, and tells the person what they need to know: a line, the form that asks for
 * a reason, all of what a card shortens, that it has to wait for the database, or that it could not be done.
 */
export function createPressing({
  press: carryOut,
  calls,
  tell: tellPresser,
  reasons,
  whole,
  clock,
  log,
}: PressingOptions): Pressing {
  const stopping = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  const tracked = <T>(work: Promise<T>): Promise<T> => {
    const done = work.finally(() => underWay.delete(done));
    underWay.add(done);
    return done;
  };

  return {
    take(action) {
      const call = parseCallPress(action.actionId, action.value);
      if (call !== null) return tracked(take(call, action));
      const press = parsePress(action.actionId, action.value);
      return typeof press === 'string' ? null : tracked(take(press, action));
    },
    async stop() {
      stopping.abort();
      if ((await within(clock, LAST_WORDS_MS, Promise.allSettled([...underWay]))) === LATE)
        log.warn({ presses: underWay.size }, 'presses were still being carried out');
    },
  };

  async function take(press: Press | CallPress, action: IncomingAction): Promise<Pressed> {
    const { team, user: by, userTeam: byTeam, channel, threadTs, messageTs } = action;
    const triggerId = action.triggerId?.reveal() ?? null;
    const at = { team, channel, threadTs: threadTs ?? messageTs };
    const tell = async (line: string) => void (await tellPresser(at, by, line));
    const who = { team, by, byTeam, key: triggerId === null ? null : pressKey(triggerId) };
    const [facts, work]: [Facts, () => Promise<CallPressed>] =
      press.control === 'call'
        ? [{ call: press.call, control: press.choice }, () => calls(press, { ...who, channel })]
        : [{ reply: press.reply, control: press.control }, () => carryOut(press, who)];
    const pressed = await persistently(facts, work, tell);
    const { reason, line, poor, shows } = pressed;
    log.debug({ team, ...facts, reason }, 'press');
    if (line !== null) await tell(line);
    if (poor !== undefined) await reasons.ask(at, by, poor, triggerId);
    if (shows !== undefined) await whole.show(at, by, shows, triggerId);
    return pressed;
  }

  async function persistently(
    facts: Facts,
    work: () => Promise<CallPressed>,
    tell: (line: string) => Promise<void>,
  ): Promise<CallPressed> {
    const until = clock.monotonic() + PATIENCE_MS;
    let told = false;
    const goesOn = async (thrown: unknown) => {
      if (stopping.signal.aborted || clock.monotonic() >= until) return false;
      log.warn({ ...facts, err: toError(thrown) }, 'a press is tried again');
      if (!told) {
        told = true;
        await tell(LINES.waits);
      }
      return true;
    };
    try {
      return await whileAway(clock, work, { pauseMs: RETRY_MS, signal: stopping.signal, goesOn });
    } catch (thrown) {
      log.error({ ...facts, err: toError(thrown) }, 'a press was not carried out');
      return { reason: 'failed', line: LINES.notDone };
    }
  }
}
