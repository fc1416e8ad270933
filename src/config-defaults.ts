import type { Access, Defaults, EffortChoice, FilesOut, FollowUps, Streaming } from './defaults.ts';

/** The deployment's values of the settings; `value`: what a variable says once it is read, undefined: it is not set. */
export function defaultsOf(value: (name: (typeof NAMES)[keyof Defaults]) => unknown): Defaults {
  return {
    model: value(NAMES.model) as string,
    maxTokens: value(NAMES.maxTokens) as number,
    contextTokens: value(NAMES.contextTokens) as number,
    instructions: value(NAMES.instructions) as string,
    followUps: value(NAMES.followUps) as FollowUps,
    footer: value(NAMES.footer) as boolean,
    filesOut: value(NAMES.filesOut) as FilesOut,
    streaming: value(NAMES.streaming) as Streaming,
    effort: value(NAMES.effort) as EffortChoice,
    pingAfter: value(NAMES.pingAfter) as number | null,
    budgetMonth: value(NAMES.budgetMonth) as bigint | null,
    budgetDay: value(NAMES.budgetDay) as bigint | null,
    access: (value(NAMES.access) as Access | undefined) ?? null,
    retention: value(NAMES.retention) as number | null,
    web: value(NAMES.web) as boolean,
    webDomains: value(NAMES.webDomains) as Defaults['webDomains'],
    webSearches: value(NAMES.webSearches) as number,
  };
}

const NAMES = {
  model: 'DEFAULT_MODEL',
  maxTokens: 'DEFAULT_MAX_TOKENS',
  contextTokens: 'DEFAULT_CONTEXT_TOKENS',
  instructions: 'DEFAULT_INSTRUCTIONS',
  followUps: 'DEFAULT_FOLLOW_UPS',
  footer: 'DEFAULT_FOOTER',
  filesOut: 'DEFAULT_FILES_OUT',
  streaming: 'DEFAULT_STREAMING',
  effort: 'DEFAULT_EFFORT',
  pingAfter: 'DEFAULT_PING_AFTER',
  budgetMonth: 'DEFAULT_BUDGET_MONTH',
  budgetDay: 'DEFAULT_BUDGET_DAY',
  access: 'DEFAULT_ACCESS',
  retention: 'DEFAULT_RETENTION',
  web: 'DEFAULT_WEB',
  webDomains: 'DEFAULT_WEB_DOMAINS',
  webSearches: 'DEFAULT_WEB_SEARCHES',
} as const satisfies Record<keyof Defaults, string>;
