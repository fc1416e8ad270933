import {
  startToolStandin,
  type ToolStandin,
  type ToolStandinOptions,
} from '../../playground/tools/standin.ts';
import { systemClock } from '../../src/clock.ts';
import type { Log } from '../../src/log.ts';
import { createMcpClient, type McpClient } from '../../src/tools/mcp/client.ts';
import { createOutgoing, type OutgoingOptions } from '../../src/tools/mcp/outgoing.ts';
import type { FitImage } from '../../src/tools/mcp/results.ts';

export const LOOPBACK = { any: true, named: ['127.0.0.1'] } as const;

/** A server of tools that stops when `ends` are called, last first. */
export async function standin(
  ends: (() => Promise<void>)[],
  options: Omit<ToolStandinOptions, 'clock'> = {},
): Promise<ToolStandin> {
  const tools = await startToolStandin({ clock: systemClock, ...options });
  ends.push(() => tools.stop());
  return tools;
}

/** The real client of servers of tools, which may call this machine. */
export function mcpClient(
  ends: (() => Promise<void>)[],
  log: Log,
  {
    callMs = 10_000,
    fitImage = asItIs,
    ...outgoing
  }: Partial<OutgoingOptions> & { callMs?: number; fitImage?: FitImage } = {},
): McpClient {
  const out = createOutgoing({ hosts: LOOPBACK, proxy: null, ...outgoing });
  const client = createMcpClient({ outgoing: out, fitImage, clock: systemClock, log, callMs });
  ends.push(async () => {
    await client.close();
    await out.close();
  });
  return client;
}

const asItIs: FitImage = async (bytes) => ({ media: 'image/png', bytes });
