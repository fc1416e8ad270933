/**
 * What Slack may tell us, as one tagged union. `parseIncoming` (`slack/parse/parse.ts`) turns any payload
 * into it and never throws: whatever we do not act on is the case `ignored`, with a reason.
 *
 * Ids are Slack's and opaque; a `ts` is text and never a number. All text is hostile.
 */

/** Who we are in the workspace of this delivery, so that our own messages can be told apart. */
export interface SlackSelf {
  readonly botUserId: string;
  readonly botId: string;
  /** `null` until known; then own messages are still found by `botId` and `botUserId`. */
  readonly appId: string | null;
}

/** A credential that must not reach a log: printing it or turning it into JSON shows `[hidden]`. */
export interface Hidden {
  reveal(): string;
}

export type ChannelKind = 'channel' | 'group' | 'im' | 'mpim' | 'unknown';

/** Where a delivery comes from. */
export interface Origin {
  /** Workspace that saw it: part of every key. On an org-wide install without one, the org's id. */
  readonly team: string;
  /** Enterprise org, where Slack names one. */
  readonly enterprise: string | null;
  /** Same for every redelivery of one delivery; `null` for interactions. Not a key for a message. */
  readonly eventId: string | null;
}

/** What an event says about a file. Names and types are claims of the sender; trust bytes only. */
export interface FileMeta {
  readonly id: string;
  readonly name: string | null;
  readonly title: string | null;
  readonly mimetype: string | null;
  readonly filetype: string | null;
  /** Bytes, as claimed. */
  readonly size: number | null;
  /** `hosted`, `snippet`, `external`, `tombstone`, `hidden_by_limit`, `file_access`, …: Slack's word. */
  readonly mode: string | null;
  /** `check_file_info` means that only `files.info` tells the rest (Slack Connect). */
  readonly access: string | null;
  /** Download address; needs the bot token, which may be sent to Slack's hosts only. */
  readonly url: string | null;
}

/** Something a person wrote. It may or may not be a question: admission decides. */
export interface IncomingMessage extends Origin {
  readonly kind: 'message';
  readonly channel: string;
  readonly channelKind: ChannelKind;
  /** Key of the message together with team and channel: the same for both event kinds of one mention. */
  readonly ts: string;
  /** Root of the thread it is in; `null` for a message at the top level, also when Slack repeats `ts` here. */
  readonly threadTs: string | null;
  readonly user: string;
  /** The author's own workspace, where Slack says so; it may differ from `team`. */
  readonly userTeam: string | null;
  /** Raw mrkdwn with Slack's escapes; NUL characters removed (Postgres refuses them). */
  readonly text: string;
  readonly blocks: readonly unknown[];
  /** Legacy attachments; pasted tables arrive in their blocks. */
  readonly attachments: readonly unknown[];
  readonly files: readonly FileMeta[];
  readonly clientMsgId: string | null;
  /** The bot is mentioned in the text or the blocks, or it came as `app_mention`. */
  readonly mentionsBot: boolean;
  /** A question that we posted for somebody, from a command or a form: never a command, a stop or a remark. */
  readonly asked?: boolean;
  /** It came as `app_mention` (its twin comes as `message`). */
  readonly viaMention: boolean;
  /** It was edited before it reached us. */
  readonly edited: boolean;
  /** The channel is shared with another organisation (Slack Connect). */
  readonly external: boolean;
  /** `null`, `file_share`, `thread_broadcast` or `me_message`. */
  readonly subtype: string | null;
}

/** A person's message has a new look: an edit, or only an unfurled link (`textChanged` false). */
export interface IncomingChange extends Origin {
  readonly kind: 'message_changed';
  readonly channel: string;
  readonly channelKind: ChannelKind;
  /** The message that changed, not the event. */
  readonly ts: string;
  readonly threadTs: string | null;
  /** Its author. */
  readonly user: string;
  readonly userTeam: string | null;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly attachments: readonly unknown[];
  readonly files: readonly FileMeta[];
  /** `null` if Slack did not say what was there before. */
  readonly previousText: string | null;
  /** Text before and after differ; true when the earlier text is unknown. */
  readonly textChanged: boolean;
  readonly clientMsgId: string | null;
  readonly mentionsBot: boolean;
  /** The text before mentioned the bot; false when unknown. */
  readonly mentionedBotBefore: boolean;
  readonly external: boolean;
}

/** A message is gone, also when it left a tombstone because it had replies. Its author may be anyone. */
export interface IncomingDeletion extends Origin {
  readonly kind: 'message_deleted';
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  /** The one who had written it, where Slack says so. */
  readonly user: string | null;
  /** It was one of our own messages. */
  readonly own: boolean;
}

