import { writeUsd } from '../amounts.ts';
import { formatUsd } from '../ledger/cost.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import { readScope } from '../settings/store.ts';
import { budgetAlert, budgetOf } from '../words/asides.ts';
import type { Budget } from './rules.ts';
import { type Alert, tellNext } from './store.ts';

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
 * operator named, and, of a person's own budget, that person. A process that dies while it tells may leave somebody
 * told twice, and nobody untold.
 */
export function createAlerts({ database, tell, operators, log }: AlertsOptions): () => Promise<void> {
  const telling = async (alert: Alert): Promise<boolean> => {
    const { team, budget, scopeId, level, spent } = alert;
    const { of, period, most } = budget;
    const { settings } = await readScope(database.query, { team, scope: of, scopeId });
    const set = settings.find(({ key }) => key === `budget_${period}`);
    const keepers = of === 'person' ? [scopeId] : operators;
    const people = new Set([...(set === undefined ? operators : [set.by]), ...keepers]);
    if (people.size === 0)
      log.warn({ team, scope: of, period, level }, 'nobody is known to be told of a budget');
    const facts = {
      period,
      used: level === 100,
      percent: most === 0n ? 100 : Number((spent * 100n) / most),
      spent: formatUsd(spent),
      most: writeUsd(most),
    };
    const told: boolean[] = [];
    for (const person of people)
      told.push(await tell(team, person, budgetAlert({ ...facts, of: whose(budget, scopeId, person) })));
    // Whoever could not be reached is left out rather than the others told once more.
    return told.length === 0 || told.includes(true);
  };
  return async () => {
    for (let count = 0; count < MOST_AT_ONCE; count++) if (!(await tellNext(database, telling))) return;
  };
}

function whose({ of }: Budget, scopeId: string, reader: string): string {
  switch (of) {
    case 'workspace':
      return budgetOf.workspace;
    case 'channel':
      return budgetOf.channel(scopeId);
    case 'person':
      return scopeId === reader ? budgetOf.you : budgetOf.person(scopeId);
  }
}
