import { parseSeconds, writeUsd } from '../amounts.ts';
import {
  ACCESS,
  type Access,
  type Defaults,
  type EffortChoice,
  type FilesOut,
  type FollowUps,
  LEAST_CONTEXT_TOKENS,
  MOST_CONTEXT_TOKENS,
  MOST_PING_SECONDS,
  MOST_RETENTION_DAYS,
  type Streaming,
} from '../defaults.ts';
import type { WebDomains } from '../domains.ts';
import { many } from '../words/numbers.ts';
import { settingProblem, settingWords } from '../words/settings.ts';
import { choice, inCommon, onOrOff, whole } from './key-parts.ts';
import type { ModelLimits } from './models.ts';
import { OUTSIDE_KEYS } from './outside-keys.ts';
import { botIds, daysOrForever, type Parsed, usdOrNone } from './parsing.ts';

/** Where a setting can be set from Slack, most specific first. */
export const SCOPES = ['person', 'channel', 'workspace'] as const;
export type Scope = (typeof SCOPES)[number];

/** What each key holds once it is read. */
export interface Values {
  model: string;
  /** Most output tokens of an answer. */
  max_tokens: number;
  /** Most tokens of history that the model is given. */
  context_tokens: number;
  /** '' for none. */
  instructions: string;
  effort: EffortChoice;
  streaming: Streaming;
  follow_ups: FollowUps;
  footer: boolean;
  files_out: FilesOut;
  /** Seconds; null: never. */
  ping_after: number | null;
  /** Nano-dollars; null: no limit. */
  budget_month: bigint | null;
  budget_day: bigint | null;
  /** An admin hears of budgets that run short, whoever set them. */
  budget_alerts: boolean;
  access: Access;
  /** Ids of bots and apps that may ask: `U…`, `W…`, `B…` or `A…`. */
  bots: readonly string[];
  /** Days; null: for ever. */
  retention: number | null;
  web: boolean;
  web_domains: WebDomains;
  /** Most searches of one answer. */
  web_searches: number;
  /** Names of connected servers that may be used. */
  tools: readonly string[];
  channel_changes: 'members' | 'admins';
}
export type KeyName = keyof Values;

/** What a form needs to ask for a value. */
export type Input =
  | {
      readonly kind: 'choice';
      readonly options: readonly { readonly value: string; readonly label: string }[];
    }
  | { readonly kind: 'model' }
  | { readonly kind: 'whole'; readonly from: number; readonly to: number }
  | { readonly kind: 'text'; readonly most: number }
  | { readonly kind: 'seconds' }
  | { readonly kind: 'days' }
  | { readonly kind: 'money' }
  | { readonly kind: 'bots' }
  | { readonly kind: 'domains' }
  | { readonly kind: 'servers' };

/** One setting: all that commands, modal, help, documentation and tests are made from. */
export interface Key<Name extends KeyName> {
  readonly name: Name;
  /** Two or three words, for a form. */
  readonly label: string;
  /** One line for people: what it decides. */
  readonly line: string;
  /** What may be set, for people. */
  readonly values: string;
  readonly input: Input;
  /** Where it may be set. */
  readonly scopes: readonly Scope[];
  /** False: only admins set it, whatever `channel_changes` says. */
  readonly members?: false;
  /** A person's own value holds in direct messages only, or wherever that person asks. */
  readonly personIn: 'direct' | 'everywhere';
  /**
   * How scopes come together: the most specific wins; all of them are joined; or a narrower scope can only
   * tighten what a wider one says.
   */
  readonly combine: 'replace' | 'join' | 'tighten';
  /** For `tighten`: true if `a` allows less than `b`. */
  readonly tighter?: (a: Values[Name], b: Values[Name]) => boolean;
  /** What a person wrote or what is stored; a problem is a sentence that can stand at a form's field. */
  readonly parse: (raw: string) => Parsed<Values[Name]>;
  /** For people and for the database: `parse` reads it back as the same value. */
  readonly format: (value: Values[Name]) => string;
  /** The deployment's value. */
  readonly fallback: (defaults: Defaults) => Values[Name];
  /** False: the deployment did not decide, so a workspace may also widen the fallback. */
  readonly decided?: (defaults: Defaults) => boolean;
  /** Why the value does not suit the model that would answer; null: it does. */
  readonly unsuited?: (value: Values[Name], model: ModelLimits) => string | null;
}

/** Longest instructions of one scope, in characters. */
const MOST_INSTRUCTIONS = 10_000;
const MOST_TOKENS = 128_000;
/** More than a channel has, and few enough to be read at a glance. */
const MOST_BOTS = 20;
/** Far above any sensible budget, and far below what the column holds. */
const MOST_BUDGET = 1_000_000n * 1_000_000_000n;

const everyScope = SCOPES;

