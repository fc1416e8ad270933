import { writeUsd } from '../amounts.ts';
import { formatUsd } from '../ledger/cost.ts';
import { startOf } from '../ledger/periods.ts';
import { spentSince } from '../ledger/store.ts';
import { bar, table } from './markdown.ts';
import { personNow, settingsHere } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

const RESETS = { day: 'midnight UTC', month: 'the first of next month, UTC' } as const;
const WHOSE = { workspace: 'the workspace', channel: 'this channel', person: 'you' } as const;

/** Every budget that holds here, what was spent of it, and when it starts anew. */
export async function budget(ports: CommandPorts, asked: Asked): Promise<Answer> {
  const person = await personNow(ports, asked);
  const settings = await settingsHere(ports, asked);
  const now = ports.clock.now();
  const spent = await spentSince(
    ports.database.query,
    { team: asked.team, channel: asked.channel, person: asked.user },
    { day: startOf('day', now), month: startOf('month', now) },
  );
  const rows = (['month', 'day'] as const).flatMap((period) =>
    settings[`budget_${period}`].layers.flatMap(({ scope, value }) => {
      if (value === null) return [];
      const of = scope === 'deployment' ? 'workspace' : scope;
      const used = spent[of][period];
      // What a whole workspace spends is for its admins; that a budget holds is for everybody.
      const open = of !== 'workspace' || person.admin;
      return [
        [
          scope === 'deployment' ? 'the workspace (set by whoever runs me)' : WHOSE[of],
          period,
          writeUsd(value),
          open ? formatUsd(used) : used >= value ? 'used up' : 'not used up',
          open ? bar(used, value) : '',
          RESETS[period],
        ],
      ];
    }),
  );
  const own = `You spent ${formatUsd(spent.person.day)} today and ${formatUsd(spent.person.month)} this month.`;
  if (rows.length === 0)
    return {
      markdown: `No budget holds here. ${own}\n\nSet one with \`/skein budget $50 month workspace\`.`,
    };
  const head = ['Budget of', 'For a', 'Amount', 'Spent', '', 'Starts anew'];
  return { markdown: `**Budgets that hold here**\n\n${table(head, rows)}\n\n${own}` };
}
