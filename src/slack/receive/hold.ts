import type { App, ReceiverEvent } from '@slack/bolt';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { fieldsOf, wordOf } from '../parse/fields.ts';

/** What a listener of ours was given is not durable. Errors of Bolt's own routing are not wrapped. */
export class ListenerFailed extends Error {
  override readonly name = 'ListenerFailed';

  constructor(cause: unknown) {
    super('a listener failed', { cause });
  }
}

/**
 * What became of a delivery:
 * - `acknowledged`: processed to the end, or nothing that Slack documents; Slack was told so;
 * - `passed`: an interaction; its listener acknowledges by itself, with content;
 * - `failed`: a listener threw; not acknowledged, so that Slack delivers it again;
 * - `refused`: we are stopping; not touched, so that Slack delivers it to another process.
 */
type DeliveryOutcome = 'acknowledged' | 'passed' | 'failed' | 'refused';

/** Keeps back the acknowledgement of events until they are durable with us. */
interface Hold {
  /** Never throws. */
  deliver(app: App, event: ReceiverEvent): Promise<DeliveryOutcome>;
  /** From now on every delivery is refused. */
  close(): void;
  /** Resolves when nothing is being processed, at the latest after `limitMs`; true if it is idle. */
  idle(limitMs: number): Promise<boolean>;
}

interface HoldOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** Receives `app_rate_limited` bodies, which Bolt knows no listener for. */
  readonly onRateLimited?: (body: unknown) => void;
}

/**
 * Bolt acknowledges an Events API delivery inside `processEvent`, before any listener runs; a commit that
 * fails afterwards would lose the question. So Bolt gets an acknowledgement that does nothing, and the real
 * one is given when `processEvent` has resolved. Listeners throw `ListenerFailed`, which an error handler of the app must pass on;
 * any other error is Bolt stumbling over a payload that nobody can listen to (an event that is a string, say), which
 * Slack need not send again.
 */
export function createHold({ log, clock, onRateLimited }: HoldOptions): Hold {
  let closed = false;
  let running = 0;
  const waiting = new Set<() => void>();

  async function process(app: App, event: ReceiverEvent): Promise<DeliveryOutcome> {
    const ack = calmAck(event, log);
    if (isInteraction(event.body)) {
      let told = false;
      const tell = async (content?: unknown) => {
        told = true;
        await ack(content);
      };
      await routed(app, { ...event, ack: tell });
      // Nobody listens to it: without an answer the person would be shown a failure.
      if (!told) await ack();
      return 'passed';
    }
    if (event.body['type'] === 'app_rate_limited') onRateLimited?.(event.body);
    else await routed(app, { ...event, ack: async () => {} });
    await ack();
    return 'acknowledged';
  }

  async function routed(app: App, event: ReceiverEvent): Promise<void> {
    try {
      await app.processEvent(event);
    } catch (error) {
      if (error instanceof ListenerFailed) throw error.cause;
      log.warn(
        { ...factsOf(event), code: 'REQUEST_MALFORMED', err: error },
        'delivery that Bolt cannot route',
      );
    }
  }

  return {
    async deliver(app, event) {
      if (closed) return 'refused';
      running += 1;
      try {
        return await process(app, event);
      } catch (error) {
        log.error({ ...factsOf(event), err: error }, 'delivery not processed, so not acknowledged');
        return 'failed';
      } finally {
        running -= 1;
        if (running === 0) for (const wake of waiting) wake();
      }
    },
    close() {
      closed = true;
    },
    async idle(limitMs) {
      if (running === 0) return true;
      const enough = new AbortController();
      const wake = () => enough.abort();
      waiting.add(wake);
      await clock.sleep(limitMs, enough.signal);
      waiting.delete(wake);
      return running === 0;
    },
  };
}

/** An acknowledgement over a socket that has closed meanwhile rejects; work that is done stays done. */
function calmAck(event: ReceiverEvent, log: Log): ReceiverEvent['ack'] {
  return async (response?: unknown) => {
    try {
      await event.ack(response);
    } catch (error) {
      log.warn({ ...factsOf(event), err: error }, 'acknowledgement did not reach Slack');
    }
  };
}

/** Interactions carry their answer in the acknowledgement; events, known or not, have none. */
const INTERACTIONS = new Set<unknown>([
  'block_actions',
  'block_suggestion',
  'interactive_message',
  'dialog_submission',
  'dialog_suggestion',
  'dialog_cancellation',
  'message_action',
  'shortcut',
  'view_submission',
  'view_closed',
]);

function isInteraction(body: ReceiverEvent['body']): boolean {
  return (
    INTERACTIONS.has(body['type']) || (body['type'] === undefined && typeof body['command'] === 'string')
  );
}

function factsOf(event: ReceiverEvent): Record<string, unknown> {
  const inner = fieldsOf(event.body['event']);
  return {
    type: wordOf(inner?.['type'] ?? event.body['type']),
    event: event.body['event_id'],
    team: event.body['team_id'],
    retry: event.retryNum,
  };
}
