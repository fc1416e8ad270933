import { verbWords } from '../words/verbs.ts';

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

export type VerbName = keyof typeof verbWords;

const shown = { byMention: false, public: true } as const;
const kept = { byMention: false, public: false } as const;

export const VERBS: readonly Verb[] = [
  {
    ...shown,
    name: 'help',
    ...verbWords.help,
    examples: ['/skein help', '/skein help budget', '/skein help effort'],
    byMention: true,
  },
  {
    ...kept,
    name: 'settings',
    ...verbWords.settings,
    examples: ['/skein settings', '/skein settings workspace'],
    byMention: true,
  },
  {
    ...shown,
    name: 'show',
    ...verbWords.show,
    // Not by mention, where "show me" is said to Claude; `settings` tells the same there.
    examples: ['/skein show', '/skein show workspace --public'],
  },
  {
    ...shown,
    name: 'set',
    ...verbWords.set,
    examples: [
      '/skein set model claude-opus-5-5 channel',
      '/skein set instructions "Answer in French." me',
      '/skein set ping_after 2 min',
    ],
  },
  {
    ...shown,
    name: 'reset',
    ...verbWords.reset,
    examples: ['/skein reset model', '/skein reset access workspace'],
  },
  {
    ...shown,
    name: 'models',
    ...verbWords.models,
    examples: ['/skein models'],
  },
  {
    ...shown,
    name: 'usage',
    ...verbWords.usage,
    examples: [
      '/skein usage',
      '/skein usage channel week',
      '/skein usage workspace month --public',
      '/skein usage month csv',
    ],
    byMention: true,
  },
  {
    ...shown,
    name: 'budget',
    ...verbWords.budget,
    examples: ['/skein budget', '/skein budget $50 month workspace', '/skein budget none day me'],
  },
  {
    ...shown,
    name: 'context',
    ...verbWords.context,
    examples: ['/skein context'],
    byMention: true,
  },
  {
    ...kept,
    name: 'export',
    ...verbWords.export,
    examples: ['/skein export'],
  },
  {
    ...kept,
    name: 'forget',
    ...verbWords.forget,
    examples: ['/skein forget', '/skein forget everything'],
    byMention: true,
  },
  {
    ...kept,
    name: 'key',
    ...verbWords.key,
    examples: ['/skein key'],
  },
  {
    ...kept,
    name: 'log',
    ...verbWords.log,
    examples: ['/skein log', '/skein log file'],
  },
  {
    ...kept,
    name: 'doctor',
    ...verbWords.doctor,
    examples: ['/skein doctor'],
  },
  {
    ...kept,
    name: 'ask',
    ...verbWords.ask,
    examples: ['/skein ask What does our release checklist miss?'],
  },
];

export function verbOf(name: string): Verb | null {
  return VERBS.find((verb) => verb.name === name) ?? null;
}
