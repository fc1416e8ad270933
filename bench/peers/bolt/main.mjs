/**
 * A Bolt app as its documentation shows it. `MODE=stream`: Bolt's own `sayStream`. `MODE=edit`: a message that
 * is edited every half second with what came so far.
 */
import Anthropic from '@anthropic-ai/sdk';
import bolt from '@slack/bolt';

const EDIT_EVERY_MS = 500;
const { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_API_URL, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, MODE } =
  process.env;
const model = new Anthropic({ apiKey: ANTHROPIC_API_KEY, baseURL: ANTHROPIC_BASE_URL });
const app = new bolt.App({
  token: SLACK_BOT_TOKEN,
  appToken: SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: SLACK_API_URL },
  logLevel: bolt.LogLevel.ERROR,
});

const ask = (text) =>
  model.messages.stream({
    model: 'claude-sonnet-4-6',
    max_tokens: 4096,
    messages: [{ role: 'user', content: text }],
  });

async function* textOf(stream) {
  for await (const event of stream)
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text;
}

app.event('app_mention', async ({ event, client, sayStream }) => {
  if (MODE === 'stream') {
    const streamer = sayStream();
    for await (const text of textOf(ask(event.text))) await streamer.append({ markdown_text: text });
    await streamer.stop();
    return;
  }
  const { channel } = event;
  const { ts } = await client.chat.postMessage({ channel, thread_ts: event.ts, text: 'Thinking…' });
  let text = '';
  let shown = '';
  let over = false;
  const edits = (async () => {
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, EDIT_EVERY_MS));
      if (text === shown || over) continue;
      shown = text;
      await client.chat.update({ channel, ts, markdown_text: text }).catch(() => {});
    }
  })();
  for await (const delta of textOf(ask(event.text))) text += delta;
  over = true;
  await edits;
  await client.chat.update({ channel, ts, markdown_text: text });
});

// Before anything is awaited: the bench may end while this one begins.
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));

app.error(async (error) => console.error(`peer bolt ${MODE}: ${error.message}`));
await app.start();
process.send?.({ type: 'ready', port: 0 });
