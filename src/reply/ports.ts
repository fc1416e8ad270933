import type { FileBlock, Turn, TurnBlock } from '../conversation/blocks.ts';
import type { Usage } from '../ledger/usage.ts';
import type { Chart } from '../render/chart.ts';
import type { Tools } from '../tools/offered.ts';

/**
 * What an answer needs from the outside: a model that streams and a surface to write on. `model/` and
 * `slack/` provide them; nothing here knows either vendor.
 */

export type { FileBlock, Turn, TurnBlock, Usage };

/** How much the model puts into an answer, lowest first. */
export type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export interface ModelRequest {
  readonly model: string;
  /** Most output tokens of the answer; what a model must think besides comes on top. */
  readonly maxTokens: number;
  /** Stable instructions, without clock or ids (they would defeat the provider's prompt cache). */
  readonly system: string;
  readonly turns: readonly Turn[];
  /** Bytes of the files in the turns, in base64, by hash; of one that is missing here only the name is told. */
  readonly media?: ReadonlyMap<string, string>;
  /** Opaque, stable id of the asker: a keyed hash, never a name. */
  readonly user: string;
  /** The workspace whose own key pays, if it has one; absent: the deployment's. */
  readonly account?: string;
  /** Absent: the model's own choice for chat (setting `effort: auto`). */
  readonly effort?: Effort;
  /** What of it the provider should keep in its prompt cache; absent: all of it for minutes. */
  readonly keep?: Keep;
  /** What the model may call; absent: nothing, and what earlier turns called is left out. */
  readonly tools?: Tools;
  /** False: the tools are there, so that what they gave can be read, and none may be called. Absent: they may. */
  readonly mayCall?: boolean;
  /** The provider paused in the middle of the answer, which is the last turn: it goes on from there. */
  readonly paused?: boolean;
}

/** What is known of the next call that begins with the same turns, for the provider's prompt cache. */
export interface Keep {
  /**
   * When it is to be expected: within five minutes, within the hour, or so late (or never) that keeping costs more.
   * `stable`: within five minutes, but what was sent before should outlast an hour.
   */
  readonly next: 'minutes' | 'stable' | 'hour' | 'never';
  /** How many of the turns the prompt of the call before consisted of; 0: there was none, or it is not known. */
  readonly sentBefore: number;
  /** How many of the turns an earlier call had kept for an hour; 0: none. */
  readonly keptBefore: number;
}

/** Why the model ended, in our words; an unknown value of the provider is kept in `other`. */
export type StopReason =
  | 'end'
  | 'max_tokens'
  | 'stop_sequence'
  | 'refusal'
  | 'context_full'
  | 'tool_use'
  | 'paused'
  | 'other';

/**
 * What went wrong with a model call. The first two happen before any answer exists, the middle four are
 * the ways in which a running stream can break, `aborted` is our own doing.
 */
export type FailureKind =
  | 'rejected' // the provider refused the request: it will refuse it again
  | 'unavailable' // connection, 429, 5xx or overload before the first byte of the answer
  | 'error_event' // the stream carried an `error` event
  | 'connection_lost' // the socket was reset in mid-stream
  | 'ended_early' // the stream closed cleanly before it said that it was done
  | 'stalled' // nothing came for longer than the idle limit
  | 'malformed' // 200 with something that is not a stream of messages
  | 'aborted'; // our own signal

/** A failed model call as a value. `code` is from the error catalogue (`src/errors.ts`). */
export interface ModelFailure {
  readonly kind: FailureKind;
  readonly code: string;
  /** True if the same request may succeed later. */
  readonly retryable: boolean;
  /** Waiting time that the provider asked for, in milliseconds. */
  readonly retryAfterMs: number | null;
  /** HTTP status, where there was one. */
  readonly status: number | null;
  /** The provider's error type, e.g. `overloaded_error`. For the log. */
  readonly type: string | null;
  readonly requestId: string | null;
  /** True if not one byte of the request can have reached the provider; absent: it may have. */
  readonly unsent?: true;
  /** For the log, never for a person. */
  readonly message: string;
}

