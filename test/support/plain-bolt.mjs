// Bolt as its manual shows it, for control tests: what happens without our guards.
// node plain-bolt.mjs API_URL MODE — prints `ready` when connected, `stopped` after a stop that it was asked for.
import { App, SocketModeReceiver } from '@slack/bolt';

const [, , slackApiUrl, mode] = process.argv;
const receiver = new SocketModeReceiver({
  appToken: 'xapp-1-control',
  clientPingTimeout: 100,
  installerOptions: { clientOptions: { slackApiUrl, retryConfig: { retries: 0 } } },
});
const app = new App({
  token: 'xoxb-control',
  botId: 'BBOT',
  botUserId: 'UBOT',
  receiver,
  clientOptions: { slackApiUrl, retryConfig: { retries: 0 } },
});
app.event('app_mention', async () => {
  process.stdout.write('mention\n');
  throw new Error('the commit failed');
});
process.stdin.on('data', async (line) => {
  if (String(line).includes('stop')) {
    await app.stop();
    process.stdout.write('stopped\n');
  }
});
if (mode === 'stop-while-opening') app.start().catch(() => process.stdout.write('start failed\n'));
else {
  await app.start();
  process.stdout.write('ready\n');
}
