import type { Defaults } from '../defaults.ts';
import type { Database } from '../postgres/database.ts';
import { resolve, type Settings } from '../settings/resolve.ts';
import { readSettings } from '../settings/store.ts';
import { type Action, type Refusal, refusalOf } from './may.ts';
import { ASKING_AGE_MS, type People, type Person } from './person.ts';

/** Somebody who wants an answer, and the place where it would stand. */
interface Asker {
  readonly team: string;
  readonly channel: string;
  /** The place is their direct message with us. */
  readonly direct: boolean;
  /** Slack user id. */
  readonly user: string;
  /** The person's own workspace, where Slack named it; null: it did not. */
  readonly userTeam: string | null;
  /** The message came by an app, so that who is unknown to Slack is taken for a bot. */
  readonly byApp?: boolean;
}

export type Entry =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Slack can't be asked now. `ruled`: a rule about who may ask was made here, so nobody may until it can. */
  | { readonly kind: 'unreachable'; readonly ruled: boolean };

/**
 * May this person have an answer here, today? Asked by everything that would make us answer: a question before its
 * first answer (`reply/permit.ts`), a press that opens an answer again (`controls/press.ts`), a form before it is
 * posted (`shortcuts/plan.ts`). `settings`: those that hold for the person in this place, where the caller has read
 * them. What Slack said of the person is at most `maxAgeMs` old; a refusal is always of now. Rejects only if the
 * database does.
 */
export type Gate = (
  asker: Asker,
  how?: { readonly settings?: Settings; readonly maxAgeMs?: number },
) => Promise<Entry>;

export function createGate({
  database,
  defaults,
  people,
}: {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly people: Pick<People, 'of'>;
}): Gate {
  return async (asker, { settings: read, maxAgeMs = ASKING_AGE_MS } = {}) => {
    const action = askAction(read ?? (await settingsOf(asker)), defaults);
    const entry = await entryOf(asker, action, maxAgeMs);
    // Somebody may have been given the right since Slack was asked.
    return entry.kind === 'refused' && maxAgeMs > 0 ? entryOf(asker, action, 0) : entry;
  };

  async function settingsOf({ team, channel, user: person, direct }: Asker): Promise<Settings> {
    return resolve(defaults, await readSettings(database.query, { team, channel, person }), { direct });
  }

  async function entryOf(
    { team, user, userTeam, byApp }: Asker,
    action: AskAction,
    maxAgeMs: number,
  ): Promise<Entry> {
    // Slack tells of users only: a listed bot (`B…`) or app (`A…`) that has none is known by the list alone.
    if (!/^[UW]/.test(user) && action.bots?.includes(user)) return { kind: 'open' };
    const person = await people.of(team, user, maxAgeMs);
    if (person === 'unreachable') return { kind: 'unreachable', ruled: action.ruled };
    const known = seenAs(person, { team, userTeam });
    if (known.kind === 'unknown' && byApp === true) return { kind: 'refused', refusal: 'bot' };
    const refusal = refusalOf(known, action);
    return refusal === null ? { kind: 'open' } : { kind: 'refused', refusal };
  }
}

/** Slack may hide a person from us and still say, on what they sent, whose they are: somebody of another company. */
export function seenAs(
  person: Person,
  { team, userTeam }: { readonly team: string; readonly userTeam: string | null },
): Person {
  return person.kind === 'unknown' && userTeam !== null && userTeam !== team
    ? { ...person, kind: 'stranger' }
    : person;
}

type AskAction = Action & { readonly kind: 'ask' };

/** To ask, where these settings hold. */
export function askAction({ access, bots }: Settings, defaults: Defaults): AskAction {
  // Whoever left the deployment's own default as it is made no rule, and one that lets everybody in needs no answer of Slack's.
  const chosen = defaults.access !== null || access.scope !== 'deployment';
  const ruled = chosen && access.value !== 'everyone';
  return { kind: 'ask', access: access.value, ruled, bots: bots.value };
}

/** Whose rights went a minute ago hears of nobody's money. */
const ADMIN_AGE_MS = 60_000;

/** Whether somebody looks after the workspace, as Slack says now or said a minute ago; 'unreachable': it can't be asked. */
export function createIsAdmin(
  people: Pick<People, 'of'>,
): (team: string, user: string) => Promise<boolean | 'unreachable'> {
  return async (team, user) => {
    const person = await people.of(team, user, ADMIN_AGE_MS);
    return person === 'unreachable' ? person : refusalOf(person, { kind: 'manage_workspace' }) === null;
  };
}
