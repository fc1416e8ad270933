import { LogLevel, webApi } from '@slack/bolt';
import type { SkeinError } from '../errors.ts';
import type { Log } from '../log.ts';
import { lookingFetch } from '../send-guard.ts';
import { type Credentials, createCredentials } from './credentials.ts';
import { kindOf } from './error-words.ts';
import { boltLog } from './guards/bolt-log.ts';
import { webClientOptions } from './guards/client-options.ts';
import type { Identity } from './identity.ts';
import { errorWord } from './send/outcome.ts';

/** Web API clients by installation: a workspace, or an organisation that installed the app for all of its own. */
export interface Clients {
  /**
   * The client of an installation (`Identity.team`). Null: the app is not installed there, or Slack refuses its token.
   * Nothing of that workspace is sent then, and nothing counts as gone: a new token may come.
   */
  of(installation: string): webApi.WebClient | null;
}

/** The one installation of a process with a token of its own. Many of them take this interface's place later. */
export interface OneInstallation extends Clients {
  /** For the call that finds out whose token it is. */
  readonly client: webApi.WebClient;
  readonly credentials: Credentials;
  /** What `auth.test` said; before that, `of` answers null for everybody. */
  identity(): Identity | null;
  identified(identity: Identity): void;
  /** Our bot user in an installation; null: it is not this one. */
  botUser(installation: string): string | null;
}

export interface ClientOptions {
  readonly token: string;
  readonly slackApiUrl: string;
  readonly log: Log;
}

export function createInstallation(
  options: ClientOptions & {
    /** Slack refuses the token from now on. Called once. */
    readonly onDead: (error: SkeinError) => void;
  },
): OneInstallation {
  const { log, onDead } = options;
  let identity: Identity | null = null;
  const client: webApi.WebClient = createClient(options, (word) => credentials.check(word));
  const credentials = createCredentials({ ask: () => client.auth.test(), onDead, log });
  return {
    client,
    credentials,
    of: (installation) => (installation === identity?.team && credentials.dead() === null ? client : null),
    identity: () => identity,
    botUser: (installation) => (installation === identity?.team ? identity.botUserId : null),
    identified: (given) => {
      identity = given;
    },
  };
}

/**
 * A client with our settings. `onRefused` is waited for before a refusal of the token is passed on, whatever the call
 * was (`auth.test` apart, which is how it is asked whether that is so).
 */
export function createClient(
  { token, slackApiUrl, log }: ClientOptions,
  onRefused: (word: string) => Promise<void> = async () => {},
): webApi.WebClient {
  const options = {
    ...webClientOptions({ slackApiUrl, fetch: lookingFetch }),
    logger: boltLog(log),
    logLevel: LogLevel.INFO,
  };
  return new CheckedClient(token, options, onRefused);
}

class CheckedClient extends webApi.WebClient {
  readonly #onRefused: (word: string) => Promise<void>;

  constructor(token: string, options: webApi.WebClientOptions, onRefused: (word: string) => Promise<void>) {
    super(token, options);
    this.#onRefused = onRefused;
  }

  /** Every method of the SDK comes through here, its pages too. */
  override async apiCall(
    method: string,
    options?: Record<string, unknown>,
  ): Promise<webApi.WebAPICallResult> {
    try {
      return await super.apiCall(method, options);
    } catch (thrown) {
      const word = errorWord(thrown);
      if (method !== 'auth.test' && word !== null && kindOf(word) === 'credentials')
        await this.#onRefused(word);
      throw thrown;
    }
  }
}
