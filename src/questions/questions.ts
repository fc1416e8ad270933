import type { Received } from '../admission/admit.ts';
import { type Clock, LATE, within } from '../clock.ts';
import type { Ask, Posted, Question } from '../commands/ports.ts';
import type { IncomingMessage } from '../incoming.ts';
import { Later, NO_ACCESS_DELAY_MS } from '../jobs/retry.ts';
import { enqueue, type Job, type LeaseToken } from '../jobs/store.ts';
import type { Handlers, Lease } from '../jobs/worker.ts';
import type { Log } from '../log.ts';
import { type Database, type Queryable, sqlState } from '../postgres/database.ts';
import { questionLost } from '../words/asides.ts';
import { questionJob } from './job.ts';
import type { QuestionPoster } from './ports.ts';
import { addPending, beginPost, loadPending, type PendingQuestion, removePending } from './store.ts';

interface QuestionOptions {
  readonly database: Database;
  readonly poster: QuestionPoster;
  /** Takes a question as if it had been said in Slack; `also` is done in the same transaction. */
  readonly receive: (
    message: IncomingMessage,
    also: (tx: Queryable) => Promise<void>,
  ) => Promise<Pick<Received, 'outcome'>>;
  /** Tells somebody privately, in the place or beside it. Never rejects; false: they could not be told now. */
  readonly tell: (
    at: { readonly team: string; readonly channel: string; readonly threadTs: string | null },
    user: string,
    line: string,
  ) => Promise<boolean>;
  readonly newId: () => string;
  /** Id under which a job may be begun here at once; null: leave it to any worker. */
  readonly claimant: (team: string) => string | null;
  /** Starts a job whose lease was taken in the transaction that has just been committed. */
  readonly begin: (lease: LeaseToken) => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface Questions {
  readonly ask: Ask;
  /** For the jobs named `POST_QUESTION`. */
  readonly jobs: Handlers;
}

/** How long the one who asked waits to be told here what came of it, in milliseconds. */
const LISTEN_MS = 10_000;
/**
 * A post that Slack did not take is tried again after as long as the question is old, so that the waits double: at least
 * a second, in which what Slack stored can be found, at most a minute. After ten minutes the person is told instead.
 */
const LEAST_PAUSE_MS = 1000;
const MOST_PAUSE_MS = 60_000;
const PATIENCE_MS = 10 * 60_000;
/** The clocks of the database and of Slack may differ by this much, in milliseconds. */
const SKEW_MS = 5 * 60_000;

/**
 * Questions that we post for somebody, from a command or a form: Slack delivers neither twice, so that the question
 * is stored with a job before it is posted, and whoever finds the job posts it or finds that it was posted, and takes it
 * (commit 1, in which the stored question goes).
 */
export function createQuestions(options: QuestionOptions): Questions {
  const { database, poster, clock, log } = options;
  /** Those who wait in this process to hear what came of their question. */
  const listeners = new Map<string, (posted: Posted) => void>();

  return {
    async ask(question, { quiet = false } = {}) {
      const id = options.newId();
      const lease = await store(id, question);
      const done: Posted = { kind: 'done' };
      // Asked before, or somebody else posts it: what goes wrong is told from there.
      if (lease === null) return { posted: Promise.resolve(done) };
      if (quiet) {
        options.begin(lease);
        return { posted: Promise.resolve(done) };
      }
      const heard = new Promise<Posted>((resolve) => listeners.set(id, resolve));
      options.begin(lease);
      const posted = within(clock, LISTEN_MS, heard)
        .then((one) => (one === LATE ? done : one))
        .finally(() => listeners.delete(id));
      return { posted };
    },

    jobs: { handle: carryOut, giveUp },
  };

  /** The lease under which the question is posted here; null: it was stored before, or is for another worker. */
  async function store(id: string, question: Question): Promise<LeaseToken | null> {
    const { team, user } = question;
    const job = questionJob({ team, user, id, cause: question.cause ?? id });
    try {
      return await database.transaction(async (tx) => {
        const added = await enqueue(tx, job, options.claimant(team));
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
      const ts = await stand(question, lease);
      if (ts === null) return;
      const received = await options.receive(said(question, ts), (tx) => removePending(tx, id));
      // Taken by an earlier try.
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
  async function stand(question: PendingQuestion, lease: Lease): Promise<string | null> {
    const { id, at, tries } = question;
    const found = tries === 0 ? null : await poster.find(question, new Date(at.getTime() - SKEW_MS), id);
    if (found === 'unknown') return later(question, 'the place can not be read now');
    if (found !== null) return found;
    await database.transaction((tx) => beginPost(tx, lease.token, id));
    const outcome = await poster.post(question, question.shown, id, lease.held);
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
      case 'unauthorised':
        // Kept: somebody must install the app again, and then it is asked.
        throw new Later(NO_ACCESS_DELAY_MS, outcome.message);
      case 'limited':
        return later(question, 'a pause was asked for', outcome.retryAfterMs);
      case 'failed':
      case 'unclear':
        return later(question, outcome.message);
    }
  }

  /** Has the job tried again, or ends it if it was tried for long enough: then null. */
  async function later(question: PendingQuestion, why: string, leastMs = 0): Promise<null> {
    if (question.ageMs < PATIENCE_MS)
      throw new Later(Math.max(leastMs, LEAST_PAUSE_MS, Math.min(MOST_PAUSE_MS, question.ageMs)), why);
    await lose(question, { kind: 'failed' });
    return null;
  }

  async function giveUp(job: Job): Promise<void> {
    const question = await loadPending(database.query, job.subject);
    if (question !== null) await lose(question, { kind: 'failed' }, 'now');
  }

  /**
   * The question is dropped once the one who asked was told: by who waits here for it, else privately with their words.
   * While Slack takes not even that, it is kept; `now` says that there is no other time.
   */
  async function lose(
    question: PendingQuestion,
    posted: Posted & { kind: 'not_there' | 'failed' },
    when: 'told' | 'now' = 'told',
  ): Promise<void> {
    const { id, user, channel, shown } = question;
    const listener = listeners.get(id);
    const told =
      listener !== undefined ||
      (await options.tell(question, user, questionLost(posted.kind, channel, shown)));
    if (!told && when === 'told') throw new Later(MOST_PAUSE_MS, 'the one who asked can not be told');
    await removePending(database.query, id);
    log.warn({ question: id, channel, kind: posted.kind }, 'a question was not asked');
    listener?.(posted);
  }
}

/** SQLSTATE of a row that is there already. */
const UNIQUE_VIOLATION = '23505';

/** The question as if its asker had said it. */
function said(
  { team, channel, threadTs, user, userTeam, direct, text }: PendingQuestion,
  ts: string,
): IncomingMessage {
  return {
    kind: 'message',
    team,
    eventId: null,
    channel,
    // Neither a command nor a form says of which kind a channel is; the next message there does.
    channelKind: direct ? 'im' : 'unknown',
    ts,
    threadTs,
    user,
    userTeam,
    text,
    blocks: [],
    attachments: [],
    files: [],
    mentionsBot: true,
    toSomebodyElse: false,
    app: null,
    asked: true,
  };
}
