import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startModelStandin } from '../../playground/model/server.ts';
import { countTokens, toDeltas } from '../../playground/model/tokens.ts';
import type { SlackStandin } from '../../playground/slack/contract.ts';
import { channel, northwind } from '../../playground/slack/seed.ts';
import { startSlackStandin } from '../../playground/slack/standin.ts';
import { systemClock as clock } from '../../src/clock.ts';
import { startEmbeddedPostgres } from '../../src/postgres/embedded/launcher.ts';
import { markedText, marksIn } from './text.ts';
import {
  FIRST_TOKEN_MS,
  SHAPES,
  type Shape,
  type ShapeName,
  TOKENS_PER_SECOND,
  type Token,
} from './trace.ts';

export interface Stage {
  readonly slack: SlackStandin;
  readonly env: Readonly<Record<string, string>>;
  /** What the model has sent of the answer to question `number`; monotonic milliseconds. */
  tokens(number: number): readonly Token[];
  stop(): Promise<void>;
}

const API_KEY = 'sk-ant-bench-key';
/** The stand-in counts pieces: a word of the text is two tokens. So an answer takes the seconds that it is asked for. */
const CHARS_PER_TOKEN = 2.344;
export const ASKER = 'U0ANA';
/** A channel for each question, so that the limit of posts in one channel plays no part. */
export const CHANNELS = 50;
export const channelOf = (index: number) => `C0CROWD${index % CHANNELS}`;

/** `shape`: the text of the answer comes with these pauses, which are not in its seconds. */
export function questionText(number: number, seconds: number, shape?: ShapeName): string {
  return `@skein bench question ${number}, ${seconds} seconds${shape === undefined ? '' : ` in ${shape}`}`;
}

async function* withPauses(text: string, { textMs, pauseMs }: Shape): AsyncGenerator<string> {
  let due = clock.monotonic();
  let sincePause = 0;
  for (const delta of toDeltas(text)) {
    const step = (1000 * countTokens(delta)) / TOKENS_PER_SECOND;
    sincePause += step;
    due += step;
    await clock.sleep(Math.max(0, due - clock.monotonic()));
    yield delta;
    if (sincePause < textMs) continue;
    due += pauseMs;
    sincePause = 0;
  }
}

/** Slack with its real limits, a model of 80 tokens a second, and a database: everything but the program. */
export async function startStage(): Promise<Stage> {
  const dataDir = mkdtempSync(join(tmpdir(), 'skein-streaming-'));
  // Run by root, the server is somebody else, who must get through to its data.
  chmodSync(dataDir, 0o711);
  const told = (fields: object, message: string) => console.error(message, fields);
  const database = await startEmbeddedPostgres({
    dataDir,
    clock,
    log: { info: () => {}, warn: told, error: told },
    // The embedded server is for one process; three of them would find no connection left in a crowd.
    flags: { max_connections: '200' },
  });
  const crowd = Array.from({ length: CHANNELS }, (_, index) =>
    channel(channelOf(index), `crowd-${index}`, 'public', [ASKER, northwind.app.user]),
  );
  const slack = await startSlackStandin({
    clock,
    tiers: 'real',
    keep: 200_000,
    seed: { ...northwind, channels: [...northwind.channels, ...crowd] },
  });
  const model = await startModelStandin({
    clock,
    apiKey: API_KEY,
    firstTokenMs: FIRST_TOKEN_MS,
    tokensPerSecond: TOKENS_PER_SECOND,
    script: ({ turns }) => {
      const [, seconds, shape] = /(\d+) seconds(?: in (\w+))?/.exec(turns.at(-1)?.text ?? '') ?? [];
      const text = markedText(Number(seconds ?? 1) * TOKENS_PER_SECOND * CHARS_PER_TOKEN);
      const pauses = shape === undefined ? undefined : SHAPES[shape as ShapeName];
      return { text: pauses === undefined ? text : withPauses(text, pauses) };
    },
  });
  const sent = new Map<number, Token[]>();
  model.onCall((call) => {
    const number = Number(/bench question (\d+)/.exec(call.rawBody)?.[1]);
    if (!Number.isFinite(number)) return;
    const tokens = sent.get(number) ?? [];
    sent.set(number, tokens);
    const at = clock.monotonic();
    for (let mark = tokens.length; mark < marksIn(call.text).length; mark++) tokens.push({ at, chars: 5 });
  });
  return {
    slack,
    tokens: (number) => sent.get(number) ?? [],
    env: {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: slack.apiUrl,
      ANTHROPIC_API_KEY: API_KEY,
      ANTHROPIC_BASE_URL: model.url,
      DATABASE_URL: database.url,
      HOST: '127.0.0.1',
      PORT: '0',
      DEFAULT_MAX_TOKENS: '16000',
    },
    async stop() {
      await Promise.all([slack.stop(), model.stop()]);
      await database.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
