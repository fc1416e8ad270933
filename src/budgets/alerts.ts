import { writeUsd } from '../amounts.ts';
import { toError } from '../errors.ts';
import { formatUsd } from '../ledger/cost.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { peopleWith, readScope } from '../settings/store.ts';
import { budgetAlert, budgetOf } from '../words/asides.ts';
import type { Budget } from './rules.ts';
import { type Alert, alertTold, takeAlert } from './store.ts';

/**
 * Tells one person a line in their direct messages. False: Slack can't be reached now, and it is worth another try.
 * Never rejects.
 */
export type TellPerson = (team: string, user: string, line: string) => Promise<boolean>;

interface AlertsOptions {
  readonly database: Database;
  /** Whether somebody is an admin now; 'unreachable': Slack can't be asked. */
  readonly isAdmin: (team: string, user: string) => Promise<boolean | 'unreachable'>;
  readonly tell: TellPerson;
  /** People whom the operator named. */
  readonly operators: readonly string[];
  readonly log: Log;
}

/** More than come at once; the rest is for the next time. */
const MOST_AT_ONCE = 20;

/**
 * Tells those who look after a budget that it was used to a step, each step once: whoever set it, the people whom the
 * operator named and admins who want to hear of it (`budget_alerts`); of a person's own budget that person instead. Each alert is taken, told with nothing locked, and marked
 * then: a process that dies while it tells may leave somebody told twice, and nobody untold. One that can't be told now
 * waits a minute, and holds up no other.
 */
export function createAlerts({
  database,
  isAdmin,
  tell,
  operators,
  log,
}: AlertsOptions): () => Promise<void> {
  const telling = async (alert: Alert): Promise<boolean> => {
    const { team, budget, scopeId, level, spent } = alert;
    const { scope, period, most } = budget;
    const admins = scope === 'person' ? [] : await adminsOf(team);
    const readers = new Set([
      ...(await settersOf(team, budget, scopeId)),
      ...keepersOf(budget, scopeId),
      ...(admins === 'unreachable' ? [] : admins),
    ]);
    if (readers.size === 0 && admins !== 'unreachable')
      log.warn({ team, scope, period, level }, 'nobody is known to be told of a budget');
    const facts = {
      period,
      used: level === 100,
      percent: most === 0n ? 100 : Number((spent * 100n) / most),
      spent: formatUsd(spent),
      most: writeUsd(most),
      byOperator: scope === 'deployment',
    };
    const told: boolean[] = [];
    for (const person of readers)
      told.push(await tell(team, person, budgetAlert({ ...facts, of: whose(budget, scopeId, person) })));
    // Whoever could not be reached is left out rather than the others told once more.
    return (told.length === 0 && admins !== 'unreachable') || told.includes(true);
  };

  /** Those who asked for it and are admins now. 'unreachable': Slack tells of none of them now whether they are. */
  async function adminsOf(team: string): Promise<readonly string[] | 'unreachable'> {
    const wishing = await peopleWith(database.query, team, { key: 'budget_alerts', value: 'on' });
    const found = await Promise.all(wishing.map((user) => isAdmin(team, user)));
    if (found.length > 0 && found.every((admin) => admin === 'unreachable')) return 'unreachable';
    return wishing.filter((_, at) => found[at] === true);
  }

  async function settersOf(
    team: string,
    { scope, period }: Budget,
    scopeId: string,
  ): Promise<readonly string[]> {
    if (scope === 'deployment') return operators;
    const { settings } = await readScope(database.query, { team, scope, scopeId });
    const set = settings.find(({ key }) => key === `budget_${period}`);
    return set === undefined ? operators : [set.by];
  }

  const keepersOf = ({ scope }: Budget, scopeId: string): readonly string[] =>
    scope === 'person' ? [scopeId] : operators;

  return async () => {
    for (let count = 0; count < MOST_AT_ONCE; count++) {
      const alert = await takeAlert(database.query);
      if (alert === null) return;
      try {
        if (await telling(alert)) await alertTold(database.query, alert);
      } catch (err) {
        log.warn({ err: toError(err), team: alert.team }, 'a budget that runs short was not told of');
      }
    }
  };
}

function whose({ scope }: Budget, scopeId: string, reader: string): string {
  switch (scope) {
    case 'deployment':
    case 'workspace':
      return budgetOf[scope];
    case 'channel':
      return budgetOf.channel(scopeId);
    case 'person':
      return scopeId === reader ? budgetOf.you : budgetOf.person(scopeId);
  }
}
