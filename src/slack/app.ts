import { App, LogLevel, type Receiver } from '@slack/bolt';
import type { Incoming } from '../admission/incoming.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Gesture, GestureAnswer } from '../views/ports.ts';
import type { Clients } from './clients.ts';
import { answerGesture } from './gestures.ts';
import { boltLog } from './guards/bolt-log.ts';
import { webClientOptions } from './guards/client-options.ts';
import type { Identity } from './identity.ts';
import { parseIncoming } from './parse/parse.ts';

export interface SlackAppOptions {
  readonly receiver: Receiver;
  readonly identity: () => Identity | null;
  readonly botToken: string;
  readonly slackApiUrl: string;
  readonly clients: Clients;
  readonly log: Log;
  /** What a person does in one of our views; null: the view is not ours. */
  readonly gesture: (gesture: Gesture) => Promise<GestureAnswer> | null;
  /** Takes an incoming durably; rejecting means that Slack must deliver it again. */
  readonly receive: (incoming: Incoming) => Promise<unknown>;
}

/**
 * Bolt, with one middleware that takes everything: a payload becomes an `Incoming`, and admission decides.
 * Identity comes through `authorize`, so that a Slack which can't be reached at start does not end the
 * process (with `token`, Bolt calls auth.test in its constructor and nobody catches its failure).
 */
export function createSlackApp(options: SlackAppOptions): App {
  const { log, receiver } = options;
  const app = new App({
    receiver,
    authorize: async () => {
      const identity = options.identity();
      // Not acknowledged, so Slack delivers it again when we know who we are.
      if (identity === null) throw new Error('the workspace is not known yet');
      return {
        botToken: options.botToken,
        botId: identity.botId,
        botUserId: identity.botUserId,
        teamId: identity.team,
      };
    },
    clientOptions: webClientOptions({ slackApiUrl: options.slackApiUrl }),
    // Ours tells own messages apart with more care, and a store of conversations in memory only grows.
    ignoreSelf: false,
    convoStore: false,
    logger: boltLog(log),
    logLevel: LogLevel.INFO,
  });
  app.use(async (args) => {
    const identity = options.identity();
    if (identity === null) throw new Error('the workspace is not known yet');
    if (await answerGesture(args, options.gesture)) return;
    const incoming = parseIncoming(args.body, { ...identity, appId: null });
    if (incoming.kind === 'action' || incoming.kind === 'command' || !isEvent(args.body)) {
      await acknowledge(args);
      // There is no redelivery of an interaction, so its failure is ours to tell.
      await options
        .receive(incoming)
        .catch((thrown) => log.error({ err: toError(thrown) }, 'an interaction failed'));
      return;
    }
    await options.receive(incoming);
  });
  // A handler that resolves would acknowledge what failed: it must throw on.
  app.error(async (error) => {
    throw error;
  });
  return app;
}

/** At once and empty: an answer may need the database, and Slack waits three seconds. */
async function acknowledge(args: object): Promise<void> {
  const ack = 'ack' in args && typeof args.ack === 'function' ? args.ack : null;
  await ack?.();
}

function isEvent(body: object): boolean {
  return 'type' in body && body.type === 'event_callback';
}
