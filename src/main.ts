import { startBot } from './bot.ts';
import { systemClock } from './clock.ts';
import { readConfig } from './config.ts';
import { examine, examineProblems } from './doctor/doctor.ts';
import { isErrorCode, SkeinError, toError } from './errors.ts';
import { createLog, type Log, withoutSecrets } from './log.ts';
import { createAnthropicModel } from './model/anthropic.ts';
import { IDLE_LIMITS } from './model/stream.ts';
import { asText, exitCodeOf, type Finding } from './operations/finding.ts';
import { createMetrics } from './operations/metrics.ts';
import { goThroughProxy } from './proxy.ts';

/**
 * The program: reads the environment, starts the database if it is ours, starts the bot, and ends both when
 * asked. Exit codes: 0 after a requested stop, 1 for a problem that a person must mend, 2 for a crash.
 */
async function main(): Promise<void> {
  const clock = systemClock;
  const metrics = createMetrics(clock);
  const log = createLog('info', undefined, (level, code) => {
    if (isErrorCode(code)) metrics.coded(level, code);
  });
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
    metrics,
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

/**
 * `doctor`: looks at everything that can be looked at from here and says what is so and what to do. `--json`: one array.
 * Exit code 1 if something is wrong.
 */
async function doctor(json: boolean): Promise<number> {
  const log = createLog('fatal');
  const found = await (async (): Promise<Finding[]> => {
    try {
      const config = readConfig(process.env);
      if (config.proxy !== null) goThroughProxy(config.proxy);
      const { apiKey, baseUrl } = config.anthropic;
      const more = { clock: systemClock, idleMs: IDLE_LIMITS, maxRetries: 0, log };
      return await examine({
        config,
        databaseUrl: config.database.url,
        model: createAnthropicModel({ apiKey, baseUrl, ...more }),
        fetch,
        clock: systemClock,
        log,
      });
    } catch (thrown) {
      if (!(thrown instanceof SkeinError) || thrown.code !== 'CONFIG_INVALID') throw thrown;
      return examineProblems(thrown.facts['problems'] as readonly string[]);
    }
  })();
  const text = `${json ? JSON.stringify(found, null, 2) : asText(found)}\n`;
  // A pipe takes it in its own time, and the process ends after it.
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
  return exitCodeOf(found);
}

/** `backup TO` and `restore FROM`: the embedded database as a directory. What is refused is told in one line; exit code 1. */
async function copyDatabase(what: 'backup' | 'restore', directory: string | undefined): Promise<number> {
  const { database } = readConfig(process.env);
  if (directory === undefined) throw new Error(`which directory? npm run ${what} -- DIRECTORY`);
  if (database.url !== null)
    throw new Error('DATABASE_URL is set: that server has tools of its own (pg_dump, pg_basebackup)');
  const { backUp, restore } = await import('./postgres/embedded/backup.ts');
  const options = { dataDir: database.dataDir, clock: systemClock, log: createLog('warn') };
  try {
    await (what === 'backup'
      ? backUp({ ...options, to: directory })
      : restore({ ...options, from: directory }));
  } catch (thrown) {
    const { reasonOf } = await import('./postgres/embedded/failure.ts');
    throw new Error(`${what} failed: ${reasonOf(thrown)}`, { cause: thrown });
  }
  process.stdout.write(`${what} done: ${directory}\n`);
  return 0;
}

const [asked, ...how] = process.argv.slice(2);
const command =
  asked === 'doctor'
    ? doctor(how.includes('--json'))
    : asked === 'backup' || asked === 'restore'
      ? copyDatabase(asked, how[0])
      : null;
const run = command === null ? main() : command.then((code) => process.exit(code));
run.catch((thrown) => {
  const error = toError(thrown);
  // A command is asked for by a person at a terminal, and nothing was to start.
  if (command === null) createLog('info').fatal({ err: error }, 'could not start');
  process.stderr.write(`${withoutSecrets(error.message)}\n`);
  process.exit(1);
});
