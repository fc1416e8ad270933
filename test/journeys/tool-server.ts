import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Calling } from '../../src/reply/tools/ports.ts';
import type { CallOutcome, ConnectedTool } from '../../src/tools/connected.ts';
import { type Called, callingOver } from './calling.ts';

type Handler = (input: Record<string, unknown>, called: Called) => Promise<CallOutcome> | CallOutcome;

/** A connected server as the rounds see it, in this process; processes of their own reach it by its address. */
export interface ToolServer {
  readonly url: string;
  readonly calling: Calling;
  /** Calls that arrived, oldest first. */
  readonly calls: readonly Called[];
  /** Which calls the cards were shown for, by their state, oldest first. */
  readonly shown: readonly string[];
  /** What a tool does from now on; the standard: it answers with its name and input. */
  on(tool: string, handler: Handler): void;
  /** The right of everybody from now on. */
  allow(right: 'may' | 'unlinked' | 'not_allowed'): void;
}

const schema = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: [...required],
});

function tool(name: string, title: string, more: Partial<ConnectedTool> = {}): ConnectedTool {
  return {
    name: `tracker_${name}`,
    description: `${title} in the tracker.`,
    inputSchema: schema({ id: { type: 'integer' }, title: { type: 'string' } }),
    server: 'tracker',
    tool: name,
    title,
    reads: false,
    repeatable: false,
    account: 'workspace',
    ...more,
  };
}

const TOOLS: readonly ConnectedTool[] = [
  tool('find', 'Find tickets', { reads: true }),
  tool('create', 'Create a ticket', { inputSchema: schema({ title: { type: 'string' } }, ['title']) }),
  tool('close', 'Close a ticket', { repeatable: true }),
  tool('mail', 'Read my mail', { reads: true, account: 'person' }),
];

export const given = (text: string, failed = false): CallOutcome => ({
  kind: 'done',
  parts: [{ type: 'text', text }],
  failed,
  cut: false,
});

export async function startToolServer(): Promise<ToolServer> {
  const calls: Called[] = [];
  const shown: string[] = [];
  const handlers = new Map<string, Handler>();
  let right = 'may';
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
      const answer = async (): Promise<unknown> => {
        if (request.url === '/offered') return TOOLS;
        if (request.url === '/judge') return right;
        if (request.url === '/shown') return void shown.push(...(body as string[]));
        const called = body as Called;
        calls.push(called);
        const standard: Handler = (input) => given(`${called.tool} ${JSON.stringify(input)}`);
        return (handlers.get(called.tool) ?? standard)(called.input as Record<string, unknown>, called);
      };
      void answer().then((value) => response.end(JSON.stringify(value ?? null)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    calling: callingOver(url),
    calls,
    shown,
    on: (name, handler) => void handlers.set(name, handler),
    allow: (next) => {
      right = next;
    },
  };
}
