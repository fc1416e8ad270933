import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRenderer } from '../../../src/render/renderer.ts';
import type { Seat } from '../../../src/reply/pace/pacer.ts';
import type { StreamSeat } from '../../../src/reply/pace/stream-pacer.ts';
import type {
  SegmentContent,
  StreamOutcome,
  Streams,
  Surface,
  WriteOutcome,
} from '../../../src/reply/ports.ts';
import { lookOf } from '../../../src/reply/show/look.ts';
import { createPublisher } from '../../../src/reply/show/publisher.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { quiet } from './stage.ts';

const place = { team: 'T1', channel: 'C1', threadTs: '1.0' };
const CALL_MS = 50;

/** What a call meets. `lost` and `landed` are unclear outcomes, without and with an effect. */
const fate = fc.constantFrom(
  'done',
  'done',
  'done',
  'limited',
  'failed',
  'lost',
  'landed',
  'over',
  'refused',
);
type Fate = 'done' | 'limited' | 'failed' | 'lost' | 'landed' | 'over' | 'refused';

interface Message {
  markdown: string;
  notice: string | null;
  open: boolean;
  marked: boolean;
}

/** One owner of a reply on a Slack that does what the fates say, and takes nothing back. */
function stage(
  fates: Fate[],
  thread: Map<string, Message>,
  segments: Map<number, { ts: string | null; streaming: boolean }>,
) {
  const clock = createVirtualClock();
  const renderer = createRenderer({ steady: true });
  const died = new AbortController();
  let last: ReturnType<typeof lookOf> | null = null;

  const call = async <T extends { kind: string }>(
    done: () => string,
    refused: T,
    meets: Fate = fates.shift() ?? 'done',
  ): Promise<
    T | { kind: 'done'; ts: string } | Extract<WriteOutcome, { kind: 'limited' | 'failed' | 'unclear' }>
  > => {
    await clock.sleep(CALL_MS);
    const said = { code: 'SLACK_FAILED', message: meets };
    if (died.signal.aborted) {
      // What was on its way when its sender died may take effect all the same.
      if (meets === 'done' || meets === 'landed') done();
      return { kind: 'failed', ...said };
    }
    switch (meets) {
      case 'done':
        return { kind: 'done', ts: done() };
      case 'landed':
        done();
        return { kind: 'unclear', ...said };
      case 'lost':
        return { kind: 'unclear', ...said };
      case 'limited':
        return { kind: 'limited', retryAfterMs: 1000 };
      case 'failed':
        return { kind: 'failed', ...said };
      default:
        return refused;
    }
  };
  const at = (ts: string): Message => {
    const message = thread.get(ts);
    if (message === undefined) throw new Error(`there is no ${ts}`);
    return message;
  };
  const create = (message: Message): string => {
    const ts = `${thread.size + 2}.0`;
    thread.set(ts, message);
    return ts;
  };
  const over: StreamOutcome = { kind: 'over', message: 'not streaming' };
  const no: StreamOutcome = { kind: 'refused', everywhere: false, message: 'no' };
  /** Calls about a stream that is open no more are refused by Slack itself. */
  const onOpen = (ts: string, effect: (message: Message) => void): Promise<StreamOutcome> => {
    const message = at(ts);
    if (!message.open) return call(() => ts, over, 'over');
    const meets = fates.shift() ?? 'done';
    if (meets === 'over') message.open = false;
    const effected = () => {
      effect(message);
      return ts;
    };
    return call(effected, meets === 'over' ? over : no, meets);
  };
  const streams: Streams = {
    start: (_place, _to, { markdown }) =>
      call(() => create({ markdown, notice: null, open: true, marked: false }), no),
    append: (_place, ts, markdown) =>
      onOpen(ts, (message) => {
        message.markdown += markdown;
      }),
    stop: (_place, ts, end) =>
      onOpen(ts, (message) => {
        message.markdown += end.markdown;
        message.notice = end.notice;
        message.open = false;
        message.marked = true;
      }),
    findOrphan: async (_place, _after, known) =>
      [...thread].find(([ts, { marked }]) => !marked && !known.has(ts))?.[0] ?? null,
    status: async () => true,
  };
  const surface: Surface = {
    post: (_place, { markdown, notice }) =>
      call<WriteOutcome>(() => create({ markdown, notice, open: false, marked: true }), {
        kind: 'failed',
        code: 'SLACK_FAILED',
        message: 'no',
      }),
    update: (_place, ts, { markdown, notice }) => {
      const open: WriteOutcome = { kind: 'streaming', code: 'SLACK_FAILED', message: 'stop it first' };
      if (at(ts).open) return call<WriteOutcome>(() => ts, open, 'refused');
      return call<WriteOutcome>(
        () => {
          Object.assign(at(ts), { markdown, notice });
          return ts;
        },
        { kind: 'failed', code: 'SLACK_FAILED', message: 'no' },
      );
    },
    remove: async (_place, ts) => ({ kind: 'done', ts }),
    find: async () => [...thread].find(([, { marked }]) => marked)?.[0] ?? null,
  };
  const seat: Seat & { room(): boolean } = {
    turn: async () => true,
    limited: () => {},
    firstWordsMs: () => 0,
    room: () => true,
    leave: () => {},
  };
  const streamSeat: StreamSeat = {
    turn: async () => true,
    leave: () => {},
    limited: () => {},
    choose: () => 'native',
    ride: () => {},
    ready: async () => {},
    turnsToEdits: () => false,
    goesOn: () => {},
    canStart: () => true,
    canStop: () => true,
    noStreams: () => {},
  };
  const publisher = createPublisher({
    place,
    reply: 'reply',
    after: '1.0',
    surface,
    seat,
    clock,
    log: quiet,
    signal: died.signal,
    held: () => !died.signal.aborted,
    confirm: async () => !died.signal.aborted,
    look: async () =>
      last ?? lookOf(renderer.segments(), { notice: null, buttons: [] }, { settled: renderer.settled() }),
    known: [...segments].map(([index, segment]) => ({ index, ...segment })),
    streams: {
      streaming: 'native',
      streams,
      seat: streamSeat,
      recipient: { user: 'U1', team: 'T1' },
      ageMs: 5000,
      ours: async () => new Set([...segments.values()].flatMap(({ ts }) => (ts === null ? [] : [ts]))),
      onRest: () => {},
      onStopped: async (index) => {
        const segment = segments.get(index);
        if (segment !== undefined) segment.streaming = false;
      },
      onPressed: () => {},
    },
    onIntent: async (index, streaming) => {
      const before = segments.get(index);
      segments.set(index, { ts: before?.ts ?? null, streaming: streaming || before?.streaming === true });
    },
    onPlaced: async (index, ts) => {
      segments.set(index, { streaming: segments.get(index)?.streaming ?? false, ts });
    },
    onGone: () => {},
    onFirstText: () => {},
  });
  return {
    clock,
    async write(delta: string, ms: number) {
      renderer.push(delta);
      publisher.changed();
      await clock.advance(ms);
    },
    async die() {
      died.abort();
      await Promise.all([publisher.abandon(), clock.advance(CALL_MS)]);
    },
    async finish(): Promise<string> {
      renderer.finish();
      const content: Pick<SegmentContent, 'notice' | 'buttons'> = { notice: 'Done.', buttons: [] };
      last = lookOf(renderer.segments(), content);
      const end = publisher.finish();
      end.catch(() => {});
      await clock.advance(110_000);
      return end;
    },
  };
}

