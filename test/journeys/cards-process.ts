/** The program under test as a process of its own, with real cards and a server of tools at `TOOLS_URL`: to be killed. */
import { startBot } from '../../src/bot.ts';
import { systemClock as clock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { callingOver } from './calling.ts';

const config = readConfig(process.env);
const { connected, newId } = callingOver(process.env['TOOLS_URL'] ?? '');
const bot = await startBot({
  config,
  databaseUrl: config.database.url ?? '',
  clock,
  log: createLog(config.logLevel),
  onFatal: (error) => {
    throw error;
  },
  tuning: { calling: { connected, newId } },
});
await bot.ready;
process.once('disconnect', () => void bot.stop(0).then(() => process.exit(0)));
