import { writeUsd } from '../amounts.ts';
import { toError } from '../errors.ts';
import { formatUsd } from '../ledger/cost.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { readScope } from '../settings/store.ts';
import { budgetAlert, budgetOf } from '../words/asides.ts';
import type { Budget } from './rules.ts';
import { type Alert, alertTold, takeAlert } from './store.ts';

/**
 * Tells one person a line in their direct messages. False: Slack can't be reached now, and it is worth another try.
 * Never rejects.
 */
export type TellPerson = (team: string, user: string, line: string) => Promise<boolean>;

export interface AlertsOptions {
  readonly database: Database;
  readonly tell: TellPerson;
  /** People whom the operator named. */
  readonly operators: readonly string[];
  readonly log: Log;
}

/** More than come at once; the rest is for the next time. */
const MOST_AT_ONCE = 20;

/**
 * Tells those who look after a budget that it was used to a step, each step once: whoever set it, the people whom the
 * operator named, and, of a person's own budget, that person. Each alert is taken, told with nothing locked, and marked
 * then: a process that dies while it tells may leave somebody told twice, and nobody untold. One that can't be told now
 * waits a minute, and holds up no other.
 */
export function createAlerts({ database, tell, operators, log }: AlertsOptions): () => Promise<void> {
  const telling = async (alert: Alert): Promise<boolean> => {
    const { team, budget, scopeId, level, spent } = alert;
    const { scope, period, most } = budget;
    const people = new Set([...(await settersOf(team, budget, scopeId)), ...keepersOf(budget, scopeId)]);
    if (people.size === 0) log.warn({ team, scope, period, level }, 'nobody is known to be told of a budget');
    const facts = {
      period,
      used: level === 100,
      percent: most === 0n ? 100 : Number((spent * 100n) / most),
      spent: formatUsd(spent),
      most: writeUsd(most),
      byOperator: scope === 'deployment',
    };
    const told: boolean[] = [];
    for (const person of people)
      told.push(await tell(team, person, budgetAlert({ ...facts, of: whose(budget, scopeId, person) })));
    // Whoever could not be reached is left out rather than the others told once more.
    return told.length === 0 || told.includes(true);
  };

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
