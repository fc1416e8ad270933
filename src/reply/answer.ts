import type { Purse } from '../budgets/purse.ts';
import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Files } from '../files/reading.ts';
import type { Job } from '../jobs/store.ts';
import type { Lease } from '../jobs/worker.ts';
import type { Log } from '../log.ts';
import { type Meter, NO_METER, type QuestionOutcome } from '../operations/meter.ts';
import { noted, past, spanned } from '../operations/traces.ts';
import type { Database } from '../postgres/database.ts';
import * as notices from '../words/reply.ts';
import { nextStep } from './lifecycle.ts';
import type { Pacer } from './pace/pacer.ts';
import { NO_BUDGETS, type Permit, type Permitted } from './permit.ts';
import { persistentlyUntil } from './persistently.ts';
import type { Aside, Links, Model, Place, Reader, Surface } from './ports.ts';
import { type End, staysInContext } from './show/ending.ts';
import { endOf, lastLook, storedEnd } from './show/final-appearance.ts';
import { pingIfLate } from './show/ping.ts';
import { removeAnswer } from './show/remove.ts';
import { type SendFilesOptions, sendFiles } from './show/sent-files.ts';
import { openShow } from './show/show.ts';
import { listSources } from './show/sources.ts';
import type { Native } from './show/stream-setting.ts';
import { titleIfFirst } from './show/title.ts';
import type { Stops } from './stops.ts';
import * as store from './store.ts';
import { endCalls } from './tools/end-calls.ts';
import type { Calling, CardsOfReplies } from './tools/ports.ts';
import { noteTold } from './waits/store.ts';
import type { Waits } from './waits/waits.ts';
import { createCalls } from './write/calls.ts';
import type { LoggedBlock } from './write/logbook.ts';
import { createWebGuard, type WebGuard } from './write/web-guard.ts';
import { quietly, type Written, write } from './write/write.ts';

export interface AnswerOptions extends Pick<SendFilesOptions, 'outlet' | 'defaults'> {
  readonly database: Database;
  readonly model: Model;
  readonly surface: Surface;
  /** Native streams; absent: replies are carried by edits alone. */
  readonly native?: Native;
  readonly reader: Reader;
  /** Absent: links stay links. */
  readonly links?: Links;
  /** Absent: of files only the names are told. */
  readonly files?: Files;
  /** Who may ask and what may be spent; absent: everybody, anything. */
  readonly permit?: Permit;
  /** Where budgets are kept; absent: none is. */
  readonly purse?: Purse;
  readonly aside?: Aside;
  /** Absent: no server of tools is connected. */
  readonly calling?: Calling;
  /** Cards of calls, once their round is over; absent: there are none. */
  readonly cards?: Pick<CardsOfReplies, 'close' | 'remove'>;
  readonly pacer: Pacer;
  readonly stops: Stops;
  /** Absent: nothing is counted. */
  readonly meter?: Meter;
  readonly clock: Clock;
  readonly log: Log;
  /** Opaque, stable id of a person for the model's provider. */
  readonly pseudonym: (team: string, user: string) => string;
}

/** Where nobody says what may be sent. */
const UNRULED_CONTEXT_TOKENS = 100_000;
/** Slack tells who pressed its own stop in an event, which may come a moment later, or not at all. */
const PRESSED_MS = 1500;

/**
 * Answers one question: everything between a claimed job and a shown reply. May be called again for the same
 * job after any end of an earlier owner; the stored state says where to go on (`lifecycle.ts`).
 */
