/**
 * What the stand-in remembers of a workspace. Every record is replaced as a whole, never changed in place,
 * so that a record handed out is a snapshot.
 */
import type { Json } from './json.ts';

export interface Person {
  readonly id: string;
  readonly handle: string;
  readonly displayName: string;
  readonly isBot: boolean;
  readonly isAdmin: boolean;
  readonly isGuest: boolean;
  /** The workspace of another company (Slack Connect); `null` for people of the app's own workspace. */
  readonly team: string | null;
  /** Called a stranger by users.info even where the app shares a channel with this person. */
  readonly isStranger: boolean;
  readonly isDeactivated: boolean;
  readonly timeZone: string;
}

export type ChannelKind = 'public' | 'private' | 'im' | 'mpim';

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly topic: string;
  readonly members: readonly string[];
  readonly archived: boolean;
  /** Shared with other companies (Slack Connect): who hosts it, and all workspaces in it; `null` if it is not. */
  readonly shared: { readonly host: string; readonly teams: readonly string[] } | null;
}

/** Another app in the workspace. */
export interface OtherApp {
  readonly id: string;
  readonly botId: string;
  readonly name: string;
}

export type StreamingState = 'in_progress' | 'completed' | 'errored';

/** A message that is being written with chat.startStream. */
export interface Streaming {
  readonly state: StreamingState;
  /** Wall-clock milliseconds. */
  readonly startedAt: number;
  readonly touchedAt: number;
  /** Pressed by a person: further appends are refused. */
  readonly stoppedByPerson: boolean;
}

export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  readonly user: string | null;
  readonly botId: string | null;
  /** The app that wrote it; `null` for people's own words and for messages of the app under test. */
  readonly app: OtherApp | null;
  readonly subtype: string | null;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly attachments: readonly unknown[];
  readonly metadata: Json | null;
  readonly edited: { readonly user: string; readonly ts: string } | null;
  readonly deleted: boolean;
  readonly reactions: readonly { readonly name: string; readonly users: readonly string[] }[];
  /** Ids of files. */
  readonly files: readonly string[];
  readonly ephemeralFor: string | null;
  readonly clientMsgId: string | null;
  readonly streaming: Streaming | null;
  /** Number of edits so far. */
  readonly revision: number;
}

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  /** Bytes. */
  readonly size: number;
  readonly user: string;
  /** Whole seconds since the epoch. */
  readonly created: number;
  /** `null` until the bytes have arrived. */
  readonly base64: string | null;
  readonly deleted: boolean;
  /** What it shows, in words; '' where nobody said. */
  readonly alt: string;
  /** A smaller picture of it; `null`: Slack made none. */
  readonly thumb: string | null;
  /** Said into a microphone: what Slack understood, and for how long somebody spoke. */
  readonly clip: { readonly transcript: string | null; readonly milliseconds: number } | null;
}

export interface View {
  readonly id: string;
  readonly kind: 'modal' | 'home';
  readonly user: string;
  readonly content: Json;
  readonly hash: string;
  readonly rootId: string;
  readonly previousId: string | null;
  readonly open: boolean;
}

/** An event that Slack still owes to the app: it outlives a restart of the stand-in. */
export interface OwedEvent {
  readonly id: string;
  readonly payload: Json;
  /** Deliveries tried so far. */
  readonly attempts: number;
}

/** One change of the workspace; `value: null` removes the record. */
export type Change =
  | { readonly table: 'person'; readonly key: string; readonly value: Person | null }
  | { readonly table: 'channel'; readonly key: string; readonly value: Channel | null }
  | { readonly table: 'message'; readonly key: string; readonly value: Message | null }
  | { readonly table: 'file'; readonly key: string; readonly value: StoredFile | null }
  | { readonly table: 'view'; readonly key: string; readonly value: View | null }
  | { readonly table: 'owed'; readonly key: string; readonly value: OwedEvent | null };
