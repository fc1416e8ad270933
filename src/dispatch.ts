import type { Receive } from './admission/receive.ts';
import { type RetryWhileAway, retryWhileDatabaseAway } from './admission/retry-while-away.ts';
import { createTurns } from './admission/turns.ts';
import type { Clock } from './clock.ts';
import type { Pressing } from './controls/pressing.ts';
import type { Stops } from './controls/stops.ts';
import type {
  Gesture,
  Incoming,
  IncomingAction,
  IncomingCommand,
  IncomingGone,
  IncomingHomeOpened,
  IncomingJoin,
  IncomingShortcut,
} from './incoming.ts';
import type { Log } from './log.ts';
import type { GestureAnswer } from './views/ports.ts';

/**
 * Carries out what Slack told. The answer is what a form or a list of options says in its acknowledgement, and nothing for
 * all else. Rejects only for events that are not durable with us: then Slack must deliver them again.
 */
export type Dispatch = (incoming: Incoming) => Promise<GestureAnswer>;

interface DispatchPorts {
  /**
   * Events of one workspace that are stored at the same time; others of it wait their turn. Each takes two connections at
   * most, so that with a quarter of the pool half of it is for others. Infinity where there is one workspace alone.
   */
  readonly atOnce: number;
  /** What was said, edited or deleted. */
  readonly admission: Receive;
  /** Buttons under replies: carries out, and tells the person. */
  readonly pressing: Pick<Pressing, 'take'>;
  readonly stops: Stops;
  readonly commands: {
    slash(command: IncomingCommand): Promise<void>;
    press(action: IncomingAction): Promise<void>;
    /** True for the buttons under the answers to commands. */
    isPress(actionId: string): boolean;
  };
  readonly shortcuts: { open(shortcut: IncomingShortcut): Promise<void> };
  /** Views of ours; each answers for its own and says null to those of others. */
  readonly views: readonly { gesture(gesture: Gesture): Promise<GestureAnswer> | null }[];
  readonly home: { publish(team: string, user: string): Promise<unknown> };
  readonly welcome: {
    /** Stores that a channel is to be greeted. */
    joined(join: IncomingJoin): Promise<void>;
    /** Offers prompts in the app's messages. Never rejects. */
    opened(opened: IncomingHomeOpened): Promise<unknown>;
  };
  /** Slack says that the app was uninstalled or its token revoked. Never rejects. */
  readonly installationGone: (gone: IncomingGone) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

const NOTHING: GestureAnswer = { kind: 'none' };

/** Events that lead to statements, which must not be lost while the database is away. */
type Durable = Extract<
  Incoming,
  { kind: 'message' | 'message_changed' | 'message_deleted' | 'reaction' | 'stopped' | 'joined_channel' }
>;

/** The one place that says what each incoming leads to. `stop`: nothing is tried again any more. */
export function createDispatch(ports: DispatchPorts): {
  dispatch: Dispatch;
  stop: RetryWhileAway<Durable>['stop'];
} {
  const { clock, log } = ports;
  const durable = retryWhileDatabaseAway(carryOut, { clock, log });
  const turns = createTurns(ports.atOnce);

  async function carryOut(incoming: Durable): Promise<void> {
    switch (incoming.kind) {
      case 'message':
      case 'message_changed':
      case 'message_deleted': {
        const { outcome, reason, reply } = await ports.admission(incoming);
        const { team, eventId: event, kind } = incoming;
        return log.debug({ team, event, kind, outcome, reason, reply }, 'incoming');
      }
      case 'reaction':
        return void (await ports.stops.byReaction(incoming));
      case 'stopped':
        return void (await ports.stops.bySlack(incoming));
      case 'joined_channel':
        return ports.welcome.joined(incoming);
    }
  }

  const dispatch: Dispatch = async (incoming) => {
    switch (incoming.kind) {
      case 'message':
      case 'message_changed':
      case 'message_deleted':
      case 'reaction':
      case 'stopped':
      case 'joined_channel':
        await turns(incoming.team, () => durable.carryOut(incoming));
        return NOTHING;
      case 'action':
        if (ports.commands.isPress(incoming.actionId)) await ports.commands.press(incoming);
        else if ((await ports.pressing.take(incoming)) === null)
          log.debug(
            { team: incoming.team, action: incoming.actionId.slice(0, 60) },
            'a button that is none of ours',
          );
        return NOTHING;
      case 'command':
        await ports.commands.slash(incoming);
        return NOTHING;
      case 'shortcut':
        await ports.shortcuts.open(incoming);
        return NOTHING;
      case 'pressed':
      case 'submitted':
      case 'suggested':
        return (await answerOf(incoming)) ?? NOTHING;
      case 'home_opened':
        // Beside the acknowledgement, which must not wait for Slack to take a view.
        if (incoming.tab === 'home') void ports.home.publish(incoming.team, incoming.user);
        else void ports.welcome.opened(incoming);
        return NOTHING;
      case 'installation_gone':
        await ports.installationGone(incoming);
        return NOTHING;
      case 'ignored':
        log.debug({ reason: incoming.reason, detail: incoming.detail }, 'incoming ignored');
        return NOTHING;
    }
  };

  function answerOf(gesture: Gesture): Promise<GestureAnswer> | null {
    for (const view of ports.views) {
      const answer = view.gesture(gesture);
      if (answer !== null) return answer;
    }
    return null;
  }

  return { dispatch, stop: durable.stop };
}
