import { count, many, percent, plusUnpriced } from './numbers.ts';

/** Answers to commands that show figures. Arguments are Markdown: code, escaped, or amounts as they are read. */

/** `show`: `table` is one of the heads with its rows. */
export const showAnswer = {
  nothingSet: (whom: string) => `Nothing is set for ${whom}. \`/skein show\` tells what holds here.`,
  set: (whom: string, table: string) => `**Set for ${whom}**\n\n${table}`,
  setHead: ['Setting', 'Value', 'Set by'],
  holds: (direct: boolean, table: string) =>
    `**What holds ${direct ? 'in our direct messages' : 'in this channel, for you'}**\n\n${table}`,
  holdsHead: ['Setting', 'Value', 'From', 'Set by'],
  setByDeployment: 'whoever runs me',
} as const;

/** `models`. */
export const modelsAnswer = {
  title: '**Models** (prices in USD for a million tokens, in / out)',
  head: ['Model', 'Price', 'Longest answer', 'Note'],
  inUse: 'in use here',
  retires: (day: string) => `retires ${day}`,
  willRetire: 'will be retired',
  noPrice: 'not known',
  choose: 'Choose one with `/skein set model ID`.',
} as const;

/** `budget` without an amount. */
export const budgetAnswer = {
  none: (own: string) =>
    `No budget holds here. ${own}\n\nSet one with \`/skein budget $50 month workspace\`.`,
  holds: (table: string, own: string) => `**Budgets that hold here**\n\n${table}\n\n${own}`,
  own: (today: string, month: string) => `You spent ${today} today and ${month} this month.`,
  head: ['Budget of', 'For a', 'Amount', 'Spent', 'Share', 'Starts anew'],
  whose: {
    deployment: 'the workspace (set by whoever runs me)',
    workspace: 'the workspace',
    channel: 'this channel',
    person: 'you',
  },
  period: { day: 'day', month: 'month' },
  resets: { day: 'midnight UTC', month: 'the first of next month, UTC' },
  usedUp: 'used up',
  notUsedUp: 'not used up',
} as const;

/** `usage`. */
export const usageAnswer = {
  period: { today: 'today', week: 'this week', month: 'this month' },
  title: (period: string, whom: string, since: string) =>
    `**Usage ${period}, ${whom}** (since ${since}, UTC)`,
  nothing: 'Nothing was asked.',
  estimates: '~ contains estimates: calls that were cut before Claude told what they used.',
  /** `cached`: those of `in` that were read from the cache. */
  total: (
    answers: number,
    tokens: { readonly in: number; readonly cached: number; readonly out: number },
    searches: number,
    cost: string,
    unpriced: number,
  ) => {
    const more = unpriced === 0 ? '' : `, ${plusUnpriced(unpriced)}`;
    const share = tokens.cached === 0 ? '' : ` (${percent(tokens.cached, tokens.in)} from the cache)`;
    const looked = searches === 0 ? '' : `, ${many(searches, 'search', 'searches')} of the web`;
    return `${many(answers, 'answer')}, ${count(tokens.in)} tokens in${share}, ${count(tokens.out)} out${looked}, **${cost}**${more}.`;
  },
  chart: {
    byDay: 'Cost by day, in USD',
    by: {
      person: 'Cost by person, in USD',
      channel: 'Cost by channel, in USD',
      model: 'Cost by model, in USD',
      tool: 'Cost by tool, in USD',
    },
    others: 'all others',
  },
  groupHead: { person: 'Person', channel: 'Channel', model: 'Model', tool: 'Tool', day: 'Day' },
  /** What is billed beside tokens. A tool's calls are how often it was used. */
  tools: { web_search: 'Web search' },
  /** In front of the figures; which kind a row is of, and its name. */
  names: ['By', 'Name'],
  head: ['Answers', 'Calls', 'Tokens in', 'From cache', 'Tokens out', 'USD', 'Share'],
  /** The same where somebody searched. */
  searches: 'Searches',
  /** Behind the figures, where one of the rows has something to say. */
  note: 'Note',
  estimated: 'estimate',
  unpriced: plusUnpriced,
  notShown: (rows: number) => `${rows} more are not shown.`,
  /** The same as a CSV file. */
  file: {
    title: 'Usage of Skein',
    head: [
      'Day (UTC)',
      'Person id',
      'Person',
      'Channel id',
      'Channel',
      'Model',
      'Answers',
      'Calls',
      'Tokens in',
      'From cache',
      'Tokens out',
      'Web searches',
      'USD',
      'USD of web searches',
      'Answers without a known price',
      'Estimated',
    ],
    yes: 'yes',
    no: 'no',
    sent: (lines: number, complete: boolean) =>
      `I sent you ${many(lines, 'line')} as a CSV file in our direct messages: one for each day, person, channel and model.${complete ? '' : ' There is more than one file takes: the earliest days are missing.'}`,
  },
} as const;

/** `context`. */
/** What `context` says of tools. */
export const contextTools = {
  web: '- Claude may search the web, and read pages whose addresses are in the thread or were found.',
  /** `atOnce`, `asks`: lists of tools; null: none. */
  offered: (server: string, atOnce: string | null, asks: string | null) =>
    `- Tools of ${server}: ${[
      ...(atOnce === null ? [] : [`${atOnce} at once`]),
      ...(asks === null ? [] : [`${asks} after somebody agreed`]),
    ].join('; ')}.`,
  list: (names: readonly string[], more: number) =>
    `${names.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`,
  grants: '**Used in this thread without asking again**',
  /** `whose`: the name of the person whose questions it is for; null: whoever reads this. */
  grant: (tool: string, server: string, whose: string | null) =>
    `- ${tool} of ${server}, for ${whose === null ? 'your questions' : `questions of ${whose}`}`,
  moreGrants: (more: number) => `- … and ${count(more)} more`,
  askAgain: 'Ask me again',
  askedAgain: (tools: number) =>
    tools === 0
      ? 'There is nothing that you allowed for that thread.'
      : `From now on I ask you again before I use ${tools === 1 ? 'this tool' : 'these tools'} in that thread.`,
} as const;

export const contextAnswer = {
  none: 'There is no conversation with me here yet.',
  title: (thread: boolean) =>
    `**What Claude is given of ${thread ? 'this thread' : 'the latest conversation here'}**`,
  sizes: (messages: number, people: number, answers: number, tokens: number, summary: boolean) =>
    `- ${many(messages, 'message')} of ${many(people, 'person', 'people')} and ${many(answers, 'answer')}, all of them in full, about ${count(tokens)} tokens${summary ? ' with the summary' : ''}.`,
  summarised: (messages: number) =>
    `- ${many(messages, 'earlier message')} as a summary, because the thread has become long.`,
  summaryTitle: '**The summary**',
  leftOut: (messages: number) =>
    `- ${count(messages)} more are kept but left out: Claude declined to answer them.`,
  counted: (tokens: number) =>
    `- The last answer was given ${count(tokens)} tokens, instructions included (counted by Claude).`,
  limit: (tokens: number, bar: string) =>
    `- Beyond ${count(tokens)} tokens the earlier part is summarised (\`context_tokens\`): ${bar}.`,
  window: (model: string, tokens: number, bar: string) => `- ${model} holds ${count(tokens)} tokens: ${bar}.`,
} as const;
