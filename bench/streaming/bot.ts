/** The whole bot as in production, configured by its environment; only tells the bench when it is ready. */
import { startBot } from '../../src/bot.ts';
import { systemClock as clock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { tell } from '../child.ts';

const config = readConfig(process.env);
const bot = await startBot({
  config,
  databaseUrl: config.database.url ?? '',
  clock,
  log: createLog('warn', { write: (line) => process.stderr.write(line) }),
  onFatal: (error) => {
    throw error;
  },
});
await bot.ready;
tell({ type: 'ready', port: bot.port });

const end = async () => {
  await bot.stop(0);
  process.exit(0);
};
process.once('SIGTERM', () => void end());
// Who measured is gone, and with it the database: there is nothing to hand over to.
process.once('disconnect', () => process.exit(1));
