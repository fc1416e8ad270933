import type { Command } from '../commands/grammar.ts';
import type { Defaults } from '../config.ts';
import {
  addMessage,
  type ConversationKind,
  deleteMessage,
  editMessage,
  findMessage,
  markSeen,
  openConversation,
  threadFacts,
} from '../conversation/store.ts';
import { enqueue, type LeaseToken } from '../jobs/store.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import { answerJob, mailboxOf } from '../reply/job.ts';
import { snapshotOf } from '../reply/snapshot.ts';
import { addReply, reopenReply, requestStop, stopAnswering, streamingReplies } from '../reply/store.ts';
import { resolve, type Settings } from '../settings/resolve.ts';
import { readSettings } from '../settings/store.ts';
import { type Decision, decide, mayBeQuestion, needsThread } from './decide.ts';
import type { Incoming, IncomingChange, IncomingMessage } from './incoming.ts';

export interface AdmissionOptions {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly newId: () => string;
  /** Id under which a job may be begun here at once; null: leave it to any worker. */
  readonly claimant: () => string | null;
  /** A command said by mention: it was taken, and nobody else will answer it. */
  readonly onCommand: (message: IncomingMessage, command: Command) => void;
  /** Starts a job whose lease was taken in the transaction that has just been committed. */
  readonly begin: (lease: LeaseToken) => void;
}

/** What became of an incoming, for the log. */
export interface Received {
  readonly outcome: 'admitted' | 'duplicate' | 'noted' | 'ignored';
  readonly reason: string | null;
  readonly reply: string | null;
}

/**
 * The durable half of admission: **commit 1**. When the promise resolves, the question is stored and its
 * job exists, so Slack may have its acknowledgement; when it rejects, nothing is stored and Slack must
 * deliver again. Database work only: it must stay far below Slack's 3 seconds.
 */
