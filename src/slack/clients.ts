import { LogLevel, webApi } from '@slack/bolt';
import type { Log } from '../log.ts';
import { lookingFetch } from '../send-guard.ts';
import { boltLog } from './guards/bolt-log.ts';
import { webClientOptions } from './guards/client-options.ts';

/** Web API clients by workspace. One workspace has one token for now; what asks for a client names its team. */
export interface Clients {
  /** The client of a workspace; null if the app is not installed there. */
  of(team: string): webApi.WebClient | null;
}

/** A client for calls before the workspace is known (`auth.test`). */
export function createClient(options: { token: string; slackApiUrl: string; log: Log }): webApi.WebClient {
  return new webApi.WebClient(options.token, {
    ...webClientOptions({ slackApiUrl: options.slackApiUrl, fetch: lookingFetch }),
    logger: boltLog(options.log),
    logLevel: LogLevel.INFO,
  });
}
