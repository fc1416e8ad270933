import { expect, it, onTestFinished } from 'vitest';
import { startChild } from '../../bench/child.ts';
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
  const kill = () => process.kill(child.pid, 'SIGKILL');
  onTestFinished(() => {
    try {
      kill();
    } catch {
      // It was killed by the test.
    }
  });
  return kill;
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

/** Waits until a statement finds something. */
async function until(world: World, statement: string): Promise<void> {
  await expect.poll(async () => (await query(world, statement)).length).toBe(1);
}
