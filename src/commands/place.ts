import { type Action, refusalOf } from '../people/may.ts';
import type { Person, Presence } from '../people/person.ts';
import type { Scope } from '../settings/keys.ts';
import { resolve, type Settings } from '../settings/resolve.ts';
import { readSettings, type Target } from '../settings/store.ts';
import { commandFailure } from '../words/command-problems.ts';
import { commandPlace } from '../words/commands.ts';
import { CANNOT_CHECK, wordsOf } from '../words/people.ts';
import type { Whose } from './grammar.ts';
import { plain } from './markdown.ts';
import type { Asked, CommandPorts } from './ports.ts';

/** A sentence for the person who asked, in place of what they wanted. */
export class Declined extends Error {}

/** The scope that a command is about: as named, else the channel, or the person in a direct message. */
export function targetOf(asked: Asked, whose: Whose): Target {
  const { team } = asked;
  switch (whose.kind) {
    case 'workspace':
      return { team, scope: 'workspace', scopeId: team };
    case 'me':
      return { team, scope: 'person', scopeId: asked.user };
    case 'person_id':
      return { team, scope: 'person', scopeId: whose.id };
    case 'channel_id':
      return { team, scope: 'channel', scopeId: whose.id };
    case 'channel':
      if (asked.direct) throw new Declined(commandFailure.noChannel);
      return { team, scope: 'channel', scopeId: asked.channel };
    case 'here':
      return asked.direct
        ? { team, scope: 'person', scopeId: asked.user }
        : { team, scope: 'channel', scopeId: asked.channel };
  }
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

/** Whether the person is in a channel. Slack takes a command only from who is in its own channel. */
export async function isIn(ports: CommandPorts, asked: Asked, channel: string): Promise<Presence> {
  if (channel === asked.channel && asked.threadTs === null) return 'yes';
  return ports.people.inChannel(asked.team, channel, asked.user);
}

/** `you`, `#general`, `the workspace`, `Ben`: for a sentence. */
export async function nameOf(ports: CommandPorts, asked: Asked, target: Target): Promise<string> {
  switch (target.scope) {
    case 'workspace':
      return commandPlace.workspace;
    case 'channel': {
      const name = await ports.names.channel(asked.team, target.scopeId, target.scopeId);
      return name === null ? commandPlace.thisChannel : `#${plain(name)}`;
    }
    case 'person':
      return target.scopeId === asked.user
        ? commandPlace.you
        : await personName(ports, asked, target.scopeId);
  }
}

export async function personName(ports: CommandPorts, asked: Asked, id: string): Promise<string> {
  return plain((await ports.names.user(asked.team, id)) ?? commandPlace.someone);
}

/** The word for a scope that the grammar takes. */
export function wordOfScope(scope: Scope | 'deployment'): string {
  return scope === 'person' ? 'me' : scope;
}
