import { formatUsd, type NanoDollars } from '../ledger/cost.ts';
import { type Period, startOf } from '../ledger/periods.ts';
import { type UsageBy, type UsageRow, usageBy } from '../ledger/store.ts';
import { Declined, targetOf, type Whose } from '../people/editing.ts';
import { commandPlace } from '../words/commands.ts';
import { shortDay } from '../words/dates.ts';
import { count } from '../words/numbers.ts';
import { usageAnswer } from '../words/reports.ts';
import type { PeriodWord } from './grammar.ts';
import { bar, bareBar, escapeMarkdown, table } from './markdown.ts';
import { hereOf, nameOf, personName, rightsOf } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';

const PERIODS: Readonly<Record<PeriodWord, Period>> = { today: 'day', week: 'week', month: 'month' };

const MOST_ROWS = 15;

/** What was used and what it cost: the person's own by channel, a channel's by person, a workspace's by both. */
export async function usage(
  ports: CommandPorts,
  asked: Asked,
  whose: Whose,
  word: PeriodWord,
): Promise<Answer> {
  const target = targetOf(hereOf(asked), whose.kind === 'here' ? { kind: 'me' } : whose);
  const { see, change } = await rightsOf(ports, asked, target);
  // What the whole workspace spends is for those who look after it; a channel's is for its members.
  const refusal = target.scope === 'workspace' ? change : see;
  if (refusal !== null) throw new Declined(refusal);
  const since = startOf(PERIODS[word], ports.clock.now());
  const of = { ...target, since };
  const groups: UsageBy[] =
    target.scope === 'person'
      ? ['channel', 'model']
      : target.scope === 'channel'
        ? ['person', 'model']
        : ['person', 'channel', 'model'];
  const [days, ...grouped] = await Promise.all([
    usageBy(ports.database.query, of, 'day'),
    ...groups.map((by) => usageBy(ports.database.query, of, by)),
  ]);
  const whom = await nameOf(ports, asked, target);
  const title = usageAnswer.title(usageAnswer.period[word], whom, shortDay(since));
  if (days.length === 0) return { markdown: `${title}\n\n${usageAnswer.nothing}` };
  const parts = [title, '', total(days)];
  if (days.length > 1) parts.push('', picture(days));
  for (const [at, rows] of grouped.entries()) {
    const by = groups[at];
    if (by === undefined) continue;
    // One table for each message is what every Slack takes; the rest are lists.
    const make = at === 0 ? tableOf : listOf;
    parts.push('', await make(ports, asked, by, rows));
  }
  if (days.some(({ estimated }) => estimated)) parts.push('', usageAnswer.estimates);
  return { markdown: parts.join('\n') };
}

function total(rows: readonly UsageRow[]): string {
  const sum = <T extends 'replies' | 'inputTokens' | 'outputTokens' | 'webSearches' | 'unpriced'>(what: T) =>
    rows.reduce((all, row) => all + row[what], 0);
  const about = rows.some(({ estimated }) => estimated) ? '~' : '';
  const cost = `${about}${formatUsd(costOfAll(rows))}`;
  const tokens = { in: sum('inputTokens'), out: sum('outputTokens') };
  return usageAnswer.total(sum('replies'), tokens, sum('webSearches'), cost, sum('unpriced'));
}

/** The cost of each day beside the dearest one. */
function picture(days: readonly UsageRow[]): string {
  let most: NanoDollars = 1n;
  for (const { cost } of days) if (cost > most) most = cost;
  const amounts = days.map(({ cost }) => formatUsd(cost));
  const widest = Math.max(...amounts.map(({ length }) => length));
  const lines = days.map(({ who, cost }, at) =>
    `${who}  ${(amounts[at] ?? '').padStart(widest)}  ${bareBar(cost, most)}`.trimEnd(),
  );
  return [usageAnswer.byDay, '```', ...lines, '```'].join('\n');
}

async function tableOf(
  ports: CommandPorts,
  asked: Asked,
  by: UsageBy,
  rows: readonly UsageRow[],
): Promise<string> {
  const all = costOfAll(rows);
  const shown = await Promise.all(
    rows
      .slice(0, MOST_ROWS)
      .map(async (row) => [
        await labelOf(ports, asked, by, row.who),
        `${count(row.replies)} / ${count(row.calls)}`,
        `${count(row.inputTokens)} / ${count(row.outputTokens)}`,
        costOf(row),
        bar(row.cost, all),
      ]),
  );
  return table([usageAnswer.groupHead[by], ...usageAnswer.head], shown) + moreOf(rows);
}

async function listOf(
  ports: CommandPorts,
  asked: Asked,
  by: UsageBy,
  rows: readonly UsageRow[],
): Promise<string> {
  const all = costOfAll(rows);
  const lines = await Promise.all(
    rows.slice(0, MOST_ROWS).map(async (row) => {
      const who = await labelOf(ports, asked, by, row.who);
      return usageAnswer.listLine(who, costOf(row), row.replies, bar(row.cost, all));
    }),
  );
  return `${usageAnswer.listTitle[by]}\n\n${lines.join('\n')}${moreOf(rows)}`;
}

function costOfAll(rows: readonly UsageRow[]): NanoDollars {
  return rows.reduce((all, { cost }) => all + cost, 0n);
}

/** `+?`: and calls whose price is not known. */
function costOf({ cost, estimated, unpriced }: UsageRow): string {
  return `${estimated ? '~' : ''}${formatUsd(cost)}${unpriced > 0 ? ' +?' : ''}`;
}

function moreOf(rows: readonly UsageRow[]): string {
  return rows.length > MOST_ROWS ? `\n\n${usageAnswer.notShown(rows.length - MOST_ROWS)}` : '';
}

async function labelOf(ports: CommandPorts, asked: Asked, by: UsageBy, who: string): Promise<string> {
  if (by === 'person') return personName(ports, asked, who);
  if (by !== 'channel') return escapeMarkdown(who);
  if (who.startsWith('D')) return commandPlace.directMessages;
  const name = await ports.names.channel(asked.team, who, asked.channel);
  return name === null ? commandPlace.privateChannel : `#${escapeMarkdown(name)}`;
}
