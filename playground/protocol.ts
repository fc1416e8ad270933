/**
 * What the playground's page and its server say to each other: JSON over HTTP, changes by server-sent
 * events. The page draws only what is in here; it knows neither the stand-in's insides nor the bot.
 *
 *   GET  /playground/events   server-sent events; the first is always `snapshot`
 *   POST /playground/act      one `PageAction`; answers `PageActionResult`
 *   GET  /playground/file/ID  the bytes of a file that was shared
 *
 * The first two take `?team=ID`; without it they are about the first workspace.
 */

export interface PageUser {
  readonly id: string;
  readonly handle: string;
  readonly displayName: string;
  readonly isBot: boolean;
  readonly isAdmin: boolean;
  readonly isGuest: boolean;
  /** The other company that this person is of; `null` for the workspace's own people. */
  readonly company: string | null;
}

export interface PageChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im' | 'mpim';
  readonly topic: string;
  readonly members: readonly string[];
  /** Names of the companies in it (the workspace's own too) and of the one that hosts it; `null`: not shared. */
  readonly shared: { readonly host: string; readonly companies: readonly string[] } | null;
}

/** What the app's manifest offers to people. */
export interface PageFeatures {
  readonly commands: readonly PageCommand[];
  readonly shortcuts: readonly PageShortcut[];
  /** Whether the app has a Home tab. */
  readonly home: boolean;
}

export interface PageCommand {
  /** With its slash. */
  readonly command: string;
  readonly description: string;
  readonly usageHint: string;
  /** Ids of people and channels in the text reach the app as `<@U…|name>`. */
  readonly escapes: boolean;
}

export interface PageShortcut {
  readonly kind: 'message' | 'global';
  readonly callbackId: string;
  readonly name: string;
  readonly description: string;
}

/** A modal or the Home tab, as the app made it for one person. */
export interface PageView {
  readonly id: string;
  readonly user: string;
  readonly kind: 'modal' | 'home';
  readonly open: boolean;
  /** The modal below it, which is seen again when this one closes. */
  readonly previousId: string | null;
  /** Another one with every change by the app. */
  readonly hash: string;
  /** Title, blocks and the rest, in Slack's words; without what only the app may read. */
  readonly content: Readonly<Record<string, unknown>>;
  /** What the inputs hold before anyone touched them. */
  readonly values: PageValues;
}

/** State of inputs by block id and action id, in the words of Slack's `state.values`. */
export type PageValues = Readonly<Record<string, Readonly<Record<string, PageHeld>>>>;
export type PageHeld = Readonly<Record<string, unknown>>;

export interface PageReaction {
  readonly name: string;
  readonly users: readonly string[];
}

export interface PageMessage {
  readonly channel: string;
  readonly ts: string;
  /** Root of the thread; `null` for a message that is not in one. A root carries its own ts once answered. */
  readonly threadTs: string | null;
  readonly user: string | null;
  readonly botId: string | null;
  readonly subtype: string | null;
  /** As stored: mrkdwn with Slack's escapes and `<@U…>` tokens. */
  readonly text: string;
  /** Block Kit, as the app sent it (or rich_text for people's messages). */
  readonly blocks: readonly unknown[];
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly reactions: readonly PageReaction[];
  readonly files: readonly PageFile[];
  /** Set for a message that only this person sees. */
  readonly ephemeralFor: string | null;
  /** Number of edits so far: lets the page show that a message is moving. */
  readonly revision: number;
}

/** Its bytes are at `/playground/file/ID`. */
export interface PageFile {
  readonly id: string;
  readonly name: string;
  readonly mimetype: string;
  /** Bytes. */
  readonly size: number;
  /** It can be drawn as a picture. */
  readonly picture: boolean;
  /** What a picture shows, in words; '' where nobody said. */
  readonly alt: string;
}

/** A file that a person sends. */
export interface PageUpload {
  readonly name: string;
  readonly mimetype: string;
  readonly base64: string;
}

/** One call that the bot made to the stand-in's Web API. Tokens are never in here. */
export interface PageCall {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly ok: boolean;
  readonly error: string | null;
  readonly tookMs: number;
  /** Rate tier as it stood after this call; `null` for methods without one. */
  readonly tier: { readonly used: number; readonly limit: number; readonly windowMs: number } | null;
}

/** One request to the model, from the first byte to the last. Sent again as it grows. */
export interface PageModelCall {
  readonly id: number;
  readonly at: number;
  readonly model: string;
  readonly system: string;
  readonly turns: readonly { readonly role: string; readonly text: string }[];
  /** Names of the tools that were offered. */
  readonly tools: readonly string[];
  readonly maxTokens: number;
  readonly outputText: string;
  readonly usage: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
  } | null;
  readonly stopReason: string | null;
  readonly status: number;
  readonly tookMs: number | null;
}

/** A row of the bot's job table, as the inspector shows it. */
export interface PageJob {
  readonly id: string;
  readonly conversation: string;
  readonly state: string;
  readonly model: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: string | null;
  readonly createdAt: number;
}

/** A server of tools on this machine, which the app can be connected to. */
export interface PageToolServer {
  readonly name: string;
  readonly url: string;
  /** Each person links an account of their own there. */
  readonly accounts: boolean;
}

