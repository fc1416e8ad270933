import { type Command, parseMention } from '../commands/grammar.ts';
import type { ThreadFacts } from '../conversation/store.ts';
import type { FollowUps } from '../defaults.ts';
import type { IncomingChange, IncomingDeletion, IncomingMessage, WritingApp } from '../incoming.ts';

/** What admission is asked about: words that were written, changed or deleted. */
export type Said = IncomingMessage | IncomingChange | IncomingDeletion;

/** What admission makes of it. Only questions are answered. */
type Decision =
  | {
      readonly kind: 'question';
      readonly message: IncomingMessage | IncomingChange;
      readonly threadTs: string;
      /** Who asks: a listed app under the id by which it is listed. */
      readonly speaker: string;
    }
  /** Said in a thread that we are part of, but not to us: kept, so that the next answer knows it. */
  | { readonly kind: 'remark'; readonly message: IncomingMessage; readonly conversation: number }
  /** `@skein settings`: for us, but not for the model. */
  | { readonly kind: 'command'; readonly message: IncomingMessage; readonly command: Command }
  | { readonly kind: 'edit'; readonly change: IncomingChange }
  /** The words are as they were; what hangs on them (a link preview, a forwarded message) has come or gone. */
  | { readonly kind: 'preview'; readonly change: IncomingChange }
  | { readonly kind: 'removal'; readonly gone: IncomingDeletion }
  | { readonly kind: 'ignored'; readonly reason: IgnoredSaid };

type IgnoredSaid =
  | 'not_addressed' // in a channel, outside any thread, without a mention
  | 'not_our_thread' // in a thread that we have not answered in, without a mention
  | 'bot_message'; // written by an app that may not ask here

/** What must be known beside the words. */
export interface Facts {
  /** Null where `needsThread` says that it is not needed. */
  readonly thread: ThreadFacts | null;
  readonly followUps: FollowUps;
  /** Setting `bots`: ids of the apps that may ask here. */
  readonly bots: readonly string[];
  /** Our own bot user; null while it is not known. */
  readonly botUser: string | null;
}

/**
 * True if a person says `stop` and nothing else, to us or in a thread: it may be about an answer being written. A question
 * that we posted for somebody never is.
 */
export function saysStop(message: IncomingMessage): boolean {
  if (message.asked || message.app !== null || message.files.length > 0) return false;
  // Trimmed first: blanks at both ends of one pattern would make it quadratic.
  const said = /^(<@[^>\s]+>[\s,:]*)?stop\s*[.!]*$/i.exec(message.text.trim());
  if (said === null || (said[1] !== undefined && !message.mentionsBot)) return false;
  return message.mentionsBot || message.channelKind === 'im' || message.threadTs !== null;
}

/** True if `decide` needs to know the thread: a message inside one that is not for us by itself. */
export function needsThread(said: Said): said is IncomingMessage {
  return (
    said.kind === 'message' &&
    said.channelKind !== 'im' &&
    said.threadTs !== null &&
    (!said.mentionsBot || said.app !== null)
  );
}

/** True if it may become a question, so that the settings of its place are needed. */
export function mayBeQuestion(said: Said): said is IncomingMessage | IncomingChange {
  if (said.kind === 'message_changed') return said.mentionsBot && !said.mentionedBotBefore;
  return said.kind === 'message' && (said.channelKind === 'im' || said.mentionsBot || said.threadTs !== null);
}

/** The pure half of admission: may this be answered, and as what? */
export function decide(said: Said, facts: Facts): Decision {
  switch (said.kind) {
    case 'message':
      return said.app === null ? decideMessage(said, facts) : decideApp(said, said.app, facts);
    case 'message_changed':
      if (!said.textChanged) return { kind: 'preview', change: said };
      // An edit that adds the first mention asks us for the first time. If we were asked before, the mark
      // of the message makes this an edit after all (`receive.ts`).
      if (said.mentionsBot && !said.mentionedBotBefore && mayAsk(said.app, facts))
        return question(said, facts);
      return { kind: 'edit', change: said };
    case 'message_deleted':
      return { kind: 'removal', gone: said };
  }
}

function decideMessage(message: IncomingMessage, facts: Facts): Decision {
  if (message.asked) return question(message, facts);
  const command = commandIn(message, facts.botUser);
  if (command !== null) return { kind: 'command', message, command };
  if (message.channelKind === 'im' || message.mentionsBot) return question(message, facts);
  return withoutMention(message, facts);
}

/** A command is said to us alone: a message with files, or one that begins with somebody else's name, is none. */
function commandIn(message: IncomingMessage, botUser: string | null): Command | null {
  const toUs = message.mentionsBot && message.files.length === 0 && !message.toSomebodyElse;
  return toUs ? parseMention(message.text, botUser) : null;
}

/**
 * What an app wrote. One that is listed asks as a person does. One that may be a person's (posted with a person's token)
 * asks where a person would be heard; whose it really is, Slack tells before anything is shown (`reply/permit.ts`).
 * Anything else that an app says in our threads is a remark.
 */
function decideApp(message: IncomingMessage, app: WritingApp, facts: Facts): Decision {
  const addressed = message.channelKind === 'im' || message.mentionsBot;
  if (addressed && mayAsk(app, facts)) return question(message, facts);
  const known = !app.certain && (facts.thread?.known ?? false);
  const decision = withoutMention(message, facts);
  if (decision.kind === 'question' && !known && listedAs(app, facts) === null)
    return remarkIn(message, facts);
  return decision.kind === 'ignored' ? ignored('bot_message') : decision;
}

function mayAsk(app: WritingApp | null, facts: Facts): boolean {
  return app === null || !app.certain || listedAs(app, facts) !== null;
}

/** The id by which an app is listed in the setting `bots`; null: it is not. */
function listedAs(app: WritingApp | null, { bots }: Facts): string | null {
  return app?.ids.find((one) => bots.includes(one)) ?? null;
}

function withoutMention(message: IncomingMessage, facts: Facts): Decision {
  const { thread, followUps } = facts;
  if (message.threadTs === null) return ignored('not_addressed');
  if (thread === null || thread.conversation === null || !thread.answered) return ignored('not_our_thread');
  const followsUp = followUps === 'always' || (followUps === 'one_on_one' && thread.alone);
  return followsUp && !message.toSomebodyElse ? question(message, facts) : remarkIn(message, facts);
}

function remarkIn(message: IncomingMessage, { thread }: Facts): Decision {
  const conversation = thread?.conversation ?? null;
  return conversation === null ? ignored('not_our_thread') : { kind: 'remark', message, conversation };
}

function question(message: IncomingMessage | IncomingChange, facts: Facts): Decision {
  const speaker = listedAs(message.app, facts) ?? message.user;
  return { kind: 'question', message, threadTs: message.threadTs ?? message.ts, speaker };
}

const ignored = (reason: IgnoredSaid): Decision => ({ kind: 'ignored', reason });
