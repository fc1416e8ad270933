import type { Clock } from '../clock.ts';
import { commandJob } from '../commands/job.ts';
import { addSaid } from '../commands/store.ts';
import { addMessage, takenAs, threadFacts } from '../conversation/store.ts';
import type { Defaults } from '../defaults.ts';
import type { IncomingChange, IncomingDeletion, IncomingMessage } from '../incoming.ts';
import { enqueue } from '../jobs/store.ts';
import { requestStop } from '../reply/store.ts';
import { resolve, type Settings } from '../settings/resolve.ts';
import { readSettings } from '../settings/store.ts';
import {
  type AdmitOptions,
  type Also,
  createAdmit,
  DUPLICATE,
  markOnly,
  NOTED,
  type Received,
  rawOf,
} from './admit.ts';
import { decide, mayBeQuestion, needsThread, type Said, saysStop } from './decide.ts';
import { editAsMessage, withinRedelivery } from './overtaken.ts';
import { forgetCommandMark, openReplies } from './store.ts';

interface AdmissionOptions extends AdmitOptions {
  readonly defaults: Defaults;
  readonly clock: Pick<Clock, 'now'>;
  /** Our bot user in an installation; null: unknown. */
  readonly botUser: (team: string) => string | null;
  /** What is stored of a channel that came from another installation moves first; absent: none can. Never rejects. */
  readonly arrived?: (team: string, channel: string) => Promise<void>;
  /** Tells somebody who said `stop` that nothing is being written there. Never rejects. */
  readonly onNothingToStop: (message: IncomingMessage) => void;
}

/** `also` is done in the transaction that stores a question, and only there. */
export type Receive = (said: Said, also?: Also) => Promise<Received>;

const NOT_OURS: Received = { outcome: 'ignored', reason: 'not_ours', reply: null };

/**
 * What was said, edited or deleted in Slack. When the promise resolves, a question is stored and its job exists (commit
 * 1), so Slack may have its acknowledgement; when it rejects, nothing is stored and Slack must deliver again. Database
 * work only: it must stay far below Slack's 3 seconds.
 */
