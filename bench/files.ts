/**
 * `node --import tsx bench/files.ts`: from a question with three screenshots and a PDF of 20 pages to the request to the
 * model, and what memory that takes. Local stand-ins: the bytes are there at once, so all of it is our own work (fetching
 * over loopback, unpacking, scaling, storing, the request itself). Options: `--count 10` (twice as many
 * questions are asked), `--rest 5` (seconds before the last look at the memory; after 65 what was started for files is gone).
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { systemClock as clock } from '../src/clock.ts';
import { pdf } from '../test/support/office.ts';
import { startChild } from './child.ts';
import { figuresOf, inMs } from './figures.ts';
import { FIRST_WORD, questionText, startStage } from './stage.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '10' }, rest: { type: 'string', default: '5' } },
});
const ASKER = 'U0ANA';
const CHANNEL = 'C0GENERAL';

/** A screenshot as wide as a laptop's screen: blocks of colour and some thousand edges, as text has. */
async function screenshot(seed: number): Promise<Buffer> {
  const [width, height] = [2560, 1440];
  const rows = Array.from({ length: 60 }, (_, row) =>
    Array.from(
      { length: 100 },
      (_, column) =>
        `<rect x="${40 + column * 25}" y="${20 + row * 23}" width="${8 + ((seed + row * column) % 14)}" height="11" fill="#${((seed * 7919 + row * 31 + column) % 4096).toString(16).padStart(3, '0')}"/>`,
    ).join(''),
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${rows.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** Megabytes of memory of a process and of those that it started. */
function megabytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const own = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children
    .split(' ')
    .reduce((sum, child) => sum + (child === '' ? 0 : megabytesOf(Number(child))), own);
}

async function memoryNow(what: string): Promise<void> {
  const { heapUsed, external, rss } = await bot.memory();
  const mb = (bytes: number) => Math.round(bytes / 1024 / 1024);
  const all = Math.round(megabytesOf(bot.pid));
  console.log(
    `memory ${what}: ${all} MB, of which the process ${mb(rss)} MB (heap ${mb(heapUsed)} MB, buffers ${mb(external)} MB)`,
  );
}

const { stage, stop } = await startStage();
const env = { ...stage.env, SLACK_APP_TOKEN: stage.slack.appToken };
const bot = await startChild('./bot.ts', { env, inherited: process.env, flags: ['--expose-gc'] });
await stage.slack.waitForSockets(1);

const shots = await Promise.all([1, 2, 3].map(screenshot));
const files = [
  ...shots.map((content, at) => ({ name: `shot-${at}.png`, mimetype: 'image/png', content })),
  { name: 'plan.pdf', mimetype: 'application/pdf', content: pdf(20) },
];

async function ask(number: number, withFiles: boolean): Promise<number> {
  const from = clock.monotonic();
  // Other bytes each time, as other people have other screenshots.
  const shared = files.map((one) => ({
    ...one,
    content: Buffer.concat([one.content, Buffer.from(`\n${number}`)]),
  }));
  const { ts } = stage.slack.say(ASKER, CHANNEL, questionText(number), withFiles ? { files: shared } : {});
  await stage.slack.waitForMessage(
    ({ threadTs, visible }) => threadTs === ts && visible.includes(FIRST_WORD),
    { timeoutMs: 60_000 },
  );
  return (stage.moments.get(number)?.receivedAt ?? Number.NaN) - from;
}

let most = 0;
const watching = clock.every(20, () => {
  most = Math.max(most, megabytesOf(bot.pid));
});
await memoryNow('before');
const cold = await ask(4, true);
const times: number[] = [];
const words: number[] = [];
const count = Number(values.count);
for (let number = 5; number < 5 + 2 * count; number += 1) {
  times.push(await ask(number, true));
  if (number === 4 + count) await memoryNow(`after ${count + 1} questions with files`);
}
await memoryNow(`after ${2 * count + 1} questions with files`);
for (let number = 100; number < 110; number += 1) words.push(await ask(number, false));
const figures = figuresOf(times);
console.log(`files: ${files.map(({ name, content }) => `${name} ${content.length} bytes`).join(', ')}`);
console.log(`event → model request, first files of the process: ${inMs(cold)} ms`);
console.log(
  `event → model request, then: p50 ${inMs(figures?.p50 ?? 0)} ms, p95 ${inMs(figures?.p95 ?? 0)} ms`,
);
console.log(`the same without files: p50 ${inMs(figuresOf(words)?.p50 ?? 0)} ms`);
await clock.sleep(Number(values.rest) * 1000);
await memoryNow(`${values.rest} s later`);
watching();
console.log(`memory at most: ${Math.round(most)} MB`);
await bot.stop();
await stop();
