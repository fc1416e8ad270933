import type { Purse } from '../budgets/purse.ts';
import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Job } from '../jobs/store.ts';
import { LeaseLost } from '../jobs/store.ts';
import type { Lease } from '../jobs/worker.ts';
import type { Log } from '../log.ts';
import { type Database, isConnectionLoss } from '../postgres/database.ts';
import { createRenderer } from '../render/renderer.ts';
import * as notices from '../words/reply.ts';
import { stopButton } from './actions.ts';
import { nextStep } from './lifecycle.ts';
import type { Pacer } from './pace/pacer.ts';
import { NO_BUDGETS, type Permit, type Permitted } from './permit.ts';
import type { Aside, Keep, Links, Model, ModelRequest, Place, Reader, Surface, Turn } from './ports.ts';
import { type End, staysInContext } from './show/ending.ts';
import { endOf, type LastLook, lastLook, storedEnd } from './show/final-appearance.ts';
import { lookOf } from './show/look.ts';
import { pingIfLate } from './show/ping.ts';
import type { Look } from './show/plan.ts';
import { createPublisher } from './show/publisher.ts';
import { createQuiet } from './show/quiet.ts';
import { removeSegments } from './show/remove.ts';
import { createRestingSeat } from './show/resting.ts';
import { isSteady, type Native, streamsFor } from './show/stream-setting.ts';
import { titleIfFirst } from './show/title.ts';
import { keepShown } from './show/went-on.ts';
import type { Stops } from './stops.ts';
import * as store from './store.ts';
import { createCalls } from './write/calls.ts';
import { compose } from './write/compose.ts';
import type { Ending } from './write/generate.ts';
import { systemPrompt } from './write/instructions.ts';
import { openLogbook } from './write/logbook.ts';
import { prepare } from './write/prepare.ts';
import { appendLog, noteContext } from './write/store.ts';

export interface AnswerOptions {
  readonly database: Database;
  readonly model: Model;
  readonly surface: Surface;
  /** Native streams; absent: replies are carried by edits alone. */
  readonly native?: Native;
  readonly reader: Reader;
  /** Absent: links stay links. */
  readonly links?: Links;
  /** Who may ask and what may be spent; absent: everybody, anything. */
  readonly permit?: Permit;
  /** Where budgets are kept; absent: none is. */
  readonly purse?: Purse;
  readonly aside?: Aside;
  readonly pacer: Pacer;
  readonly stops: Stops;
  readonly clock: Clock;
  readonly log: Log;
  /** Opaque, stable id of a person for the model's provider. */
  readonly pseudonym: (team: string, user: string) => string;
}

/** Where nobody says what may be sent. */
const UNRULED_CONTEXT_TOKENS = 100_000;
const COMMIT_RETRY_MS = 1000;
const UNSAVED_LOOK_MS = 250;
const PRESSED_MS = 1500;

/**
 * Answers one question: everything between a claimed job and a shown reply. May be called again for the same
 * job after any end of an earlier owner; the stored state says where to go on (`lifecycle.ts`).
 */
export function createAnswer(options: AnswerOptions): (job: Job, lease: Lease) => Promise<void> {
  return async (job, lease) => {
    const id = job.subject;
    const stop = new AbortController();
    let edited = new AbortController();
    const unregister = options.stops.register(id, { stop: () => stop.abort(), anew: () => edited.abort() });
    try {
      for (;;) {
        edited = new AbortController();
        const [loaded, known] = await Promise.all([
          store.loadReply(options.database.query, id),
          store.loadSegments(options.database.query, id),
        ]);
        if (loaded === null) return;
        const permitted = options.permit
          ? await options.permit(loaded, known.length > 0, lease)
          : { reply: loaded, budgets: NO_BUDGETS, contextTokens: UNRULED_CONTEXT_TOKENS };
        if (permitted === null) return;
        if ((await answerOne(options, permitted, known, lease, { stop, edited })) === 'done') return;
        await store.beginAnew(options.database, lease.token, id);
      }
    } finally {
      unregister();
    }
  };
}

