import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSlackStandin } from '../../../../playground/slack/standin.ts';
import { systemClock } from '../../../../src/clock.ts';
import { ana, client, general, rawSocket, standin, steppedClock } from './support.ts';

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'standin-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('a workspace on disk', () => {
  it('is the same after a restart: messages, edits, reactions, files, conversations', async () => {
    const persistDir = directory();
    const first = await startSlackStandin({ clock: systemClock, persistDir, scopes: 'all' });
    const { ts } = first.say(ana, general, 'question', {
      files: [{ name: 'a.txt', mimetype: 'text/plain', content: 'bytes' }],
    });
    const web = client(first);
    const reply = String((await web.chat.postMessage({ channel: general, thread_ts: ts, text: 'a' })).ts);
    await web.chat.update({ channel: general, ts: reply, text: 'answer' });
    await web.reactions.add({ channel: general, timestamp: ts, name: 'eyes' });
    first.people.openDm(ana, 'U0BEN');
    const before = first.page.snapshot();
    await first.stop();
    const second = await standin({ persistDir });
    expect({ ...second.page.snapshot(), calls: [] }).toEqual({ ...before, calls: [] });
  });

  it('never gives a timestamp or an id twice, even if the wall clock went back', async () => {
    const persistDir = directory();
    const ahead = steppedClock();
    ahead.advance(3_600_000);
    const first = await startSlackStandin({ clock: ahead, persistDir });
    const before = first.say(ana, general, 'one');
    const lastEvent = [...first.workspace.owed.keys()].at(-1);
    await first.stop();
    const second = await standin({ clock: steppedClock(), persistDir });
    const after = second.say(ana, general, 'two');
    expect(after.ts > before.ts).toBe(true);
    expect([...second.workspace.owed.keys()].filter((id) => id === lastEvent)).toHaveLength(1);
    expect(second.workspace.owed.size).toBe(2);
  });

  it('still owes the app what it had not acknowledged, and says that it is a retry', async () => {
    const persistDir = directory();
    const first = await startSlackStandin({ clock: systemClock, persistDir });
    const { ts } = first.say(ana, general, 'unheard');
    await first.stop();
    const second = await standin({ persistDir });
    const socket = await rawSocket(second);
    const event = await socket.next(({ type }) => type === 'events_api');
    expect(event).toMatchObject({ retry_attempt: 1, payload: { event: { ts } } });
    socket.send({ envelope_id: event.envelope_id, payload: {} });
    await second.waitForDelivery(({ state }) => state === 'acked');
    expect(second.workspace.owed.size).toBe(0);
  });

  it('drops a torn last line and nothing else', async () => {
    const persistDir = directory();
    const first = await startSlackStandin({ clock: systemClock, persistDir });
    first.say(ana, general, 'whole');
    await first.stop();
    appendFileSync(join(persistDir, 'workspace.jsonl'), '{"changes":[{"table":"mess');
    const second = await standin({ persistDir });
    expect(second.messages(general).map(({ visible }) => visible)).toEqual(['whole']);
  });

  it('refuses a file that is damaged in the middle', async () => {
    const persistDir = directory();
    const first = await startSlackStandin({ clock: systemClock, persistDir });
    await first.stop();
    appendFileSync(
      join(persistDir, 'workspace.jsonl'),
      'garbage\n{"changes":[],"lastMicros":1,"lastId":1}\n',
    );
    await expect(startSlackStandin({ clock: systemClock, persistDir })).rejects.toThrow(/line 2 is damaged/);
  });

  it('is one line after loading, however long it had become', async () => {
    const persistDir = directory();
    const first = await startSlackStandin({ clock: systemClock, persistDir });
    for (let n = 0; n < 20; n += 1) first.say(ana, general, `message ${n}`);
    await first.stop();
    await standin({ persistDir });
    expect(readFileSync(join(persistDir, 'workspace.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(1);
  });

  it('loses nothing that was told to anyone before kill -9', async () => {
    const persistDir = directory();
    const script = fileURLToPath(new URL('./writes-until-killed.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, persistDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    const told: string[] = [];
    for await (const ts of createInterface({ input: child.stdout })) {
      told.push(ts);
      if (told.length === 200) child.kill('SIGKILL');
    }
    expect(await gone).toBe('SIGKILL');
    const slack = await standin({ persistDir });
    const kept = new Set(slack.messages(general).map(({ ts }) => ts));
    expect(told.filter((ts) => !kept.has(ts))).toEqual([]);
  });
});