export function createReceive(options: AdmissionOptions): (incoming: Incoming) => Promise<Received> {
  const { database, defaults } = options;

  const admit = async (
    message: IncomingMessage | IncomingChange,
    threadTs: string,
    settings: Settings,
  ): Promise<Received> => {
    const reply = options.newId();
    const { lease, duplicate } = await database.transaction(async (tx) => {
      const { team, channel, ts, eventId } = message;
      if (!(await markSeen(tx, { team, channel, ts, eventId }))) return { lease: null, duplicate: true };
      const kind: ConversationKind = message.channelKind;
      const conversation = await openConversation(tx, {
        team,
        channel,
        threadTs,
        kind,
        complete: threadTs === ts,
      });
      const question = await addMessage(tx, {
        conversation: conversation.id,
        slackTs: ts,
        speaker: message.user,
        raw: rawOf(message),
      });
      const asked = question ?? (await findMessage(tx, { team, channel, ts }))?.id;
      if (asked === undefined) return { lease: null, duplicate: true };
      // Said before without a mention, and kept as a remark: the question is what it says now.
      if (question === null) await editMessage(tx, asked, rawOf(message));
      await addReply(tx, {
        id: reply,
        conversation: conversation.id,
        question: asked,
        askerTeam: message.userTeam,
        settings: snapshotOf(settings),
      });
      const job = answerJob({ mailbox: mailboxOf(conversation.id), reply, questionTs: ts, press: null });
      const enqueued = await enqueue(tx, job, options.claimant());
      return { lease: enqueued?.lease ?? null, duplicate: false };
    });
    if (lease !== null) options.begin(lease);
    return duplicate
      ? { outcome: 'duplicate', reason: null, reply: null }
      : { outcome: 'admitted', reason: null, reply };
  };

  /**
   * A mention comes as two events in the same moment. The second one would wait for the first one's commit
   * with a connection in its hand; here it waits without. Between processes the mark in the database decides.
   */
  const underWay = new Map<string, Promise<Received>>();
  const admitOnce = async (
    message: IncomingMessage | IncomingChange,
    threadTs: string,
    settings: Settings,
  ): Promise<Received> => {
    const key = `${message.team} ${message.channel} ${message.ts}`;
    for (;;) {
      const other = underWay.get(key);
      if (other === undefined) break;
      const stored = await other.then(
        () => true,
        () => false,
      );
      if (stored) return { outcome: 'duplicate', reason: null, reply: null };
    }
    const work = admit(message, threadTs, settings).finally(() => underWay.delete(key));
    underWay.set(key, work);
    return work;
  };

  const tryAgain = async (reply: string): Promise<Received> => {
    const lease = await database.transaction(async (tx) => {
      const reopened = await reopenReply(tx, reply);
      if (reopened === null) return null;
      const { conversation, questionTs } = reopened;
      const press = options.newId();
      const job = answerJob({ mailbox: mailboxOf(conversation), reply, questionTs, press });
      return { lease: (await enqueue(tx, job, options.claimant()))?.lease ?? null };
    });
    if (lease === null) return { outcome: 'ignored', reason: 'nothing_to_retry', reply };
    if (lease.lease !== null) options.begin(lease.lease);
    return { outcome: 'admitted', reason: 'retry', reply };
  };

  return async (incoming) => {
    const [thread, settings] = await Promise.all([
      needsThread(incoming)
        ? threadFacts(database.query, { ...incoming, threadTs: incoming.threadTs ?? incoming.ts })
        : null,
      mayBeQuestion(incoming) ? settingsAt(incoming) : resolve(defaults, [], { direct: false }),
    ]);
    const decision = decide(incoming, thread, settings.follow_ups.value);
    switch (decision.kind) {
      case 'question':
        return afterQuestion(decision, await admitOnce(decision.message, decision.threadTs, settings));
      case 'remark': {
        const { message, conversation } = decision;
        const added = await addMessage(database.query, {
          conversation,
          slackTs: message.ts,
          speaker: message.user,
          raw: rawOf(message),
        });
        return { outcome: added === null ? 'duplicate' : 'noted', reason: null, reply: null };
      }
      case 'command': {
        const { message, command } = decision;
        if (!(await markSeen(database.query, message)))
          return { outcome: 'duplicate', reason: null, reply: null };
        options.onCommand(message, command);
        return { outcome: 'noted', reason: `command_${command.verb}`, reply: null };
      }
      case 'edit':
        return applyEdit(database.query, decision.change);
      case 'removal': {
        const found = await findMessage(database.query, decision);
        if (found === null) return { outcome: 'ignored', reason: 'not_ours', reply: null };
        await database.transaction(async (tx) => {
          await deleteMessage(tx, found.id);
          await stopAnswering(tx, found.id);
        });
        return { outcome: 'noted', reason: null, reply: null };
      }
      case 'stop': {
        const stopped = await requestStop(database.query, decision.reply, decision.by);
        return {
          outcome: stopped ? 'noted' : 'ignored',
          reason: stopped ? null : 'nothing_to_stop',
          reply: decision.reply,
        };
      }
      case 'stop_streams': {
        const replies = await streamingReplies(database.query, decision.at);
        const stopped: string[] = [];
        for (const reply of replies)
          if (await requestStop(database.query, reply, decision.by)) stopped.push(reply);
        const [reply = null] = stopped;
        return {
          outcome: reply === null ? 'ignored' : 'noted',
          reason: reply === null ? 'nothing_to_stop' : null,
          reply,
        };
      }
      case 'retry':
        return tryAgain(decision.reply);
      case 'ignored':
        return { outcome: 'ignored', reason: decision.reason, reply: null };
    }
  };

  async function settingsAt(message: IncomingMessage | IncomingChange): Promise<Settings> {
    const { team, channel, user: person } = message;
    const set = await readSettings(database.query, { team, channel, person });
    return resolve(defaults, set, { direct: message.channelKind === 'im' });
  }

  /** An edit that mentions us, of a message that was a question already, is an edit of that question. */
  async function afterQuestion(
    decision: Decision & { kind: 'question' },
    received: Received,
  ): Promise<Received> {
    if (received.outcome !== 'duplicate' || decision.message.kind !== 'message_changed') return received;
    return applyEdit(database.query, decision.message);
  }
}

async function applyEdit(db: Queryable, change: IncomingChange): Promise<Received> {
  const found = await findMessage(db, change);
  if (found === null) return { outcome: 'ignored', reason: 'not_ours', reply: null };
  await editMessage(db, found.id, rawOf(change));
  return { outcome: 'noted', reason: null, reply: null };
}

/** The parts of a payload from which words are read later. JSON text: jsonb reorders keys and refuses NUL. */
function rawOf({ text, blocks, attachments, files }: IncomingMessage | IncomingChange): string {
  return JSON.stringify({ text, blocks, attachments, files });
}
