/**
 * What Slack may tell us, as one tagged union. `slack/parse` turns any payload into it and never throws: whatever
 * we do not act on is the case `ignored`, with a reason. `dispatch.ts` says what each case leads to.
 *
 * Ids are Slack's and opaque; a `ts` is text and never a number. All text is hostile.
 */

/** Who we are in one installation, so that our own messages can be told apart. */
export interface SlackSelf {
  /** Id of the installation: of the workspace, or of the organisation that installed the app for all of its workspaces. */
  readonly team: string;
  readonly botUserId: string;
  readonly botId: string;
}

/** A credential that must not reach a log: printing it or turning it into JSON shows `[hidden]`. */
export interface Hidden {
  reveal(): string;
}

export type ChannelKind = 'channel' | 'group' | 'im' | 'mpim' | 'unknown';

/** Where a delivery comes from. */
export interface Origin {
  /**
   * The installation that the delivery is for: part of every key. Never the workspace that hosts a shared channel,
   * and never the workspace of the person.
   */
  readonly team: string;
  /** Same for every redelivery of one delivery; null for interactions. Not a key for a message. */
  readonly eventId: string | null;
}

/** The app that wrote a message, with a token of its own or of a person. */
export interface WritingApp {
  /** Name that the message carries; null: none. */
  readonly name: string | null;
  /** Ids under which the setting `bots` may list it: bot id, app id, bot user id. */
  readonly ids: readonly string[];
  /**
   * True if Slack says that the app speaks for itself (`bot_message`, or a bot profile of this user); false where it may
   * be a person whose token an app used: only `users.info` can tell.
   */
  readonly certain: boolean;
}

/** Something that was written. It may or may not be a question: admission decides. */
export interface IncomingMessage extends Origin {
  readonly kind: 'message';
  readonly channel: string;
  readonly channelKind: ChannelKind;
  /** Key of the message together with team and channel: the same for both event kinds of one mention. */
  readonly ts: string;
  /** Root of the thread it is in; null for a message at the top level, also when Slack repeats `ts` here. */
  readonly threadTs: string | null;
  /** The author: a user id, or the bot id of an app that has no user. */
  readonly user: string;
  /** The author's own workspace, where Slack says so; it may differ from `team`. */
  readonly userTeam: string | null;
  /** Raw mrkdwn with Slack's escapes; NUL characters removed (Postgres refuses them). */
  readonly text: string;
  readonly blocks: readonly unknown[];
  /** Legacy attachments: unfurls, forwarded messages, alerts of other apps; pasted tables arrive in their blocks. */
  readonly attachments: readonly unknown[];
  /** What Slack says about each file, under Slack's keys. Names and types are claims of the sender. */
  readonly files: readonly unknown[];
  /** The bot is mentioned in running words: not only in a quote or in code. */
  readonly mentionsBot: boolean;
  /** It begins with the mention of somebody else. */
  readonly toSomebodyElse: boolean;
  /** Null: a person wrote it in Slack. */
  readonly app: WritingApp | null;
  /** We posted it for its author, from a form or a command: it is a question whatever it says. */
  readonly asked: boolean;
}

/** A person's message has a new look: an edit, or only an unfurled link (`textChanged` false). */
export interface IncomingChange extends Omit<IncomingMessage, 'kind' | 'asked'> {
  readonly kind: 'message_changed';
  /** Words before and after differ; where Slack does not say what was there before, true if it marks the message as edited. */
  readonly textChanged: boolean;
  /** The text before mentioned the bot; false when unknown. */
  readonly mentionedBotBefore: boolean;
}

/** A message is gone, also when it left a tombstone because it had replies. Its author may be anyone, also we. */
export interface IncomingDeletion extends Origin {
  readonly kind: 'message_deleted';
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  /** It was one of our own messages: a question that we posted for somebody, a part of an answer, or neither. */
  readonly own: boolean;
}

