import type { IncomingMessage } from '../admission/incoming.ts';
import type { Received } from '../admission/receive.ts';
import type { Clock } from '../clock.ts';
import type { Ask, Posted, Question } from '../commands/ports.ts';
import { enqueue, type Job, type LeaseToken } from '../jobs/store.ts';
import type { Handlers, Lease } from '../jobs/worker.ts';
import type { Log } from '../log.ts';
import { type Database, type Queryable, sqlState } from '../postgres/database.ts';
import { questionLost } from '../words/asides.ts';
import { POST_QUESTION, questionJob } from './job.ts';
import type { Board } from './ports.ts';
import { addPending, beginPost, loadPending, type PendingQuestion, removePending } from './store.ts';

export interface QuestionOptions {
  readonly database: Database;
  readonly board: Board;
  /** Takes a question as if it had been said in Slack; `also` is done in the same transaction. */
  readonly receive: (
    message: IncomingMessage,
    also: (tx: Queryable) => Promise<void>,
  ) => Promise<Pick<Received, 'outcome'>>;
  /** Tells somebody privately, in the place or beside it. Never rejects. */
  readonly tell: (
    at: { readonly team: string; readonly channel: string; readonly threadTs: string | null },
    user: string,
    line: string,
  ) => Promise<void>;
  readonly newId: () => string;
  /** Id under which a job may be begun here at once; null: leave it to any worker. */
  readonly claimant: () => string | null;
  /** Starts a job whose lease was taken in the transaction that has just been committed. */
  readonly begin: (lease: LeaseToken) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Questions {
  readonly ask: Ask;
  /** The handlers of jobs, with ours in front of `others`. */
  handlers(others: Handlers): Handlers;
}

/** How long the one who asked waits to be told here what came of it, in milliseconds. */
const LISTEN_MS = 10_000;
/**
 * Waiting time after each failed try, besides what the jobs wait by themselves: long enough for what Slack stored to
 * be found, and two minutes in all for a Slack that is away.
 */
const PAUSES_MS = [1000, 5000, 20_000, 40_000, 60_000] as const;
/** The clocks of the database and of Slack may differ by this much, in milliseconds. */
const SKEW_MS = 5 * 60_000;

/**
 * Questions that we post for somebody, from a command or a form: Slack delivers neither twice, so that the question
 * is stored with a job before it is posted, and whoever finds the job posts it or finds that it was posted, and takes it
 * (commit 1, in which the stored question goes).
 */
export function createQuestions(options: QuestionOptions): Questions {
  const { database, board, clock, log } = options;
  /** Those who wait in this process to hear what came of their question. */
  const listeners = new Map<string, (posted: Posted) => void>();

  return {
    async ask(question) {
      const id = options.newId();
      const lease = await store(id, question);
      // Asked before, or somebody else posts it: what goes wrong is told from there.
      if (lease === null) return { posted: Promise.resolve({ kind: 'done' }) };
      const over = new AbortController();
      const heard = new Promise<Posted>((resolve) => listeners.set(id, resolve));
      const late = clock.sleep(LISTEN_MS, over.signal).then((): Posted => ({ kind: 'done' }));
      options.begin(lease);
      const posted = Promise.race([heard, late]).finally(() => {
        over.abort();
        listeners.delete(id);
      });
      return { posted };
    },

    handlers: (others) => ({
      handle: (job, lease) => (job.name === POST_QUESTION ? carryOut(job, lease) : others.handle(job, lease)),
      giveUp: (job, lease, error) =>
        job.name === POST_QUESTION ? giveUp(job) : others.giveUp(job, lease, error),
    }),
  };

  /** The lease under which the question is posted here; null: it was stored before, or is for another worker. */
  async function store(id: string, question: Question): Promise<LeaseToken | null> {
    const { team, user } = question;
    const job = questionJob({ team, user, id, cause: question.cause ?? id });
    try {
      return await database.transaction(async (tx) => {
        const added = await enqueue(tx, job, options.claimant());
        if (added !== null) await addPending(tx, id, question);
        return added?.lease ?? null;
      });
    } catch (thrown) {
      // Both of two deliveries at once found nothing of the other one.
      if (sqlState(thrown) === UNIQUE_VIOLATION) return null;
      throw thrown;
    }
  }

  async function carryOut(job: Job, lease: Lease): Promise<void> {
    const id = job.subject;
    const question = await loadPending(database.query, id);
    if (question === null) return;
    try {
      const ts = await stand(question, job, lease);
      if (ts === null) return;
      const received = await options.receive(said(question, ts), (tx) => removePending(tx, id));
      // Taken by an earlier try, or nothing to answer (a word to stop, say).
      if (received.outcome !== 'admitted') await removePending(database.query, id);
      log.info({ question: id, ts, outcome: received.outcome }, 'a posted question was taken');
      listeners.get(id)?.({ kind: 'done' });
    } catch (thrown) {
      // It is tried again, and no one need wait here for that.
      listeners.get(id)?.({ kind: 'done' });
      throw thrown;
    }
  }

  /** The ts at which the question stands in Slack; null: it can't be posted, which was told. */
  async function stand(question: PendingQuestion, job: Job, lease: Lease): Promise<string | null> {
    const { id, at, tries } = question;
    const found = tries === 0 ? null : await board.find(question, new Date(at.getTime() - SKEW_MS), id);
    if (found === 'unknown') return pause(job, lease, new Error('Slack can not be read now'));
    if (found !== null) return found;
    await database.transaction((tx) => beginPost(tx, lease.token, id));
    const outcome = await board.post(question, question.shown, id, lease.held);
    switch (outcome.kind) {
      case 'done':
        return outcome.ts;
      case 'gone':
        await lose(question, { kind: 'not_there' });
        return null;
      case 'content_refused':
      case 'streaming':
        log.warn({ question: id, message: outcome.message }, 'a question was refused');
        await lose(question, { kind: 'failed' });
        return null;
      case 'limited':
        return pause(job, lease, new Error('Slack asks for a pause'), outcome.retryAfterMs);
      case 'failed':
      case 'unclear':
        return pause(job, lease, new Error(outcome.message));
    }
  }

  /** Waits before the job is tried again. Always throws. */
  async function pause(job: Job, lease: Lease, why: Error, leastMs = 0): Promise<never> {
    // Who asked does not wait with us.
    listeners.get(job.subject)?.({ kind: 'done' });
    const ms = Math.max(leastMs, PAUSES_MS[job.failures] ?? 0);
    await clock.sleep(ms, lease.signal);
    throw why;
  }

  async function giveUp(job: Job): Promise<void> {
    const question = await loadPending(database.query, job.subject);
    if (question !== null) await lose(question, { kind: 'failed' });
  }

  /** The question is dropped, and the one who asked is told: by who waits here for it, else privately. */
  async function lose(question: PendingQuestion, posted: Posted & { kind: 'not_there' | 'failed' }) {
    const { id, user, channel } = question;
    await removePending(database.query, id);
    log.warn({ question: id, channel, kind: posted.kind }, 'a question was not asked');
    const listener = listeners.get(id);
    if (listener !== undefined) listener(posted);
    else await options.tell(question, user, questionLost(posted.kind, channel));
  }
}

/** SQLSTATE of a row that is there already. */
const UNIQUE_VIOLATION = '23505';

/** The question as if its asker had said it. */
function said({ team, channel, threadTs, user, direct, text }: PendingQuestion, ts: string): IncomingMessage {
  return {
    kind: 'message',
    team,
    enterprise: null,
    eventId: null,
    channel,
    // Neither a command nor a form says of which kind a channel is; the next message there does.
    channelKind: direct ? 'im' : 'unknown',
    ts,
    threadTs,
    user,
    userTeam: null,
    text,
    blocks: [],
    attachments: [],
    files: [],
    clientMsgId: null,
    mentionsBot: true,
    viaMention: false,
    edited: false,
    external: false,
    subtype: null,
  };
}
