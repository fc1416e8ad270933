/** Lines beside the answers, most of them for one person. Slack's mrkdwn. */

/** To whoever said `stop` where no answer is being written. */
export const NOTHING_TO_STOP = 'There is nothing to stop here.';

/** Behind the name of the person whose long answer has ended; null: Slack gives no address for the answer. */
export function answerReadyPing(permalink: string | null): string {
  return permalink === null ? 'Your answer is ready.' : `<${permalink}|Your answer> is ready.`;
}

/** Before a question that was asked by a command and is posted for everybody. */
export function askedByCommand(user: string, quoted: string): string {
  return `<@${user}> asks:\n>${quoted}`;
}

/** In a posted question, for a person whose name is not known. */
export const UNNAMED_IN_QUESTION = 'someone';

/**
 * To whoever asked by a command or a form, when the question could not be posted in that channel. `shown` is the post: a
 * line that says who asks, and the question as a quote.
 */
export function questionLost(why: 'not_there' | 'failed', channel: string, shown: string): string {
  const line =
    why === 'not_there'
      ? `I could not ask your question in <#${channel}>: I am not in that channel, or may not write there.`
      : `I tried several times and could not ask your question in <#${channel}>. Please look whether it is there, then ask again.`;
  return withWords(line, shown.slice(shown.indexOf('\n') + 1));
}

/** A line for somebody whose question was not asked, with the question as a quote, so that nobody has to type it again. */
export function withWords(line: string, quoted: string): string {
  return `${line} These were your words:\n${quoted}`;
}

/** Whose budget a message is about. */
export const budgetOf = {
  deployment: 'The budget that the operator gave this workspace',
  workspace: 'The budget of this workspace',
  channel: (channel: string) => `The budget of <#${channel}>`,
  person: (person: string) => `The budget of <@${person}>`,
  you: 'Your own budget',
} as const;

/** To those who look after a budget, at the steps of which they are told. Amounts are written out. */
export function budgetAlert(facts: {
  readonly of: string;
  readonly period: 'day' | 'month';
  readonly used: boolean;
  /** Spent, of the whole. */
  readonly percent: number;
  readonly spent: string;
  readonly most: string;
  /** Only the operator can change it, by a variable. */
  readonly byOperator: boolean;
}): string {
  const { of, period, used, percent, spent, most, byOperator } = facts;
  const state = used
    ? `is used up: ${spent} of ${most} were spent, and what is left is not enough for an answer.`
    : `has been used to ${percent} %: ${spent} of ${most} were spent.`;
  const change = byOperator
    ? `It is set by \`DEFAULT_BUDGET_${period.toUpperCase()}\`.`
    : 'You can change it with `/skein budget`.';
  const anew = period === 'day' ? 'at midnight (UTC)' : 'on the first of next month (UTC)';
  return `${of} for this ${period} ${state} It starts anew ${anew}. ${change}`;
}