const deltas = fc.array(
  fc.record({
    text: fc.constantFrom(
      'Some words ',
      'and **bold** ones.\n\n',
      '```ts\ncode\n```\n',
      '- item\n',
      'half a wo',
      'rd. ',
    ),
    ms: fc.constantFrom(0, 60, 400, 3000),
  }),
  { minLength: 1, maxLength: 12 },
);

function rendered(text: string): string {
  const renderer = createRenderer({ steady: true });
  renderer.push(text);
  renderer.finish();
  return renderer.segments()[0]?.markdown ?? '';
}

it('whatever Slack says to a stream, one message holds the whole answer in the end', async () => {
  await fc.assert(
    fc.asyncProperty(deltas, fc.array(fate, { maxLength: 12 }), async (parts, fates) => {
      const thread = new Map<string, Message>();
      const { write, finish } = stage([...fates], thread, new Map());
      for (const { text, ms } of parts) await write(text, ms);
      expect(await finish()).toBe('shown');
      const markdown = rendered(parts.map(({ text }) => text).join(''));
      expect([...thread.values()]).toMatchObject([{ markdown, notice: 'Done.', open: false }]);
    }),
    { numRuns: 150 },
  );
});

it('the next owner makes the same message whole, wherever the last one died', async () => {
  await fc.assert(
    fc.asyncProperty(
      deltas,
      fc.nat({ max: 12 }),
      fc.array(fate, { maxLength: 8 }),
      async (parts, place, fates) => {
        const thread = new Map<string, Message>();
        const segments = new Map<number, { ts: string | null; streaming: boolean }>();
        const all = [...fates];
        const first = stage(all, thread, segments);
        for (const { text, ms } of parts.slice(0, place)) await first.write(text, ms);
        await first.die();
        const second = stage(all, thread, segments);
        for (const { text } of parts) await second.write(text, 0);
        expect(await second.finish()).toBe('shown');
        const markdown = rendered(parts.map(({ text }) => text).join(''));
        expect([...thread.values()]).toMatchObject([{ markdown, notice: 'Done.', open: false }]);
      },
    ),
    { numRuns: 150 },
  );
});
