import type { Clock } from '../clock.ts';
import type { Command } from '../commands/grammar.ts';
import { showAgain } from '../controls/press.ts';
import { tellEdited } from '../controls/store.ts';
import {
  addMessage,
  deleteMessage,
  editMessage,
  findMessage,
  markSeen,
  threadFacts,
} from '../conversation/store.ts';
import type { Defaults } from '../defaults.ts';
import { enqueue, type Job, type LeaseToken } from '../jobs/store.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import { snapshotOf } from '../reply/snapshot.ts';
import { requestStop, stopAnswering } from '../reply/store.ts';
import { resolve, type Settings } from '../settings/resolve.ts';
import { readSettings } from '../settings/store.ts';
import { greetJob } from '../welcome/greeting.ts';
import { NOTHING_TO_STOP } from '../words/asides.ts';
import { type Decision, decide, mayBeQuestion, needsThread, saysStop } from './decide.ts';
import type { Incoming, IncomingChange, IncomingMessage } from './incoming.ts';
import { asFirstSaid, mayStillCome } from './overtaken.ts';
import { openReplies, repliesOfAsker, storeQuestion, streamingReplies } from './store.ts';

export interface AdmissionOptions {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly clock: Pick<Clock, 'now'>;
  readonly newId: () => string;
  /** Id under which a job may be begun here at once; null: leave it to any worker. */
  readonly claimant: () => string | null;
  /** A command said by mention: it was taken, and nobody else will answer it. */
  readonly onCommand: (message: IncomingMessage, command: Command) => void;
  /** Starts a job whose lease was taken in the transaction that has just been committed, and `first` begun with it. */
  readonly begin: (lease: LeaseToken, first?: Job) => void;
}

/** What became of an incoming, for the log. */
export interface Received {
  readonly outcome: 'admitted' | 'duplicate' | 'noted' | 'ignored';
  readonly reason: string | null;
  readonly reply: string | null;
  /** For the person whose doing it was, and nobody else. */
  readonly line?: string | null;
}

/** `also` is done in the transaction that stores a question, and only there. */
export type Receive = (incoming: Incoming, also?: (tx: Queryable) => Promise<void>) => Promise<Received>;

type Place = { readonly team: string; readonly channel: string; readonly ts: string };

const NOTED: Received = { outcome: 'noted', reason: null, reply: null };
const DUPLICATE: Received = { outcome: 'duplicate', reason: null, reply: null };
const NOT_OURS: Received = { outcome: 'ignored', reason: 'not_ours', reply: null };

/**
 * The durable half of admission: **commit 1**. When the promise resolves, the question is stored and its
 * job exists, so Slack may have its acknowledgement; when it rejects, nothing is stored and Slack must
 * deliver again. Database work only: it must stay far below Slack's 3 seconds.
 */
