/** What a script sees of one request to `POST /v1/messages`. */
export interface ScriptRequest {
  /** 1 for the first call that this stand-in answers. */
  readonly number: number;
  readonly model: string;
  readonly maxTokens: number;
  /** All system text, joined by blank lines. */
  readonly system: string;
  /** The messages as they came, each one's text blocks joined: by line feeds, in answers by nothing. */
  readonly turns: readonly ScriptTurn[];
  /** The parsed body. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ScriptTurn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** Pictures and PDFs, in their order; absent: none. */
  readonly files?: readonly ScriptFile[];
}

export interface ScriptFile {
  readonly kind: 'image' | 'pdf';
  readonly mediaType: string;
  readonly bytes: number;
  /** Title of a document; '' for an image. */
  readonly name: string;
  /** Pixels; 0 for a PDF. */
  readonly width: number;
  readonly height: number;
  readonly pages: number;
}

export interface ScriptedAnswer {
  /**
   * A string is cut into deltas as a model would; a list is sent delta by delta as it is; an async iterable
   * lets a test decide when each delta comes (it is not slowed down, nor searched for stop sequences).
   */
  readonly text: string | readonly string[] | AsyncIterable<string>;
  /** In place of `text`: the blocks of the answer, in order. Each that is no text counts as one token for a fault. */
  readonly parts?: readonly ScriptedPart[];
  /** Default: `end_turn`, `tool_use` behind a call of a client's tool, or `max_tokens` where the limit cut the text. */
  readonly stopReason?: string;
  /** Used up before the text when the model thinks; a short standard thought if absent. */
  readonly thinking?: string;
  /** Milliseconds before the first token of this answer; the stand-in's own value if absent. */
  readonly firstTokenMs?: number;
  /** Speed of this answer; the stand-in's own, live value if absent. */
  readonly tokensPerSecond?: number;
  /** Goes wrong in this way. A fault that was queued with `fault()` wins. */
  readonly fault?: ModelFault;
}

/** A block of an answer, in the API's own shapes (`ContentBlock` of the SDK). */
export type ScriptedPart =
  | { readonly text: string; readonly citations?: readonly object[] }
  /** A call: its input is streamed as pieces of JSON, the first of which is empty, as the API does. */
  | {
      readonly call: {
        readonly type: 'server_tool_use' | 'tool_use';
        readonly id: string;
        readonly name: string;
        readonly input: unknown;
      };
      /** Pieces of the JSON; absent: cut after every few characters. */
      readonly json?: readonly string[];
    }
  /** What came of a call of the provider's own tools: it comes whole with the start of its block. */
  | { readonly result: object; readonly afterMs?: number };

/** Decides the answer from the request. May wait: headers are not sent before it has answered. */
export type Script = (request: ScriptRequest) => ScriptedAnswer | Promise<ScriptedAnswer>;

/** `afterTokens` counts tokens of visible text; a text that is shorter meets the fault at its end. */
export type ModelFault =
  | {
      readonly kind: 'status';
      readonly status: number;
      /** Default: the type that belongs to the status. */
      readonly type?: string;
      readonly message?: string;
      /** `error.details.error_code`, e.g. `enforced_spend_limit_reached`. */
      readonly errorCode?: string;
      /** Seconds or an HTTP date. */
      readonly retryAfter?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** 413 with a web page, as the network edge sends it. */
  | { readonly kind: 'html_413' }
  /** 200 with a web page. */
  | { readonly kind: 'not_json' }
  /** The connection is reset before any header. */
  | { readonly kind: 'reset_at_once' }
  /** Accepts the request and never answers. */
  | { readonly kind: 'hang' }
  | {
      readonly kind: 'error_event';
      readonly afterTokens: number;
      readonly type?: string;
      readonly message?: string;
    }
  | { readonly kind: 'reset'; readonly afterTokens: number }
  | { readonly kind: 'early_close'; readonly afterTokens: number }
  /** Silent for ever; with `pingEveryMs` not silent but useless. */
  | { readonly kind: 'stall'; readonly afterTokens: number; readonly pingEveryMs?: number }
  /** An event whose data is not JSON. */
  | { readonly kind: 'broken_event'; readonly afterTokens: number }
  | { readonly kind: 'refusal'; readonly afterTokens: number }
  | { readonly kind: 'context_full'; readonly afterTokens: number }
  | { readonly kind: 'pause_turn'; readonly afterTokens: number }
  /** Ends at once with `end_turn` and no text. */
  | { readonly kind: 'empty' };

/** Token counts as the provider names them. */
export interface WireUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation: {
    readonly ephemeral_5m_input_tokens: number;
    readonly ephemeral_1h_input_tokens: number;
  };
  readonly output_tokens: number;
  readonly server_tool_use?: { readonly web_search_requests: number; readonly web_fetch_requests: number };
}

export type CallOutcome =
  | 'running'
  /** Ended with a stop reason. */
  | 'complete'
  /** Refused with an HTTP error. */
  | 'refused'
  /** Broken off by a fault. */
  | 'broken'
  /** The client went away (also what ends a `hang` or `stall`), or the stand-in was stopped. */
  | 'left';

/** The journal's record of one `POST /v1/messages`. A later state of the call is a new record. */
export interface ModelCall {
  readonly id: number;
  readonly requestId: string;
  /** Which attempt it was by the SDK's own count, 0 for the first. */
  readonly retryCount: number;
  readonly rawBody: string;
  /** The parsed body; `null` if it is not a JSON object. */
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly streamed: boolean;
  /** Epoch milliseconds: request complete, first answer byte, last answer byte. */
  readonly receivedAt: number;
  readonly firstAt: number | null;
  readonly endedAt: number | null;
  /** HTTP status; `null` before the headers. */
  readonly status: number | null;
  readonly outcome: CallOutcome;
  /** The fault that this call met. */
  readonly fault: ModelFault['kind'] | null;
  readonly stopReason: string | null;
  /** Visible text sent so far. */
  readonly text: string;
  /** Tokens of that text. */
  readonly textTokens: number;
  readonly thinkingTokens: number;
  /** What the provider would bill: all zero for a call that was refused before any output. */
  readonly billed: WireUsage;
}
