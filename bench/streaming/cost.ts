/**
 * `node --expose-gc --import tsx bench/streaming/cost.ts`: what a reply costs this process besides the network and the
 * database: log, renderer, publisher and pacer, for 500 replies in 100 workspaces, and for one long reply. In
 * virtual time, so that only work is measured; the processor's time does not depend on how busy the machine is.
 */
import { createLog } from '../../src/log.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { createLengths } from '../../src/reply/pace/lengths.ts';
import { createPacer, type Pacer } from '../../src/reply/pace/pacer.ts';
import type { Surface } from '../../src/reply/ports.ts';
import { lookOf } from '../../src/reply/show/look.ts';
import type { Look } from '../../src/reply/show/plan.ts';
import { createPublisher } from '../../src/reply/show/publisher.ts';
import { createRestingSeat } from '../../src/reply/show/resting.ts';
import { openLogbook } from '../../src/reply/write/logbook.ts';
import { createVirtualClock, type VirtualClock } from '../../test/support/virtual-clock.ts';
import { table } from '../figures.ts';
import { markedText } from './text.ts';

const TOKEN = 4;
const TOKENS_PER_SECOND = 50;
const TICK_MS = 1000 / TOKENS_PER_SECOND;
const CALL_MS = 80;
const silent = createLog('error', { write: () => {} });

interface Cost {
  readonly tokens: number;
  /** Milliseconds of processor time. */
  readonly cpuMs: number;
  /** Bytes on the heap for each reply while all are being written; NaN without `--expose-gc`. */
  readonly bytesPerReply: number;
  readonly calls: number;
}

/** `replies` of `chars` characters each, in `teams` workspaces, all at once. */
async function costOf(replies: number, teams: number, chars: number): Promise<Cost> {
  const clock = createVirtualClock();
  const lengths = createLengths();
  const pacer = createPacer({ clock, lengths });
  const text = markedText(chars);
  let calls = 0;
  let messages = 0;
  const called = async (ts: string) => {
    calls += 1;
    await clock.sleep(CALL_MS);
    return { kind: 'done' as const, ts };
  };
  const surface: Surface = {
    post: () => called(`${++messages}`),
    update: (_place, ts) => called(ts),
    remove: (_place, ts) => called(ts),
    find: async () => null,
  };
  const before = heap();
  const begun = process.cpuUsage();
  const writers = Array.from({ length: replies }, (_, index) =>
    openWriter(clock, pacer, surface, `T${index % teams}`, `C${index}`),
  );
  let most = Number.NaN;
  const ticks = Math.ceil(text.length / TOKEN);
  let unmeasuredMicros = 0;
  for (let tick = 0; tick < ticks; tick++) {
    for (const writer of writers) writer.add(text.slice(tick * TOKEN, (tick + 1) * TOKEN));
    await clock.advance(TICK_MS);
    if (tick !== Math.floor(ticks * 0.9)) continue;
    const paused = process.cpuUsage();
    most = heap() - before;
    const { user, system } = process.cpuUsage(paused);
    unmeasuredMicros = user + system;
  }
  const ends = Promise.all(writers.map((writer) => writer.end()));
  let over = false;
  void ends.then(() => {
    over = true;
  });
  while (!over) await clock.advance(1000);
  const { user, system } = process.cpuUsage(begun);
  return {
    tokens: ticks * replies,
    cpuMs: (user + system - unmeasuredMicros) / 1000,
    bytesPerReply: most / replies,
    calls,
  };
}

function openWriter(clock: VirtualClock, pacer: Pacer, surface: Surface, team: string, channel: string) {
  const renderer = createRenderer();
  const logbook = openLogbook({
    before: '',
    clock,
    append: async () => {},
    onFailure: () => {},
    isFatal: () => false,
  });
  let rendered = 0;
  let last: Look | null = null;
  const take = async () => {
    const durable = await logbook.settle();
    renderer.push(durable.slice(rendered));
    rendered = durable.length;
  };
  const seat = createRestingSeat(pacer, team, channel);
  const publisher = createPublisher({
    place: { team, channel, threadTs: '1.0' },
    reply: channel,
    after: '1.0',
    surface,
    seat,
    clock,
    log: silent,
    signal: new AbortController().signal,
    held: () => true,
    confirm: async () => true,
    async look() {
      if (last !== null) return last;
      await take();
      return lookOf(renderer.segments(), { notice: rendered === 0 ? 'Thinking…' : null, buttons: [] });
    },
    known: [],
    onIntent: async () => {},
    onPlaced: async () => {},
    onGone: () => {},
    onFirstText: () => {},
  });
  return {
    add(text: string) {
      logbook.add(text);
      publisher.changed();
    },
    async end() {
      await take();
      renderer.finish();
      last = lookOf(renderer.segments(), { notice: 'Done.', buttons: [] });
      await publisher.finish();
      logbook.close();
      seat.leave();
    },
  };
}

function heap(): number {
  if (globalThis.gc === undefined) return Number.NaN;
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function row(title: string, { tokens, cpuMs, bytesPerReply, calls }: Cost): string[] {
  return [
    title,
    String(tokens),
    String(calls),
    (cpuMs / 1000).toFixed(2),
    ((1000 * cpuMs) / tokens).toFixed(1),
    (bytesPerReply / 1024).toFixed(0),
  ];
}

// The compiler warms up on what is measured next.
await costOf(20, 4, 15_000);
const many = await costOf(500, 100, 3000);
const half = await costOf(20, 20, 15_000);
const whole = await costOf(20, 20, 30_000);
console.log(
  table(
    ['', 'tokens', 'calls to Slack', 'processor seconds', 'microseconds per token', 'KiB of heap per reply'],
    [
      row('500 replies of 3,000 characters in 100 workspaces', many),
      row('20 replies of 15,000 characters, each alone', half),
      row('20 replies of 30,000 characters, each alone', whole),
    ],
  ),
);
console.log(`\n30,000 characters cost ${(whole.cpuMs / half.cpuMs).toFixed(2)} times as much as 15,000.`);
