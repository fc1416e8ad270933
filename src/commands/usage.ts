import { formatUsd, type NanoDollars } from '../ledger/cost.ts';
import { type Period, startOf } from '../ledger/periods.ts';
import { toolsUsed, type UsageBy, type UsageOf, type UsageRow, usageBy } from '../ledger/reports/store.ts';
import { Declined, targetOf } from '../people/editing.ts';
import { type ChartData, chartLines } from '../render/chart.ts';
import { commandPlace } from '../words/commands.ts';
import { shortDay } from '../words/dates.ts';
import { count, percent } from '../words/numbers.ts';
import { usageAnswer } from '../words/reports.ts';
import type { Command, PeriodWord } from './grammar.ts';
import { escapeMarkdown, table } from './markdown.ts';
import { hereOf, nameOf, rightsOf } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';
import { costByDay, costShares } from './usage-charts.ts';
import { usageFile } from './usage-file.ts';

const PERIODS: Readonly<Record<PeriodWord, Period>> = { today: 'day', week: 'week', month: 'month' };

/** Of each group. A table of Slack has a hundred. */
const MOST_ROWS = 20;

type Group = Exclude<UsageBy, 'day'> | 'tool';

/**
 * What was used and what it cost, as charts and one table: the person's own by channel, a channel's by person, a workspace's
 * by both, each by model and by tool too. Or as a file.
 */
export async function usage(
  ports: CommandPorts,
  asked: Asked,
  { whose, period: word, as }: Command & { readonly verb: 'usage' },
): Promise<Answer> {
  const target = targetOf(hereOf(asked), whose.kind === 'here' ? { kind: 'me' } : whose);
  const { see, change } = await rightsOf(ports, asked, target);
  // What the whole workspace spends is for those who look after it; a channel's is for its members.
  const refusal = target.scope === 'workspace' ? change : see;
  if (refusal !== null) throw new Declined(refusal);
  const since = startOf(PERIODS[word], ports.clock.now());
  const of = { ...target, since };
  if (as === 'csv') return usageFile(ports, asked, of);
  const groups: Group[] =
    target.scope === 'person'
      ? ['channel', 'model', 'tool']
      : target.scope === 'channel'
        ? ['person', 'model', 'tool']
        : ['person', 'channel', 'model', 'tool'];
  const [days, ...grouped] = await Promise.all([
    usageBy(ports.database.query, of, 'day'),
    ...groups.map((by) => (by === 'tool' ? byTool(ports, of) : usageBy(ports.database.query, of, by))),
  ]);
  const whom = await nameOf(ports, asked, target);
  const title = usageAnswer.title(usageAnswer.period[word], whom, shortDay(since));
  if (days.length === 0) return { markdown: `${title}\n\n${usageAnswer.nothing}` };
  const rows = (
    await Promise.all(grouped.map((some, at) => named(ports, asked, groups[at] ?? 'model', some)))
  ).flat();
  const today = startOf('day', ports.clock.now());
  const charts = [costByDay(days, since, today), sharesOf(groups, rows)].filter((chart) => chart !== null);
  const parts = [title, '', total(days)];
  for (const chart of charts) parts.push('', ...chartLines(chart));
  parts.push('', tableOf(rows, costOfAll(days)));
  const hidden = grouped.reduce((sum, { length }) => sum + Math.max(0, length - MOST_ROWS), 0);
  if (hidden > 0) parts.push('', usageAnswer.notShown(hidden));
  if (days.some(({ estimated }) => estimated)) parts.push('', usageAnswer.estimates);
  return { markdown: parts.join('\n'), charts: charts.flatMap(({ chart }) => chart ?? []) };
}

/** Tools as rows: how often each was used stands for the calls, and what it cost by itself has no tokens. */
async function byTool(ports: CommandPorts, of: UsageOf): Promise<UsageRow[]> {
  const used = await toolsUsed(ports.database.query, of);
  return used.map(({ tool, replies, uses, cost, estimated }) => ({
    who: usageAnswer.tools[tool],
    replies,
    calls: uses,
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    webSearches: uses,
    cost,
    unpriced: 0,
    estimated,
  }));
}

/** A row and whose it is, as people know it. */
interface Named extends UsageRow {
  readonly by: Group;
  readonly name: string;
}

function named(
  ports: CommandPorts,
  asked: Asked,
  by: Group,
  rows: readonly UsageRow[],
): Promise<readonly Named[]> {
  const shown = rows.slice(0, MOST_ROWS);
  return Promise.all(
    shown.map(async (row) => ({ ...row, by, name: await nameOfRow(ports, asked, by, row.who) })),
  );
}

async function nameOfRow(ports: CommandPorts, asked: Asked, by: Group, who: string): Promise<string> {
  if (by === 'person') return (await ports.names.user(asked.team, who)) ?? commandPlace.someone;
  if (by === 'model' || by === 'tool') return who;
  if (who.startsWith('D')) return commandPlace.directMessages;
  const name = await ports.names.channel(asked.team, who, asked.channel);
  return name === null ? commandPlace.privateChannel : `#${name}`;
}

/** A picture of the first group that has more than one part. */
function sharesOf(groups: readonly Group[], rows: readonly Named[]): ChartData | null {
  for (const by of groups) {
    const shares = costShares(
      by,
      rows.filter((row) => row.by === by),
    );
    if (shares !== null) return shares;
  }
  return null;
}

function total(rows: readonly UsageRow[]): string {
  const sum = <
    T extends 'replies' | 'inputTokens' | 'cachedTokens' | 'outputTokens' | 'webSearches' | 'unpriced',
  >(
    what: T,
  ) => rows.reduce((all, row) => all + row[what], 0);
  const about = rows.some(({ estimated }) => estimated) ? '~' : '';
  const cost = `${about}${formatUsd(costOfAll(rows))}`;
  const tokens = { in: sum('inputTokens'), cached: sum('cachedTokens'), out: sum('outputTokens') };
  return usageAnswer.total(sum('replies'), tokens, sum('webSearches'), cost, sum('unpriced'));
}

/**
 * All groups in one table, because Slack takes one in a message: to be sorted by its columns, which are plain numbers, and
 * filtered by the first.
 */
function tableOf(rows: readonly Named[], all: NanoDollars): string {
  const searched = rows.some(({ webSearches }) => webSearches > 0);
  const noted = rows.some(({ estimated, unpriced }) => estimated || unpriced > 0);
  const note = ({ estimated, unpriced }: Named) => [
    ...(estimated ? [usageAnswer.estimated] : []),
    ...(unpriced > 0 ? [usageAnswer.unpriced(unpriced)] : []),
  ];
  const cells = rows.map((row) => [
    usageAnswer.groupHead[row.by],
    escapeMarkdown(row.name),
    count(row.replies),
    count(row.calls),
    count(row.inputTokens),
    percent(row.cachedTokens, row.inputTokens),
    count(row.outputTokens),
    formatUsd(row.cost).slice(1),
    percent(row.cost, all),
    ...(searched ? [count(row.webSearches)] : []),
    ...(noted ? [note(row).join(', ')] : []),
  ]);
  const figures = [...usageAnswer.head, ...(searched ? [usageAnswer.searches] : [])];
  const head = [...usageAnswer.names, ...figures, ...(noted ? [usageAnswer.note] : [])];
  return table(head, cells, figures);
}

function costOfAll(rows: readonly UsageRow[]): NanoDollars {
  return rows.reduce((all, { cost }) => all + cost, 0n);
}
