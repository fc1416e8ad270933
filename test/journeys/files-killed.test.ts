import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, it, onTestFinished } from 'vitest';
import { startChild } from '../../bench/child.ts';
import type { ScriptTurn } from '../../playground/model/types.ts';
import { systemClock } from '../../src/clock.ts';
import { docx, paragraph } from '../support/office.ts';
import { ana, finishedReply, general, query, startWorld, type World } from './world.ts';

const CODE = `\`\`\`python\n${Array.from({ length: 80 }, (_, n) => `print(${n})`).join('\n')}\n\`\`\``;

/** A process of its own that writes replies, to be killed; the world's own only receives. */
async function writer(world: World) {
  const { slack, anthropic } = world.config;
  const env = {
    SLACK_BOT_TOKEN: world.slack.botToken,
    SLACK_API_URL: slack.apiUrl,
    SLACK_APP_TOKEN: world.slack.appToken,
    ANTHROPIC_API_KEY: anthropic.apiKey,
    ANTHROPIC_BASE_URL: anthropic.baseUrl,
    DATABASE_URL: world.gate.url,
    HOST: '127.0.0.1',
    PORT: '0',
    ROLE: 'work',
    DEFAULT_FOOTER: 'off',
  };
  const child = await startChild('./bot.ts', { env, inherited: process.env, flags: [] });
  const kill = () => void process.kill(child.pid, 'SIGKILL');
  onTestFinished(() => {
    try {
      kill();
    } catch {
      // It was killed by the test.
    }
  });
  return Object.assign(kill, { pid: child.pid });
}

it('a process that is killed while it fetches a file leaves the question to the next, which reads it', async () => {
  const texts: string[] = [];
  const world = await startWorld({
    env: { ROLE: 'receive' },
    script: (question) => {
      texts.push(question);
      return { text: 'Seen.' };
    },
  });
  const kill = await writer(world);
  world.slack.failDownloads('hang');
  const { ts } = world.slack.say(ana, general, '@skein what is this?', {
    files: [{ name: 'a.txt', mimetype: 'text/plain', content: 'words' }],
  });
  await world.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === ts && visible.includes('Reading the files'),
  );
  kill();
  world.slack.failDownloads(undefined);
  await world.another({ ROLE: 'work' });
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toBe('Seen.');
  expect(texts).toHaveLength(1);
  expect(texts[0]).toContain('```\nwords');
  expect(world.slack.calls('chat.postMessage')).toHaveLength(1);
});

