import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ModelStandin, startModelStandin } from '../playground/model/server.ts';
import type { SlackStandin } from '../playground/slack/contract.ts';
import { northwind, type Seed } from '../playground/slack/seed.ts';
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
export const FIRST_WORD = 'Gladly';
export const LAST_WORD = 'finis';
const ANSWER = `${FIRST_WORD}: this is an answer of thirty tokens or so, which a person would read in a few seconds, and whose last word is ${LAST_WORD}`;

/** Where a crowd asks: twenty channels, because messages and their edits in one channel are paced for themselves. */
export const CHANNELS = Array.from({ length: 20 }, (_, at) => `C0BENCH${at}`);

function seed(): Seed {
  const general = northwind.channels.find(({ id }) => id === 'C0GENERAL');
  if (general === undefined) throw new Error('the seed has no channel for everybody');
  const more = CHANNELS.map((id) => ({ ...general, id, name: id.toLowerCase() }));
  return { ...northwind, channels: [...northwind.channels, ...more] };
}

/** What the model says to a question of this number, and how fast. */
export interface Speech {
  readonly answer: (number: number) => string;
  readonly tokensPerSecond: number;
}

/** So short that a slot is free again at once. */
const BRIEF: Speech = { answer: () => ANSWER, tokensPerSecond: 120 };

export function questionText(number: number): string {
  return `@skein bench question ${number}`;
}

/** A database of its own, as durable as Postgres makes it (fsync on), and both stand-ins without rate limits. */
export async function startStage(speech: Speech = BRIEF): Promise<{ stage: Stage; stop(): Promise<void> }> {
  const database = await startDatabase();
  const { stage, stop } = await startStandins(database.url, speech);
  return {
    stage,
    async stop() {
      await stop();
      await database.stop();
    },
  };
}

/** A server as the bot would start it, in `dataDir`, or in a folder that goes with it. */
export async function startDatabase({
  dataDir,
  flags = {},
}: {
  dataDir?: string;
  flags?: Readonly<Record<string, string>>;
} = {}): Promise<{ url: string; stop(): Promise<void> }> {
  const dir = dataDir ?? mkdtempSync(join(tmpdir(), 'skein-bench-'));
  // Run by root, the server is somebody else, who must get through to its data.
  if (dataDir === undefined) chmodSync(dir, 0o711);
  const quiet = () => {};
  const told = (fields: object, message: string) => console.error(message, fields);
  const database = await startEmbeddedPostgres({
    dataDir: dir,
    clock,
    log: { info: quiet, warn: told, error: told },
    flags,
  });
  return {
    url: database.url,
    async stop() {
      await database.stop();
      if (dataDir === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Both stand-ins, for a program on this database. */
export async function startStandins(
  databaseUrl: string,
  { answer, tokensPerSecond }: Speech = BRIEF,
): Promise<{ stage: Stage; stop(): Promise<void> }> {
  const slack = await startSlackStandin({ clock, tiers: 'off', seed: seed() });
  const model = await startModelStandin({
    clock,
    apiKey: API_KEY,
    firstTokenMs: FIRST_TOKEN_MS,
    tokensPerSecond,
    script: ({ turns }) => ({ text: answer(numberIn(turns.map(({ text }) => text).join('\n')) ?? 0) }),
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
      databaseUrl,
      moments,
      env: {
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_API_URL: slack.apiUrl,
        ANTHROPIC_API_KEY: API_KEY,
        ANTHROPIC_BASE_URL: model.url,
        DATABASE_URL: databaseUrl,
        HOST: '127.0.0.1',
        PORT: '0',
      },
    },
    async stop() {
      await Promise.all([slack.stop(), model.stop()]);
    },
  };
}

function numberIn(rawBody: string): number | null {
  // Of a thread in which there were others, the last.
  const number = [...rawBody.matchAll(/bench question (\d+)/g)].at(-1)?.[1];
  return number === undefined ? null : Number(number);
}
