/**
 * What somebody writes in an afternoon: a Bolt app that posts a message, streams the model's answer and
 * edits the message at most every half second. No database, no history, no names, no formatting, no stop.
 */
import Anthropic from '@anthropic-ai/sdk';
import { App, LogLevel } from '@slack/bolt';
import { tell, tellIdle } from './child.ts';
import { countTime } from './trace.ts';

const EDIT_EVERY_MS = 500;

const env = process.env;
const model = new Anthropic({
  apiKey: env['ANTHROPIC_API_KEY'] ?? '',
  baseURL: env['ANTHROPIC_BASE_URL'] ?? '',
});
const app = new App({
  token: env['SLACK_BOT_TOKEN'] ?? '',
  appToken: env['SLACK_APP_TOKEN'] ?? '',
  socketMode: true,
  clientOptions: { slackApiUrl: env['SLACK_API_URL'] ?? '' },
  logLevel: LogLevel.ERROR,
});

let working = 0;
app.event('app_mention', async ({ event, client }) => {
  working += 1;
  const { channel } = event;
  const posted = await client.chat.postMessage({ channel, thread_ts: event.ts, text: 'Thinking…' });
  const ts = posted.ts ?? '';
  const stream = model.messages.stream({
    model: 'claude-sonnet-4-6',
    max_tokens: 1024,
    messages: [{ role: 'user', content: event.text }],
  });
  let text = '';
  let editedAt = Number.NEGATIVE_INFINITY;
  let edits: Promise<unknown> = Promise.resolve();
  stream.on('text', (delta) => {
    text += delta;
    if (performance.now() - editedAt < EDIT_EVERY_MS) return;
    editedAt = performance.now();
    const sofar = text;
    edits = edits.then(() => client.chat.update({ channel, ts, text: sofar }));
  });
  await stream.finalMessage();
  await edits;
  await client.chat.update({ channel, ts, text });
  working -= 1;
  if (working === 0) tellIdle();
});

await app.start();
countTime();
tell({ type: 'ready', port: 0 });

process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
