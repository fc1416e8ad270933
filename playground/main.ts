import { join, relative, resolve } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { toError } from '../src/errors.ts';
import { type Playground, startPlayground } from './playground.ts';

/**
 * `npm run playground`: the whole of Skein on this machine, with no account, no key and no database server.
 * PLAYGROUND_PORT (4400), DATA_DIR (./data) and ANTHROPIC_API_KEY are read; DEFAULT_… and LOG_LEVEL are
 * passed on to the bot.
 */
async function main(): Promise<void> {
  const env = process.env;
  const port = Number(env['PLAYGROUND_PORT']?.trim() || '4400');
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error('PLAYGROUND_PORT must be a port number');
  const dataDir = join(resolve(env['DATA_DIR']?.trim() || './data'), 'playground');
  const apiKey = env['ANTHROPIC_API_KEY']?.trim() || null;
  const began = systemClock.monotonic();
  let asked = false;

  const playground: Playground = await startPlayground({
    dataDir,
    port,
    anthropic:
      apiKey === null
        ? null
        : { apiKey, baseUrl: env['ANTHROPIC_BASE_URL']?.trim() || 'https://api.anthropic.com' },
    botEnv: passedOn(env),
    environment: env,
    clock: systemClock,
    log: { info: () => {}, warn: tell, error: tell },
    onBroken: (code) => {
      process.stderr.write(
        `The bot could not start (exit code ${code}). Its log: ${relative('.', join(dataDir, 'bot.log'))}\n`,
      );
      void end(1);
    },
  });
  const end = async (code: number) => {
    if (asked) return;
    asked = true;
    await playground.stop();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (asked) process.exit(1);
      process.stdout.write('\nStopping…\n');
      void end(0);
    });
  await playground.ready;
  const seconds = ((systemClock.monotonic() - began) / 1000).toFixed(1);
  process.stdout.write(
    [
      '',
      `  Skein's playground is ready (${seconds} s): ${playground.url}`,
      '',
      playground.answers === 'scripted'
        ? '  A scripted stand-in answers. Set ANTHROPIC_API_KEY to talk to Claude.'
        : '  Claude answers, with your ANTHROPIC_API_KEY.',
      `  Data: ${relative('.', dataDir) || '.'}   Log of the bot: ${relative('.', playground.logFile)}`,
      '  Ctrl-C stops it; what was said is kept.',
      '',
      '',
    ].join('\n'),
  );
}

function passedOn(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      (name.startsWith('DEFAULT_') || name === 'LOG_LEVEL') && value !== undefined ? [[name, value]] : [],
    ),
  );
}

function tell(fields: object, message: string): void {
  process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
}

main().catch((thrown) => {
  process.stderr.write(`The playground could not start: ${toError(thrown).message}\n`);
  process.exit(1);
});
