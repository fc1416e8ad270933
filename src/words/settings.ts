import { count } from './numbers.ts';

/** The settings: what forms, help and documentation say of each, and what is wrong with a value. */

/** One setting in words. `values` is Markdown: code where something is typed as it stands. */
export interface SettingWords {
  /** Two or three words, for a form. */
  readonly label: string;
  /** One line: what it decides. */
  readonly line: string;
  /** What may be set. */
  readonly values: string;
}

/** A setting with a fixed choice: a label for each value. */
export interface ChoiceWords<Value extends string> extends SettingWords {
  readonly options: Readonly<Record<Value, string>>;
}

function choice<Value extends string>(words: ChoiceWords<Value>): ChoiceWords<Value> {
  return words;
}

export const settingWords = {
  model: {
    label: 'Model',
    line: 'Which Claude model answers.',
    values: 'a model id; `/skein models` lists them',
  },
  maxTokens: {
    label: 'Longest answer (tokens)',
    line: 'The most tokens one answer may have; a longer one is cut and can be continued.',
    values: 'a whole number from 1 to what the model allows',
  },
  contextTokens: (least: number, most: number): SettingWords => ({
    label: 'Memory of a thread (tokens)',
    line: 'The most tokens of a thread that Claude is given; the earlier part of a longer one is summarised.',
    values: `a whole number from ${count(least)} to ${count(most)}`,
  }),
  instructions: (most: number): SettingWords => ({
    label: 'Instructions',
    line: "What Claude is told before every answer. The workspace's, the channel's and your own are joined.",
    values: `text of up to ${count(most)} characters, or \`none\``,
  }),
  effort: choice({
    label: 'Effort',
    line: 'How much the model puts into an answer: more is slower and costs more.',
    values: '`auto`, `low`, `medium`, `high`, `xhigh` or `max`, where the model has them',
    options: {
      auto: 'Automatic',
      low: 'Low',
      medium: 'Medium',
      high: 'High',
      xhigh: 'Very high',
      max: 'Maximum',
    },
  }),
  streaming: choice({
    label: 'How an answer grows',
    line: "By edits of one message, by Slack's own streams, or by whichever has room.",
    values: '`edit`, `native` or `auto`',
    options: { edit: 'Edits of one message', native: "Slack's own streams", auto: 'Whichever has room' },
  }),
  followUps: choice({
    label: 'Follow-ups',
    line: 'Whether a message in a thread that I answered in needs a mention.',
    values: '`mention`, `one_on_one` or `always`',
    options: {
      mention: 'Only when I am mentioned',
      one_on_one: 'Also without, while one person writes',
      always: 'Always',
    },
  }),
  footer: choice({
    label: 'Line under an answer',
    line: 'Model, tokens, cost and seconds under each answer.',
    values: '`on` or `off`',
    options: { on: 'On', off: 'Off' },
  }),
  filesOut: choice({
    label: 'Answers as files',
    line: 'Whether long code, long tables and what somebody asks for as a file also come as one.',
    values: '`auto` or `off`',
    options: { auto: 'Where it is long or asked for', off: 'Never' },
  }),
  pingAfter: {
    label: 'Ping after',
    line: 'After how long an answer comes with a short ping to the one who asked.',
    values: 'a time such as `60`, `90 s` or `2 min`, or `off`',
  },
  budget: (period: 'month' | 'day'): SettingWords => ({
    label: `Budget for a ${period}`,
    line: `The most that may be spent in a ${period} (UTC) by the person, in the channel or in the workspace.`,
    values: 'an amount such as `$50` or `12.50 USD`, or `none`',
  }),
  budgetAlerts: choice({
    label: 'Alerts about budgets',
    line: 'Whether you, as an admin, get a direct message when a budget of the workspace or a channel runs short.',
    values: '`on` or `off`; for admins',
    options: { on: 'On', off: 'Off' },
  }),
  access: choice({
    label: 'Who may ask',
    line: 'Members of the workspace, its guests too, or also people of other companies (Slack Connect).',
    values: '`members`, `members_and_guests` or `everyone`; a channel can only narrow it',
    options: {
      members: 'Members',
      members_and_guests: 'Members and guests',
      everyone: 'Everyone, also of other companies',
    },
  }),
  bots: (most: number): SettingWords => ({
    label: 'Bots that may ask',
    line: "Which other bots and apps I answer. A channel's list stands in the place of the workspace's; only admins change it.",
    values: `up to ${most} mentions such as \`@deploys\` or ids such as \`U012ABCDEF\` or \`A012ABCDEF\`, or \`none\``,
  }),
  retention: {
    label: 'Keep texts for',
    line: 'How long I keep the words of questions and answers. Older ones are erased from my database within the hour, for good.',
    values:
      '`forever`, or days such as `30`, `12 weeks` or `1 year`; a channel or a person can only shorten it',
  },
  web: choice({
    label: 'The web',
    line: 'Whether Claude may search the web and read pages, such as those behind links in a question. Searches cost extra; only admins change it.',
    values: '`on` or `off`',
    options: { on: 'On', off: 'Off' },
  }),
  webDomains: (most: number): SettingWords => ({
    label: 'Where on the web',
    line: 'The only hosts that Claude may search and read, or those that it may not.',
    values: `\`only docs.python.org, example.com\`, \`not example.com\` or \`any\`; up to ${most} hosts`,
  }),
  webSearches: (most: number): SettingWords => ({
    label: 'Searches of one answer',
    line: 'The most searches of the web for one answer. What they can cost is set aside from budgets.',
    values: `a whole number from 1 to ${most}`,
  }),
  tools: (most: number): SettingWords => ({
    label: 'Connected servers',
    line: 'Which connected servers of tools Claude may use; `/skein tools` lists and connects them. Only admins change it.',
    values: `up to ${most} names such as \`tickets, wiki\`, or \`none\``,
  }),
  channelChanges: choice({
    label: 'Who may change a channel',
    line: "Whether a channel's members may change its settings, or admins only.",
    values: '`members` or `admins`',
    options: { members: 'Its members', admins: 'Admins only' },
  }),
} as const;

