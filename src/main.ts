import { startBot } from './bot.ts';
import { systemClock } from './clock.ts';
import { readConfig } from './config.ts';
import { SkeinError, toError } from './errors.ts';
import { createLog, type Log } from './log.ts';
import { goThroughProxy } from './proxy.ts';

/**
 * The program: reads the environment, starts the database if it is ours, starts the bot, and ends both when
 * asked. Exit codes: 0 after a requested stop, 1 for a problem that a person must mend, 2 for a crash.
 */
async function main(): Promise<void> {
  const log = createLog('info');
  const config = (() => {
    try {
      return readConfig(process.env);
    } catch (thrown) {
      // For a person at a terminal, not for a log: every problem on a line of its own.
      process.stderr.write(`${toError(thrown).message}\n`);
      process.exit(1);
    }
  })();
  log.level = config.logLevel;
  installCrashHandlers(log);

  if (config.proxy !== null) {
    goThroughProxy(config.proxy);
    log.info({ proxy: new URL(config.proxy.url).host }, 'calls to Slack and Claude go through a proxy');
  }
  const clock = systemClock;
  const embedded = config.database.url === null ? await startEmbedded(config.database.dataDir, log) : null;
  const databaseUrl = config.database.url ?? embedded?.url ?? '';
  let exitCode = 0;
  const end = async (code: number) => {
    exitCode = Math.max(exitCode, code);
    await bot.stop();
    await embedded?.stop();
    process.exit(exitCode);
  };
  const bot = await startBot({
    config,
    databaseUrl,
    clock,
    log,
    onFatal: (error) => {
      log.fatal({ err: error, code: error.code }, 'cannot go on');
      setImmediate(() => void end(1));
    },
  }).catch(async (thrown) => {
    await embedded?.stop();
    throw thrown;
  });

  let asked = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    asked += 1;
    log.info({ signal }, asked === 1 ? 'asked to stop' : 'asked again: leaving at once');
    // Leases of a process that left are taken over by the next one; nothing is lost by leaving.
    if (asked > 1) process.exit(0);
    void end(0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  // Started by another program over a channel (the playground): its end is ours.
  process.on('disconnect', () => onSignal('SIGTERM'));
  // It may have ended while we were starting, before anybody listened.
  if (process.connected === false) onSignal('SIGTERM');
  bot.ready.then(
    () => process.send?.({ type: 'ready', port: bot.port }),
    () => {},
  );
}

async function startEmbedded(dataDir: string, log: Log) {
  // Only where it is used: a deployment with a database of its own does not load it.
  const { startEmbeddedPostgres } = await import('./postgres/embedded/launcher.ts');
  try {
    return await startEmbeddedPostgres({ dataDir, clock: systemClock, log });
  } catch (cause) {
    throw new SkeinError('DATABASE_EMBEDDED_FAILED', toError(cause).message, { cause });
  }
}

/** What nobody caught must end the process: its state is unknown, and the next owner takes the work over. */
function installCrashHandlers(log: Log): void {
  const crash = (err: unknown) => {
    log.fatal({ err: toError(err) }, 'crashed');
    process.exitCode = 2;
    setImmediate(() => process.exit(2));
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

main().catch((thrown) => {
  const error = toError(thrown);
  createLog('info').fatal({ err: error }, 'could not start');
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
