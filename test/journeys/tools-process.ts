/** The program under test as a process of its own, with a server of tools at `TOOLS_URL`: to be killed. */
import { startBot } from '../../src/bot.ts';
import { systemClock as clock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { callingOver } from './calling.ts';

const config = readConfig(process.env);
const bot = await startBot({
  config,
  databaseUrl: config.database.url ?? '',
  clock,
  log: createLog(config.logLevel),
  onFatal: (error) => {
    throw error;
  },
  tuning: { calling: callingOver(process.env['TOOLS_URL'] ?? '') },
});
await bot.ready;
process.once('disconnect', () => void bot.stop(0).then(() => process.exit(0)));
