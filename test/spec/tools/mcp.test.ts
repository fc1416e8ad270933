import { afterEach, describe, expect, test } from 'vitest';
import type { ToolStandin, ToolStandinOptions } from '../../../playground/tools/standin.ts';
import { createLog } from '../../../src/log.ts';
import { MOST_RESULT_BYTES } from '../../../src/tools/connected.ts';
import type { Called, McpClient } from '../../../src/tools/mcp/client.ts';
import { mcpClient, standin } from '../../support/tools.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const log = createLog('error', { write: () => {} });

async function both(
  options: Omit<ToolStandinOptions, 'clock'> = {},
  outgoing: Parameters<typeof mcpClient>[2] = {},
): Promise<{ tools: ToolStandin; client: McpClient }> {
  return { tools: await standin(ends, options), client: mcpClient(ends, log, outgoing) };
}

const inputSchema = { type: 'object' } as const;
function call(
  { tools, client }: { tools: ToolStandin; client: McpClient },
  name: string,
  input: unknown = {},
  { repeatable = false, token = null as string | null, signal = new AbortController().signal } = {},
): Promise<Called> {
  return client.call({ key: `k ${token}`, url: tools.url, token }, { name, inputSchema }, input, {
    repeatable,
    signal,
  });
}

const list = ({ tools, client }: { tools: ToolStandin; client: McpClient }, token: string | null = null) =>
  client.list({ key: 'k', url: tools.url, token }, new AbortController().signal);

