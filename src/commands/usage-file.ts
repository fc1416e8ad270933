import { csv } from '../files/csv.ts';
import { exactUsd } from '../ledger/cost.ts';
import { dayOf } from '../ledger/periods.ts';
import { WEB_SEARCH } from '../ledger/prices.ts';
import { type UsageLine, type UsageOf, usageLines } from '../ledger/reports/store.ts';
import { usageAnswer } from '../words/reports.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';
import { sendToAsker } from './sending.ts';

/** A line has some 150 bytes; a file is in memory as a whole while it is sent. */
const MOST_LINES = 50_000;
/** Names asked for of each kind, those of the dearest; ids stand beside all of them. Slack allows 50 such calls a minute. */
const MOST_NAMES = 40;
/** Lines made at a time. */
const PAGE = 1000;

/** Usage as a file for a spreadsheet, to who asked: a line for each day, person, channel and model. */
export async function usageFile(ports: CommandPorts, asked: Asked, of: UsageOf): Promise<Answer> {
  // One more than may be: then there is more.
  const found = await usageLines(ports.database.query, of, MOST_LINES + 1);
  if (found.length === 0) return { markdown: usageAnswer.nothing };
  const lines = found.slice(0, MOST_LINES);
  const [people, channels] = await Promise.all([
    namesOf(lines, 'person', (id) => ports.names.user(asked.team, id)),
    namesOf(lines, 'channel', async (id) =>
      id.startsWith('D') ? null : ports.names.channel(asked.team, id, asked.channel),
    ),
  ]);
  const pieces = [csv([usageAnswer.file.head])];
  for (let from = 0; from < lines.length; from += PAGE) {
    const rows = lines.slice(from, from + PAGE).map((line) => cellsOf(line, people, channels));
    pieces.push(csv(rows).slice(1));
  }
  const name = `skein-usage-${of.scope}-${dayOf(of.since.getTime())}-${dayOf(ports.clock.now())}.csv`;
  await sendToAsker(ports, asked, { name, title: usageAnswer.file.title, pieces });
  return { markdown: usageAnswer.file.sent(lines.length, lines.length === found.length) };
}

function cellsOf(
  line: UsageLine,
  people: ReadonlyMap<string, string>,
  channels: ReadonlyMap<string, string>,
): string[] {
  return [
    line.day,
    line.person,
    people.get(line.person) ?? '',
    line.channel,
    channels.get(line.channel) ?? '',
    line.model,
    String(line.replies),
    String(line.calls),
    String(line.inputTokens),
    String(line.cachedTokens),
    String(line.outputTokens),
    String(line.webSearches),
    exactUsd(line.cost),
    exactUsd(BigInt(line.webSearches) * BigInt(WEB_SEARCH)),
    String(line.unpriced),
    line.estimated ? usageAnswer.file.yes : usageAnswer.file.no,
  ];
}

async function namesOf(
  lines: readonly UsageLine[],
  of: 'person' | 'channel',
  ask: (id: string) => Promise<string | null>,
): Promise<ReadonlyMap<string, string>> {
  const costs = new Map<string, bigint>();
  for (const line of lines) costs.set(line[of], (costs.get(line[of]) ?? 0n) + line.cost);
  const dearest = [...costs].sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0)).slice(0, MOST_NAMES);
  const named = await Promise.all(dearest.map(async ([id]) => [id, await ask(id)] as const));
  return new Map(named.flatMap(([id, name]) => (name === null ? [] : [[id, name] as const])));
}
