import { LogLevel, webApi } from '@slack/bolt';
import { SkeinError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Meter, NO_METER } from '../operations/meter.ts';
import { spanned } from '../operations/traces.ts';
import { askedFor, onlyWhile } from '../send-guard.ts';
import { createCredentials } from './credentials.ts';
import { kindOf } from './error-words.ts';
import { boltLog } from './guards/bolt-log.ts';
import { webClientOptions } from './guards/client-options.ts';
import { lookingRequest } from './guards/request.ts';
import type { Identity } from './identity.ts';
import { type Claim, onlyInstallation, type SelfOf } from './parse/installation.ts';
import { errorWord } from './send/outcome.ts';

/** Web API clients by installation: a workspace, or an organisation that installed the app for all of its own. */
export interface Clients {
  /**
   * The client of an installation (`Identity.team`). Null: the app is not installed there, or Slack refuses its token.
   * Nothing of that workspace is sent then, and nothing counts as gone: a new token may come.
   */
  of(installation: string): webApi.WebClient | null;
}

/** Everything that a process knows of who installed the app: by its environment one, by OAuth any number. */
export interface Installations extends Clients {
  /** Who we are in an installation; null: it is none that we know. */
  self(installation: string): Identity | null;
  /** The one that a delivery is for, of those that are known now. */
  readonly selfOf: SelfOf;
  /** Learns of the installation that a delivery claims to be for, before it is read. Rejects while the database is away. */
  know(claim: Claim): Promise<void>;
  /** Slack told us by `why` that the token of an installation is dead. Never rejects. */
  check(installation: string, why: string): Promise<void>;
  /** Slack's word for why nothing can be sent for anybody; null: something can. */
  dead(): string | null;
  /** How many can be served. */
  count(): number;
  /**
   * Others that belong to the same organisation, also those that are gone. `wide`: this one is the organisation's, for all
   * of its workspaces.
   */
  siblings(installation: string): {
    readonly wide: boolean;
    readonly others: readonly { readonly id: string; readonly wide: boolean }[];
  };
  /** It is known who we are: deliveries can be told apart. */
  identified(): boolean;
}

/** The one installation of a process with a token of its own. */
interface OneInstallation extends Installations {
  /** For the call that finds out whose token it is. */
  readonly client: webApi.WebClient;
  /** What `auth.test` said; before that, `of` answers null for everybody. */
  identity(): Identity | null;
  identify(identity: Identity): void;
}

interface ClientOptions {
  /** Undefined: for calls that need none. */
  readonly token: string | undefined;
  readonly slackApiUrl: string;
  readonly log: Log;
  /** Absent: calls are not counted. */
  readonly meter?: Meter;
}

export function createInstallation(
  options: ClientOptions & {
    /** Slack refuses the token from now on. Called once. */
    readonly onDead: (error: SkeinError) => void;
  },
): OneInstallation {
  const { log, onDead } = options;
  let identity: Identity | null = null;
  const client: webApi.WebClient = createClient(options, async (word) => {
    await credentials.check(word);
    return null;
  });
  const credentials = createCredentials({
    ask: () => client.auth.test(),
    onDead(word) {
      log.error({ code: 'SLACK_AUTH_FAILED', word }, 'Slack refuses the bot token: questions are kept');
      onDead(
        new SkeinError('SLACK_AUTH_FAILED', `Slack refuses SLACK_BOT_TOKEN: ${word}`, { facts: { word } }),
      );
    },
    log,
  });
  return {
    client,
    of: (installation) => (installation === identity?.team && credentials.dead() === null ? client : null),
    self: (installation) => (installation === identity?.team ? identity : null),
    selfOf: (claim) => (identity === null ? null : onlyInstallation(identity)(claim)),
    siblings: () => ({ wide: false, others: [] }),
    know: async () => {},
    check: (_installation, why) => credentials.check(why),
    dead: credentials.dead,
    identified: () => identity !== null,
    count: () => (identity === null || credentials.dead() !== null ? 0 : 1),
    identity: () => identity,
    identify(given) {
      identity = given;
    },
  };
}

/**
 * A refusal of the token was told (`auth.test` apart, which is how it is asked whether that is so). The client of a newer
 * token makes the call once more: Slack did nothing yet. Null: the refusal is passed on.
 */
type OnRefused = (word: string) => Promise<webApi.WebClient | null>;

/** A client with our settings. `onRefused` is waited for, whatever the call was. */
export function createClient(
  { token, slackApiUrl, log, meter = NO_METER }: ClientOptions,
  onRefused: OnRefused = async () => null,
): webApi.WebClient {
  const options = {
    ...webClientOptions({ slackApiUrl, fetch: lookingRequest }),
    logger: boltLog(log),
    logLevel: LogLevel.INFO,
  };
  return new CheckedClient(token, options, onRefused, meter);
}

class CheckedClient extends webApi.WebClient {
  readonly #onRefused: OnRefused;
  readonly #meter: Meter;

  constructor(
    token: string | undefined,
    options: webApi.WebClientOptions,
    onRefused: OnRefused,
    meter: Meter,
  ) {
    super(token, options);
    this.#onRefused = onRefused;
    this.#meter = meter;
  }

  /** Every method of the SDK comes through here, its pages too. */
  override async apiCall(
    method: string,
    options?: Record<string, unknown>,
  ): Promise<webApi.WebAPICallResult> {
    const allowed = askedFor();
    try {
      const call = () => super.apiCall(method, options);
      const attributes = { 'rpc.system': 'slack', 'rpc.method': method };
      const answer = await spanned(`slack ${method}`, { attributes, client: true, inside: true }, call);
      this.#meter.slackCall(method, 'ok');
      return answer;
    } catch (thrown) {
      const word = errorWord(thrown);
      this.#meter.slackCall(method, refusalKind(thrown, word));
      if (method === 'auth.test' || word === null || kindOf(word) !== 'credentials') throw thrown;
      const newer = await this.#onRefused(word);
      if (newer === null || newer === this) throw thrown;
      return onlyWhile(allowed, () => newer.apiCall(method, options));
    }
  }
}

function refusalKind(thrown: unknown, word: string | null): string {
  if (thrown instanceof webApi.WebAPIRateLimitedError) return 'rate_limited';
  return word === null ? 'unreachable' : kindOf(word);
}
