import pg from 'pg';
import { startToolStandin, type ToolStandin } from '../../../playground/tools/standin.ts';
import { systemClock as clock } from '../../../src/clock.ts';
import { createLog } from '../../../src/log.ts';
import { readListing } from '../../../src/tools/servers/listing.ts';
import { mcpClient } from '../../support/tools.ts';
import { openHttpDoor, type Verdict } from '../doors/http.ts';
import { TOOLS } from './texts.ts';

/** A server of tools behind a door, connected in the workspace as an admin connects it. */
export interface CallServer {
  readonly standin: ToolStandin;
  stop(): Promise<void>;
}

export const SERVER = 'desk';
/** Where its tools may be used: channels, and people's direct messages. */
export const CALL_CHANNELS = [
  ...(['C0GENERAL', 'C0ENGINEERING', 'C0DESIGN'] as const),
  ...(['D0ANA', 'D0BEN', 'D0CHIDI'] as const),
];

/** `onStep`: a call of a tool passes, before it is carried out and after. */
export async function startCallServer({
  databaseUrl,
  team,
  onStep,
}: {
  readonly databaseUrl: string;
  readonly team: string;
  readonly onStep: (when: 'before' | 'after') => Verdict;
}): Promise<CallServer> {
  const standin = await startToolStandin({ clock });
  const isCall = ({ body }: { readonly body: string }) => body.includes('"tools/call"');
  const door = await openHttpDoor({
    target: () => standin.origin,
    onRequest: (passing) => (isCall(passing) ? onStep('before') : 'pass'),
    onResponse: (passing) => (isCall(passing) ? onStep('after') : 'pass'),
  });
  const url = `http://127.0.0.1:${door.port}/mcp`;
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `insert into skein.tool_servers (id, team, name, url, account, people, listing, pinned_at, connected_by)
     values (gen_random_uuid(), $1, $2, $3, 'none', 'everyone', $4, now(), 'U0ANA')`,
    [team, SERVER, url, JSON.stringify(await listed(url))],
  );
  await client.query(
    `insert into skein.settings (team, scope, scope_id, key, value, set_by)
     select $1, 'channel', unnest($2::text[]), 'tools', $3, 'U0ANA'`,
    [team, CALL_CHANNELS, SERVER],
  );
  await client.end();
  return {
    standin,
    async stop() {
      await door.close();
      await standin.stop();
    },
  };
}

/** What an admin would accept of its list. */
async function listed(url: string) {
  const ends: (() => Promise<void>)[] = [];
  try {
    const client = mcpClient(ends, createLog('fatal', { write: () => {} }));
    const got = await client.list({ key: url, url, token: null }, new AbortController().signal);
    if ('kind' in got) throw new Error(`the server of tools can not be listed: ${got.message}`);
    const known: ReadonlySet<string> = new Set(TOOLS);
    return readListing(got.tools, got.more).tools.filter(({ name }) => known.has(name));
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}
