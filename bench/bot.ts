/**
 * The program under test: the whole bot, configured by its environment as in production, with two additions.
 * It tells the bench when it rests, and its own pace is not limited, unless `BENCH_PACE` is `real`: the allowance of a
 * real workspace (49 edits a minute) would stretch two hundred questions over ten minutes, and what most benches want to
 * know is how long each takes while the allowance is free.
 */
import { type Bot, startBot } from '../src/bot.ts';
import { systemClock as clock } from '../src/clock.ts';
import { readConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { tell, tellIdle } from './child.ts';
import { countBytes, countTime, tellMemory, traceEverything } from './trace.ts';

/** More than 200 questions and a crowd can use; planning takes time in proportion to it. */
const FREE = { limit: 1500, windowMs: 60_000 };

const config = readConfig(process.env);
countBytes();
countTime();
tellMemory();
if (process.env['BENCH_TRACE'] !== undefined) traceEverything();
let bot: Bot | null = null;

const log = createLog(config.logLevel, {
  write(line) {
    process.stdout.write(line);
    if (line.includes('"reply done"')) whenIdle();
  },
});

let looking = false;

/** A reply is done a moment before its job is. One looks for all, and not in each turn: that would take the processor. */
function whenIdle(again = false): void {
  if (bot === null || (looking && !again)) return;
  looking = bot.active() > 0;
  if (looking) setTimeout(whenIdle, 1, true);
  else tellIdle();
}

bot = await startBot({
  config,
  databaseUrl: config.database.url ?? '',
  clock,
  log,
  onFatal: (error) => {
    throw error;
  },
  ...(process.env['BENCH_PACE'] === 'real'
    ? {}
    : { tuning: { pacer: { updateRule: FREE, postRule: FREE } } }),
});
await bot.ready;
tell({ type: 'ready', port: bot.port });

const end = async () => {
  await bot?.stop(0);
  process.exit(0);
};
process.once('SIGTERM', () => void end());
process.once('disconnect', () => void end());
