import { parseSeconds, writeUsd } from '../amounts.ts';
import {
  ACCESS,
  type Access,
  type Defaults,
  EFFORT_CHOICES,
  type EffortChoice,
  type FollowUps,
  LEAST_CONTEXT_TOKENS,
  MOST_CONTEXT_TOKENS,
  MOST_PING_SECONDS,
  MOST_RETENTION_DAYS,
  type Streaming,
} from '../defaults.ts';
import { count, many } from '../words/numbers.ts';
import { daysOrForever, either, oneOf, type Parsed, usdOrNone, wholeNumber } from './parsing.ts';

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
  /** Seconds; null: never. */
  ping_after: number | null;
  /** Nano-dollars; null: no limit. */
  budget_month: bigint | null;
  budget_day: bigint | null;
  access: Access;
  /** Days; null: for ever. */
  retention: number | null;
  channel_changes: 'members' | 'admins';
}
export type KeyName = keyof Values;

/** What is known of a model, for values that depend on it. */
export interface ModelLimits {
  readonly name: string;
  /** Most output tokens; null: not known. */
  readonly outputCap: number | null;
  /** Effort levels that it has. */
  readonly efforts: readonly string[];
}

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
  | { readonly kind: 'money' };

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
/** Far above any sensible budget, and far below what the column holds. */
const MOST_BUDGET = 1_000_000n * 1_000_000_000n;

const everyScope = SCOPES;
const inCommon = { personIn: 'direct', combine: 'replace' } as const;

