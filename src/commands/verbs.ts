/** One command of `/skein`: help, grammar, documentation and tests are made from it. */
export interface Verb {
  readonly name: VerbName;
  /** What may follow it. */
  readonly usage: string;
  /** One line for people. */
  readonly line: string;
  readonly examples: readonly string[];
  /** Also as `@skein verb` in threads and direct messages, where there are no slash commands. */
  readonly byMention: boolean;
  /** May be shown to everybody by `--public`. */
  readonly public: boolean;
}

export type VerbName =
  | 'help'
  | 'settings'
  | 'show'
  | 'set'
  | 'reset'
  | 'models'
  | 'usage'
  | 'budget'
  | 'context'
  | 'export'
  | 'forget'
  | 'ask';

const shown = { byMention: false, public: true } as const;
const kept = { byMention: false, public: false } as const;

export const VERBS: readonly Verb[] = [
  {
    ...shown,
    name: 'help',
    usage: '[command or setting]',
    line: 'What I can do, or more about one command or setting.',
    examples: ['/skein help', '/skein help budget', '/skein help effort'],
    byMention: true,
  },
  {
    ...kept,
    name: 'settings',
    usage: '[me | channel | workspace]',
    line: 'Opens a form with the settings.',
    examples: ['/skein settings', '/skein settings workspace'],
    byMention: true,
  },
  {
    ...shown,
    name: 'show',
    usage: '[me | channel | workspace]',
    line: 'What is set, where each value comes from, who set it and when.',
    // Not by mention, where "show me" is said to Claude; `settings` tells the same there.
    examples: ['/skein show', '/skein show workspace --public'],
  },
  {
    ...shown,
    name: 'set',
    usage: 'SETTING VALUE [me | channel | workspace]',
    line: 'Changes a setting: in a channel for that channel, in a direct message for you, unless you say where.',
    examples: [
      '/skein set model claude-opus-5-5 channel',
      '/skein set instructions "Answer in French." me',
      '/skein set ping_after 2 min',
    ],
  },
  {
    ...shown,
    name: 'reset',
    usage: 'SETTING [me | channel | workspace]',
    line: 'Takes a setting away, so that the next wider scope decides.',
    examples: ['/skein reset model', '/skein reset access workspace'],
  },
  {
    ...shown,
    name: 'models',
    usage: '',
    line: 'The models that can be chosen, with prices and days of retirement.',
    examples: ['/skein models'],
  },
  {
    ...shown,
    name: 'usage',
    usage: '[me | channel | workspace] [today | week | month]',
    line: 'Answers, tokens and cost, as a table and as bars.',
    examples: ['/skein usage', '/skein usage channel week', '/skein usage workspace month --public'],
    byMention: true,
  },
  {
    ...shown,
    name: 'budget',
    usage: '[AMOUNT | none] [day | month] [me | channel | workspace]',
    line: 'What may be spent and what is left; with an amount it sets the budget.',
    examples: ['/skein budget', '/skein budget $50 month workspace', '/skein budget none day me'],
  },
  {
    ...shown,
    name: 'context',
    usage: '',
    line: 'What Claude is given of the latest conversation here: messages, people, tokens.',
    examples: ['/skein context'],
    byMention: true,
  },
  {
    ...kept,
    name: 'export',
    usage: '',
    line: 'Sends you the conversations of this place as a file.',
    examples: ['/skein export'],
  },
  {
    ...kept,
    name: 'forget',
    usage: '[here | everything]',
    line: 'Deletes what you wrote to me and my answers from my memory, after asking back.',
    examples: ['/skein forget', '/skein forget everything'],
    byMention: true,
  },
  {
    ...kept,
    name: 'ask',
    usage: 'QUESTION',
    line: 'Posts your question in this channel and answers in its thread.',
    examples: ['/skein ask What does our release checklist miss?'],
  },
];

export function verbOf(name: string): Verb | null {
  return VERBS.find((verb) => verb.name === name) ?? null;
}
