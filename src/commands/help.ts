import { isKeyName, KEY_NAMES, KEYS, type KeyName } from '../settings/keys.ts';
import { helpOverview, helpSetting, helpVerb } from '../words/help.ts';
import { code } from './markdown.ts';
import { scopeWords } from './place.ts';
import type { Answer } from './ports.ts';
import { VERBS, type Verb, type VerbName, verbOf } from './verbs.ts';

/** What I can do, or one command or setting in full. */
export function help(about: VerbName | KeyName | null): Answer {
  if (about === null) return { markdown: overview() };
  if (isKeyName(about)) return { markdown: aboutKey(about) };
  const verb = verbOf(about);
  return { markdown: verb === null ? overview() : aboutVerb(verb) };
}

function overview(): string {
  return [
    helpOverview.intro,
    '',
    ...VERBS.map((verb) => `- ${usageOf(verb)}: ${verb.line}`),
    '',
    helpOverview.inThreads(
      VERBS.filter(({ byMention }) => byMention).map(({ name }) => `\`@skein ${name}\``),
    ),
    helpOverview.public,
    helpOverview.settings(KEY_NAMES.map((name) => `\`${name}\``)),
  ].join('\n');
}

function aboutVerb(verb: Verb): string {
  return [
    `${usageOf(verb)}: ${verb.line}`,
    '',
    ...verb.examples.map((example) => `- \`${example}\``),
    ...(verb.byMention ? ['', helpVerb.inThread(verb.name)] : []),
  ].join('\n');
}

function aboutKey(name: KeyName): string {
  const key = KEYS[name];
  const where = key.scopes.includes('person')
    ? key.personIn === 'direct'
      ? helpSetting.ownInDirect
      : helpSetting.ownEverywhere
    : '';
  const how =
    key.combine === 'tighten'
      ? helpSetting.tightens
      : key.combine === 'join'
        ? helpSetting.joins
        : helpSetting.nearestWins;
  return [
    `${code(name)}: ${key.line}`,
    '',
    helpSetting.values(key.values),
    helpSetting.scopes(scopeWords(name), where, how),
    helpSetting.howToSet(name),
  ].join('\n');
}

function usageOf({ name, usage }: Verb): string {
  return `\`/skein ${name}${usage === '' ? '' : ` ${usage}`}\``;
}