export function createReceive(options: AdmissionOptions): Receive {
  const { database, defaults, clock } = options;

  const admit = async (
    message: IncomingMessage | IncomingChange,
    threadTs: string,
    settings: Settings,
    also?: (tx: Queryable) => Promise<void>,
  ): Promise<Received> => {
    const reply = options.newId();
    const { team, channel, ts, eventId } = message;
    const store = (db: Queryable) =>
      storeQuestion(
        db,
        {
          ...{ team, channel, ts, eventId, threadTs, reply },
          kind: message.channelKind,
          speaker: message.user,
          raw: rawOf(message),
          // Kept before as a remark, and an edit made it a question: it is what it says now. What was read from the
          // thread is newer than its own event, if that comes late.
          rewrite: message.kind === 'message_changed',
          askerTeam: message.userTeam,
          settings: snapshotOf(settings),
        },
        options.claimant(),
      );
    const stored =
      also === undefined
        ? await store(database.query)
        : await database.transaction(async (tx) => {
            const question = await store(tx);
            if (question !== null) await also(tx);
            return question;
          });
    if (stored === null) return DUPLICATE;
    if (stored.begun !== null) options.begin(stored.begun.lease, stored.begun.job);
    return { outcome: 'admitted', reason: null, reply };
  };

  const editKnown = async (change: IncomingChange): Promise<Received | null> => {
    const found = await findMessage(database.query, change);
    if (found === null) return null;
    const leases = await database.transaction(async (tx) => {
      if (!(await editMessage(tx, found.id, rawOf(change)))) return [];
      const finished = await tellEdited(tx, found.id);
      const taken: (LeaseToken | null)[] = [];
      for (const { reply: id, ...place } of finished)
        taken.push(await showAgain(tx, { id, ...place }, options));
      return taken;
    });
    for (const lease of leases) if (lease !== null) options.begin(lease);
    return NOTED;
  };

  /** An edit of a message that we do not know: it may have overtaken the message. */
  const applyEdit = async (change: IncomingChange): Promise<Received> => {
    const known = await editKnown(change);
    if (known !== null) return known;
    if (!mayStillCome(change.ts, clock.now())) return NOT_OURS;
    const received = await handle(asFirstSaid(change));
    // Taken by somebody else in between.
    return received.outcome === 'duplicate' ? ((await editKnown(change)) ?? received) : received;
  };

  const removeKnown = async (at: Place): Promise<Received | null> => {
    const found = await findMessage(database.query, at);
    if (found === null) return null;
    await database.transaction(async (tx) => {
      await deleteMessage(tx, found.id);
      await stopAnswering(tx, found.id);
    });
    return NOTED;
  };

  /** What was deleted before it reached us is not answered when it comes. */
  const applyRemoval = async (at: Place & { eventId: string | null }): Promise<Received> => {
    const known = await removeKnown(at);
    if (known !== null) return known;
    if (!mayStillCome(at.ts, clock.now())) return NOT_OURS;
    const { team, channel, ts, eventId } = at;
    if (await markSeen(database.query, { team, channel, ts, eventId })) return NOT_OURS;
    return (await removeKnown(at)) ?? NOT_OURS;
  };

  const handle: Receive = async (incoming, also) => {
    if (saysStop(incoming)) {
      const stopped = await stopByWord(incoming);
      if (stopped !== null) return stopped;
    }
    const [thread, settings] = await Promise.all([
      needsThread(incoming)
        ? threadFacts(database.query, { ...incoming, threadTs: incoming.threadTs ?? incoming.ts })
        : null,
      mayBeQuestion(incoming) ? settingsAt(incoming) : resolve(defaults, [], { direct: false }),
    ]);
    const decision = decide(incoming, thread, settings.follow_ups.value);
    switch (decision.kind) {
      case 'question':
        return afterQuestion(decision, await admit(decision.message, decision.threadTs, settings, also));
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
        if (!(await markSeen(database.query, message))) return DUPLICATE;
        options.onCommand(message, command);
        return { outcome: 'noted', reason: `command_${command.verb}`, reply: null };
      }
      case 'edit':
        return applyEdit(decision.change);
      case 'removal':
        return applyRemoval(decision);
      case 'greet': {
        const enqueued = await database.transaction((tx) =>
          enqueue(tx, greetJob(decision), options.claimant()),
        );
        if (enqueued === null) return { outcome: 'duplicate', reason: 'greeted', reply: null };
        if (enqueued.lease !== null) options.begin(enqueued.lease);
        return { outcome: 'noted', reason: 'greet', reply: null };
      }
      case 'stop_reaction': {
        const { at } = decision;
        return stopAll(await repliesOfAsker(database.query, { ...at, asker: at.user }), at.user);
      }
      case 'stop_streams':
        return stopAll(await streamingReplies(database.query, decision.at), decision.by);
      case 'ignored':
        return { outcome: 'ignored', reason: decision.reason, reply: null };
    }
  };

  /**
   * A mention comes as two events in the same moment. The second one would ask all that the first one asks and wait for
   * its commit with a connection in its hand; here it waits without. Between processes the mark in the database decides.
   */
  const underWay = new Map<string, Promise<Received>>();
  return async (incoming, also) => {
    if (incoming.kind !== 'message' && incoming.kind !== 'message_changed') return handle(incoming, also);
    const key = `${incoming.team} ${incoming.channel} ${incoming.ts}`;
    for (;;) {
      const other = underWay.get(key);
      if (other === undefined) break;
      const taken = await other.then(
        ({ outcome }) => outcome === 'admitted' || outcome === 'duplicate',
        () => false,
      );
      if (taken && incoming.kind === 'message') return DUPLICATE;
    }
    const work = handle(incoming, also).finally(() => underWay.delete(key));
    underWay.set(key, work);
    return work;
  };

  async function settingsAt(message: IncomingMessage | IncomingChange): Promise<Settings> {
    const { team, channel, user: person } = message;
    const set = await readSettings(database.query, { team, channel, person });
    return resolve(defaults, set, { direct: message.channelKind === 'im' });
  }

  async function stopAll(replies: readonly string[], by: string): Promise<Received> {
    const stopped: string[] = [];
    for (const reply of replies) if (await requestStop(database.query, reply, by)) stopped.push(reply);
    const [reply = null] = stopped;
    return {
      outcome: reply === null ? 'ignored' : 'noted',
      reason: reply === null ? 'nothing_to_stop' : 'stop',
      reply,
    };
  }

  /**
   * Null: nothing is being written there, and it is a message as any other. What was a stop is marked as taken, so
   * that its twin, which comes when all has stopped, is no question.
   */
  async function stopByWord(message: IncomingMessage): Promise<Received | null> {
    const { team, channel, ts, eventId, user } = message;
    const open = await openReplies(database.query, message);
    if (open.length === 0 && !message.mentionsBot) return null;
    if (!(await markSeen(database.query, { team, channel, ts, eventId }))) return DUPLICATE;
    if (open.length > 0) return stopAll(open, user);
    return { outcome: 'ignored', reason: 'nothing_to_stop', reply: null, line: NOTHING_TO_STOP };
  }

  /** An edit that mentions us, of a message that was a question already, is an edit of that question. */
  async function afterQuestion(
    decision: Decision & { kind: 'question' },
    received: Received,
  ): Promise<Received> {
    if (received.outcome !== 'duplicate' || decision.message.kind !== 'message_changed') return received;
    return applyEdit(decision.message);
  }
}

/** The parts of a payload from which words are read later. JSON text: jsonb reorders keys and refuses NUL. */
function rawOf({ text, blocks, attachments, files }: IncomingMessage | IncomingChange): string {
  return JSON.stringify({ text, blocks, attachments, files });
}
