import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, expect, test } from 'vitest';
import {
  startToolStandin,
  type ToolStandin,
  type ToolStandinOptions,
} from '../../../playground/tools/standin.ts';
import { systemClock } from '../../../src/clock.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function standin(options: Omit<ToolStandinOptions, 'clock'> = {}): Promise<ToolStandin> {
  const tools = await startToolStandin({ clock: systemClock, ...options });
  ends.push(() => tools.stop());
  return tools;
}

async function client(tools: ToolStandin, mode: 'auto' | 'legacy', token?: string): Promise<Client> {
  const one = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  await one.connect(new StreamableHTTPClientTransport(new URL(tools.url), { requestInit: { headers } }));
  ends.push(() => one.close());
  return one;
}

test.each([
  ['with sessions', 'sessions', 'legacy', 'legacy'],
  ['with sessions, asked for the newer protocol first', 'sessions', 'auto', 'legacy'],
  ['without sessions', 'both', 'auto', 'modern'],
] as const)('the stand-in lists its tools and carries out a call %s', async (_how, era, mode, spoken) => {
  const tools = await standin({ era, pageSize: 3 });
  const one = await client(tools, mode);
  expect(one.getProtocolEra()).toBe(spoken);
  expect((await one.listTools()).tools.map(({ name }) => name)).toEqual([
    'find_ticket',
    'create_ticket',
    'set_status',
    'delete_ticket',
    'who_am_i',
    'slow_report',
    'broken_report',
    'huge_export',
    'screenshot',
    'attachments',
    'ask_me',
  ]);
  const result = await one.callTool({ name: 'create_ticket', arguments: { title: 'No heat' } });
  expect(result.content).toEqual([{ type: 'text', text: 'Created T-102: No heat' }]);
  expect(tools.calls('create_ticket')).toMatchObject([{ args: { title: 'No heat' }, account: 'anybody' }]);
  expect((await one.callTool({ name: 'broken_report', arguments: {} })).isError).toBe(true);
});

test('the stand-in lets nobody in without its token', async () => {
  const tools = await standin({ auth: 'bearer' });
  await expect(client(tools, 'legacy', 'wrong')).rejects.toThrow();
  const one = await client(tools, 'legacy', tools.token);
  expect((await one.callTool({ name: 'who_am_i', arguments: {} })).content).toEqual([
    { type: 'text', text: 'You are workspace.' },
  ]);
});

test.each([
  ['before it is carried out', { kind: 'drop', when: 'before' }, 0],
  ['after it is carried out', { kind: 'drop', when: 'after' }, 1],
  ['within its answer', { kind: 'cut_within' }, 1],
  ['after it is carried out, by a status', { kind: 'status', status: 500, when: 'after' }, 1],
] as const)('the stand-in loses a call %s', async (_when, fault, carriedOut) => {
  const tools = await standin();
  const one = await client(tools, 'auto');
  tools.fault({ method: 'tools/call', tool: 'create_ticket', fault });
  await expect(one.callTool({ name: 'create_ticket', arguments: { title: 'x' } })).rejects.toThrow();
  expect(tools.calls('create_ticket')).toHaveLength(carriedOut);
});

test('the stand-in that was restarted does not know its sessions', async () => {
  const tools = await standin({ era: 'sessions' });
  const one = await client(tools, 'legacy');
  await tools.forgetSessions();
  await expect(one.callTool({ name: 'who_am_i', arguments: {} })).rejects.toThrow(/Session not found/);
});
