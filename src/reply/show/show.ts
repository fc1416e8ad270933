import { type Clock, LATE, within } from '../../clock.ts';
import type { TurnBlock } from '../../conversation/blocks.ts';
import { toError } from '../../errors.ts';
import { LeaseLost } from '../../jobs/store.ts';
import type { Lease } from '../../jobs/worker.ts';
import type { Log } from '../../log.ts';
import type { Meter } from '../../operations/meter.ts';
import type { Database } from '../../postgres/database.ts';
import { createRenderer } from '../../render/renderer.ts';
import * as notices from '../../words/reply.ts';
import { stopButton } from '../actions.ts';
import type { Pacer } from '../pace/pacer.ts';
import type { Persistently } from '../persistently.ts';
import type { Place, Surface } from '../ports.ts';
import * as store from '../store.ts';
import { type LoggedBlock, openLogbook } from '../write/logbook.ts';
import { appendBlock, appendLog, foldLog, shownTs } from '../write/store.ts';
import { lookOf } from './look.ts';
import type { Look } from './plan.ts';
import { createPublisher, type PublisherOptions } from './publisher.ts';
import { createQuiet } from './quiet.ts';
import { createRestingSeat } from './resting.ts';
import { isSteady, type Native, streamsFor } from './stream-setting.ts';
import { createUnseen } from './unseen.ts';
import { keepShown } from './went-on.ts';

/**
 * A reply as people see it grow: its log, what is made of it, the line under it, and the writer that brings Slack nearer
 * to that. Only what is durable is shown.
 */
export interface Show {
  /** All text of the answer so far, also of owners before us. */
  text(): string;
  /** Text came from the model: it is stored, then shown. */
  add(delta: string): void;
  /** A block is complete with the text so far; null: the text since the last one is ours. Stored before what comes after it is shown. */
  block(block: TurnBlock | null, call: number): void;
  /** All blocks so far, also of owners before us. */
  blocks(): readonly LoggedBlock[];
  /** What stands under the text from now on, while no word comes; null: nothing. `late`: how it is called once it takes long. */
  waitFor(what: string | null, late?: string): void;
  /** Resolves when all that came so far is durable, or nobody works on the reply here any more. Throws LeaseLost. */
  keep(): Promise<void>;
  /** Stores all that came so far for whoever owns the reply next. Throws LeaseLost. */
  handOver(): Promise<void>;
  /**
   * Hands over, and shows what the reply waits for. 'late': Slack did not take that within `REST_MS`. Rejects as `finish` does.
   */
  rest(notice: string): Promise<'shown' | 'gone' | 'late'>;
  /** All text was stored by another way (commit 2). */
  stored(): void;
  /**
   * Shows how the reply looks for ever after, and resolves when Slack has it. Rejects as `Publisher.finish` does.
   */
  finish(last: Look): Promise<'shown' | 'gone'>;
  /** Then: segments that are to be tidied later. */
  leftovers(): readonly number[];
  /** Why nothing of the reply can be shown any more; null: it can. */
  gone(): string | null;
  /** Aborts, with what the job is to be given back by, when nothing can be shown in this workspace for now. */
  readonly unauthorised: AbortSignal;
  /** Shows nothing more; resolves when no call is under way. */
  close(): Promise<void>;
}

interface ShowOptions {
  readonly database: Database;
  readonly surface: Surface;
  /** Native streams; absent: replies are carried by edits alone. */
  readonly native?: Native;
  readonly pacer: Pacer;
  readonly clock: Clock;
  readonly log: Log;
  readonly lease: Lease;
  readonly persistently: Persistently;
  readonly meter: Meter;
  /** Segments known from before. */
  readonly known: PublisherOptions['known'];
  /** Of a reply that is over: its last look. Nobody is to see it being thought about again. */
  readonly over: Promise<Look> | null;
  /** The owner before us saw it wait: nothing is shown until something else is known, or the wait is to be told of. */
  readonly rests: boolean;
  /** Nothing of the reply can be shown any more. */
  readonly onGone: () => void;
  /** A person pressed Slack's own stop. */
  readonly onPressed: () => void;
}

const UNSAVED_LOOK_MS = 250;
/** So often it is tried to store what has to be durable before anything else is done. */
const KEEP_MS = 500;
/** A reply that waits keeps its slot for so long at most: its placeholder is there, and the next owner says the rest. */
const REST_MS = 1000;