/** A call that such a server carried out: what was really done. */
export interface PageToolCall {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly server: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Who was signed in there. */
  readonly account: string;
}

/** A workspace that the page can switch to. */
export interface PageTeam {
  readonly id: string;
  readonly name: string;
  /** Whether the app is in it. */
  readonly installed: boolean;
  /** The app's own page by which it is installed. */
  readonly installUrl: string;
}

export interface PageStatus {
  readonly teams: readonly PageTeam[];
  /** 'scripted': a stand-in answers and says so; 'anthropic': Claude answers. */
  readonly answers: 'scripted' | 'anthropic';
  readonly bot: 'starting' | 'ready' | 'stopped';
  /** Milliseconds the bot has been up; `null` when it is not. */
  readonly botSince: number | null;
  /** Total spent since the playground's data began, as a decimal string in USD; `null` until known. */
  readonly costUsd: string | null;
  readonly toolServers: readonly PageToolServer[];
  /** Output tokens per second of the scripted model. */
  readonly speed: number;
  /** Faults that are switched on. */
  readonly faults: readonly PageFault[];
}

export type PageFault = 'slack_429' | 'slack_down' | 'model_overloaded' | 'model_cut' | 'database_away';

export interface PageSnapshot {
  readonly team: { readonly id: string; readonly name: string; readonly domain: string };
  readonly features: PageFeatures;
  readonly bot: { readonly user: string; readonly handle: string };
  readonly users: readonly PageUser[];
  readonly channels: readonly PageChannel[];
  readonly messages: readonly PageMessage[];
  /** Open ones only. */
  readonly views: readonly PageView[];
  readonly calls: readonly PageCall[];
  readonly modelCalls: readonly PageModelCall[];
  readonly toolCalls: readonly PageToolCall[];
  readonly jobs: readonly PageJob[];
  readonly status: PageStatus;
}

export type PageEvent =
  | { readonly type: 'snapshot'; readonly snapshot: PageSnapshot }
  | { readonly type: 'message'; readonly message: PageMessage }
  | { readonly type: 'channel'; readonly channel: PageChannel }
  | { readonly type: 'view'; readonly view: PageView }
  | { readonly type: 'call'; readonly call: PageCall }
  | { readonly type: 'model_call'; readonly call: PageModelCall }
  | { readonly type: 'tool_call'; readonly call: PageToolCall }
  | { readonly type: 'jobs'; readonly jobs: readonly PageJob[] }
  | { readonly type: 'status'; readonly status: PageStatus }
  /** The bot said something only to the person who acts: a line that fades. */
  | { readonly type: 'toast'; readonly user: string; readonly text: string };

export type PageAction =
  | {
      readonly type: 'say';
      readonly user: string;
      readonly channel: string;
      readonly threadTs: string | null;
      readonly text: string;
      readonly files?: readonly PageUpload[];
    }
  | {
      readonly type: 'edit';
      readonly user: string;
      readonly channel: string;
      readonly ts: string;
      readonly text: string;
    }
  | { readonly type: 'delete'; readonly user: string; readonly channel: string; readonly ts: string }
  | {
      readonly type: 'click';
      readonly user: string;
      readonly channel: string;
      readonly ts: string;
      readonly blockId: string;
      readonly actionId: string;
      readonly value: string;
      /** What a select or checkboxes hold after the change. */
      readonly held?: PageHeld;
    }
  | {
      readonly type: 'click_view';
      readonly user: string;
      readonly viewId: string;
      readonly blockId: string;
      readonly actionId: string;
      readonly value: string;
      readonly held?: PageHeld;
      readonly values: PageValues;
    }
  | {
      readonly type: 'submit_view';
      readonly user: string;
      readonly viewId: string;
      readonly values: PageValues;
    }
  | { readonly type: 'close_view'; readonly user: string; readonly viewId: string }
  /** Something was typed into an external select. */
  | {
      readonly type: 'suggest';
      readonly user: string;
      readonly place: { readonly viewId: string } | { readonly channel: string; readonly ts: string };
      readonly blockId: string;
      readonly actionId: string;
      readonly value: string;
    }
  | { readonly type: 'open_home'; readonly user: string; readonly tab: 'home' | 'messages' }
  | {
      readonly type: 'shortcut';
      readonly user: string;
      readonly callbackId: string;
      /** The message of a message shortcut. */
      readonly on: { readonly channel: string; readonly ts: string } | null;
    }
  | {
      readonly type: 'react';
      readonly user: string;
      readonly channel: string;
      readonly ts: string;
      readonly name: string;
    }
  | { readonly type: 'open_dm'; readonly user: string; readonly with: string }
  | { readonly type: 'fault'; readonly fault: PageFault; readonly on: boolean }
  | { readonly type: 'speed'; readonly tokensPerSecond: number }
  /** Ends the bot's process with SIGKILL; it is started again as a supervisor would. */
  | { readonly type: 'kill_bot' };

export type PageActionResult =
  | {
      readonly ok: true;
      readonly channel?: string;
      readonly ts?: string;
      /** What is said at the fields of a form that was not taken, by block id; at '' for the whole of it. */
      readonly errors?: Readonly<Record<string, string>>;
      /** Options of an external select, in Slack's words. */
      readonly options?: readonly unknown[];
    }
  | { readonly ok: false; readonly error: string };