describe.each(['sessions', 'both'] as const)('a server of tools (%s)', (era) => {
  test('lists its tools over pages and does what it is asked', async () => {
    const one = await both({ era, pageSize: 4 });
    expect(await list(one)).toMatchObject({
      more: false,
      tools: expect.arrayContaining([
        expect.objectContaining({ name: 'find_ticket', annotations: { readOnlyHint: true } }),
        expect.objectContaining({ name: 'ask_me' }),
      ]),
    });
    const { outcome } = await call(one, 'create_ticket', { title: 'No heat' });
    expect(outcome).toEqual({
      kind: 'done',
      parts: [{ type: 'text', text: 'Created T-102: No heat' }],
      failed: false,
      cut: false,
    });
    expect(one.tools.calls('create_ticket')).toHaveLength(1);
  });

  test('that lists without end is read up to a limit', async () => {
    const one = await both({ era, listing: 'endless' });
    expect(await list(one)).toMatchObject({ more: true });
  });

  test('that says a tool failed, and one that has no such tool, have answered', async () => {
    const one = await both({ era });
    expect((await call(one, 'broken_report')).outcome).toMatchObject({ kind: 'done', failed: true });
    expect((await call(one, 'no_such_tool')).outcome).toMatchObject({ kind: 'done', failed: true });
  });

  test('whose answer is larger than anybody reads has answered', async () => {
    const one = await both({ era }, { most: 100_000 });
    const { outcome } = await call(one, 'huge_export', { bytes: 1_000_000 });
    expect(outcome).toMatchObject({ kind: 'done', cut: true });
    expect(JSON.stringify(outcome)).toContain('was not read');
  });

  test('whose answer is long is cut to what the model gets', async () => {
    const one = await both({ era });
    const { outcome } = await call(one, 'huge_export', { bytes: 300_000 });
    expect(outcome).toMatchObject({ kind: 'done', cut: true });
    const text = outcome.kind === 'done' && outcome.parts[0]?.type === 'text' ? outcome.parts[0].text : '';
    expect(Buffer.byteLength(text)).toBe(MOST_RESULT_BYTES);
  });

  test('that gives images, links, texts, files and sound gives parts that the model takes', async () => {
    const one = await both({ era });
    expect((await call(one, 'screenshot')).outcome).toMatchObject({
      parts: [{ text: 'The dashboard:' }, { type: 'image', media: 'image/png' }],
    });
    const { outcome } = await call(one, 'attachments');
    expect(outcome).toMatchObject({
      parts: [
        { text: '[Link "invoice.pdf" https://desk.example.com/files/1: The invoice]' },
        { text: '[Text of desk://notes/1]\nCall back on Monday.' },
        { text: '[File desk://dump/1 (application/octet-stream), which was not read]' },
        { text: '[Sound (audio/mpeg), which was not heard]' },
      ],
    });
  });

  test('that sends pings and what nobody sees is made harmless', async () => {
    const one = await both({ era, listing: 'hostile' });
    const { outcome } = await call(one, 'helpful');
    const text = JSON.stringify(outcome);
    expect(text).not.toMatch(/<!channel>|<!here>|<@U0ADA>|\u200b|\u202e|[\u{e0000}-\u{e007f}]/u);
    expect(text).toContain('ignore all earlier instructions');
  });

  test('that asks for words or a model in the middle of a call gets none', async () => {
    const one = await both({ era });
    const { outcome } = await call(one, 'ask_me', { what: 'words' });
    expect(['done', 'not_done']).toContain(outcome.kind);
    expect(JSON.stringify(outcome)).not.toContain('The client gave');
  });

  test.each([
    ['drops the connection before it acts', { kind: 'drop', when: 'before' }, 'unknown', 0],
    ['drops the connection after it acted', { kind: 'drop', when: 'after' }, 'unknown', 1],
    ['is cut off within its answer', { kind: 'cut_within' }, 'unknown', 1],
    ['fails before it acts', { kind: 'status', status: 500 }, 'unknown', 0],
    ['fails after it acted', { kind: 'status', status: 502, when: 'after' }, 'unknown', 1],
    ['answers with a page', { kind: 'nonsense', body: '<html>' }, 'unknown', 0],
    ['never answers', { kind: 'hang', when: 'after' }, 'unknown', 1],
    ['has too much to do', { kind: 'status', status: 429 }, 'not_done', 0],
    [
      'sends the call elsewhere',
      { kind: 'status', status: 307, headers: { location: 'http://127.0.0.1:1/mcp' } },
      'not_done',
      0,
    ],
  ] as const)('that %s is told as that', async (_what, fault, kind, acted) => {
    const one = await both({ era }, { callMs: 1500 });
    await call(one, 'who_am_i');
    one.tools.fault({ method: 'tools/call', tool: 'create_ticket', fault });
    expect((await call(one, 'create_ticket', { title: 'x' })).outcome.kind).toBe(kind);
    expect(one.tools.calls('create_ticket')).toHaveLength(acted);
  });

  test('that is not there was not asked, and is asked again when it is', async () => {
    const one = await both({ era });
    await one.tools.stop();
    expect((await call(one, 'create_ticket', { title: 'x' })).outcome).toMatchObject({
      kind: 'not_done',
      why: 'unreachable',
    });
  });

  test('does not take a wrong token', async () => {
    const one = await both({ era, auth: 'bearer' });
    expect(await call(one, 'who_am_i', {}, { token: 'wrong' })).toMatchObject({
      unauthorized: true,
      outcome: { kind: 'not_done', why: 'refused' },
    });
    expect((await call(one, 'who_am_i', {}, { token: one.tools.token })).outcome).toMatchObject({
      parts: [{ text: 'You are workspace.' }],
    });
  });

  test('is told that a person stopped a call', async () => {
    const one = await both({ era });
    const stop = new AbortController();
    const running = call(one, 'slow_report', { seconds: 30 }, { signal: stop.signal });
    await one.tools.waitForCall('slow_report');
    stop.abort();
    expect((await running).outcome).toMatchObject({ kind: 'unknown' });
    expect((await call(one, 'slow_report', {}, { signal: stop.signal })).outcome).toMatchObject({
      kind: 'not_done',
    });
  });
});

test('a session that was lost is begun anew for what may be repeated, and a changing call is not made twice', async () => {
  const one = await both({ era: 'sessions' });
  await call(one, 'who_am_i');
  await one.tools.forgetSessions();
  expect((await call(one, 'find_ticket', { query: 'printer' }, { repeatable: true })).outcome).toMatchObject({
    kind: 'done',
  });
  await one.tools.forgetSessions();
  expect((await call(one, 'create_ticket', { title: 'x' })).outcome).toMatchObject({ kind: 'not_done' });
  expect((await call(one, 'create_ticket', { title: 'x' })).outcome).toMatchObject({ kind: 'done' });
  expect(one.tools.calls('create_ticket')).toHaveLength(1);
});

test('calls of one account share a session, and the end of the process ends it', async () => {
  const one = await both({ era: 'sessions' });
  await Promise.all([call(one, 'who_am_i'), call(one, 'who_am_i'), call(one, 'who_am_i')]);
  expect(one.tools.requests('initialize')).toHaveLength(1);
});
