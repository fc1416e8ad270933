import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { toPageCall } from '../../../../playground/model/page.ts';
import type { ModelStandin } from '../../../../playground/model/server.ts';
import type { ModelCall } from '../../../../playground/model/types.ts';
import { body, post, startStandin } from './support.ts';

const running: ModelStandin[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((standin) => standin.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function start(options: Parameters<typeof startStandin>[0] = {}): Promise<ModelStandin> {
  const standin = await startStandin(options);
  running.push(standin);
  return standin;
}

const streamed = { ...body, stream: true };

test('the journal keeps what was asked, what was sent and what it cost', async () => {
  const standin = await start();
  await (await post(standin, streamed)).text();
  const call = await standin.waitForCall((seen) => seen.outcome === 'complete');
  expect(call).toMatchObject({
    id: 1,
    rawBody: JSON.stringify(streamed),
    streamed: true,
    status: 200,
    stopReason: 'end_turn',
    text: 'Hello there, Ana.',
    fault: null,
  });
  expect(call.billed.output_tokens).toBe(call.textTokens);
  expect(call.firstAt).toBeGreaterThanOrEqual(call.receivedAt);
  expect(call.endedAt).toBeGreaterThanOrEqual(call.firstAt ?? Number.POSITIVE_INFINITY);
});

test('a listener hears a call grow, and hears no more once it has left', async () => {
  const standin = await start();
  const heard: ModelCall[] = [];
  const leave = standin.onCall((call) => heard.push(call));
  await (await post(standin, streamed)).text();
  await standin.waitForCall((call) => call.outcome === 'complete');
  expect(heard[0]?.outcome).toBe('running');
  expect(heard.at(-1)?.outcome).toBe('complete');
  const lengths = heard.map((call) => call.text.length);
  expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  leave();
  const before = heard.length;
  await (await post(standin, streamed)).text();
  expect(heard).toHaveLength(before);
});

test('faults are met in the order of the queue, each as often as it was queued for', async () => {
  const standin = await start();
  standin.fault({ kind: 'status', status: 529 }, 2);
  standin.fault({ kind: 'status', status: 500 });
  const removeLast = standin.fault({ kind: 'status', status: 402 }, Number.POSITIVE_INFINITY);
  const seen: number[] = [];
  for (let i = 0; i < 5; i += 1) seen.push((await post(standin, body)).status);
  removeLast();
  seen.push((await post(standin, body)).status);
  expect(seen).toEqual([529, 529, 500, 402, 402, 200]);
});

test('a request that the API refuses uses up no fault', async () => {
  const standin = await start();
  standin.fault({ kind: 'status', status: 529 });
  expect((await post(standin, { ...body, temperature: 1 })).status).toBe(400);
  expect((await post(standin, body)).status).toBe(529);
});

test('a script sees the turns as text and can bring its own fault', async () => {
  const standin = await start({
    script: ({ turns, number }) =>
      number === 1
        ? { text: 'never seen', fault: { kind: 'status', status: 503 } }
        : { text: turns.map((turn) => `${turn.role}:${turn.text}`).join('|') },
  });
  expect((await post(standin, body)).status).toBe(503);
  const content = [
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
  ];
  const answer = await post(standin, { ...body, messages: [{ role: 'user', content }] });
  expect(await answer.json()).toMatchObject({ content: [{ text: 'user:a\nb' }] });
});

test('a script that throws is a 500 that says so', async () => {
  const standin = await start({
    script: () => {
      throw new Error('no line for this');
    },
  });
  const response = await post(standin, streamed);
  expect(response.status).toBe(500);
  expect(await response.text()).toContain('the script failed: no line for this');
});

test('the speed is kept on average and can be changed while an answer runs', async () => {
  const words = Array.from({ length: 2_000 }, () => 'word');
  const standin = await start({ script: () => ({ text: words }), tokensPerSecond: 200 });
  const all = { ...streamed, max_tokens: 4_000 };
  const reading = post(standin, all).then((response) => response.text());
  const early = await standin.waitForCall((call) => call.textTokens >= 60);
  // 60 tokens at 200 a second are 300 ms, give or take the jitter of ±60 % on each.
  expect(Date.now() - (early.firstAt ?? 0)).toBeGreaterThan(150);
  standin.setSpeed(Number.POSITIVE_INFINITY);
  await reading;
  expect(standin.calls()[0]).toMatchObject({ outcome: 'complete', textTokens: 2_000 });
});

test('waiting for a call that does not come says what came instead', async () => {
  const standin = await start();
  await post(standin, body);
  await expect(standin.waitForCall((call) => call.id === 2, 20)).rejects.toThrow('1 complete 200');
});

test('stopping cuts what runs and frees the port', async () => {
  const standin = await startStandin({ tokensPerSecond: 1 });
  const reading = post(standin, streamed).then((response) => response.text());
  await standin.waitForCall((call) => call.status === 200);
  const [outcome] = await Promise.allSettled([reading, standin.stop()]);
  expect(outcome.status).toBe('rejected');
  expect(standin.calls()[0]?.outcome).toBe('left');
  const again = await start({ port: Number(new URL(standin.url).port) });
  expect(again.url).toBe(standin.url);
});

test('a journal on disk is there after a restart, without the line that a crash tore', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-journal-'));
  folders.push(folder);
  const first = await startStandin({ persist: folder });
  await post(first, body);
  await first.stop();
  const [file] = readdirSync(folder);
  appendFileSync(join(folder, file ?? ''), '{"id":2,"rawBo');
  const second = await start({ persist: folder });
  expect(second.calls()).toEqual(first.calls());
  await post(second, body);
  expect(second.calls().map((call) => call.id)).toEqual([1, 2]);
});

test('a call is shown on the page with its turns, its text and its usage', async () => {
  const standin = await start();
  await post(standin, { ...body, system: 'Be brief.' });
  const call = standin.calls()[0];
  if (call === undefined) throw new Error('no call');
  expect(toPageCall(call)).toMatchObject({
    id: 1,
    model: 'claude-sonnet-4-6',
    system: 'Be brief.',
    turns: [{ role: 'user', text: 'Hello' }],
    maxTokens: 100,
    outputText: 'Hello there, Ana.',
    usage: { input: 5, output: call.textTokens, cacheRead: 0, cacheWrite: 0 },
    stopReason: 'end_turn',
    status: 200,
  });
});