export type ModelEvent =
  | { readonly type: 'started'; readonly requestId: string | null; readonly usage: Usage }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  /** A stretch of text begins. Only where the request has tools, as `block`. */
  | { readonly type: 'text_start' }
  /** A block is complete, texts too, exactly as it has to be sent back. */
  | { readonly type: 'block'; readonly block: TurnBlock }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'stop'; readonly reason: StopReason; readonly raw: string | null }
  | { readonly type: 'failure'; readonly failure: ModelFailure };

export interface Model {
  /**
   * Streams one answer. Never throws: the last event is always `stop` or `failure`, and exactly one of
   * them comes. After `signal` aborts, the last event is a failure of kind `aborted` within a second. A request
   * leaves only while `allowed`, which is asked when its bytes are about to be written; else it is a retryable failure.
   */
  stream(request: ModelRequest, signal: AbortSignal, allowed?: () => boolean): AsyncIterable<ModelEvent>;
  /**
   * Bounds of what one call may use, in tokens. Without `exact` known at once, and far too high for the input; with it
   * the provider is asked to count; `counted` says that it did. Never throws: what it can't be asked is as without.
   * `windowTokens`: what the model holds, prompt and answer together; null: not known.
   */
  mostTokens(
    request: ModelRequest,
    how: { readonly exact: boolean },
  ): Promise<{
    readonly inputTokens: number;
    /** Of those, what is sent; absent: all. The rest is what searches and pages may add. */
    readonly promptTokens?: number;
    readonly outputTokens: number;
    readonly windowTokens: number | null;
    readonly counted?: boolean;
    /** Searches of the web that it may make; absent: none. */
    readonly webSearches?: number;
  }>;
}

/** Where a reply lives. All ids are Slack's, opaque text. */
export interface Place {
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string;
}

/** Written into a posted message, so that it can be recognised after an unclear outcome. */
export interface SegmentMark {
  readonly reply: string;
  readonly segment: number;
}

/** A button under a segment. Its `value` is visible to clients and is not trusted when it comes back. */
export interface Button {
  readonly action: string;
  readonly label: string;
  readonly value: string;
  readonly style?: 'danger' | 'primary';
  /** Spoken by screen readers in place of the label. */
  readonly accessibilityLabel?: string;
  readonly confirm?: Bin['confirm'];
}

/** A pair of buttons by which people say what an answer was worth to them. */
export interface Rating {
  readonly kind: 'rating';
  readonly action: string;
  readonly good: { readonly label: string; readonly value: string; readonly accessibilityLabel: string };
  readonly bad: { readonly label: string; readonly value: string; readonly accessibilityLabel: string };
}

/** Deletes the answer, after a question. Shown to one person only. */
export interface Bin {
  readonly kind: 'bin';
  readonly action: string;
  readonly label: string;
  readonly value: string;
  /** Slack user id of the one who sees it. */
  readonly onlyFor: string;
  readonly confirm: {
    readonly title: string;
    readonly text: string;
    readonly yes: string;
    readonly no: string;
  };
}

/** What can be pressed under a segment. All values are visible to clients. */
export type Control = (Button & { readonly kind?: never }) | Rating | Bin;

/**
 * Forms of what Slack refuses, each for the one before: its words without Markdown (`plain`), the same without any blocks
 * or buttons (`text`), and at last only that it can't be shown (`told`).
 */
export const POORER = ['plain', 'text', 'told'] as const;
export type Poorer = (typeof POORER)[number];

