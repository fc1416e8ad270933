import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ModelStandin, startModelStandin } from '../playground/model/server.ts';
import type { SlackStandin } from '../playground/slack/contract.ts';
import { startSlackStandin } from '../playground/slack/standin.ts';
import { systemClock as clock } from '../src/clock.ts';
import { startEmbeddedPostgres } from '../src/postgres/embedded/launcher.ts';

/** When the model got a question and when it said what, in monotonic milliseconds of this process. */
export interface ModelMoments {
  readonly receivedAt: number;
  firstTokenAt: number | null;
  lastByteAt: number | null;
}

/** Slack, model and database, all local: what stands still while the program under test changes. */
export interface Stage {
  readonly slack: SlackStandin;
  readonly model: ModelStandin;
  readonly databaseUrl: string;
  /** By the number that `questionText` put into the question. */
  readonly moments: ReadonlyMap<number, ModelMoments>;
  readonly env: Readonly<Record<string, string>>;
}

const API_KEY = 'sk-ant-bench-key';
/** About what a model takes at best; by then the placeholder is there. */
const FIRST_TOKEN_MS = 150;
const TOKENS_PER_SECOND = 120;
export const FIRST_WORD = 'Gladly';
export const LAST_WORD = 'finis';
const ANSWER = `${FIRST_WORD}: this is an answer of thirty tokens or so, which a person would read in a few seconds, and whose last word is ${LAST_WORD}`;

export function questionText(number: number): string {
  return `@skein bench question ${number}`;
}

/** A database of its own, as durable as Postgres makes it (fsync on), and both stand-ins without rate limits. */
export async function startStage(): Promise<{ stage: Stage; stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'skein-bench-'));
  // Run by root, the server is somebody else, who must get through to its data.
  chmodSync(dataDir, 0o711);
  const quiet = () => {};
  const told = (fields: object, message: string) => console.error(message, fields);
  const database = await startEmbeddedPostgres({
    dataDir,
    clock,
    log: { info: quiet, warn: told, error: told },
  });
  const slack = await startSlackStandin({ clock, tiers: 'off' });
  const model = await startModelStandin({
    clock,
    apiKey: API_KEY,
    firstTokenMs: FIRST_TOKEN_MS,
    tokensPerSecond: TOKENS_PER_SECOND,
    script: () => ({ text: ANSWER }),
  });
  const moments = new Map<number, ModelMoments>();
  model.onCall((call) => {
    const number = numberIn(call.rawBody);
    if (number === null) return;
    const now = clock.monotonic();
    const known = moments.get(number) ?? { receivedAt: now, firstTokenAt: null, lastByteAt: null };
    moments.set(number, known);
    if (call.text !== '') known.firstTokenAt ??= now;
    if (call.outcome === 'complete') known.lastByteAt ??= now;
  });
  return {
    stage: {
      slack,
      model,
      databaseUrl: database.url,
      moments,
      env: {
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_API_URL: slack.apiUrl,
        ANTHROPIC_API_KEY: API_KEY,
        ANTHROPIC_BASE_URL: model.url,
        DATABASE_URL: database.url,
        HOST: '127.0.0.1',
        PORT: '0',
      },
    },
    async stop() {
      await Promise.all([slack.stop(), model.stop()]);
      await database.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function numberIn(rawBody: string): number | null {
  const number = /bench question (\d+)/.exec(rawBody)?.[1];
  return number === undefined ? null : Number(number);
}
