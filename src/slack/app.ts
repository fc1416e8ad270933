import { App, LogLevel, type Receiver } from '@slack/bolt';
import type { Log } from '../log.ts';
import { boltLog } from './guards/bolt-log.ts';
import { webClientOptions } from './guards/client-options.ts';
import type { Identity } from './identity.ts';
import { type Listening, listen } from './listeners/listen.ts';
import { ListenerFailed } from './receive/hold.ts';

export interface SlackAppOptions extends Listening {
  readonly receiver: Receiver;
  /** Whose token it is; asked for before the app is made. */
  readonly identity: Identity;
  readonly botToken: string;
  readonly slackApiUrl: string;
  readonly log: Log;
}

/**
 * One Bolt app: what Slack sends goes through the receiver (`receive/`) to the listeners (`listeners/`). Identity comes
 * through `authorize`: with `token`, Bolt calls auth.test in its constructor and nobody catches its failure. Whether a
 * delivery is for our installation is decided by `parse/installation.ts`, so that one for another is acknowledged.
 */
export function createSlackApp(options: SlackAppOptions): App {
  const { identity, botToken } = options;
  const app = new App({
    receiver: options.receiver,
    authorize: async () => ({ botToken, botId: identity.botId, botUserId: identity.botUserId }),
    clientOptions: webClientOptions({ slackApiUrl: options.slackApiUrl }),
    // Parsing tells own messages apart with more care, and a store of conversations in memory only grows.
    ignoreSelf: false,
    convoStore: false,
    logger: boltLog(options.log),
    logLevel: LogLevel.INFO,
  });
  listen(app, {
    ...options,
    dispatch: (incoming) =>
      options.dispatch(incoming).catch((thrown: unknown) => {
        throw new ListenerFailed(thrown);
      }),
  });
  // A handler that resolves would acknowledge what failed. Bolt wraps errors without a code of its own.
  app.error(async (error) => {
    throw error.original ?? error;
  });
  return app;
}
