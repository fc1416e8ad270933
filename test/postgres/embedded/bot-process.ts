/**
 * Stands for a bot in a process of its own: starts the embedded server with the options in its argument
 * and writes one JSON line for each thing that happens. The line `stop` on its input, the end of its input
 * or Ctrl-C stop it in order; on Ctrl-C it first proves that the server still answers.
 */
import { createInterface } from 'node:readline';
import pg from 'pg';
import { systemClock } from '../../../src/clock.ts';
import { startEmbeddedPostgres } from '../../../src/postgres/embedded/launcher.ts';

const options = JSON.parse(process.argv[2] ?? '{}');
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const logTo = (level: string) => (fields: object, message: string) => say({ log: level, message, fields });

async function main(): Promise<void> {
  const log = { info: logTo('info'), warn: logTo('warn'), error: logTo('error') };
  const server = await startEmbeddedPostgres({ ...options, clock: systemClock, log });
  const stop = async () => {
    await server.stop();
    say({ stopped: true });
    process.exit(0);
  };
  process.on('SIGINT', async () => {
    const client = new pg.Client(server.url);
    await client.connect();
    const { rows } = await client.query('select 1 as answer');
    await client.end();
    say({ drained: rows });
    await stop();
  });
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      if (line === 'stop') void stop();
    })
    .on('close', () => void stop());
  say({ ready: { url: server.url, serverPid: server.serverPid() } });
}

main().catch((failure) => {
  say({ failed: { code: failure.code, message: failure.message } });
  process.exit(1);
});