/** What is wrong with a value: whole sentences in plain text that can stand at a field of a form. */
export const settingProblem = {
  model: 'Use a model id such as claude-sonnet-4-6.',
  wholeNumber: (from: number, to: number) => `Use a whole number from ${count(from)} to ${count(to)}.`,
  oneOf: (allowed: readonly string[]) => `Use ${either(allowed)}.`,
  onOrOff: 'Use on or off.',
  tooLong: (most: number, are: number) => `Use at most ${count(most)} characters; these are ${count(are)}.`,
  seconds: 'Use a time of up to a day such as 60, 90 s or 2 min, or off.',
  days: (most: number) => `Use days from 1 to ${count(most)} such as 30, 12 weeks or 1 year, or forever.`,
  usd: 'Use an amount of US dollars such as $50 or 12.50, or none.',
  bots: 'Use mentions of bots, or their ids such as U012ABCDEF or A012ABCDEF, or none.',
  domains: 'Use only or not, then hosts such as docs.python.org, or any.',
  servers: 'Use names of connected servers such as tickets, separated by commas, or none.',
  tooManyServers: (most: number) => `Use at most ${most} servers.`,
  noSuchServers: (unknown: readonly string[], known: readonly string[]) =>
    `There is no connected server called ${unknown.join(', ')}. ${
      known.length === 0
        ? 'None is connected yet: /skein tools connects one.'
        : `Connected: ${known.join(', ')}.`
    }`,
  tooManyDomains: (most: number) => `Use at most ${most} hosts.`,
  tooManyBots: (most: number) => `Use at most ${most} bots.`,
  tooManyTokens: (model: string, most: number) => `${model} writes at most ${count(most)} tokens.`,
  noEfforts: (model: string) => `${model} has no effort levels; use auto.`,
  noEffort: (model: string, effort: string, others: readonly string[]) =>
    `${model} has no effort ${effort}; use ${either(others)}.`,
} as const;

/** `a, b or c`. */
function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
