import type { Defaults } from '../defaults.ts';
import type { Database } from '../postgres/database.ts';
import { KEYS, type KeyName } from '../settings/keys.ts';
import { choiceOf, type Models } from '../settings/models.ts';
import { resolve, type Setting, type Settings } from '../settings/resolve.ts';
import {
  type Change,
  type Changed,
  changeSettings,
  readScope,
  readSettings,
  type Target,
} from '../settings/store.ts';
import { unsuited } from '../settings/values.ts';
import { commandFailure } from '../words/command-problems.ts';
import { CANNOT_CHECK, wordsOf } from '../words/people.ts';
import { settingProblem } from '../words/settings.ts';
import { type Action, refusalOf } from './may.ts';
import type { People, Person, Presence } from './person.ts';

/**
 * Looking at settings and changing them, for commands and forms alike: which scope is meant, who may see it and
 * change it, what is wrong with a change, and the change itself.
 */

/** Whose settings, usage or budget somebody names. `here`: not said, so the place decides. */
export type Whose =
  | { readonly kind: 'here' | 'me' | 'channel' | 'workspace' }
  | { readonly kind: 'person_id' | 'channel_id'; readonly id: string };

/** Who names it, and where. */
export interface Here {
  readonly team: string;
  readonly user: string;
  /** Null in a direct message and in the Home tab, where there is no channel with settings of its own. */
  readonly channel: string | null;
}

/** A sentence for the person who asked, in place of what they wanted. */
export class Declined extends Error {}

export interface EditingPorts {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly people: People;
  readonly models: Models;
  /** Names of the servers of tools that a workspace connected; absent: there can be none. */
  readonly servers?: (team: string) => Promise<readonly string[]>;
  /** Told that settings of a workspace were changed; absent: nobody waits for that. Never rejects. */
  readonly onChanged?: (team: string) => Promise<void>;
}

/** The scope that is meant. Throws `Declined` where a channel is meant and there is none. */
export function targetOf({ team, user, channel }: Here, whose: Whose): Target {
  switch (whose.kind) {
    case 'workspace':
      return { team, scope: 'workspace', scopeId: team };
    case 'me':
      return { team, scope: 'person', scopeId: user };
    case 'person_id':
      return { team, scope: 'person', scopeId: whose.id };
    case 'channel_id':
      return { team, scope: 'channel', scopeId: whose.id };
    case 'channel':
      if (channel === null) throw new Declined(commandFailure.noChannel);
      return { team, scope: 'channel', scopeId: channel };
    case 'here':
      return channel === null
        ? { team, scope: 'person', scopeId: user }
        : { team, scope: 'channel', scopeId: channel };
  }
}

/** Why a person may not do something, in words; null: they may. */
function refusalTo(person: Person, action: Action): string | null {
  const refusal = refusalOf(person, action);
  return refusal === null ? null : wordsOf(refusal);
}

/** What a person may do at a scope. */
export interface Rights {
  /** As Slack says; null: Slack could not be asked. */
  readonly person: Person | null;
  /** Why they are not shown what is set there, in words; null: they are. */
  readonly see: string | null;
  /** Why they may not change it; null: they may. */
  readonly change: string | null;
}

/** Who wants to see or change something. */
interface Editor {
  readonly team: string;
  readonly user: string;
  /** A channel that they are known to be in, because what they do now came from it; null: none. */
  readonly cameFrom: string | null;
}

/**
 * What somebody may do at a scope, by what Slack said at most `maxAgeMs` ago. One's own: everybody of the workspace.
 * Other people's: admins. A channel's and the workspace's are shown to members (a channel's to those in it) and
 * not to guests; a channel's are changed by them too unless `channel_changes` says otherwise, the workspace's by admins.
 */
export async function rightsAt(
  ports: EditingPorts,
  editor: Editor,
  target: Target,
  maxAgeMs: number,
): Promise<Rights> {
  const { scope, scopeId } = target;
  const person = await ports.people.of(editor.team, editor.user, maxAgeMs);
  if (person === 'unreachable') return { person: null, see: CANNOT_CHECK, change: CANNOT_CHECK };
  if (scope === 'person') {
    const refusal = refusalTo(person, { kind: scopeId === editor.user ? 'change_own' : 'manage_workspace' });
    return { person, see: refusal, change: refusal };
  }
  // Who may change a channel's settings if its members may: the rule for seeing them, and the workspace's.
  const asMember = (inChannel: Presence): Action => ({ kind: 'change_channel', inChannel, by: 'members' });
  if (scope === 'workspace')
    return {
      person,
      see: refusalTo(person, asMember('yes')),
      change: refusalTo(person, { kind: 'manage_workspace' }),
    };
  // An admin may without being there, so that Slack need not be asked.
  const sure = person.admin || scopeId === editor.cameFrom;
  const presence = sure ? 'yes' : await ports.people.inChannel(editor.team, scopeId, editor.user);
  const see = refusalTo(person, asMember(presence));
  if (see !== null) return { person, see, change: see };
  const by = (await widerThan(ports, target)).channel_changes.value;
  const change = refusalTo(person, { kind: 'change_channel', inChannel: presence, by });
  return { person, see, change };
}

/** What would hold at a scope if nothing were set there. */
export async function widerThan(
  { database, defaults }: Pick<EditingPorts, 'database' | 'defaults'>,
  { team, scope }: Target,
): Promise<Settings> {
  const set =
    scope === 'workspace' ? [] : await readSettings(database.query, { team, channel: null, person: null });
  return resolve(defaults, set, { direct: scope === 'person' });
}

