/** What the stand-in takes and what it offers to tests and to the playground. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../src/clock.ts';
import type { PageFeatures } from '../protocol.ts';
import type { Deliveries, Delivery } from './deliveries.ts';
import type { Envelopes } from './events.ts';
import type { Faults } from './faults.ts';
import type { HttpCarrier } from './httpCarrier.ts';
import type { Interactions } from './interactions.ts';
import type { Call, Look } from './journal.ts';
import type { Threads } from './methods/assistant.ts';
import type { Client } from './methods/oauth.ts';
import type { StreamOptions } from './methods/streams.ts';
import type { OtherApps } from './otherApps.ts';
import type { Page } from './page.ts';
import type { DirectMessages, People } from './people.ts';
import type { Message, View } from './records.ts';
import type { SignIn } from './routes.ts';
import type { Seed } from './seed.ts';
import type { SocketCarrier } from './socketCarrier.ts';
import type { TierChoice } from './tiers.ts';
import type { WaitOptions } from './watch.ts';
import type { Workspace } from './workspace.ts';

export interface SlackStandinOptions {
  readonly clock: Clock;
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  readonly tokens?: { readonly bot: string; readonly app: string };
  /** Bot scopes that the token is granted; those of `manifest.yml` unless told. */
  readonly scopes?: readonly string[] | 'all';
  /** What `team_id` of a delivery from a shared channel names; the host unless told. */
  readonly envelopes?: Envelopes;
  /** Whether `app_mention` carries the files of its message; it does unless told. Sources disagree about Slack. */
  readonly mentionFiles?: boolean;
  readonly signingSecret?: string;
  readonly client?: Client;
  /** Whether the app is in the workspace already; else its token works once it was installed by OAuth. */
  readonly installed?: boolean;
  /** Tokens that OAuth gives end after so long and are exchanged for others, as with `token_rotation_enabled`. */
  readonly rotation?: { readonly lifeSeconds: number };
  /** Keeps the workspace in this directory; without it everything is forgotten at the end. */
  readonly persistDir?: string;
  /** Deliver by signed HTTP to this address rather than by Socket Mode. */
  readonly events?: { readonly url: string };
  readonly tiers?: TierChoice;
  /** The limits of apps that Slack has not approved: one read of history a minute, 15 messages at most. */
  readonly unlistedApp?: boolean;
  /** Milliseconds before each redelivery; Slack: nearly at once, 1 minute, 5 minutes. */
  readonly retrySchedule?: readonly number[];
  readonly ackTimeoutMs?: number;
  /** Milliseconds for which a trigger id works; Slack: 3,000. */
  readonly triggerMs?: number;
  /** What the app's manifest offers to people; everything that comes is taken unless told. */
  readonly features?: PageFeatures;
  readonly seed?: Seed;
  readonly streams?: Partial<StreamOptions>;
  readonly directMessages?: DirectMessages;
  /** Event types the app subscribed to (`message.im`, `app_mention`, …); all unless told. */
  readonly subscriptions?: readonly string[];
  /** Most calls, deliveries and looks of messages that are remembered; 20,000 of each unless told. */
  readonly keep?: number;
  /** Answers requests that are not addressed to Slack; 404 without it. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A message as tests look at it. */
export interface SeenMessage extends Message {
  /** What a person reads, as plain text. */
  readonly visible: string;
}

/** One workspace of the stand-in: its people, its limits and faults, and what the app did there. */
export interface TeamStandin {
  readonly botToken: string;
  readonly team: string;
  readonly botUser: string;
  readonly botId: string;
  readonly appId: string;
  readonly workspace: Workspace;
  readonly people: People;
  /** What other apps do there. */
  readonly apps: OtherApps;
  readonly interactions: Interactions;
  readonly faults: Faults;
  readonly threads: Threads;
  readonly page: Page;
  /** Sends an event of any kind, as an `event_callback`. */
  emit(event: Readonly<Record<string, unknown>>): void;
  disturb: Deliveries['disturb'];
  say: People['say'];
  dm: People['dm'];
  click: Interactions['click'];
  slash: Interactions['slash'];
  /** Takes the app out of the workspace: both events and nothing after them, and the bot token works no more. */
  uninstall(): void;
  revokeTokens(): void;
  /** Gives the bot token further scopes, as a reinstall does. */
  grant(...scopes: string[]): void;
  /** Takes scopes away, as a reinstall after a smaller manifest would; from `all`, the manifest's stay. */
  withdraw(...scopes: string[]): void;
  /**
   * From now on every call with the bot token is refused with this word (`token_revoked`, `account_inactive`,
   * `invalid_auth`, …), without an event that says so, while events go on arriving over the app token;
   * `undefined`: the token is good again.
   */
  refuseToken(word: string | undefined): void;
  /** Whether the app is in the workspace. */
  installed(): boolean;
  /** The token that the app got last. */
  token(): string;
  /** With rotation: all tokens end now, and no event says so. */
  expireTokens(): void;
  calls(method?: string): readonly Call[];
  deliveries(): readonly Delivery[];
  /** How a message looked from its first moment on. */
  history(channel: string, ts: string): readonly Look[];
  /** Root and replies, oldest first, without deleted and ephemeral ones. */
  thread(channel: string, rootTs: string): readonly SeenMessage[];
  messages(channel: string): readonly SeenMessage[];
  /** Waits are for what has happened or will: nothing is polled. They reject after `timeoutMs` (60 s). */
  waitForMessage(predicate: (message: SeenMessage) => boolean, options?: WaitOptions): Promise<SeenMessage>;
  waitForCall(predicate: (call: Call) => boolean, options?: WaitOptions): Promise<Call>;
  waitForDelivery(predicate: (delivery: Delivery) => boolean, options?: WaitOptions): Promise<Delivery>;
  waitForView(predicate: (view: View) => boolean, options?: WaitOptions): Promise<View>;
  /** Back to the seed: messages, journal, faults, rates, token. Connections stay. */
  reset(): void;
}

/** The whole of it: the first workspace, and what all workspaces share. */
export interface SlackStandin extends TeamStandin {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** What the SDK calls `slackApiUrl`. */
  readonly apiUrl: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly client: Client;
  readonly sockets: SocketCarrier;
  readonly http: HttpCarrier;
  /**
   * A further workspace with the app in it, behind the same addresses and connections: kept in memory only.
   * Its seed must have ids of its own (`northwindAgain`), its bot token too. `installed`: false where the app comes by
   * OAuth.
   */
  addTeam(seed: Seed, botToken: string, installed?: boolean): TeamStandin;
  /** Sends an envelope of Socket Mode as it is; returns the number of connections reached. */
  sendEnvelope(envelope: unknown): number;
  /** What a download without the right to it answers from now on; the page unless told. */
  signInBy(form: SignIn): void;
  /** From now on downloads fail with this status, or hang; `undefined`: they work again, those that hang too. */
  failDownloads(how: number | 'hang' | undefined): void;
  /** Ids of files whose bytes were given, first to last. */
  downloaded(): readonly string[];
  /** From now on by HTTP to `url`; `undefined`: by Socket Mode. */
  deliverTo(url: string | undefined): void;
  /** Sends Slack's `url_verification`; true if the challenge came back. */
  verifyUrl(): Promise<boolean>;
  waitForSockets(count: number, options?: WaitOptions): Promise<number>;
  /** Cuts every connection and frees the port. */
  stop(): Promise<void>;
}
