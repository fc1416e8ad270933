import { writeUsd } from '../amounts.ts';
import { formatUsd } from '../ledger/cost.ts';
import { spentNow } from '../ledger/store.ts';
import { budgetAnswer } from '../words/reports.ts';
import { bar, table } from './markdown.ts';
import { demand, personNow, settingsHere } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

/** Every budget that holds here, what was spent of it, and when it starts anew. */
export async function budget(ports: CommandPorts, asked: Asked): Promise<Answer> {
  const person = await personNow(ports, asked);
  demand(person, { kind: 'change_own' });
  const settings = await settingsHere(ports, asked);
  const at = { team: asked.team, channel: asked.channel, person: asked.user };
  const spent = await spentNow(ports.database.query, at, ports.clock.now());
  const rows = (['month', 'day'] as const).flatMap((period) =>
    settings[`budget_${period}`].layers.flatMap(({ scope, value }) => {
      if (value === null) return [];
      const of = scope === 'deployment' ? 'workspace' : scope;
      const used = spent[of][period];
      // What others spend is told as `usage` tells it; that a budget holds is for everybody.
      const open = person.admin || of === 'person' || (of === 'channel' && person.kind === 'member');
      return [
        [
          budgetAnswer.whose[scope],
          budgetAnswer.period[period],
          writeUsd(value),
          open ? formatUsd(used) : used >= value ? budgetAnswer.usedUp : budgetAnswer.notUsedUp,
          open ? bar(used, value) : '',
          budgetAnswer.resets[period],
        ],
      ];
    }),
  );
  const own = budgetAnswer.own(formatUsd(spent.person.day), formatUsd(spent.person.month));
  if (rows.length === 0) return { markdown: budgetAnswer.none(own) };
  return { markdown: budgetAnswer.holds(table(budgetAnswer.head, rows), own) };
}