it.runIf(process.platform === 'linux')(
  'a process that is killed while an image of its own is being made leaves nothing behind, and the next one makes it',
  async () => {
    const turns: (readonly ScriptTurn[])[] = [];
    const world = await startWorld({
      env: { ROLE: 'receive' },
      script: (_question, request) => {
        turns.push(request.turns);
        return { text: 'Seen.' };
      },
    });
    const kill = await writer(world);
    world.slack.failDownloads('hang');
    const content = await sharp({ create: { width: 300, height: 200, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const { ts } = world.slack.say(ana, general, '@skein what is this?', {
      files: [{ name: 'shot.png', mimetype: 'image/png', content }],
    });
    // The process of images stands still before it has the bytes: whatever comes is being converted.
    const maker = await makerOf(kill.pid);
    process.kill(maker, 'SIGSTOP');
    world.slack.failDownloads(undefined);
    await expect.poll(() => world.slack.downloaded().length, { timeout: 30_000 }).toBe(1);
    // Longer than a picture of this size takes.
    await systemClock.sleep(400);
    expect(turns).toEqual([]);
    kill();
    process.kill(maker, 'SIGCONT');
    await world.another({ ROLE: 'work' });
    const reply = await finishedReply(world, general, ts);
    expect(reply.visible).toBe('Seen.');
    expect(turns).toHaveLength(1);
    expect(turns[0]?.at(-1)?.files).toMatchObject([{ kind: 'image', width: 300, height: 200 }]);
    await expect.poll(() => isThere(maker), { timeout: 20_000 }).toBe(false);
  },
);

it('a process that is killed while a document is being converted leaves the question to the next, which reads it', async () => {
  const texts: string[] = [];
  const world = await startWorld({
    env: { ROLE: 'receive' },
    script: (question) => {
      texts.push(question);
      return { text: 'Seen.' };
    },
  });
  const kill = await writer(world);
  // Long words come last, so that the thread is busy for a second or so.
  const body = `${paragraph('We ship on Friday.')}<w:p>${'<w:r></w:r>'.repeat(1_000_000)}</w:p>${paragraph('The end')}`;
  const { ts } = world.slack.say(ana, general, '@skein what is this?', {
    files: [{ name: 'plan.docx', mimetype: 'application/octet-stream', content: docx(body) }],
  });
  await expect.poll(() => world.slack.downloaded().length, { timeout: 30_000, interval: 2 }).toBe(1);
  kill();
  expect(texts).toEqual([]);
  await world.another({ ROLE: 'work' });
  const reply = await finishedReply(world, general, ts);
  expect(reply.visible).toBe('Seen.');
  expect(texts).toHaveLength(1);
  expect(texts[0]).toContain('We ship on Friday.');
  expect(texts[0]).toContain('The end');
  expect(await query(world, 'select 1 from skein.attachments where why is null')).toHaveLength(1);
});

it.each([
  ['before it shares a file', 'before'],
  ['after it shared a file and before it knows', 'after'],
] as const)('a process that is killed %s: the file comes once', async (_what, when) => {
  const world = await startWorld({ env: { ROLE: 'receive' }, script: () => ({ text: CODE }) });
  const kill = await writer(world);
  world.slack.faults.add({ method: 'files.completeUploadExternal', fault: { kind: 'hang', when } });
  const { ts } = world.slack.say(ana, general, '@skein write it');
  await finishedReply(world, general, ts);
  await world.slack.waitForCall(({ method }) => method === 'files.getUploadURLExternal');
  await until(world, "select 1 from skein.sent_files where state = 'sharing'");
  if (when === 'after')
    await world.slack.waitForMessage(({ files, threadTs }) => files.length > 0 && threadTs === ts);
  kill();
  await world.another({ ROLE: 'work' });
  await until(world, "select 1 from skein.sent_files where state = 'over'");
  const shared = world.slack.thread(general, ts).filter(({ files }) => files.length > 0);
  expect(shared).toHaveLength(1);
});

it.each(['before', 'after'] as const)(
  'a process that is killed %s it shared the file of a command in a thread: the file comes once',
  async (when) => {
    const world = await startWorld({ env: { ROLE: 'receive' } });
    const kill = await writer(world);
    const { ts } = world.slack.say(ana, general, '@skein one');
    await finishedReply(world, general, ts);
    world.slack.faults.add({ method: 'files.completeUploadExternal', fault: { kind: 'hang', when } });
    world.slack.say(ana, general, '@skein usage csv', { threadTs: ts });
    await world.slack.waitForCall(({ method }) => method === 'files.getUploadURLExternal');
    await until(world, 'select 1 from skein.pending_commands where file is not null');
    const sent = () => world.slack.messages('D0ANA').filter(({ files }) => files.length > 0);
    if (when === 'after') await expect.poll(() => sent().length).toBe(1);
    kill();
    await world.another({ ROLE: 'work' });
    await world.slack.waitForMessage(({ visible }) => visible.includes('I sent you 1 line'));
    expect(sent()).toHaveLength(1);
  },
);

/** The process of images that another one started, once its program is there: before that its parent waits for it. */
async function makerOf(pid: number): Promise<number> {
  const maker = () =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .find((child) => child !== '' && commandOf(child).includes('image-process')) ?? '';
  await expect.poll(maker, { timeout: 30_000, interval: 5 }).not.toBe('');
  return Number(maker());
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a statement finds something. */
async function until(world: World, statement: string): Promise<void> {
  await expect.poll(async () => (await query(world, statement)).length).toBe(1);
}
