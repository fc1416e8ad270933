import { isKeyName, KEY_NAMES, KEYS, type KeyName } from '../settings/keys.ts';
import { code } from './markdown.ts';
import { wordOfScope } from './place.ts';
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
    'Mention me in a channel or write to me in a direct message: I answer in the thread, in one message that grows while I write. Each thread is one conversation, and I remember all of it.',
    '',
    ...VERBS.map((verb) => `- ${usageOf(verb)}: ${verb.line}`),
    '',
    `In threads, where there are no slash commands, mention me instead: ${VERBS.filter(
      ({ byMention }) => byMention,
    )
      .map(({ name }) => `\`@skein ${name}\``)
      .join(', ')}.`,
    'Answers are for you only, unless `--public` is at the end.',
    `Settings: ${KEY_NAMES.map((name) => `\`${name}\``).join(', ')}. \`/skein help SETTING\` tells more.`,
  ].join('\n');
}

function aboutVerb(verb: Verb): string {
  return [
    `${usageOf(verb)}: ${verb.line}`,
    '',
    ...verb.examples.map((example) => `- \`${example}\``),
    ...(verb.byMention ? ['', `In a thread: \`@skein ${verb.name}\`.`] : []),
  ].join('\n');
}

function aboutKey(name: KeyName): string {
  const key = KEYS[name];
  const scopes = key.scopes.map(wordOfScope).reverse().join(', ');
  const where = key.scopes.includes('person')
    ? key.personIn === 'direct'
      ? ' Your own holds in direct messages with me.'
      : ' Your own holds wherever you ask.'
    : '';
  const how =
    key.combine === 'tighten'
      ? ' A narrower scope can only tighten it.'
      : key.combine === 'join'
        ? ' What each scope says is joined.'
        : ' The most specific scope wins.';
  return [
    `${code(name)}: ${key.line}`,
    '',
    `- Values: ${key.values}.`,
    `- Can be set for: ${scopes}.${where}${how}`,
    `- To set it: \`/skein set ${name} VALUE\`; to take it away: \`/skein reset ${name}\`.`,
  ].join('\n');
}

function usageOf({ name, usage }: Verb): string {
  return `\`/skein ${name}${usage === '' ? '' : ` ${usage}`}\``;
}
