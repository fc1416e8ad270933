import { Declined, type Here, type Rights, rightsAt } from '../people/editing.ts';
import { type Action, refusalOf } from '../people/may.ts';
import type { Person } from '../people/person.ts';
import { KEYS, type KeyName, type Scope } from '../settings/keys.ts';
import { resolve, type Settings } from '../settings/resolve.ts';
import { readSettings, type Target } from '../settings/store.ts';
import { commandPlace } from '../words/commands.ts';
import { CANNOT_CHECK, wordsOf } from '../words/people.ts';
import { code, escapeMarkdown } from './markdown.ts';
import type { Asked, CommandPorts, Typed } from './ports.ts';

/**
 * The place that a command is about. Slack takes commands in every direct message, also of people who do not talk to
 * us: there it is about the direct message with us. Where Slack does not say which that is, it counts as ours.
 */
export async function placeOf(ports: CommandPorts, typed: Typed): Promise<Asked> {
  if (typed.direct !== null) return { ...typed, direct: typed.direct, foreign: false };
  const own = await ports.direct(typed.team, typed.user);
  return own === null || own === typed.channel
    ? { ...typed, direct: true, foreign: false }
    : { ...typed, channel: own, threadTs: null, direct: true, foreign: true };
}

/** The place for which scopes are named. */
export function hereOf({ team, user, channel, direct }: Asked): Here {
  return { team, user, channel: direct ? null : channel };
}

/** The settings that hold where the command was given, for the person who gave it. */
export async function settingsHere(ports: CommandPorts, asked: Asked): Promise<Settings> {
  const set = await readSettings(ports.database.query, { ...asked, person: asked.user });
  return resolve(ports.defaults, set, { direct: asked.direct });
}

/** Who gave the command, as Slack says now: rights may have gone since a minute ago. Throws `Declined`. */
export async function personNow(ports: CommandPorts, asked: Asked): Promise<Person> {
  const person = await ports.people.of(asked.team, asked.user, 0);
  if (person === 'unreachable') throw new Declined(CANNOT_CHECK);
  return person;
}

/** Throws `Declined` unless the person may. */
export function demand(person: Person, action: Action): void {
  const refusal = refusalOf(person, action);
  if (refusal !== null) throw new Declined(wordsOf(refusal));
}

/** What the person may do at a scope, as Slack says now. A command proves that they are in its own channel. */
export function rightsOf(ports: CommandPorts, asked: Asked, target: Target): Promise<Rights> {
  return rightsAt(ports, { ...asked, cameFrom: asked.direct ? null : asked.channel }, target, 0);
}

/** Who gave the command, if what was said here may be seen by them. Throws `Declined`. */
export async function demandHere(ports: CommandPorts, asked: Asked): Promise<Person> {
  // Whoever gives a command in a channel, or in the direct message with us, is there.
  const person = await personNow(ports, asked);
  demand(person, { kind: 'see_channel', inChannel: 'yes' });
  return person;
}

/** `you`, `#general`, `the workspace`, `Ben`: for a sentence. */
export async function nameOf(ports: CommandPorts, asked: Asked, target: Target): Promise<string> {
  switch (target.scope) {
    case 'workspace':
      return commandPlace.workspace;
    case 'channel': {
      const name = await ports.names.channel(asked.team, target.scopeId, target.scopeId);
      return name === null ? commandPlace.thisChannel : `#${escapeMarkdown(name)}`;
    }
    case 'person':
      return target.scopeId === asked.user
        ? commandPlace.you
        : await personName(ports, asked, target.scopeId);
  }
}

export async function personName(ports: CommandPorts, asked: Asked, id: string): Promise<string> {
  return escapeMarkdown((await ports.names.user(asked.team, id)) ?? commandPlace.someone);
}

/** A stored value for people: code, and bots by their names where Slack has them. */
export async function settingValue(
  ports: CommandPorts,
  asked: Asked,
  key: string,
  stored: string,
): Promise<string> {
  if (key !== KEYS.bots.name) return code(stored);
  const parsed = KEYS.bots.parse(stored);
  if ('problem' in parsed || parsed.value.length === 0) return code(stored);
  const named = parsed.value.map(async (id) => {
    // Only users have names that Slack tells: of bots (`B…`) and apps (`A…`) there is the id.
    const name = /^[UW]/.test(id) ? await ports.names.user(asked.team, id) : null;
    return name === null ? code(id) : `${escapeMarkdown(name)} (${code(id)})`;
  });
  return (await Promise.all(named)).join(', ');
}

/** The word for a scope that the grammar takes. */
export function wordOfScope(scope: Scope | 'deployment'): string {
  return scope === 'person' ? 'me' : scope;
}

/** The scopes of a key as words, widest first. */
export function scopeWords(key: KeyName): string[] {
  return KEYS[key].scopes.map(wordOfScope).reverse();
}

/** Where a form is opened; a direct message has settings of its person alone. */
export function formPlace({
  team,
  user,
  channel,
  direct,
  triggerId,
}: Asked & { readonly triggerId: string }) {
  return { team, user, channel: direct ? null : channel, triggerId };
}
