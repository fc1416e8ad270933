import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../src/clock.ts';
import type { PageToolCall, PageToolServer } from './protocol.ts';
import { startToolStandin, type ToolStandin } from './tools/standin.ts';

/** The servers of tools that the playground has: one for everybody, and one where each person has an account. */
export interface ToolServers {
  readonly servers: readonly PageToolServer[];
  /** `host:port` of each. */
  readonly hosts: readonly string[];
  /** What they carried out, oldest first. */
  calls(): readonly PageToolCall[];
  stop(): Promise<void>;
}

const KINDS = [
  { name: 'tickets', auth: 'none' },
  { name: 'helpdesk', auth: 'oauth' },
] as const;
const MOST_CALLS = 500;

/** Starts them on loopback, at the ports of last time where those are free: what was connected stays so. */
export async function startToolServers({
  clock,
  dataDir,
  onCall,
}: {
  readonly clock: Clock;
  readonly dataDir: string;
  readonly onCall: (call: PageToolCall) => void;
}): Promise<ToolServers> {
  const file = join(dataDir, 'tool-ports.json');
  const before = portsIn(file);
  const calls: PageToolCall[] = [];
  const started: (PageToolServer & { readonly standin: ToolStandin })[] = [];
  for (const [index, { name, auth }] of KINDS.entries()) {
    const start = (port: number) => startToolStandin({ clock, auth, port });
    const standin = await start(before[index] ?? 0).catch(() => start(0));
    standin.onCall(({ tool, args, account, at }) => {
      const call = { id: (calls.at(-1)?.id ?? 0) + 1, at, server: name, tool, args, account };
      calls.push(call);
      if (calls.length > MOST_CALLS) calls.shift();
      onCall(call);
    });
    started.push({ name, url: standin.url, accounts: auth === 'oauth', standin });
  }
  writeFileSync(file, JSON.stringify(started.map(({ url }) => Number(new URL(url).port))));
  return {
    servers: started.map(({ name, url, accounts }) => ({ name, url, accounts })),
    hosts: started.map(({ url }) => new URL(url).host),
    calls: () => calls,
    async stop() {
      await Promise.all(started.map(({ standin }) => standin.stop()));
    },
  };
}

function portsIn(file: string): readonly number[] {
  try {
    const ports: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
    return Array.isArray(ports)
      ? ports.filter((port) => Number.isInteger(port) && port > 0 && port < 65_536)
      : [];
  } catch {
    return [];
  }
}
