export type FollowUps = 'mention' | 'one_on_one' | 'always';
/** How text reaches Slack: by edits of a message, by Slack's own streams, or by whichever has room. */
export type Streaming = 'edit' | 'native' | 'auto';
/** Whether parts of answers come as files too. */
export type FilesOut = 'auto' | 'off';
/** How much the model puts into an answer, lowest first; `auto`: our choice for a chat. */
export const EFFORT_CHOICES = ['auto', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type EffortChoice = (typeof EFFORT_CHOICES)[number];
/** Who may ask, narrowest first: people of the workspace, its guests too, people of other companies too. */
export const ACCESS = ['members', 'members_and_guests', 'everyone'] as const;
export type Access = (typeof ACCESS)[number];
/** Longest wait before a ping, in seconds: a day. */
export const MOST_PING_SECONDS = 86_400;
/** Longest retention that is not for ever, in days: ten years. */
export const MOST_RETENTION_DAYS = 3650;
/** Room for a question and its summary, and what the largest models hold. */
export const LEAST_CONTEXT_TOKENS = 5000;
export const MOST_CONTEXT_TOKENS = 1_000_000;

/** Most searches that one answer may be allowed. */
export const MOST_WEB_SEARCHES = 20;

/** The deployment's values of the settings: the widest scope. */
export interface Defaults {
  readonly model: string;
  readonly maxTokens: number;
  /** Most tokens of history that the model is given. */
  readonly contextTokens: number;
  readonly instructions: string;
  readonly followUps: FollowUps;
  readonly footer: boolean;
  readonly filesOut: FilesOut;
  readonly streaming: Streaming;
  readonly effort: EffortChoice;
  /** Seconds; null: never. */
  readonly pingAfter: number | null;
  /** Nano-dollars that any one workspace may spend in a month or day (UTC); null: no limit. */
  readonly budgetMonth: bigint | null;
  readonly budgetDay: bigint | null;
  /** Null: the operator says nothing, so `members` until a workspace decides. Set: no workspace can widen it. */
  readonly access: Access | null;
  /** Days for which words are kept at every place; null: for ever. */
  readonly retention: number | null;
  /** Whether Claude may search the web and read its pages. */
  readonly web: boolean;
  /** Hosts that it may reach, as `domains.ts` reads them. */
  readonly webDomains: { readonly rule: 'only' | 'not'; readonly hosts: readonly string[] };
  /** Most searches of one answer. */
  readonly webSearches: number;
}
