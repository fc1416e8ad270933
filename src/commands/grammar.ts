import type { Whose } from '../people/editing.ts';
import { isKeyName, KEY_NAMES, KEYS, type KeyName, type Scope } from '../settings/keys.ts';
import { normalise } from '../settings/values.ts';
import { commandProblem } from '../words/command-problems.ts';
import { VERBS, type VerbName, verbOf } from './verbs.ts';
import { mentionOf, nearest, type Word, wordsOf } from './words.ts';

export type PeriodWord = 'today' | 'week' | 'month';

/** What was asked for, or why it is nothing that we know. */
export type Command =
  | { readonly verb: 'help'; readonly about: VerbName | KeyName | null }
  | { readonly verb: 'settings' | 'show'; readonly whose: Whose }
  | { readonly verb: 'set'; readonly key: KeyName; readonly value: string; readonly whose: Whose }
  | { readonly verb: 'reset'; readonly key: KeyName; readonly whose: Whose }
  | {
      readonly verb: 'usage';
      readonly whose: Whose;
      readonly period: PeriodWord;
      readonly as: 'charts' | 'csv';
    }
  | { readonly verb: 'budget' | 'models' | 'context' | 'export' | 'doctor' | 'key' }
  | { readonly verb: 'log'; readonly as: 'table' | 'file' }
  | { readonly verb: 'forget'; readonly what: 'here' | 'everything' }
  | { readonly verb: 'ask'; readonly question: string }
  | ToolsCommand
  /** `problem`: a sentence for the person. `instead`: a whole command that was probably meant. */
  | { readonly verb: 'unknown'; readonly problem: string; readonly instead: string | null };

/** `connect`: what the form begins with; null: not said. */
export type ToolsCommand = { readonly verb: 'tools' } & (
  | { readonly what: 'list' }
  | {
      readonly what: 'connect';
      readonly name: string | null;
      readonly url: string | null;
      readonly account: 'workspace' | 'person' | null;
    }
  | { readonly what: 'link' | 'unlink'; readonly name: string }
);

interface Parsed {
  readonly command: Command;
  /** To be shown to everybody in the channel. */
  readonly public: boolean;
}

const PUBLIC = /^(?:--|—|–)public$/i;
const SCOPE_WORDS: ReadonlyMap<string, 'me' | 'channel' | 'workspace'> = new Map([
  ['me', 'me'],
  ['mine', 'me'],
  ['channel', 'channel'],
  ['workspace', 'workspace'],
  ['team', 'workspace'],
]);
const PERIOD_WORDS: ReadonlyMap<string, PeriodWord> = new Map([
  ['today', 'today'],
  ['day', 'today'],
  ['week', 'week'],
  ['month', 'month'],
]);
const VERB_NAMES = VERBS.map(({ name }) => name);
/** Longest command that is read; Slack's own limit of a message is below it. */
const MOST_CHARACTERS = 20_000;

