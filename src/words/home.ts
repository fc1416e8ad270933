import { day, month } from './dates.ts';
import { percent, plusUnpriced } from './numbers.ts';

/** The Home tab, in mrkdwn where it is not a header or a button. */

/** The whole tab where it can't be drawn. */
export const AWAY = {
  header: 'Skein',
  line: 'I could not read your settings and usage just now. Please open this tab again in a moment.',
} as const;

/** On top, for who pressed a button and got no form. */
export const TOO_LATE = '*That took longer than Slack waits.* Please press the button again.';

/** The same, where Slack did not open it for another reason. */
export const NOT_OPENED = '*Slack did not open the form.* Please press the button again in a moment.';

export const WHAT_I_CAN_DO = 'What I can do';

/** The lines below it. `bot`: user id. */
export function whatICanDo(bot: string): string {
  return [
    `• *In a channel*: mention <@${bot}> and ask. I answer in the thread, in one message that grows.`,
    '• *In a direct message*: write in the Messages tab. Each message at the top begins a conversation.',
    '• *In a thread*: I remember all of it. *Stop* ends an answer and keeps what is there.',
    '• *Anywhere*: `/skein help` lists what can be set, seen and exported.',
  ].join('\n');
}

export const FIRST_STEPS = 'First steps';

/** The steps of a new workspace. */
export const STEPS = {
  ask: 'Ask me something, here in the Messages tab',
  invite: (bot: string) => `Invite <@${bot}> to a channel and mention me there`,
  budget: 'Set a budget for a month, so that no bill surprises anybody',
  instructions: 'Tell me how to answer: instructions for the workspace',
} as const;

/** One step; the first has number 1. */
export function stepLine(number: number, text: string, done: boolean): string {
  return done ? `${number}. ~${text}~ (done)` : `${number}. ${text}`;
}

export const MY_SETTINGS = 'My settings';
export const MY_SETTINGS_LINE = 'They hold in direct messages with me; some hold wherever you ask.';
export const CHANGE_MINE = 'Change my settings';

/** Whose value holds, in brackets behind it. */
export const WHOSE_VALUE = {
  deployment: 'usual',
  workspace: 'from the workspace',
  channel: 'from the channel',
  person: 'your own',
} as const;

/** `today`: ISO. */
export function myUsage(today: string): string {
  return `My usage in ${month(today)}`;
}

/**
 * What was spent this month, in written amounts; `budget` null: none of one's own. `unpriced`: how many of the answers
 * cost nobody knows what; `prompt`: tokens that Claude was given, of which `cached` were read from the cache.
 */
export function spentThisMonth(
  cost: string,
  budget: string | null,
  answers: number,
  unpriced: number,
  { prompt, cached }: { readonly prompt: number; readonly cached: number },
): string {
  const of = budget === null ? '' : ` of your budget of ${budget}`;
  const share = cached === 0 ? '' : ` ${percent(cached, prompt)} of what Claude read came from its cache.`;
  const priced = `*${cost}*${of} for ${answerCount(answers - unpriced)}`;
  return `${priced}${unpriced === 0 ? '' : `, ${plusUnpriced(unpriced)}`}.${share}`;
}

/** In front of what this month's money went to. */
export const COST_BY = {
  person: 'By person',
  channel: 'By channel',
  model: 'By model',
  tool: 'By tool',
} as const;

/** In the place of a channel's name. */
export const DIRECT_MESSAGE = 'a direct message';

/** The dearest of one kind, in written amounts; names are mrkdwn. */
export function costBy(
  kind: keyof typeof COST_BY,
  parts: readonly { readonly name: string; readonly cost: string }[],
): string {
  return `${COST_BY[kind]}: ${parts.map(({ name, cost }) => `${name} *${cost}*`).join(', ')}`;
}

/** What a week cost, before its bar. */
export function weekSpent(cost: string, answers: number): string {
  return `${cost} · ${answerCount(answers)}`;
}

function answerCount(answers: number): string {
  return `${answers} ${answers === 1 ? 'answer' : 'answers'}`;
}

/** Slack draws charts and sortable tables in messages only. */
export const SHOW_USAGE = { person: 'Show as charts', workspace: 'Show usage as charts' } as const;
/** On top, after they were asked for. */
export const USAGE_SENT = 'The charts are in the *Messages* tab.';
export const USAGE_NOT_SENT = '*Slack did not take the charts.* Please press the button again in a moment.';

export const MY_CONVERSATIONS = 'My recent conversations';
export const NO_CONVERSATIONS = 'None in the last 30 days.';
/** Instead of a question that is not known. */
export const A_CONVERSATION = 'A conversation';

/** `linked`: the question, linked if there is an address; `channel`: Slack's id, null in a direct message. */
export function conversationLine(linked: string, channel: string | null, at: Date): string {
  return `• ${linked} (${channel === null ? 'direct message' : `<#${channel}>`}, ${day(at.toISOString())})`;
}

export const WORKSPACE = 'Workspace';
export const ONLY_ADMINS = 'Only admins see this.';
export const CHANGE_WORKSPACE = 'Change workspace settings';

/** Written amounts; a budget of null: there is none. */
interface SpentOf {
  readonly spent: string;
  readonly budget: string | null;
}

/** What the workspace spent. */
export function workspaceSpent(today: SpentOf, month: SpentOf): string {
  const limit = ({ budget }: SpentOf) => (budget === null ? 'no budget' : `of ${budget}`);
  return (
    `Spent today: *${today.spent}* (${limit(today)}). ` +
    `This month: *${month.spent}* (${limit(month)}). Days and months are UTC.`
  );
}