export const KEYS: { readonly [Name in KeyName]: Key<Name> } = {
  model: {
    ...inCommon,
    ...settingWords.model,
    name: 'model',
    input: { kind: 'model' },
    scopes: everyScope,
    parse: (raw) =>
      /^[a-z0-9][a-z0-9.\-:@_]{0,99}$/i.test(raw.trim())
        ? { value: raw.trim() }
        : { problem: settingProblem.model },
    format: (value) => value,
    fallback: (defaults) => defaults.model,
  },
  max_tokens: {
    ...whole(settingWords.maxTokens, 1, MOST_TOKENS),
    name: 'max_tokens',
    scopes: everyScope,
    fallback: (defaults) => defaults.maxTokens,
    unsuited: (value, { name, outputCap }) =>
      outputCap !== null && value > outputCap ? settingProblem.tooManyTokens(name, outputCap) : null,
  },
  context_tokens: {
    ...whole(
      settingWords.contextTokens(LEAST_CONTEXT_TOKENS, MOST_CONTEXT_TOKENS),
      LEAST_CONTEXT_TOKENS,
      MOST_CONTEXT_TOKENS,
    ),
    name: 'context_tokens',
    scopes: everyScope,
    fallback: (defaults) => defaults.contextTokens,
  },
  instructions: {
    ...inCommon,
    ...settingWords.instructions(MOST_INSTRUCTIONS),
    name: 'instructions',
    input: { kind: 'text', most: MOST_INSTRUCTIONS },
    scopes: everyScope,
    personIn: 'everywhere',
    combine: 'join',
    parse: (raw) => {
      const text = raw.replaceAll('\0', '').trim();
      if (text.length > MOST_INSTRUCTIONS)
        return { problem: settingProblem.tooLong(MOST_INSTRUCTIONS, text.length) };
      return { value: text.toLowerCase() === 'none' ? '' : text };
    },
    format: (value) => (value === '' ? 'none' : value),
    fallback: (defaults) => defaults.instructions,
  },
  effort: {
    ...choice(settingWords.effort),
    name: 'effort',
    scopes: everyScope,
    personIn: 'everywhere',
    fallback: (defaults) => defaults.effort,
    unsuited: (value, { name, efforts }) => {
      if (value === 'auto' || efforts.includes(value)) return null;
      return efforts.length === 0
        ? settingProblem.noEfforts(name)
        : settingProblem.noEffort(name, value, ['auto', ...efforts]);
    },
  },
  streaming: {
    ...choice(settingWords.streaming),
    name: 'streaming',
    scopes: everyScope,
    fallback: (defaults) => defaults.streaming,
  },
  follow_ups: {
    ...choice(settingWords.followUps),
    name: 'follow_ups',
    scopes: ['channel', 'workspace'],
    fallback: (defaults) => defaults.followUps,
  },
  footer: {
    ...onOrOff(settingWords.footer),
    name: 'footer',
    scopes: everyScope,
    personIn: 'everywhere',
    fallback: (defaults) => defaults.footer,
  },
  files_out: {
    ...choice(settingWords.filesOut),
    name: 'files_out',
    scopes: everyScope,
    fallback: (defaults) => defaults.filesOut,
  },
  ping_after: {
    ...inCommon,
    ...settingWords.pingAfter,
    name: 'ping_after',
    input: { kind: 'seconds' },
    scopes: everyScope,
    personIn: 'everywhere',
    parse: (raw) => {
      if (['off', 'never', 'none'].includes(raw.trim().toLowerCase())) return { value: null };
      const value = parseSeconds(raw);
      return value === null || value < 1 || value > MOST_PING_SECONDS
        ? { problem: settingProblem.seconds }
        : { value };
    },
    format: (value) => (value === null ? 'off' : `${value} s`),
    fallback: (defaults) => defaults.pingAfter,
  },
  budget_month: budget('budget_month', 'month', (defaults) => defaults.budgetMonth),
  budget_day: budget('budget_day', 'day', (defaults) => defaults.budgetDay),
  budget_alerts: {
    ...onOrOff(settingWords.budgetAlerts),
    name: 'budget_alerts',
    scopes: ['person'],
    members: false,
    personIn: 'everywhere',
    fallback: () => false,
  },
  access: {
    ...choice(settingWords.access),
    name: 'access',
    scopes: ['channel', 'workspace'],
    combine: 'tighten',
    tighter: (a, b) => ACCESS.indexOf(a) < ACCESS.indexOf(b),
    fallback: (defaults) => defaults.access ?? 'members',
    decided: (defaults) => defaults.access !== null,
  },
  bots: {
    ...inCommon,
    ...settingWords.bots(MOST_BOTS),
    name: 'bots',
    input: { kind: 'bots' },
    scopes: ['channel', 'workspace'],
    members: false,
    parse: botIds(MOST_BOTS),
    format: (value) => (value.length === 0 ? 'none' : value.join(', ')),
    fallback: () => [],
  },
  retention: {
    ...inCommon,
    ...settingWords.retention,
    name: 'retention',
    input: { kind: 'days' },
    scopes: everyScope,
    combine: 'tighten',
    tighter: (a, b) => a !== null && (b === null || a < b),
    parse: daysOrForever(MOST_RETENTION_DAYS),
    format: (value) => (value === null ? 'forever' : many(value, 'day')),
    fallback: (defaults) => defaults.retention,
  },
  ...OUTSIDE_KEYS,
  channel_changes: {
    ...choice(settingWords.channelChanges),
    name: 'channel_changes',
    scopes: ['workspace'],
    fallback: () => 'members',
  },
};

/** In the order in which people read them. */
export const KEY_NAMES: readonly KeyName[] = Object.values(KEYS).map(({ name }) => name);

export function isKeyName(word: string): word is KeyName {
  return Object.hasOwn(KEYS, word);
}

/** The description of a key; only its name's type tells what its values are. */
export function keyOf<Name extends KeyName>(name: Name): Key<Name> {
  return KEYS[name];
}

function budget<Name extends 'budget_month' | 'budget_day'>(
  name: Name,
  period: 'month' | 'day',
  fallback: (defaults: Defaults) => bigint | null,
): Key<'budget_month' | 'budget_day'> & { readonly name: Name } {
  return {
    ...inCommon,
    ...settingWords.budget(period),
    name,
    input: { kind: 'money' },
    scopes: everyScope,
    personIn: 'everywhere',
    combine: 'tighten',
    tighter: (a, b) => a !== null && (b === null || a < b),
    parse: usdOrNone(MOST_BUDGET),
    format: (value) => (value === null ? 'none' : writeUsd(value)),
    fallback,
  };
}