export interface IncomingReaction extends Origin {
  readonly kind: 'reaction';
  /** Short name without colons and without skin tone, e.g. `octagonal_sign`. */
  readonly name: string;
  readonly user: string;
  readonly channel: string;
  /** The message that carries the reaction. */
  readonly ts: string;
}

export interface IncomingHomeOpened extends Origin {
  readonly kind: 'home_opened';
  readonly user: string;
  /** The direct-message channel with this person. */
  readonly channel: string | null;
  readonly tab: 'home' | 'messages';
}

/** We were added to a channel. */
export interface IncomingJoin extends Origin {
  readonly kind: 'joined_channel';
  readonly channel: string;
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

/** The installation has ended: the app was uninstalled, or our bot's token is void. */
export interface IncomingGone extends Origin {
  readonly kind: 'installation_gone';
  readonly why: 'app_uninstalled' | 'tokens_revoked';
}

/** What every interaction tells of the person. */
interface Interaction extends Origin {
  readonly user: string;
  /** The person's own workspace, where Slack says so; it may differ from `team`. */
  readonly userTeam: string | null;
  /** Good for 3 seconds and one use. */
  readonly triggerId: Hidden | null;
}

/** A button or select in a message was used. `value` was visible to clients: check it and the person's rights again. */
export interface IncomingAction extends Interaction {
  readonly kind: 'action';
  readonly actionId: string;
  /** Value of the button, or the selected option, person, channel, conversation or date. */
  readonly value: string | null;
  readonly channel: string;
  readonly messageTs: string | null;
  readonly threadTs: string | null;
  readonly responseUrl: Hidden | null;
}

/** A shortcut was picked: on a message, or anywhere (then `channel` is null). */
export interface IncomingShortcut extends Interaction {
  readonly kind: 'shortcut';
  readonly callbackId: string;
  readonly channel: string | null;
  readonly messageTs: string | null;
  /** Root of the thread that the message is in; null at the top level. */
  readonly threadTs: string | null;
}

export interface IncomingCommand extends Interaction {
  readonly kind: 'command';
  /** With its slash, e.g. `/skein`. */
  readonly command: string;
  readonly text: string;
  readonly channel: string;
  /** `directmessage` and `privategroup` stand for what has no public name. */
  readonly channelName: string | null;
  readonly responseUrl: Hidden | null;
}

/** A modal or the Home tab as Slack sent it back. Nothing in it is trusted: it was in somebody's hands. */
export interface SeenView {
  readonly id: string;
  readonly callbackId: string;
  readonly metadata: string;
  /** What the inputs hold, by block id: typed text or the value of an option; null: empty. */
  readonly values: ReadonlyMap<string, string | null>;
}

/** Who does something in one of our views, and which. */
interface InView {
  /** The installation. */
  readonly team: string;
  readonly user: string;
  /** The person's own workspace, where Slack says so; it may differ from `team`. */
  readonly userTeam: string | null;
  readonly view: SeenView;
}

/** What a person does in one of our views. */
export type Gesture = InView &
  (
    | {
        readonly kind: 'pressed';
        readonly actionId: string;
        readonly value: string | null;
        readonly triggerId: string | null;
      }
    | { readonly kind: 'submitted' }
    /** Something was typed into a select whose options we give. */
    | { readonly kind: 'suggested'; readonly actionId: string; readonly typed: string }
  );

export type IgnoredReason =
  | 'own_message' // written by us
  | 'own_edit' // our own message changed: our update, or an unfurl
  | 'own_reaction'
  | 'hidden' // Slack marks it as not shown
  | 'system_subtype' // joins, topics, pins, and subtypes we do not know
  | 'uslack' // Slack's own system users
  | 'no_user'
  | 'edited_mention' // an edit delivered as a mention again; its `message_changed` comes by itself
  | 'somebody_joined'
  | 'reaction_removed'
  | 'person_tokens' // tokens of people were revoked; we have none
  | 'not_installed' // for a workspace that the app is not installed in, as far as we know
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
  | IncomingGone
  | IncomingAction
  | IncomingCommand
  | IncomingShortcut
  | Gesture
  | IncomingIgnored;