/** What was typed behind `/skein`. Total: every text is a command or a problem with a sentence. */
export function parseCommand(text: string): Parsed {
  const typed = text.slice(0, MOST_CHARACTERS).replaceAll('\0', '');
  const all = wordsOf(typed);
  const [first, ...rest] = all;
  if (first === undefined) return { command: { verb: 'help', about: null }, public: false };
  const name = first.text.toLowerCase().replace(/^\//, '');
  const verb = verbOf(name);
  if (verb === null) {
    const meant = nearest(name, VERB_NAMES);
    return {
      command: unknown(commandProblem.unknownCommand, meant === null ? null : withRest(meant, rest)),
      public: false,
    };
  }
  // A question is taken as it is, whatever it ends with.
  if (verb.name === 'ask') return { command: askOf(typed, rest), public: false };
  const open = rest.some((word) => !word.quoted && PUBLIC.test(word.text));
  const words = rest.filter((word) => word.quoted || !PUBLIC.test(word.text));
  if (open && !verb.public)
    return { command: unknown(commandProblem.notPublic(verb.name), verb.name), public: false };
  const command = commandOf(verb.name, words, typed);
  // A file goes to the one who asked.
  if (open && command.verb === 'usage' && command.as === 'csv')
    return { command: unknown(commandProblem.notPublic('usage csv'), 'usage csv'), public: false };
  return { command, public: open };
}

/**
 * What `@skein …` in a thread or direct message asks for; null if it is a question for Claude, or the message begins
 * with a mention of somebody else. `botUserId`: who we are; null: not known yet, so any mention counts.
 */
export function parseMention(text: string, botUserId: string | null): Command | null {
  const said = text.trim();
  const mention = /^<@([A-Z][A-Z0-9]*)(?:\|[^<>]*)?>/.exec(said);
  if (mention === null || (botUserId !== null && mention[1] !== botUserId)) return null;
  const rest = said.slice(mention[0].length).replace(/^[\s,:]+/, '');
  const [first, ...more] = rest.split(/\s+/, 5);
  const verb = verbOf((first ?? '').toLowerCase());
  // More words than the longest of these takes, or one that it does not know, and it is said to Claude.
  if (verb === null || !verb.byMention || more.length > (verb.name === 'usage' ? 3 : 2)) return null;
  if (more.length > 0 && (verb.name === 'help' || verb.name === 'context')) return null;
  const { command } = parseCommand(rest);
  return command.verb === 'unknown' ? null : command;
}

/** The word for a scope by which the grammar finds it again. */
export function wordOfWhose(whose: Whose): string {
  switch (whose.kind) {
    case 'here':
      return '';
    case 'person_id':
      return `<@${whose.id}>`;
    case 'channel_id':
      return `<#${whose.id}>`;
    default:
      return whose.kind;
  }
}

/** The scope that a word names; null: none. */
export function whoseOfWord(text: string): Whose | null {
  return whoseOf({ text, quoted: false, at: 0 });
}

function commandOf(verb: Exclude<VerbName, 'ask'>, words: readonly Word[], typed: string): Command {
  switch (verb) {
    case 'help':
      return helpOf(words);
    case 'settings':
    case 'show':
      return withWhose(verb, words, (whose) => ({ verb, whose }));
    case 'set':
      return setOf(words, typed);
    case 'reset': {
      const key = keyIn(words, 'reset');
      if (typeof key !== 'string') return key;
      return withWhose(`reset ${key}`, words.slice(1), (whose) => ({ verb: 'reset', key, whose }));
    }
    case 'usage':
      return usageOf(words);
    case 'budget':
      return budgetOf(words);
    case 'forget': {
      const [what, extra] = words.map((word) => word.text.toLowerCase());
      if (extra !== undefined || (what !== undefined && what !== 'here' && what !== 'everything'))
        return unknown(commandProblem.forgetTakes, 'forget');
      return { verb, what: what ?? 'here' };
    }
    case 'log': {
      const [as, extra] = words.map((word) => word.text.toLowerCase());
      if (extra !== undefined || (as !== undefined && as !== 'file'))
        return unknown(commandProblem.logTakes, 'log file');
      return { verb, as: as ?? 'table' };
    }
    case 'tools':
      return toolsOf(words);
    case 'models':
    case 'context':
    case 'doctor':
    case 'key':
    case 'export':
      return words.length === 0 ? { verb } : unknown(commandProblem.takesNothing(verb), verb);
  }
}

function helpOf([word, extra]: readonly Word[]): Command {
  if (word === undefined) return { verb: 'help', about: null };
  const name = word.text.toLowerCase();
  const about = verbOf(name)?.name ?? (isKeyName(name) ? name : null);
  if (about !== null && extra === undefined) return { verb: 'help', about };
  const meant = nearest(name, [...VERB_NAMES, ...KEY_NAMES]);
  return unknown(commandProblem.unknownHelp, meant === null ? 'help' : `help ${meant}`);
}

function setOf(words: readonly Word[], typed: string): Command {
  // `set model=claude-opus-5-5` is what some expect.
  const [first, ...rest] = words;
  const [, left, right] = /^([a-z_]+)=(.+)$/is.exec(first?.text ?? '') ?? [];
  const split = first !== undefined && left !== undefined && right !== undefined && !first.quoted;
  const parts: readonly Word[] = split
    ? [{ ...first, text: left }, { text: right, quoted: false, at: first.at + left.length + 1 }, ...rest]
    : words;
  const key = keyIn(parts, 'set');
  if (typeof key !== 'string') return key;
  const [value, ...after] = parts.slice(1);
  if (value === undefined) return unknown(commandProblem.valueMissing(key, KEYS[key].values), `help ${key}`);
  if (value.quoted) return withWhose(`set ${key} …`, after, (whose) => setTo(key, value.text, whose));
  // Free text keeps every word: “tell me about the channel” must not lose its last one.
  if (KEYS[key].input.kind === 'text' && value.text.toLowerCase() !== 'none') {
    const raw = typed.slice(value.at).trimEnd();
    const open = /(?:--|—|–)public$/i.exec(raw);
    const before = open === null ? '' : raw.slice(0, open.index);
    return setTo(key, /\s$/.test(before) ? before.trimEnd() : raw, { kind: 'here' });
  }
  const last = after.at(-1);
  const named = last === undefined ? null : whoseOf(last);
  // Where bots are listed, the mention of one is a value and not a scope.
  const whose = KEYS[key].input.kind === 'bots' && named?.kind === 'person_id' ? null : named;
  const raw = [value, ...(whose === null ? after : after.slice(0, -1))].map(({ text }) => text).join(' ');
  return setTo(key, raw, whose ?? { kind: 'here' });
}

function setTo(key: KeyName, raw: string, whose: Whose): Command {
  const made = normalise(key, raw);
  if ('problem' in made) return unknown(made.problem, `help ${key}`);
  return placed(key, whose) ?? { verb: 'set', key, value: made.value, whose };
}

/** A problem if the key can't be set at a scope that was named. */
function placed(key: KeyName, whose: Whose): Command | null {
  const scope = scopeOfWord(whose);
  if (scope === null || KEYS[key].scopes.includes(scope)) return null;
  const names = KEYS[key].scopes.map((one) => (one === 'person' ? 'me' : one)).reverse();
  return unknown(commandProblem.wrongScope(key, names), `help ${key}`);
}

function usageOf(words: readonly Word[]): Command {
  let whose: Whose | null = null;
  let period: PeriodWord | null = null;
  let as: 'csv' | null = null;
  for (const word of words) {
    const time = PERIOD_WORDS.get(word.text.toLowerCase());
    const who = whoseOf(word);
    if (time !== undefined && period === null) period = time;
    else if (who !== null && whose === null) whose = who;
    else if (word.text.toLowerCase() === 'csv' && as === null) as = 'csv';
    else {
      const meant = nearest(word.text, ['me', 'channel', 'workspace', 'today', 'week', 'month', 'csv']);
      return unknown(commandProblem.usageTakes, meant === null ? 'usage' : `usage ${meant}`);
    }
  }
  return { verb: 'usage', whose: whose ?? { kind: 'here' }, period: period ?? 'month', as: as ?? 'charts' };
}

function budgetOf(words: readonly Word[]): Command {
  const rest = [...words];
  let whose: Whose = { kind: 'here' };
  let period: 'day' | 'month' = 'month';
  let named = false;
  for (let last = rest.at(-1); last !== undefined; last = rest.at(-1)) {
    const who = whoseOf(last);
    const time = PERIOD_WORDS.get(last.text.toLowerCase());
    if (who !== null) whose = who;
    else if (time === 'today' || time === 'month') {
      period = time === 'today' ? 'day' : 'month';
      named = true;
    } else break;
    rest.pop();
  }
  if (rest[0]?.text.toLowerCase() === 'set') rest.shift();
  if (rest.length > 0)
    return setTo(
      period === 'day' ? 'budget_day' : 'budget_month',
      rest.map(({ text }) => text).join(' '),
      whose,
    );
  return named ? unknown(commandProblem.budgetTakes, 'help budget') : { verb: 'budget' };
}

function toolsOf([first, second, third, fourth, extra]: readonly Word[]): Command {
  const what = first?.text.toLowerCase();
  const name = second?.text.toLowerCase() ?? null;
  if (what === undefined) return { verb: 'tools', what: 'list' };
  const account = fourth?.text.toLowerCase() ?? null;
  if (
    what === 'connect' &&
    extra === undefined &&
    (account === null || account === 'workspace' || account === 'person')
  )
    return { verb: 'tools', what, name, url: third === undefined ? null : addressOf(third.text), account };
  if ((what === 'link' || what === 'unlink') && third === undefined)
    return name === null ? unknown(commandProblem.serverMissing, 'tools') : { verb: 'tools', what, name };
  const meant = nearest(what, ['connect', 'link', 'unlink']);
  return unknown(commandProblem.toolsTakes, meant === null ? 'tools' : `tools ${meant}`);
}

/** An address as it was typed, or as Slack writes one that it made a link of (`<https://…|…>`, with escapes). */
function addressOf(text: string): string {
  const typed = /^<([^<>|]+)(?:\|[^<>]*)?>$/.exec(text)?.[1] ?? text;
  return typed.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function askOf(typed: string, rest: readonly Word[]): Command {
  const first = rest[0];
  const question = first === undefined ? '' : typed.slice(first.at).trim();
  return question === '' ? unknown(commandProblem.questionMissing, 'help ask') : { verb: 'ask', question };
}

function keyIn([first]: readonly Word[], verb: 'set' | 'reset'): KeyName | Command {
  if (first === undefined) return unknown(commandProblem.settingMissing, `help ${verb}`);
  const name = first.text.toLowerCase().replaceAll('-', '_');
  if (isKeyName(name)) return name;
  const meant = nearest(name, KEY_NAMES);
  return unknown(commandProblem.unknownSetting, meant === null ? 'show' : `${verb} ${meant}`);
}

function withWhose(said: string, [word, extra]: readonly Word[], make: (whose: Whose) => Command): Command {
  if (word === undefined) return checked(make({ kind: 'here' }));
  const whose = whoseOf(word);
  if (whose !== null && extra === undefined) return checked(make(whose));
  const meant = nearest(word.text, ['me', 'channel', 'workspace']);
  return unknown(commandProblem.scopeMissing, meant === null ? said : `${said} ${meant}`);
}

function checked(command: Command): Command {
  return (command.verb === 'reset' ? placed(command.key, command.whose) : null) ?? command;
}

function whoseOf({ text, quoted }: Word): Whose | null {
  if (quoted) return null;
  const mention = mentionOf(text);
  if (mention !== null)
    return { kind: mention.kind === 'person' ? 'person_id' : 'channel_id', id: mention.id };
  const kind = SCOPE_WORDS.get(text.toLowerCase());
  return kind === undefined ? null : { kind };
}

/** The scope that was named; null for `here`. */
function scopeOfWord(whose: Whose): Scope | null {
  switch (whose.kind) {
    case 'here':
      return null;
    case 'me':
    case 'person_id':
      return 'person';
    case 'channel':
    case 'channel_id':
      return 'channel';
    case 'workspace':
      return 'workspace';
  }
}

function withRest(verb: string, rest: readonly Word[]): string {
  const more = rest.map(({ text }) => text).join(' ');
  // What is shown again is what was typed; a long text need not be.
  return more === '' || more.length > 60 || /[<>`]/.test(more) ? verb : `${verb} ${more}`;
}

function unknown(problem: string, instead: string | null): Command {
  return { verb: 'unknown', problem, instead };
}
