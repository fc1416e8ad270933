import { type Command, parseMention } from '../commands/grammar.ts';
import type { ThreadFacts } from '../conversation/store.ts';
import type { FollowUps } from '../defaults.ts';
import { type Press, parsePress } from '../reply/actions.ts';
import type {
  Incoming,
  IncomingAction,
  IncomingChange,
  IncomingDeletion,
  IncomingMessage,
  IncomingReaction,
  IncomingStop,
} from './incoming.ts';

/** What admission makes of something that Slack told us. Only questions are answered. */
export type Decision =
  | {
      readonly kind: 'question';
      readonly message: IncomingMessage | IncomingChange;
      readonly threadTs: string;
    }
  /** Said in a thread that we are part of, but not to us: kept, so that the next answer knows it. */
  | { readonly kind: 'remark'; readonly message: IncomingMessage; readonly conversation: number }
  /** `@skein settings`: for us, but not for the model. */
  | { readonly kind: 'command'; readonly message: IncomingMessage; readonly command: Command }
  | { readonly kind: 'edit'; readonly change: IncomingChange }
  | {
      readonly kind: 'removal';
      readonly team: string;
      readonly channel: string;
      readonly ts: string;
      readonly eventId: string | null;
    }
  /** A button under a reply. */
  | { readonly kind: 'press'; readonly press: Press; readonly team: string; readonly by: string }
  /** 🛑 on a question or on its answer. */
  | { readonly kind: 'stop_reaction'; readonly at: IncomingReaction }
  /** We were added to a channel. */
  | { readonly kind: 'greet'; readonly team: string; readonly channel: string }
  /** Slack's own stop under a native stream. */
  | { readonly kind: 'stop_streams'; readonly at: IncomingStop; readonly by: string }
  | { readonly kind: 'ignored'; readonly reason: string };

/** Slack's name of 🛑. */
const STOP_SIGN = 'octagonal_sign';

/** True if somebody says `stop` and nothing else, to us or in a thread: it may be about an answer being written. */
export function saysStop(incoming: Incoming): incoming is IncomingMessage {
  if (incoming.kind !== 'message' || incoming.files.length > 0) return false;
  const said = /^\s*(<@[^>\s]+>[\s,:]*)?stop\s*[.!]*\s*$/i.exec(incoming.text);
  if (said === null || (said[1] !== undefined && !incoming.mentionsBot)) return false;
  return incoming.mentionsBot || incoming.channelKind === 'im' || incoming.threadTs !== null;
}

/** True if `decide` needs to know the thread: a message that does not mention us, inside a thread. */
export function needsThread(incoming: Incoming): incoming is IncomingMessage {
  return (
    incoming.kind === 'message' &&
    incoming.channelKind !== 'im' &&
    !incoming.mentionsBot &&
    incoming.threadTs !== null
  );
}

/** True if it may become a question, so that the settings of its place are needed. */
export function mayBeQuestion(incoming: Incoming): incoming is IncomingMessage | IncomingChange {
  if (incoming.kind === 'message_changed') return incoming.mentionsBot && !incoming.mentionedBotBefore;
  return (
    incoming.kind === 'message' &&
    (incoming.channelKind === 'im' || incoming.mentionsBot || incoming.threadTs !== null)
  );
}

/** The pure half of admission: may this be answered, and as what? `thread` is null where it is not needed. */
export function decide(incoming: Incoming, thread: ThreadFacts | null, followUps: FollowUps): Decision {
  switch (incoming.kind) {
    case 'message':
      return decideMessage(incoming, thread, followUps);
    case 'message_changed':
      if (!incoming.textChanged) return ignored('unchanged_text');
      // An edit that adds the first mention asks us for the first time. If we were asked before, the mark
      // of the message makes this an edit after all (`receive.ts`).
      if (incoming.mentionsBot && !incoming.mentionedBotBefore)
        return { kind: 'question', message: incoming, threadTs: incoming.threadTs ?? incoming.ts };
      return { kind: 'edit', change: incoming };
    case 'message_deleted':
      return incoming.own ? ignored('own_message') : removal(incoming);
    case 'action':
      return decideAction(incoming);
    case 'reaction':
      return incoming.added && incoming.name === STOP_SIGN
        ? { kind: 'stop_reaction', at: incoming }
        : ignored('no_stop_sign');
    case 'joined_channel':
      return incoming.self
        ? { kind: 'greet', team: incoming.team, channel: incoming.channel }
        : ignored('somebody_joined');
    case 'stopped':
      return { kind: 'stop_streams', at: incoming, by: incoming.user };
    case 'ignored':
      return ignored(incoming.reason);
    default:
      return ignored(`nothing_to_do_for_${incoming.kind}`);
  }
}

function decideMessage(message: IncomingMessage, thread: ThreadFacts | null, followUps: FollowUps): Decision {
  const threadTs = message.threadTs ?? message.ts;
  const command = message.mentionsBot && message.files.length === 0 ? parseMention(message.text, null) : null;
  if (command !== null) return { kind: 'command', message, command };
  if (message.channelKind === 'im' || message.mentionsBot) return { kind: 'question', message, threadTs };
  if (message.threadTs === null) return ignored('not_addressed');
  if (thread === null || thread.conversation === null || !thread.answered) return ignored('not_our_thread');
  const alone = thread.speakers.every((speaker) => speaker === message.user);
  if (followUps === 'always' || (followUps === 'one_on_one' && alone))
    return { kind: 'question', message, threadTs };
  return { kind: 'remark', message, conversation: thread.conversation };
}

function decideAction({ actionId, value, team, user: by }: IncomingAction): Decision {
  const press = parsePress(actionId, value);
  return typeof press === 'string' ? ignored(press) : { kind: 'press', press, team, by };
}

const removal = ({ team, channel, ts, eventId }: IncomingDeletion): Decision => ({
  kind: 'removal',
  team,
  channel,
  ts,
  eventId,
});

const ignored = (reason: string): Decision => ({ kind: 'ignored', reason });