export const KEYS: { readonly [Name in KeyName]: Key<Name> } = {
  model: {
    ...inCommon,
    name: 'model',
    label: 'Model',
    line: 'Which Claude model answers.',
    values: 'a model id; `/skein models` lists them',
    input: { kind: 'model' },
    scopes: everyScope,
    parse: (raw) =>
      /^[a-z0-9][a-z0-9.\-:@_]{0,99}$/i.test(raw.trim())
        ? { value: raw.trim() }
        : { problem: 'Use a model id such as claude-sonnet-4-6.' },
    format: (value) => value,
    fallback: (defaults) => defaults.model,
  },
  max_tokens: {
    ...inCommon,
    name: 'max_tokens',
    label: 'Longest answer (tokens)',
    line: 'The most tokens one answer may have; a longer one is cut and can be continued.',
    values: 'a whole number from 1 to what the model allows',
    input: { kind: 'whole', from: 1, to: MOST_TOKENS },
    scopes: everyScope,
    parse: wholeNumber(1, MOST_TOKENS),
    format: (value) => String(value),
    fallback: (defaults) => defaults.maxTokens,
    unsuited: (value, { name, outputCap }) =>
      outputCap !== null && value > outputCap ? `${name} writes at most ${count(outputCap)} tokens.` : null,
  },
  context_tokens: {
    ...inCommon,
    name: 'context_tokens',
    label: 'Memory of a thread (tokens)',
    line: 'The most tokens of a thread that Claude is given; the earlier part of a longer one is summarised.',
    values: `a whole number from ${count(LEAST_CONTEXT_TOKENS)} to ${count(MOST_CONTEXT_TOKENS)}`,
    input: { kind: 'whole', from: LEAST_CONTEXT_TOKENS, to: MOST_CONTEXT_TOKENS },
    scopes: everyScope,
    parse: wholeNumber(LEAST_CONTEXT_TOKENS, MOST_CONTEXT_TOKENS),
    format: (value) => String(value),
    fallback: (defaults) => defaults.contextTokens,
  },
  instructions: {
    ...inCommon,
    name: 'instructions',
    label: 'Instructions',
    line: "What Claude is told before every answer. The workspace's, the channel's and your own are joined.",
    values: 'text of up to 10,000 characters, or `none`',
    input: { kind: 'text', most: MOST_INSTRUCTIONS },
    scopes: everyScope,
    personIn: 'everywhere',
    combine: 'join',
    parse: (raw) => {
      const text = raw.replaceAll('\0', '').trim();
      if (text.length > MOST_INSTRUCTIONS)
        return {
          problem: `Use at most ${count(MOST_INSTRUCTIONS)} characters; these are ${count(text.length)}.`,
        };
      return { value: text.toLowerCase() === 'none' ? '' : text };
    },
    format: (value) => (value === '' ? 'none' : value),
    fallback: (defaults) => defaults.instructions,
  },
  effort: {
    ...inCommon,
    name: 'effort',
    label: 'Effort',
    line: 'How much the model puts into an answer: more is slower and costs more.',
    values: '`auto`, `low`, `medium`, `high`, `xhigh` or `max`, where the model has them',
    input: {
      kind: 'choice',
      options: [
        { value: 'auto', label: 'Automatic' },
        { value: 'low', label: 'Low' },
        { value: 'medium', label: 'Medium' },
        { value: 'high', label: 'High' },
        { value: 'xhigh', label: 'Very high' },
        { value: 'max', label: 'Maximum' },
      ],
    },
    scopes: everyScope,
    personIn: 'everywhere',
    parse: oneOf(EFFORT_CHOICES),
    format: (value) => value,
    fallback: (defaults) => defaults.effort,
    unsuited: (value, { name, efforts }) => {
      if (value === 'auto' || efforts.includes(value)) return null;
      return efforts.length === 0
        ? `${name} has no effort levels; use auto.`
        : `${name} has no effort ${value}; use ${either(['auto', ...efforts])}.`;
    },
  },
  streaming: {
    ...inCommon,
    name: 'streaming',
    label: 'How an answer grows',
    line: "By edits of one message, by Slack's own streams, or by whichever has room.",
    values: '`edit`, `native` or `auto`',
    input: {
      kind: 'choice',
      options: [
        { value: 'edit', label: 'Edits of one message' },
        { value: 'native', label: "Slack's own streams" },
        { value: 'auto', label: 'Whichever has room' },
      ],
    },
    scopes: everyScope,
    parse: oneOf(['edit', 'native', 'auto']),
    format: (value) => value,
    fallback: (defaults) => defaults.streaming,
  },
  follow_ups: {
    ...inCommon,
    name: 'follow_ups',
    label: 'Follow-ups',
    line: 'Whether a message in a thread that I answered in needs a mention.',
    values: '`mention`, `one_on_one` or `always`',
    input: {
      kind: 'choice',
      options: [
        { value: 'mention', label: 'Only when I am mentioned' },
        { value: 'one_on_one', label: 'Also without, while one person writes' },
        { value: 'always', label: 'Always' },
      ],
    },
    scopes: ['channel', 'workspace'],
    parse: oneOf(['mention', 'one_on_one', 'always']),
    format: (value) => value,
    fallback: (defaults) => defaults.followUps,
  },
  footer: {
    ...inCommon,
    name: 'footer',
    label: 'Line under an answer',
    line: 'Model, tokens, cost and seconds under each answer.',
    values: '`on` or `off`',
    input: {
      kind: 'choice',
      options: [
        { value: 'on', label: 'On' },
        { value: 'off', label: 'Off' },
      ],
    },
    scopes: everyScope,
    personIn: 'everywhere',
    parse: (raw) => {
      const word = raw.trim().toLowerCase();
      if (['on', 'yes', 'true'].includes(word)) return { value: true };
      return ['off', 'no', 'false'].includes(word) ? { value: false } : { problem: 'Use on or off.' };
    },
    format: (value) => (value ? 'on' : 'off'),
    fallback: (defaults) => defaults.footer,
  },
  ping_after: {
    ...inCommon,
    name: 'ping_after',
    label: 'Ping after',
    line: 'After how long an answer comes with a short ping to the one who asked.',
    values: 'a time such as `60`, `90 s` or `2 min`, or `off`',
    input: { kind: 'seconds' },
    scopes: everyScope,
    personIn: 'everywhere',
    parse: (raw) => {
      if (['off', 'never', 'none'].includes(raw.trim().toLowerCase())) return { value: null };
      const value = parseSeconds(raw);
      return value === null || value < 1 || value > MOST_PING_SECONDS
        ? { problem: 'Use a time of up to a day such as 60, 90 s or 2 min, or off.' }
        : { value };
    },
    format: (value) => (value === null ? 'off' : `${value} s`),
    fallback: (defaults) => defaults.pingAfter,
  },
  budget_month: budget('budget_month', 'month', (defaults) => defaults.budgetMonth),
  budget_day: budget('budget_day', 'day', (defaults) => defaults.budgetDay),
  access: {
    ...inCommon,
    name: 'access',
    label: 'Who may ask',
    line: 'Members of the workspace, its guests too, or also people of other companies (Slack Connect).',
    values: '`members`, `members_and_guests` or `everyone`; a channel can only narrow it',
    input: {
      kind: 'choice',
      options: [
        { value: 'members', label: 'Members' },
        { value: 'members_and_guests', label: 'Members and guests' },
        { value: 'everyone', label: 'Everyone, also of other companies' },
      ],
    },
    scopes: ['channel', 'workspace'],
    combine: 'tighten',
    tighter: (a, b) => ACCESS.indexOf(a) < ACCESS.indexOf(b),
    parse: oneOf(ACCESS),
    format: (value) => value,
    fallback: (defaults) => defaults.access ?? 'members',
    decided: (defaults) => defaults.access !== null,
  },
  retention: {
    ...inCommon,
    name: 'retention',
    label: 'Keep texts for',
    line: 'How long I keep the words of questions and answers. Older ones are erased from my database within the hour, for good.',
    values:
      '`forever`, or days such as `30`, `12 weeks` or `1 year`; a channel or a person can only shorten it',
    input: { kind: 'days' },
    scopes: everyScope,
    combine: 'tighten',
    tighter: (a, b) => a !== null && (b === null || a < b),
    parse: daysOrForever(MOST_RETENTION_DAYS),
    format: (value) => (value === null ? 'forever' : many(value, 'day')),
    fallback: (defaults) => defaults.retention,
  },
  channel_changes: {
    ...inCommon,
    name: 'channel_changes',
    label: 'Who may change a channel',
    line: "Whether a channel's members may change its settings, or admins only.",
    values: '`members` or `admins`',
    input: {
      kind: 'choice',
      options: [
        { value: 'members', label: 'Its members' },
        { value: 'admins', label: 'Admins only' },
      ],
    },
    scopes: ['workspace'],
    parse: oneOf(['members', 'admins']),
    format: (value) => value,
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

/** A value in the one form in which it is stored and shown, or why it is none. */
export function normalise(name: KeyName, raw: string): Parsed<string> {
  return normaliseBy(keyOf(name), raw);
}

function normaliseBy<Name extends KeyName>(key: Key<Name>, raw: string): Parsed<string> {
  const parsed = key.parse(raw);
  return 'problem' in parsed ? parsed : { value: key.format(parsed.value) };
}

/** Why a value in stored form does not suit the model; null: it does. */
export function unsuited(name: KeyName, stored: string, model: ModelLimits): string | null {
  return unsuitedBy(keyOf(name), stored, model);
}

function unsuitedBy<Name extends KeyName>(key: Key<Name>, stored: string, model: ModelLimits): string | null {
  const parsed = key.parse(stored);
  return 'problem' in parsed ? parsed.problem : (key.unsuited?.(parsed.value, model) ?? null);
}

function budget<Name extends 'budget_month' | 'budget_day'>(
  name: Name,
  period: 'month' | 'day',
  fallback: (defaults: Defaults) => bigint | null,
): Key<'budget_month' | 'budget_day'> & { readonly name: Name } {
  return {
    ...inCommon,
    name,
    label: `Budget for a ${period}`,
    line: `The most that may be spent in a ${period} (UTC) by the person, in the channel or in the workspace.`,
    values: 'an amount such as `$50` or `12.50 USD`, or `none`',
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