/** The whole look of one segment at one moment. */
export interface SegmentContent {
  /** Safe Markdown (already rendered, within limits); '' when there is only a notice. */
  readonly markdown: string;
  /** One line of the bot about itself, shown apart from the answer: placeholder, stopped, failed, footer. */
  readonly notice: string | null;
  readonly buttons: readonly Control[];
  /** After it was refused: in which simpler form it is sent. */
  readonly as?: Poorer;
  /** It does not grow any more: what Slack has a form of its own for may take it. */
  readonly over?: boolean;
  /** The charts of the whole reply; the Markdown has a table for each. */
  readonly charts?: readonly Chart[];
}

/**
 * The app is not installed in this workspace, or its token is dead: nothing of it is sent. Whoever wanted it is
 * kept waiting (`Later`) rather than told that something is gone.
 */
export interface Unauthorised {
  readonly kind: 'unauthorised';
  readonly code: 'SLACK_AUTH_FAILED';
  readonly message: string;
}

/** What came of a write on the surface, as a value. */
export type WriteOutcome =
  | { readonly kind: 'done'; readonly ts: string }
  /** Slack asks for a pause of this method in this workspace. Nothing was written. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  /** Certainly not written; the same call may succeed later. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  /** Timeout, 5xx or a cut connection: it may or may not have been written. */
  | { readonly kind: 'unclear'; readonly code: string; readonly message: string }
  /**
   * The content was refused (too long, invalid blocks): a simpler form may be accepted. `formed`: it had forms beyond
   * Markdown, which the same content will not have when it is written again. `tables`: Slack takes one in a message.
   */
  | {
      readonly kind: 'content_refused';
      readonly code: string;
      readonly message: string;
      readonly formed?: true;
      readonly tables?: true;
    }
  /** The message is a native stream that nobody has stopped: it must be stopped first. */
  | { readonly kind: 'streaming'; readonly code: string; readonly message: string }
  /** The place is gone (deleted, archived, removed): nothing can be written there. */
  | { readonly kind: 'gone'; readonly code: string; readonly message: string }
  | Unauthorised;

export interface Surface {
  /**
   * Posts a new segment in the thread. Never throws, never repeats by itself. Sends nothing once `allowed`
   * says no: that is `failed`.
   */
  post(
    place: Place,
    content: SegmentContent,
    mark: SegmentMark,
    allowed: () => boolean,
  ): Promise<WriteOutcome>;
  /** Replaces the content of a segment, under the same rules. */
  update(place: Place, ts: string, content: SegmentContent, allowed: () => boolean): Promise<WriteOutcome>;
  /** Deletes a segment, under the same rules; `gone`: it was not there. */
  remove(place: Place, ts: string, allowed: () => boolean): Promise<WriteOutcome>;
  /**
   * Reads what is later than `after` in the thread for a message carrying `mark`: its ts, `null` if there is
   * certainly none, and 'unknown' if Slack can't be read now.
   */
  find(place: Place, after: string, mark: SegmentMark): Promise<string | null | 'unknown'>;
}

/** The person whom a native stream is for; `team` is the person's own workspace. */
export interface Recipient {
  readonly user: string;
  readonly team: string;
}

/** What came of a call about a native stream. */
export type StreamOutcome =
  /** `controls`: it shows the buttons that it was begun with, also after its stop, until it is edited. */
  | { readonly kind: 'done'; readonly ts: string; readonly controls?: boolean }
  /** As in `WriteOutcome`. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'unclear'; readonly code: string; readonly message: string }
  | Unauthorised
  /** The stream is not one any more: too old, or ended by Slack. What it holds stays. */
  | { readonly kind: 'over'; readonly message: string }
  /** A person pressed Slack's own stop. */
  | { readonly kind: 'stopped'; readonly message: string }
  /** Not to be done this way. `everywhere`: nor anywhere else in this workspace. */
  | { readonly kind: 'refused'; readonly everywhere: boolean; readonly message: string };