/**
 * Why this person may not change one key of a scope that they may change otherwise, in words; null: they may.
 * `setBy`: who set what is there now.
 */
export function keyRefusal(person: Person, key: KeyName, setBy: string | null): string | null {
  const { members, combine } = KEYS[key];
  if (members === false) return refusalTo(person, { kind: 'manage_workspace' });
  if (combine !== 'tighten') return null;
  return refusalTo(person, { kind: 'change_limit', setBy });
}

/** What is wrong with a change: a sentence, or a model that the provider does not have. */
export type Problem = { readonly sentence: string } | { readonly noModel: string };

/** What is stored at a scope when an edit looks at it. */
interface Stored {
  readonly settings: readonly Setting[];
  readonly version: number;
}

/** What an edit wants to do with what is stored, with what it found wrong itself; or why it does not go on. */
type Plan<Stop> =
  | { readonly changes: readonly Change[]; readonly problems?: ReadonlyMap<KeyName, Problem> }
  | { readonly stop: Stop };

type Edited<Stop> =
  /** `changed`: only what differs from before. */
  | { readonly kind: 'done'; readonly changed: readonly Changed[] }
  | { readonly kind: 'problems'; readonly problems: ReadonlyMap<KeyName, Problem> }
  | { readonly kind: 'stopped'; readonly stop: Stop }
  /** Somebody changed the scope each time between the look and the change; nothing was written. */
  | { readonly kind: 'contended' };

const TRIES = 3;

/**
 * Changes settings of one scope, all or none. `plan` is called with what is stored and says what to do; its changes
 * are checked against that, and written only if it is still stored then. Otherwise all of it is done anew. The
 * person's right to change the scope itself is checked before (`rightsAt`).
 */
export async function edit<Stop = never>(
  ports: EditingPorts,
  person: Person,
  target: Target,
  plan: (stored: Stored) => Plan<Stop> | Promise<Plan<Stop>>,
): Promise<Edited<Stop>> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const stored = await readScope(ports.database.query, target);
    const planned = await plan(stored);
    if ('stop' in planned) return { kind: 'stopped', stop: planned.stop };
    const { changes } = planned;
    const found = await problemsOf(ports, person, target, { changes, settings: stored.settings });
    const problems = new Map([...found, ...(planned.problems ?? [])]);
    if (problems.size > 0) return { kind: 'problems', problems };
    if (changes.length === 0) return { kind: 'done', changed: [] };
    const outcome = await changeSettings(ports.database, target, {
      changes,
      by: person.id,
      expected: stored.version,
    });
    if (outcome.kind !== 'done') continue;
    await ports.onChanged?.(target.team);
    return { kind: 'done', changed: outcome.changed };
  }
  return { kind: 'contended' };
}

/** Limits of others that a person may not lift, and values that do not suit the model that would answer there. */
async function problemsOf(
  ports: EditingPorts,
  person: Person,
  target: Target,
  { changes, settings }: { changes: readonly Change[]; settings: readonly Setting[] },
): Promise<Map<KeyName, Problem>> {
  const problems = new Map<KeyName, Problem>();
  const setTo = (key: KeyName) => settings.find((one) => one.key === key);
  for (const { key } of changes) {
    const refusal = keyRefusal(person, key, setTo(key)?.by ?? null);
    if (refusal !== null) problems.set(key, { sentence: refusal });
  }
  const named = changes.find(({ key, value }) => key === 'tools' && value !== null);
  if (named !== undefined && !problems.has('tools')) {
    const unknown = await unknownServers(ports, target.team, named.value ?? '', setTo('tools')?.value);
    if (unknown !== null) problems.set('tools', { sentence: unknown });
  }
  const ofModel = changes.filter(({ key }) => key === 'model' || KEYS[key].unsuited !== undefined);
  if (ofModel.every(({ value }) => value === null)) return problems;
  const { models, live } = await ports.models();
  const changed = changes.find(({ key }) => key === 'model');
  const own = changed === undefined ? setTo('model')?.value : changed.value;
  const id = own ?? (await widerThan(ports, target)).model.value;
  const model = choiceOf(models, id);
  for (const { key, value } of ofModel) {
    if (value === null || problems.has(key)) continue;
    if (key === 'model' && model === null)
      problems.set(key, live ? { noModel: id } : { sentence: commandFailure.modelsUnreachable });
    const unfit = model === null ? null : unsuited(key, value, model);
    if (unfit !== null) problems.set(key, { sentence: unfit });
  }
  return problems;
}

/**
 * Why a stored list of servers can't be set in the place of `before`: which of those that are new in it are not connected, in
 * words; null: all are.
 */
async function unknownServers(
  { servers }: EditingPorts,
  team: string,
  stored: string,
  before: string | undefined,
): Promise<string | null> {
  const [old, wanted] = [before ?? 'none', stored].map((text) => {
    const parsed = KEYS.tools.parse(text);
    return 'problem' in parsed ? [] : parsed.value;
  });
  const added = (wanted ?? []).filter((name) => !old?.includes(name));
  if (added.length === 0) return null;
  const known = (await servers?.(team)) ?? [];
  const unknown = added.filter((name) => !known.includes(name));
  return unknown.length === 0 ? null : settingProblem.noSuchServers(unknown, known);
}