export function createAnswer(given: AnswerOptions): (job: Job, lease: Lease) => Promise<void> {
  const options = { ...given, webGuard: createWebGuard(given.clock) };
  return async (job, lease) => {
    const id = job.subject;
    const stop = new AbortController();
    let edited = new AbortController();
    const unregister = options.stops.register(id, { stop: () => stop.abort(), anew: () => edited.abort() });
    try {
      for (;;) {
        edited = new AbortController();
        const loaded = await store.loadReply(options.database.query, id);
        if (loaded === null) return;
        const permitted = options.permit
          ? await options.permit(loaded, lease)
          : {
              reply: loaded,
              budgets: NO_BUDGETS,
              contextTokens: UNRULED_CONTEXT_TOKENS,
              web: null,
              tools: [],
            };
        if (permitted === null) {
          options.meter?.question('refused', null, 0);
          return;
        }
        if ((await traced(options, permitted, lease, { stop, edited })) === 'done') return;
        await store.beginAnew(options.database, lease.token, id);
        // What was asked for the question before is nothing to decide about any more.
        if (hasCalls(permitted.reply.blocks)) await closeCards(options, id, lease);
      }
    } finally {
      unregister();
    }
  };
}

/** One tree of spans for each answer: it begins when the question was said, and ends with the last edit. */
function traced(...given: Parameters<typeof answerOne>): ReturnType<typeof answerOne> {
  const [{ clock }, { reply }] = given;
  const since = Number(reply.questionTs) * 1000;
  const attributes = { 'skein.reply': reply.id, 'skein.model': reply.model, 'skein.from_state': reply.state };
  return spanned('skein.answer', { since, attributes }, () => {
    past('skein.wait', since, clock.now());
    return answerOne(...given);
  });
}

