import { App, LogLevel, type Receiver } from '@slack/bolt';
import type { Log } from '../log.ts';
import { boltLog } from './guards/bolt-log.ts';
import { webClientOptions } from './guards/client-options.ts';
import { type Listening, listen } from './listeners/listen.ts';
import { type Claim, claimOf } from './parse/installation.ts';
import { ListenerFailed } from './receive/hold.ts';

interface SlackAppOptions extends Listening {
  readonly receiver: Receiver;
  readonly slackApiUrl: string;
  /** Learns of the installation that a delivery is for; rejects if that is not possible now. */
  readonly know: (claim: Claim) => Promise<void>;
  readonly log: Log;
}

/**
 * One Bolt app: what Slack sends goes through the receiver (`receive/`) to the listeners (`listeners/`). Bolt gets no
 * token, so that it can use none for the wrong workspace: what is sent goes through `Clients`. Which installation a
 * delivery is for is decided by `parse/installation.ts`, so that one for nobody we know is acknowledged.
 */
export function createSlackApp(options: SlackAppOptions): App {
  const app = new App({
    receiver: options.receiver,
    authorize: async () => ({}),
    clientOptions: webClientOptions({ slackApiUrl: options.slackApiUrl }),
    // Parsing tells own messages apart with more care, and a store of conversations in memory only grows.
    ignoreSelf: false,
    convoStore: false,
    logger: boltLog(options.log),
    logLevel: LogLevel.INFO,
  });
  app.use(async ({ body, next }) => {
    await options.know(claimOf(body)).catch((thrown: unknown) => {
      // An event comes again; a press or a command is told to the person by Slack.
      throw new ListenerFailed(thrown);
    });
    await next();
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
