import type { ClientTool } from './offered.ts';

/** A tool of a server that a workspace connected, as it was when an admin last looked at the list. */
export interface ConnectedTool extends ClientTool {
  /** The name that the workspace gave the server. */
  readonly server: string;
  /** The name by which the server knows the tool; `name` is the one by which the model does. */
  readonly tool: string;
  /** For people. */
  readonly title: string;
  /** It changes nothing, as the server says (`readOnlyHint` of the protocol) and an admin accepted. */
  readonly reads: boolean;
  /** A second call with the same arguments changes nothing more (`idempotentHint`). */
  readonly repeatable: boolean;
  /** In whose name it speaks: nobody's, the workspace's, or the asker's own. */
  readonly account: ToolAccount;
}

export type ToolAccount = 'none' | 'workspace' | 'person';

/** One part of what a tool gave, made small and harmless: never more than `MOST_RESULT_BYTES` in all. */
export type ResultPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly media: 'image/png' | 'image/jpeg'; readonly data: string };

/** How a call of a tool ended. */
export type CallOutcome =
  /** The server answered; `failed`: it says that the tool could not do it. `cut`: something was left out. */
  | {
      readonly kind: 'done';
      readonly parts: readonly ResultPart[];
      readonly failed: boolean;
      readonly cut: boolean;
    }
  /** The server certainly did not do it; `reason` is for the model and the log, in plain words. */
  | { readonly kind: 'not_done'; readonly why: NotDone; readonly reason: string }
  /** The request left, and no answer came: nobody knows whether it happened. */
  | { readonly kind: 'unknown'; readonly reason: string };

type NotDone =
  /** The person has to link an account first. */
  | 'unlinked'
  /** The server, the tool or the right to it is not there any more. */
  | 'not_allowed'
  | 'unreachable'
  | 'refused';

/** What the model may call here beyond the provider's own tools. */
export interface Connected {
  /**
   * The tools that are offered at a place, in a stable order: the same for everybody there, so that a thread stays cached. Who
   * may use one is judged at its call.
   */
  offered(at: {
    readonly team: string;
    readonly servers: readonly string[];
  }): Promise<readonly ConnectedTool[]>;
  /** Whether this person may use it now, and by what account; asked before anything is run or put to a decision. */
  judge(tool: ConnectedTool, by: Caller): Promise<'may' | 'unlinked' | 'not_allowed'>;
  /** Calls it, once. Never throws; ends when `signal` aborts. `input` is whatever the model wrote. */
  call(tool: ConnectedTool, input: unknown, by: Caller, signal: AbortSignal): Promise<CallOutcome>;
}

export interface Caller {
  /** The installation. */
  readonly team: string;
  readonly channel: string;
  /** Slack user id of the asker. */
  readonly person: string;
}

/** Most bytes of what one call gives, in UTF-8 or base64: about 16,000 tokens of text. */
export const MOST_RESULT_BYTES = 64_000;
