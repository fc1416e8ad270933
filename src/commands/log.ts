import { dayOf } from '../ledger/periods.ts';
import { type Recorded, recorded } from '../record/store.ts';
import { recordAnswer as words } from '../words/record.ts';
import { code, table } from './markdown.ts';
import { demand, personName, personNow } from './place.ts';
import type { Answer, Asked, CommandPorts } from './ports.ts';
import { sendToAsker } from './sending.ts';

const SHOWN = 25;
/** A line has some hundred bytes; a file is in memory as a whole while it is sent. */
const MOST_LINES = 50_000;

/** Who did what and when in this workspace, without words; for admins. */
export async function log(ports: CommandPorts, asked: Asked, as: 'table' | 'file'): Promise<Answer> {
  demand(await personNow(ports, asked), { kind: 'manage_workspace' });
  const found = await recorded(ports.database.query, asked.team, as === 'file' ? MOST_LINES : SHOWN);
  if (found.length === 0) return { markdown: words.nothing };
  return as === 'file' ? file(ports, asked, found) : shown(ports, asked, found);
}

async function shown(ports: CommandPorts, asked: Asked, found: readonly Recorded[]): Promise<Answer> {
  const rows = await Promise.all(
    found.map(async (one) => [
      one.at.toISOString().replace('T', ' ').slice(0, 16),
      one.person === null ? words.nobody : await personName(ports, asked, one.person),
      whatOf(one),
      await whereOf(ports, asked, one),
    ]),
  );
  return { markdown: `${words.title}\n\n${table(words.head, rows)}\n\n${words.more(found.length)}` };
}

async function file(ports: CommandPorts, asked: Asked, found: readonly Recorded[]): Promise<Answer> {
  const day = dayOf(ports.clock.now());
  // Earliest first, so that what is shipped goes on where the last one ended.
  const pieces = found.toReversed().map((one) => `${JSON.stringify({ team: asked.team, ...one })}\n`);
  await sendToAsker(ports, asked, { name: `skein-log-${day}.jsonl`, title: words.fileTitle, pieces });
  return { markdown: words.sent(found.length) };
}

function whatOf({ what, setting, tool, amount }: Recorded): string {
  switch (what) {
    case 'set':
      return words.what.set(code(setting ?? ''));
    case 'exported':
    case 'forgot':
      return words.what[what](amount ?? 0);
    case 'tool_server_connected':
    case 'tool_server_changed':
    case 'tool_server_removed':
    case 'account_linked':
    case 'account_unlinked':
    case 'tool_called':
    case 'tool_approved':
    case 'tool_granted':
    case 'tool_denied':
    case 'tool_expired':
      return words.what[what](code(tool ?? ''));
    default:
      // A newer process may have recorded what this one has no word for.
      return words.what[what] ?? code(what);
  }
}

async function whereOf(ports: CommandPorts, asked: Asked, one: Recorded): Promise<string> {
  if (one.scope === 'channel' && one.scopeId !== null) {
    const name = await ports.names.channel(asked.team, one.scopeId, asked.channel);
    return code(name === null ? one.scopeId : `#${name}`);
  }
  if (one.scope === 'person' && one.scopeId !== null) return personName(ports, asked, one.scopeId);
  return words.where.workspace;
}