export function createReceive(options: AdmissionOptions): Receive {
  const { database, defaults, clock } = options;
  const admit = createAdmit(options);

  /** `command`: it was taken as a command or a stop before, and says something else now. */
  const handle = async (
    said: Said,
    { also, command = false }: { also?: Also | undefined; command?: boolean },
  ) => {
    if (said.kind === 'message' && saysStop(said)) {
      const stopped = await stopByWord(said, command);
      if (stopped !== null) return stopped;
    }
    if (mayBeQuestion(said)) await options.arrived?.(said.team, said.channel);
    const [thread, settings] = await Promise.all([
      needsThread(said)
        ? threadFacts(database.query, { ...said, threadTs: said.threadTs ?? said.ts, speaker: said.user })
        : null,
      mayBeQuestion(said) ? settingsAt(said) : resolve(defaults, [], { direct: false }),
    ]);
    const followUps = settings.follow_ups.value;
    const decision = decide(said, {
      thread,
      followUps,
      bots: settings.bots.value,
      botUser: options.botUser(said.team),
    });
    switch (decision.kind) {
      case 'question': {
        const received = await admit.question({ ...decision, command }, settings, also);
        // An edit that mentions us, of a message that was a question already, is an edit of that question.
        if (received.outcome === 'duplicate' && decision.message.kind === 'message_changed')
          return edited(decision.message);
        if (received.outcome === 'duplicate' && decision.message.kind === 'message')
          return admit.twin(decision.message);
        return received;
      }
      case 'remark':
        return remark(decision.message, decision.conversation);
      case 'command':
        return enqueueCommand(decision.message, decision.command.verb, command);
      case 'edit':
        return edited(decision.change);
      case 'preview':
        return (await admit.preview(decision.change)) ?? NOT_OURS;
      case 'removal':
        return removed(decision.gone);
      case 'ignored':
        return { outcome: 'ignored', reason: decision.reason, reply: null } as const;
    }
  };

  /**
   * An edit of a message that is not stored has overtaken the message, or the message was a command or a stop: then it is
   * what it says now.
   */
  async function edited(change: IncomingChange): Promise<Received> {
    const known = await admit.edit(change);
    if (known !== null) return known;
    const mark = await takenAs(database.query, change);
    const command = mark === 'command' || mark === 'stop';
    if (!command && !withinRedelivery(change.ts, clock.now())) return NOT_OURS;
    const received = await handle(editAsMessage(change), { command });
    // Taken by somebody else in between.
    return received.outcome === 'duplicate' ? ((await admit.edit(change)) ?? received) : received;
  }

  /** What was deleted before it reached us is not answered when it comes. */
  async function removed(gone: IncomingDeletion): Promise<Received> {
    const known = await admit.removal(gone);
    if (known !== null || gone.own || !withinRedelivery(gone.ts, clock.now())) return known ?? NOT_OURS;
    if (await markOnly(database.query, gone, 'removed')) return NOT_OURS;
    return (await admit.removal(gone)) ?? NOT_OURS;
  }

  async function remark(message: IncomingMessage, conversation: number): Promise<Received> {
    const added = await addMessage(database.query, {
      conversation,
      slackTs: message.ts,
      speaker: message.app === null ? message.user : null,
      raw: rawOf(message),
    });
    return added === null ? DUPLICATE : NOTED;
  }

  /** A command is a job, marked as taken in the same transaction: it is answered once, by whichever process lives. */
  async function enqueueCommand(message: IncomingMessage, verb: string, again: boolean): Promise<Received> {
    const enqueued = await database.transaction(async (tx) => {
      if (again) await forgetCommandMark(tx, message);
      if (!(await markOnly(tx, message, 'command'))) return 'taken';
      const id = options.newId();
      const added = await enqueue(tx, commandJob(message, id), options.claimant(message.team));
      const { team, channel, channelKind, ts, threadTs, user, text } = message;
      const said = { team, channel, direct: channelKind === 'im', ts, threadTs, user, text };
      if (added !== null) await addSaid(tx, id, said);
      return added;
    });
    if (enqueued === 'taken') return DUPLICATE;
    if (enqueued !== null && enqueued.lease !== null) options.begin(enqueued.lease);
    return { outcome: 'noted', reason: `command_${verb}`, reply: null };
  }

  /**
   * Null: nothing is being written there, and it is a message as any other. What was a stop is marked as taken in the
   * transaction that stops, so that its twin, which comes when all has stopped, is no question.
   */
  async function stopByWord(message: IncomingMessage, again: boolean): Promise<Received | null> {
    const open = await openReplies(database.query, message);
    if (open.length === 0 && !message.mentionsBot) return null;
    const stopped = await database.transaction(async (tx) => {
      if (again) await forgetCommandMark(tx, message);
      if (!(await markOnly(tx, message, 'stop'))) return null;
      const done: string[] = [];
      for (const reply of open) if (await requestStop(tx, reply, message.user)) done.push(reply);
      return done;
    });
    if (stopped === null) return DUPLICATE;
    const [reply = null] = stopped;
    if (open.length === 0) options.onNothingToStop(message);
    return reply === null
      ? { outcome: 'ignored', reason: 'nothing_to_stop', reply: null }
      : { outcome: 'noted', reason: 'stop', reply };
  }

  async function settingsAt({
    team,
    channel,
    user,
    channelKind,
  }: IncomingMessage | IncomingChange): Promise<Settings> {
    const set = await readSettings(database.query, { team, channel, person: user });
    return resolve(defaults, set, { direct: channelKind === 'im' });
  }

  /**
   * A mention comes as two events in the same moment. The second one would ask all that the first one asks and wait for
   * its commit with a connection in its hand; here it waits without. Between processes the mark in the database decides.
   */
  const underWay = new Map<string, Promise<Received>>();
  return async (said, also) => {
    if (said.kind === 'message_deleted') return handle(said, { also });
    const key = `${said.team} ${said.channel} ${said.ts}`;
    for (;;) {
      const other = underWay.get(key);
      if (other === undefined) break;
      const taken = await other.then(
        ({ outcome }) => outcome === 'admitted' || outcome === 'duplicate',
        () => false,
      );
      if (taken && said.kind === 'message') return admit.twin(said);
    }
    const work = handle(said, { also }).finally(() => underWay.delete(key));
    underWay.set(key, work);
    return work;
  };
}