async function answerOne(
  options: AnswerOptions & { readonly webGuard: WebGuard },
  { reply, budgets, contextTokens, web, tools }: Permitted,
  lease: Lease,
  { stop, edited }: { stop: AbortController; edited: AbortController },
): Promise<'done' | 'begin_anew'> {
  const { database, clock, meter = NO_METER } = options;
  const { team, channel, threadTs } = reply;
  const log = options.log.child({ team, channel, thread: threadTs, reply: reply.id });
  const persistently = persistentlyUntil(lease.signal, { clock, log });
  const shared = { ...options, log, lease, persistently, meter };
  const place: Place = { team, channel, threadTs };
  const step = nextStep(reply.state);
  const known = reply.segments;

  if (step === 'nothing') return 'done';
  if (step === 'begin' && reply.questionDeleted && known.length === 0) {
    await store.markShown(database.query, lease.token, reply.id, 'shown');
    return 'done';
  }
  if (step === 'remove') {
    await removeAnswer(shared, reply, place, known, lease);
    await options.cards?.remove(reply, lease);
    await store.markShown(database.query, lease.token, reply.id, 'deleted');
    return 'done';
  }

  // Whoever deleted the question does not want the answer any more.
  if (reply.stoppedBy !== null || reply.questionDeleted) stop.abort();
  const startedAt = clock.monotonic();
  const calls = createCalls(reply, {
    ...shared,
    budgets,
    onWaiting: (waiting) => show.waitFor(waiting ? notices.WAITING_FOR_BUDGET : quietly(show)),
  });
  const lookAtEnd = (end: End, text: string) => lastLook(options, reply, end, text, lease.signal);
  const over = step === 'show' ? calls.enterCut().then(() => lookAtEnd(storedEnd(reply), reply.log)) : null;
  const overLook = over?.then(({ look }) => look) ?? null;
  // `over` is awaited below; nobody may be looking when this fails with it, which would end the process.
  overLook?.catch(() => {});
  const show = openShow(reply, place, {
    ...shared,
    known,
    over: overLook,
    rests: step !== 'show' && reply.waitsFor !== null,
    onGone: () => stop.abort(),
    onPressed: () => void clock.after(PRESSED_MS, () => stop.abort()),
  });
  try {
    let end = storedEnd(reply);
    let text = reply.log;
    if (step !== 'show') {
      await calls.enterCut();
      // The owner before us did not come to it.
      if (reply.outdated && !stop.signal.aborted) return 'begin_anew';
      const signal = AbortSignal.any([lease.signal, stop.signal, edited.signal, show.unauthorised]);
      let written = await write({ ...shared, calls, contextTokens, web, tools, signal, show }, reply);
      if (written.kind === 'waits') {
        await rest(written.wait);
        if (show.gone() === null) throw written.wait;
        written = { kind: 'aborted' };
      }
      if (written.kind === 'aborted' && !stop.signal.aborted) {
        await show.handOver().catch(() => {});
        show.unauthorised.throwIfAborted();
        if (edited.signal.aborted && !lease.signal.aborted) return 'begin_anew';
        throw new Error('the reply was handed over before its end');
      }
      await endCalls(shared, reply, show);
      listSources(show, reply);
      text = written.kind === 'hint' ? show.text() + notices.HINT : show.text();
      end = await commit(written, text);
    }
    if (over !== null) await endCalls(shared, reply, show);
    const { look, changes } = await (over ?? lookAtEnd(end, text));
    const shown = await show.finish(look);
    if (hasCalls(show.blocks())) await closeCards(options, reply.id, lease);
    const gone = shown === 'gone';
    if (gone || (end.errorCode === null && staysInContext(end.stopReason)))
      await sendFiles(shared, reply, { answer: text, cut: end.stopReason !== 'end', gone, lease });
    const state = end.errorCode === null ? 'shown' : 'failed';
    await store.markShown(database.query, lease.token, reply.id, state, changes, show.leftovers());
    await pingIfLate(shared, reply, end.stopReason);
    if (step !== 'show' && end.errorCode === null) await titleIfFirst(shared, reply);
    const outcome = outcomeOf(end, shown);
    noted({ 'skein.outcome': outcome, ...(end.errorCode === null ? {} : { 'skein.code': end.errorCode }) });
    meter.question(outcome, end.errorCode, clock.now() / 1000 - Number(reply.questionTs));
    log.info(
      { end: end.stopReason, code: end.errorCode, shown, ms: Math.round(clock.monotonic() - startedAt) },
      'reply done',
    );
    return 'done';
  } finally {
    await show.close();
  }

  /** Says what the reply waits for, unless its message does; whoever owns it next goes on from what is stored. */
  async function rest({ told, notice }: Waits): Promise<void> {
    if (told) return;
    const shown = await show.rest(notice);
    if (shown === 'shown') await persistently(() => noteTold(database.query, lease.token, reply.id));
  }

  /** **Commit 2**: the answer and why it ended. */
  async function commit(written: Written, text: string): Promise<End> {
    const end = endOf(written, show.gone());
    const stoppedBy =
      end.stopReason === 'stopped' ? await store.stopRequested(database.query, reply.id) : null;
    const final: End = { ...end, stoppedBy };
    await persistently(() =>
      store.commitAnswer(
        database.query,
        lease.token,
        reply,
        { ...final, log: text },
        {
          // What another version said must not stand for an empty one.
          remembered: text.trim() !== '' || reply.versions > 1,
          inContext: staysInContext(final.stopReason),
          logged: show.blocks(),
        },
      ),
    );
    show.stored();
    return final;
  }
}

function outcomeOf({ errorCode, stopReason }: End, shown: 'shown' | 'gone'): QuestionOutcome {
  if (shown === 'gone') return 'gone';
  if (errorCode !== null) return 'failed';
  return stopReason === 'stopped' ? 'stopped' : 'answered';
}

/** A tool of a connected server was called, so that there may be cards. */
function hasCalls(blocks: readonly LoggedBlock[]): boolean {
  return blocks.some(({ block }) => block?.type === 'tool_use');
}

/** An answer is over also while Slack takes no card: what is undecided has lapsed, and a task draws it later. */
async function closeCards({ cards, log }: AnswerOptions, id: string, lease: Lease): Promise<void> {
  await cards?.close({ id }, lease).catch((thrown) => {
    if (lease.signal.aborted) throw thrown;
    log.warn({ err: toError(thrown), reply: id }, 'the cards of an answer were not drawn');
  });
}
