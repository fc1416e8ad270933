import { many } from './numbers.ts';

/** Answers to commands that change, delete or send something. Arguments are Markdown: code or escaped already. */

/** Whom or what a sentence is about, where it has no name of its own. */
export const commandPlace = {
  workspace: 'the workspace',
  thisChannel: 'this channel',
  you: 'you',
  someone: 'someone',
  directMessages: 'direct messages',
  privateChannel: 'a private channel',
  /** Before an answer to a command that was typed in a direct message of other people. */
  foreign: 'This direct message is not one with me, so this is about our direct messages.',
} as const;

/** After `ask` in a direct message of other people, where we can't write. */
export const ASKED_IN_OURS =
  'I cannot write in this direct message, so I answer your question in our direct messages.';

/** The button under the settings that are shown to a mention. */
export const OPEN_FORM_BUTTON = 'Open the form';

/** `set`, `reset`, and `budget` with an amount. `before`, `value`: null where nothing is set. */
export const changeAnswer = {
  unchanged: (key: string, whom: string, value: string | null, effect: string) =>
    value === null
      ? `${key} is not set for ${whom}.${effect}`
      : `${key} for ${whom} is ${value} already.${effect}`,
  changed: (key: string, whom: string, before: string | null, value: string | null, effect: string) => {
    const was = before === null ? '' : ` (it was ${before})`;
    const now = value === null ? 'is not set any more' : `is now ${value}`;
    return `${key} for ${whom} ${now}${was}.${effect}`;
  },
  noModel: (id: string, hint: string) => `Claude has no model ${id} now. ${hint}`,
  /** After a retention was set. */
  erases: 'What is older is erased within the hour and cannot be brought back. The messages stay in Slack.',
  modelRetires: (name: string, day: string) => `${name} will be retired on ${day}.`,
} as const;

type ValueScope = 'person' | 'channel' | 'workspace' | 'deployment';

const WHOSE_VALUE: Readonly<Record<ValueScope, string>> = {
  person: 'your own settings',
  channel: 'the channel',
  workspace: 'the workspace',
  deployment: 'the deployment',
};

/** Behind a change that does not decide what holds here; each begins with the blank before it. */
export const changeEffect = {
  fallsBack: (scope: ValueScope) => ` What holds here is the value of ${WHOSE_VALUE[scope]}.`,
  inDirectMessages: ' It holds in direct messages with me; in channels their own settings do.',
  tighterStays: (scope: ValueScope) => ` The tighter limit of ${WHOSE_VALUE[scope]} stays in force.`,
  otherHolds: (scope: ValueScope) => ` Here the value of ${WHOSE_VALUE[scope]} holds.`,
} as const;

/** `export`: the file, and what is said of it. */
export const exportAnswer = {
  fileTitle: 'Conversations with Skein',
  sent: (conversations: number, complete: boolean) =>
    `I sent you ${many(conversations, 'conversation')}${complete ? '' : ' (the latest; there is more than one file takes)'} as a file in our direct messages.`,
} as const;

type ForgetPlace = 'everywhere' | 'here' | 'thread';

const FORGET_PLACE: Readonly<Record<ForgetPlace, string>> = {
  everywhere: 'everywhere',
  here: 'here',
  thread: 'in this thread',
};

const forgettable = (messages: number, answers: number) =>
  `${many(messages, 'message')} of yours and ${many(answers, 'answer')} to them`;

/** `forget`: the question, its buttons, and what became of it. */
export const forgetAnswer = {
  nothing: (place: ForgetPlace) => `There is nothing of yours to forget ${FORGET_PLACE[place]}.`,
  question: (messages: number, answers: number, place: ForgetPlace) =>
    [
      `**Forget ${forgettable(messages, answers)} ${FORGET_PLACE[place]}?**`,
      '',
      'I delete their words from my database, and Claude is not given them again. This cannot be undone. The messages stay in Slack until you delete them there; what was spent stays in the accounts, without words.',
    ].join('\n'),
  forgetButton: 'Forget',
  keepButton: 'Keep everything',
  kept: 'Everything is kept.',
  /** `at`: a time in UTC. `stopped`: answers that were still being written. */
  done: (messages: number, answers: number, place: ForgetPlace, at: string, stopped: number) => {
    const open =
      stopped === 0
        ? ''
        : ` I stopped ${many(stopped, 'answer')} still being written; use forget again in a moment for the rest.`;
    return `Forgotten: ${forgettable(messages, answers)} ${FORGET_PLACE[place]}, ${at} UTC.${open}`;
  },
} as const;