export interface IncomingReaction extends Origin {
  readonly kind: 'reaction';
  readonly added: boolean;
  /** Short name without colons and without skin tone, e.g. `octagonal_sign`. */
  readonly name: string;
  readonly user: string;
  readonly channel: string;
  /** The message that carries the reaction. */
  readonly ts: string;
  /** Author of that message, where Slack says so. */
  readonly itemUser: string | null;
}

export interface IncomingHomeOpened extends Origin {
  readonly kind: 'home_opened';
  readonly user: string;
  /** The direct-message channel with this person. */
  readonly channel: string | null;
  readonly tab: 'home' | 'messages';
}

export interface IncomingJoin extends Origin {
  readonly kind: 'joined_channel';
  readonly channel: string;
  readonly user: string;
  readonly inviter: string | null;
  /** It was us who joined. */
  readonly self: boolean;
}

/** The person pressed Slack's own stop. */
export interface IncomingStop extends Origin {
  readonly kind: 'stopped';
  readonly channel: string;
  readonly threadTs: string;
  readonly user: string;
  /** The messages that were being streamed; may be empty. */
  readonly messageTs: readonly string[];
}

export interface IncomingUninstall extends Origin {
  readonly kind: 'uninstalled';
}

export interface IncomingTokensRevoked extends Origin {
  readonly kind: 'tokens_revoked';
  /** User ids whose bot tokens are void (never tokens). */
  readonly bots: readonly string[];
  /** User ids whose user tokens are void. */
  readonly users: readonly string[];
}

/** Slack holds back events of this workspace because there are too many. */
export interface IncomingRateLimited extends Origin {
  readonly kind: 'rate_limited';
  /** Start of the affected minute, in seconds since the epoch. */
  readonly minute: number;
}

/** A button or select was used. `value` was visible to clients: check it and the person's rights again. */
export interface IncomingAction extends Origin {
  readonly kind: 'action';
  readonly actionId: string;
  readonly blockId: string | null;
  /** Value of the button, or the selected option, person, channel, conversation or date. */
  readonly value: string | null;
  readonly user: string;
  readonly userTeam: string | null;
  /** `null` for actions in App Home and modals. */
  readonly channel: string | null;
  readonly messageTs: string | null;
  readonly threadTs: string | null;
  /** Good for 3 seconds and one use. */
  readonly triggerId: Hidden | null;
  readonly responseUrl: Hidden | null;
}

/** A shortcut was picked: on a message, or anywhere (then `channel` is null). */
export interface IncomingShortcut extends Origin {
  readonly kind: 'shortcut';
  readonly callbackId: string;
  readonly user: string;
  readonly channel: string | null;
  readonly messageTs: string | null;
  /** Root of the thread that the message is in; null at the top level. */
  readonly threadTs: string | null;
  /** Good for 3 seconds and one use. */
  readonly triggerId: Hidden | null;
}

export interface IncomingCommand extends Origin {
  readonly kind: 'command';
  /** With its slash, e.g. `/skein`. */
  readonly command: string;
  readonly text: string;
  readonly user: string;
  readonly channel: string;
  /** `directmessage` and `privategroup` stand for what has no public name. */
  readonly channelName: string | null;
  readonly triggerId: Hidden | null;
  readonly responseUrl: Hidden | null;
}

export type IgnoredReason =
  | 'own_message' // written by us
  | 'own_edit' // our own message changed: our update, or an unfurl
  | 'own_reaction'
  | 'bot_message' // written, or changed, by another bot or a workflow
  | 'hidden' // Slack marks it as not shown
  | 'system_subtype' // joins, topics, pins, and subtypes we do not know
  | 'uslack' // Slack's own system users
  | 'no_user'
  | 'edited_mention' // an edit delivered as a mention again; its `message_changed` comes by itself
  | 'not_addressed' // in a channel, outside any thread, without a mention
  | 'unsupported' // well formed, but nothing we act on
  | 'malformed'; // not what Slack documents: ids missing or of a wrong type

export interface IncomingIgnored {
  readonly kind: 'ignored';
  readonly reason: IgnoredReason;
  /** Type or subtype that was ignored, at most 60 characters of `a-z0-9_`; for the log. */
  readonly detail: string | null;
}

export type Incoming =
  | IncomingMessage
  | IncomingChange
  | IncomingDeletion
  | IncomingReaction
  | IncomingHomeOpened
  | IncomingJoin
  | IncomingStop
  | IncomingUninstall
  | IncomingTokensRevoked
  | IncomingRateLimited
  | IncomingAction
  | IncomingCommand
  | IncomingShortcut
  | IncomingIgnored;