export function openShow(reply: store.StoredReply, place: Place, options: ShowOptions): Show {
  const { database, clock, log, lease, persistently, over, meter } = options;
  const unseen = createUnseen();
  /** Seconds since Slack stamped the question. */
  const age = () => clock.now() / 1000 - Number(reply.questionTs);
  const logbook = openLogbook({
    before: reply.log,
    blocks: reply.blocks,
    clock,
    append: (piece) => appendLog(database.query, lease.token, reply.id, piece),
    appendBlock: (block) => appendBlock(database.query, lease.token, reply, block),
    onFailure: (err) => log.warn({ err: toError(err) }, 'the log of a reply could not be written'),
    isFatal: (err) => err instanceof LeaseLost,
    unsavedMayShow: () => lease.offline(),
  });
  const renderer = createRenderer({ steady: isSteady(reply) });
  const kept = keepShown(reply, isSteady(reply));
  let rendered = 0;
  const quiet = createQuiet(clock, () => publisher.stir());
  let last: Look | null = null;
  let goneCode: string | null = null;
  let cancelLook = () => {};
  let wake = () => {};
  const awake = options.rests ? new Promise<void>((resolve) => (wake = resolve)) : null;

  const look = async (): Promise<Look> => {
    unseen.looked();
    await awake;
    if (last !== null) return last;
    if (over !== null) return over;
    return growing(quiet.line());
  };

  const growing = async (notice: string | null): Promise<Look> => {
    const durable = await logbook.settle();
    if (durable.length > rendered) {
      renderer.push(durable.slice(rendered));
      rendered = durable.length;
    }
    // What could not be stored is looked at again, also if nothing more comes.
    if (durable.length < logbook.text().length) {
      cancelLook();
      cancelLook = clock.after(UNSAVED_LOOK_MS, () => publisher.stir());
    }
    const segments = renderer.segments();
    const shown = lookOf(
      kept?.(segments, durable) ?? segments,
      { notice, buttons: [stopButton(reply.id)] },
      { settled: isSteady(reply) ? renderer.settled() : '', charts: renderer.charts() },
    );
    return { ...shown, surplus: notices.SURPLUS };
  };

  const handOver = async () => {
    // Blocks are stored one by one, and only where there are any.
    if (logbook.blocks().length > 0) await logbook.settle();
    const text = logbook.text();
    if (text !== '') await foldLog(database.query, lease.token, reply.id, text);
    logbook.stored();
  };

  const seat = createRestingSeat(options.pacer, reply.team, reply.channel, clock.monotonic());
  const streams = streamsFor(reply, options.native, seat.rhythm, {
    onRest: seat.rest,
    ours: () => persistently(() => shownTs(database.query, reply.conversation)),
    onStopped: (index) => persistently(() => store.streamStopped(database.query, reply.id, index)),
    onPressed: options.onPressed,
  });
  const startedAt = clock.monotonic();
  const unauthorised = new AbortController();
  const publisher = createPublisher({
    place,
    reply: reply.id,
    after: reply.questionTs,
    surface: options.surface,
    seat,
    clock,
    log,
    signal: lease.signal,
    held: () => lease.held(),
    confirm: () => lease.confirm(),
    look,
    known: options.known,
    streams,
    onIntent: (index, streaming) =>
      persistently(() => store.intendSegment(database.query, lease.token, reply.id, index, streaming)),
    onPlaced(index, ts) {
      if (index === 0 && options.known.length === 0) meter.first('sign', age());
      return persistently(() => store.placeSegment(database.query, reply.id, index, ts));
    },
    onGone: (code) => {
      goneCode = code;
      options.onGone();
    },
    onUnauthorised: (why) => unauthorised.abort(why),
    onFirstText() {
      meter.first('words', age());
      log.debug({ ms: Math.round(clock.monotonic() - startedAt) }, 'first text shown');
    },
    onText() {
      const since = unseen.shown();
      if (since !== null) meter.unseen((clock.monotonic() - since) / 1000);
    },
  });

  return {
    text: logbook.text,
    add(delta) {
      unseen.came(clock.monotonic());
      wake();
      logbook.add(delta);
      quiet.word();
      publisher.changed();
    },
    block: logbook.block,
    blocks: logbook.blocks,
    waitFor(what, late) {
      quiet.waitFor(what, late);
      wake();
      publisher.stir();
    },
    async keep() {
      while (!(await logbook.durable()) && !lease.signal.aborted) await clock.sleep(KEEP_MS, lease.signal);
    },
    handOver,
    async rest(notice) {
      await persistently(handOver);
      last = await growing(notice);
      wake();
      if (goneCode !== null) return 'gone';
      const shown = await within(clock, REST_MS, publisher.finish({ resting: true }));
      return shown === LATE ? 'late' : shown;
    },
    stored: logbook.stored,
    async finish(final) {
      last = final;
      wake();
      if (over === null && logbook.text().length > rendered) publisher.stir();
      return goneCode === null ? publisher.finish() : 'gone';
    },
    leftovers: () => (goneCode === null ? publisher.leftovers() : []),
    gone: () => goneCode,
    unauthorised: unauthorised.signal,
    async close() {
      logbook.close();
      quiet.close();
      cancelLook();
      seat.leave();
      streams.seat.leave();
      const over = publisher.abandon();
      wake();
      await over;
    },
  };
}