/** Messages that grow by being appended to: Slack's own streams. Never throws, never repeats by itself. */
export interface Streams {
  /** Begins a message with this Markdown (at most 12,000 characters), and with the buttons where Slack takes them. */
  start(
    place: Place,
    recipient: Recipient,
    begin: Pick<SegmentContent, 'markdown' | 'buttons'>,
    allowed: () => boolean,
  ): Promise<StreamOutcome>;
  append(place: Place, ts: string, markdown: string, allowed: () => boolean): Promise<StreamOutcome>;
  /**
   * Makes it an ordinary message: `markdown` ('' for none) is added, then notice and buttons below it, and the mark
   * by which it is found from now on.
   */
  stop(
    place: Place,
    ts: string,
    end: Pick<SegmentContent, 'markdown' | 'notice' | 'buttons'>,
    mark: SegmentMark,
    allowed: () => boolean,
  ): Promise<StreamOutcome>;
  /**
   * A message of ours in the thread, later than `after`, that has no mark and is not among `known`: a stream that
   * was begun and never stopped (only a stop can give it a mark). Its ts, null if there is certainly none.
   */
  findOrphan(place: Place, after: string, known: ReadonlySet<string>): Promise<string | null | 'unknown'>;
  /** Shows what the app does beside the thread. Only a nicety: false if Slack would not. */
  status(place: Place, words: string, allowed: () => boolean): Promise<boolean>;
}

/** A message as Slack sent it, kept as JSON text until it is read. */
export interface RawMessage {
  readonly speaker: string | null;
  readonly raw: string;
}

/** What was said in a thread before we were part of it. */
export interface EarlierMessage extends RawMessage {
  readonly slackTs: string;
  readonly role: 'user' | 'assistant';
}

/** A message as words. */
interface Read {
  /** Readable Markdown. */
  readonly text: string;
  readonly speakerName: string | null;
  /** False: a name in it could not be found out now. It is good for one answer, and read again for the next. */
  readonly complete: boolean;
}

/** Turns what Slack sent into words. */
export interface Reader {
  /**
   * The words of each message of a channel, with names from Slack. Names of private channels are told in that channel
   * only. Never throws.
   */
  read(place: Pick<Place, 'team' | 'channel'>, messages: readonly RawMessage[]): Promise<readonly Read[]>;
  /**
   * One message as Slack has it now, as JSON text like a stored one; null if it is not there or Slack will not show it.
   * Never throws.
   */
  again(
    place: Place,
    ts: string,
    patience: { readonly mostMs: number; readonly signal?: AbortSignal },
  ): Promise<string | null>;
  /** The display name of a person, or a neutral word. Never throws. */
  name(team: string, user: string): Promise<string>;
  /**
   * Everything said in the thread before `before`, oldest first; null if Slack will not show it. A Slack that asks for a
   * pause is waited for, `mostMs` in all.
   */
  earlier(
    place: Place,
    before: string,
    patience: { readonly mostMs: number; readonly signal?: AbortSignal },
  ): Promise<readonly EarlierMessage[] | null>;
}

/** What the links in a question lead to. */
export interface Links {
  /**
   * The Slack messages and threads that a text links to, as framed quotes for the model; `text` '' where there are none,
   * and for all that `asker` may not see or that would not belong at `place`. `direct`: it is a direct message. Never
   * throws.
   */
  behind(
    text: string,
    at: {
      readonly place: Place;
      readonly direct: boolean;
      readonly asker: string;
      readonly signal: AbortSignal;
    },
  ): Promise<Pick<Read, 'text' | 'complete'>>;
}

/** Lines to one person beside replies. Never throws; false: it was not shown. */
export interface Aside {
  /** Shown to this person only: in the thread, or in the channel where `threadTs` is null. Plain mrkdwn of ours. */
  whisper(
    place: { readonly team: string; readonly channel: string; readonly threadTs: string | null },
    user: string,
    text: string,
  ): Promise<boolean>;
  /** Gives a conversation of the app's messages its title. A nicety: false if Slack would not. */
  title(place: Place, title: string): Promise<boolean>;
  /** A short message in the thread that mentions the person and links to the message `ts`. */
  ping(place: Place, user: string, ts: string): Promise<boolean>;
}