async function answerOne(
  options: AnswerOptions,
  { reply, budgets, contextTokens }: Permitted,
  known: readonly store.StoredSegment[],
  lease: Lease,
  { stop, edited }: { stop: AbortController; edited: AbortController },
): Promise<'done' | 'begin_anew'> {
  const { database, clock } = options;
  const step = nextStep(reply.state);
  if (step === 'nothing') return 'done';
  if (step === 'begin' && reply.questionDeleted && known.length === 0) {
    await store.markShown(database.query, lease.token, reply.id, 'shown');
    return 'done';
  }

  const log = options.log.child({
    team: reply.team,
    channel: reply.channel,
    thread: reply.threadTs,
    reply: reply.id,
  });
  const place: Place = { team: reply.team, channel: reply.channel, threadTs: reply.threadTs };
  if (step === 'remove') {
    await removeSegments({ ...options, log }, reply, place, known, lease);
    await store.markShown(database.query, lease.token, reply.id, 'deleted');
    return 'done';
  }
  // Whoever deleted the question does not want the answer any more.
  if (reply.stoppedBy !== null || reply.questionDeleted) stop.abort();
  const unauthorised = new AbortController();
  const cancel = AbortSignal.any([lease.signal, stop.signal, edited.signal, unauthorised.signal]);

  const logbook = openLogbook({
    before: reply.log,
    clock,
    append: (piece) => appendLog(database.query, lease.token, reply.id, piece),
    onFailure: (err) => log.warn({ err: toError(err) }, 'the log of a reply could not be written'),
    isFatal: (err) => err instanceof LeaseLost,
    unsavedMayShow: () => lease.offline(),
  });
  const renderer = createRenderer({ steady: isSteady(reply) });
  const kept = keepShown(reply, isSteady(reply));
  let rendered = 0;
  const calls = createCalls(reply, {
    ...options,
    log,
    lease,
    budgets,
    persistently,
    onWaiting: (waiting) => onBusy(waiting ? notices.WAITING_FOR_BUDGET : null),
  });
  const quiet = createQuiet(clock, () => publisher.changed());
  let last: Look | null = null;
  let goneCode: string | null = null;
  let cancelLook = () => {};

  // What is over has one look only: nobody is to see it being thought about again.
  const over = step === 'show' ? calls.enterCut().then(() => lookAtEnd(storedEnd(reply), reply.log)) : null;
  over?.catch(() => {});

  const look = async (): Promise<Look> => {
    if (last !== null) return last;
    if (over !== null) return (await over).look;
    const durable = await logbook.settle();
    if (durable.length > rendered) {
      renderer.push(durable.slice(rendered));
      rendered = durable.length;
    }
    // What could not be stored is looked at again, also if nothing more comes.
    if (durable.length < logbook.text().length) {
      cancelLook();
      cancelLook = clock.after(UNSAVED_LOOK_MS, () => publisher.changed());
    }
    const line = { notice: quiet.line(), buttons: [stopButton(reply.id)] };
    const growing = renderer.segments();
    const shown = lookOf(
      kept?.(growing, durable) ?? growing,
      line,
      isSteady(reply) ? renderer.settled() : '',
    );
    return { ...shown, surplus: notices.SURPLUS };
  };

  const seat = createRestingSeat(options.pacer, reply.team, reply.channel, clock.monotonic());
  const streams = streamsFor(reply, options.native, {
    onRest: seat.rest,
    ours: () => persistently(() => store.shownTs(database.query, reply.conversation)),
    onStopped: (index) => persistently(() => store.streamStopped(database.query, reply.id, index)),
    // Slack tells who pressed in an event of its own, which may come a moment later, or not at all.
    onPressed: () => void clock.after(PRESSED_MS, () => stop.abort()),
  });
  const startedAt = clock.monotonic();
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
    known,
    streams,
    onIntent: (index, streaming) =>
      persistently(() => store.intendSegment(database.query, lease.token, reply.id, index, streaming)),
    onPlaced: (index, ts) => persistently(() => store.placeSegment(database.query, reply.id, index, ts)),
    onGone: (code) => {
      goneCode = code;
      stop.abort();
    },
    onUnauthorised: (why) => unauthorised.abort(why),
    onFirstText: () => log.debug({ ms: Math.round(clock.monotonic() - startedAt) }, 'first text shown'),
  });

  try {
    let end = storedEnd(reply);
    if (over === null) {
      await calls.enterCut();
      // The owner before us did not come to it.
      if (reply.outdated && !stop.signal.aborted) return 'begin_anew';
      const ending = await write();
      if (ending.kind === 'aborted' && !stop.signal.aborted) {
        await logbook.settle().catch(() => {});
        unauthorised.signal.throwIfAborted();
        if (edited.signal.aborted && !lease.signal.aborted) return 'begin_anew';
        throw new Error('the reply was handed over before its end');
      }
      end = await settle(ending);
    }
    const { look: final, changes } = await (over ?? lookAtEnd(end, logbook.text()));
    last = final;
    if (over === null && logbook.text().length > rendered) publisher.changed();
    const shown = goneCode === null ? await publisher.finish() : 'gone';
    const state = end.errorCode === null ? 'shown' : 'failed';
    await store.markShown(database.query, lease.token, reply.id, state, changes);
    await pingIfLate({ ...options, log }, reply, end.stopReason);
    if (step !== 'show' && end.errorCode === null) await titleIfFirst({ ...options, log }, reply);
    log.info(
      { end: end.stopReason, code: end.errorCode, shown, ms: Math.round(clock.monotonic() - startedAt) },
      'reply done',
    );
    return 'done';
  } finally {
    logbook.close();
    quiet.close();
    cancelLook();
    seat.leave();
    streams.seat.leave();
    await publisher.abandon();
  }

  function lookAtEnd(end: End, text: string): Promise<LastLook> {
    return lastLook(options, reply, end, text, lease.signal);
  }

  /** What the answer waits for; null: for its first words, or for nothing any more. */
  function onBusy(notice: string | null): void {
    quiet.waitFor(notice ?? (logbook.text() === '' ? notices.THINKING : null));
    publisher.changed();
  }

  /** Asks the model and collects its answer. */
  async function write(): Promise<Ending | { kind: 'hint' }> {
    if (cancel.aborted) return { kind: 'aborted' };
    const prepared = await prepare({ ...options, signal: cancel }, reply);
    if (cancel.aborted) return { kind: 'aborted' };
    let saving: Promise<unknown> | null = null;
    // Not before the model has the request: somebody is waiting for that.
    const saved = () =>
      (saving ??= prepared
        .save()
        .catch((err) => log.warn({ err: toError(err) }, 'a transcript could not be stored')));
    if (prepared.empty) return saved().then(() => ({ kind: 'hint' }));
    const requestOf = (turns: readonly Turn[], keep: Keep): ModelRequest => ({
      model: reply.model,
      maxTokens: reply.maxTokens,
      system: systemPrompt(reply.instructions),
      turns,
      keep,
      user: options.pseudonym(reply.team, reply.asker),
      ...(reply.effort === 'auto' ? {} : { effort: reply.effort }),
    });
    const ending = await compose(
      {
        ...options,
        log,
        contextTokens,
        signal: cancel,
        allowed: () => lease.held(),
        requestOf,
        onBusy,
        received: logbook.text,
        paidBefore: reply.continuedAt,
        onNote: (note) => noteContext(database.query, lease.token, reply.id, note),
        calls: {
          begin: calls.begin,
          ended: calls.ended,
          started(record) {
            void saved();
            calls.started(record);
          },
        },
        onAsked() {
          if (logbook.text() === '') quiet.waitFor(notices.THINKING, notices.thinkingWith(reply.effort));
        },
        onText: (delta) => {
          logbook.add(delta);
          quiet.word();
          publisher.changed();
        },
        onThinking: () => {},
        onRetry: (retry) => {
          // A blip is not worth a word; a wait that a person would notice is.
          const words = logbook.text() === '' ? notices.THINKING : null;
          quiet.waitFor(retry === null ? words : notices.busy(retry.failure.code, retry.attempt, retry.of));
          if (retry !== null) {
            const { code, kind, requestId, message } = retry.failure;
            log.warn(
              { code, kind, requestId, reason: message, attempt: retry.attempt, waitMs: retry.waitMs },
              'a model call failed and is tried again',
            );
          }
          publisher.changed();
        },
      },
      reply,
      prepared,
    );
    await saved();
    if (ending.kind === 'failed') {
      const { code, kind, status: http, requestId, message } = ending.failure;
      log.error({ code, kind, http, requestId, reason: message }, 'the model could not answer');
    }
    return ending;
  }

  /** **Commit 2**: the answer and why it ended. */
  async function settle(ending: Ending | { kind: 'hint' }): Promise<End> {
    const end = endOf(ending, goneCode);
    const stoppedBy =
      end.stopReason === 'stopped' ? await store.stopRequested(database.query, reply.id) : null;
    const final: End = { ...end, stoppedBy };
    if (ending.kind === 'hint') logbook.add(notices.HINT);
    const text = logbook.text();
    const inContext = staysInContext(final.stopReason);
    await persistently(() =>
      store.commitAnswer(
        database.query,
        lease.token,
        reply,
        { ...final, log: text },
        // What another version said must not stand for an empty one.
        { remembered: text.trim() !== '' || reply.versions > 1, inContext },
      ),
    );
    logbook.stored();
    return final;
  }

  /** Tries again while the database is away, for as long as the lease may stand. */
  async function persistently<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (err) {
        if (!isConnectionLoss(err) || lease.signal.aborted) throw err;
        log.warn(
          { err: toError(err) },
          'the database is away; the answer is kept and stored when it is back',
        );
        await clock.sleep(COMMIT_RETRY_MS, lease.signal);
      }
    }
  }
}
