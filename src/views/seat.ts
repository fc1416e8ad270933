import type { Defaults } from '../defaults.ts';
import { type Refusal, refusalOf } from '../people/may.ts';
import type { People } from '../people/person.ts';
import type { Database } from '../postgres/database.ts';
import { type KeyName, keyOf } from '../settings/keys.ts';
import { resolve, type Setting, type Settings } from '../settings/resolve.ts';
import { readSettings, type Target } from '../settings/store.ts';
import { CANNOT_CHECK, wordsOf } from '../words/people.ts';
import type { Metadata } from './metadata.ts';

/** A person at a scope of the settings. */
export interface Seat {
  readonly team: string;
  readonly user: string;
  readonly metadata: Metadata;
}

/** The scope that a seat is at. */
export function targetOf({ team, user, metadata: { scope, channel } }: Seat): Target {
  // The person is who Slack says it is, never what the form says.
  const scopeId = scope === 'person' ? user : scope === 'workspace' ? team : (channel ?? '');
  return { team, scope, scopeId };
}

/** What is asked of a seat: may the person change it, and what would hold without it. */
export interface Seats {
  /** Why this person may not change this scope, in words; null: they may. `maxAgeMs`: of what Slack said. */
  refusedAt(seat: Seat, maxAgeMs: number): Promise<string | null>;
  /** Why this person may not change what `setBy` set; null: they may. */
  limitRefusal(seat: Seat, key: KeyName, setBy: string): Promise<Refusal | null>;
  /** What would hold if nothing were set at the seat's scope. */
  widerThan(seat: Seat): Promise<Settings>;
  /** Names of those who set something, by user id; who is not known is left out. */
  namesOf(team: string, set: readonly Setting[]): Promise<Map<string, string>>;
}

/** Who set something long ago is called by a name that may be as old. */
const NAME_AGE_MS = 3_600_000;
const MINUTE_MS = 60_000;

export function createSeats({
  database,
  defaults,
  people,
}: {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly people: People;
}): Seats {
  return { refusedAt, limitRefusal, widerThan, namesOf };

  /** Budgets, access and retention that somebody else set are limits for this person. */
  async function limitRefusal(seat: Seat, key: KeyName, setBy: string): Promise<Refusal | null> {
    if (keyOf(key).combine !== 'tighten') return null;
    const person = await people.of(seat.team, seat.user, MINUTE_MS);
    return person === 'unreachable' ? 'set_by_other' : refusalOf(person, { kind: 'change_limit', setBy });
  }

  async function refusedAt({ team, user, metadata }: Seat, maxAgeMs: number): Promise<string | null> {
    const { scope, channel } = metadata;
    const [person, inChannel] = await Promise.all([
      people.of(team, user, maxAgeMs),
      scope === 'channel' && channel !== null ? people.inChannel(team, channel, user) : ('no' as const),
    ]);
    if (person === 'unreachable') return CANNOT_CHECK;
    const refusal =
      scope === 'person'
        ? refusalOf(person, { kind: 'change_own' })
        : scope === 'workspace'
          ? refusalOf(person, { kind: 'manage_workspace' })
          : refusalOf(person, { kind: 'change_channel', inChannel, by: await whoChanges(team) });
    return refusal === null ? null : wordsOf(refusal);
  }

  async function whoChanges(team: string): Promise<'members' | 'admins'> {
    const set = await readSettings(database.query, { team, channel: '', person: '' });
    return resolve(defaults, set, { direct: false }).channel_changes.value;
  }

  async function widerThan({ team, metadata }: Seat): Promise<Settings> {
    const direct = metadata.scope === 'person';
    if (metadata.scope === 'workspace') return resolve(defaults, [], { direct });
    const set = await readSettings(database.query, { team, channel: '', person: '' });
    return resolve(defaults, set, { direct });
  }

  async function namesOf(team: string, set: readonly Setting[]): Promise<Map<string, string>> {
    const ids = [...new Set(set.map(({ by }) => by))];
    const found = await Promise.all(ids.map((id) => people.of(team, id, NAME_AGE_MS)));
    return new Map(
      found.flatMap((person) =>
        person === 'unreachable' || person.name === null ? [] : [[person.id, person.name]],
      ),
    );
  }
}
