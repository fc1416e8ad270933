/**
 * Chat SDK with its Slack adapter as its documentation shows it. `MODE=native`: its native streaming, the
 * default. `MODE=edit`: what it falls back to, a message that is posted and edited.
 */
import Anthropic from '@anthropic-ai/sdk';
import { createSlackAdapter } from '@chat-adapter/slack';
import { createMemoryState } from '@chat-adapter/state-memory';
import { Chat } from 'chat';

const { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_API_URL, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, MODE } =
  process.env;
const model = new Anthropic({ apiKey: ANTHROPIC_API_KEY, baseURL: ANTHROPIC_BASE_URL });
const bot = new Chat({
  userName: 'skein',
  adapters: {
    slack: createSlackAdapter({
      mode: 'socket',
      botToken: SLACK_BOT_TOKEN,
      appToken: SLACK_APP_TOKEN,
      apiUrl: SLACK_API_URL,
      nativeStreaming: MODE === 'native',
    }),
  },
  state: createMemoryState(),
  logger: 'error',
});

async function* answer(text) {
  const stream = model.messages.stream({
    model: 'claude-sonnet-4-6',
    max_tokens: 4096,
    messages: [{ role: 'user', content: text }],
  });
  for await (const event of stream)
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text;
}

bot.onNewMention(async (thread, message) => {
  await thread.post(answer(message.text));
});

// Before anything is awaited: the bench may end while this one begins.
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));

await bot.initialize();
process.send?.({ type: 'ready', port: 0 });
