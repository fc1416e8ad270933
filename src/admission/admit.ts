import { showAgain } from '../controls/press.ts';
import { answerDeleted } from '../controls/removed.ts';
import { tellEdited } from '../controls/store.ts';
import { addFiles, filesThere, hasFiles } from '../conversation/files/store.ts';
import { deleteMessage, editMessage, findMessage, markSeen, refreshRaw } from '../conversation/store.ts';
import { dropOtherAttachments } from '../files/store.ts';
import type { IncomingChange, IncomingDeletion, IncomingMessage } from '../incoming.ts';
import type { Job, LeaseToken } from '../jobs/store.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import { snapshotOf } from '../reply/snapshot.ts';
import { stopAnswering } from '../reply/store.ts';
import type { Settings } from '../settings/resolve.ts';
import { forgetCommandMark, storeQuestion } from './store.ts';

export interface AdmitOptions {
  readonly database: Database;
  readonly newId: () => string;
  /** Id under which a job may be begun here at once; null: leave it to any worker. */
  readonly claimant: (team: string) => string | null;
  /** Starts a job whose lease was taken in the transaction that has just been committed, and `first` begun with it. */
  readonly begin: (lease: LeaseToken, first?: Job) => void;
}

/** What became of something that was said, for the log. */
export interface Received {
  readonly outcome: 'admitted' | 'duplicate' | 'noted' | 'ignored';
  readonly reason: string | null;
  readonly reply: string | null;
}

export const DUPLICATE: Received = { outcome: 'duplicate', reason: null, reply: null };
export const NOTED: Received = { outcome: 'noted', reason: null, reply: null };

/** Done in the transaction that stores a question, and only there. */
export type Also = (tx: Queryable) => Promise<void>;

/** **Commit 1**, and what happens to a message that is stored: each durable when it resolves. */
interface Admit {
  /** `command`: the message was taken as a command before, and was edited into a question. */
  question(
    asked: {
      message: IncomingMessage | IncomingChange;
      threadTs: string;
      speaker: string;
      command: boolean;
    },
    settings: Settings,
    also?: Also,
  ): Promise<Received>;
  /** Null: the message is not stored. */
  edit(change: IncomingChange): Promise<Received | null>;
  /** The second event of a message that is stored: it may carry files that the first one did not. */
  twin(message: IncomingMessage): Promise<Received>;
  /** Null: the message is not stored, or it was read already. */
  preview(change: IncomingChange): Promise<Received | null>;
  /** Null: neither a message nor a part of an answer with this ts is stored. */
  removal(gone: IncomingDeletion): Promise<Received | null>;
}

export function createAdmit(options: AdmitOptions): Admit {
  const { database } = options;
  return {
    async question({ message, threadTs, speaker, command }, settings, also) {
      const reply = options.newId();
      const { team, channel, ts, eventId } = message;
      const store = (db: Queryable) =>
        storeQuestion(
          db,
          {
            ...{ team, channel, ts, eventId, threadTs, reply },
            kind: message.channelKind,
            speaker,
            raw: rawOf(message),
            // Kept before as a remark, and an edit made it a question: it is what it says now. What was read from the
            // thread is newer than its own event, if that comes late.
            rewrite: message.kind === 'message_changed',
            askerTeam: message.userTeam,
            settings: snapshotOf(settings),
          },
          options.claimant(team),
        );
      const stored =
        also === undefined && !command
          ? await store(database.query)
          : await database.transaction(async (tx) => {
              if (command) await forgetCommandMark(tx, message);
              const question = await store(tx);
              if (question !== null) await also?.(tx);
              return question;
            });
      if (stored === null) return DUPLICATE;
      if (stored.begun !== null) options.begin(stored.begun.lease, stored.begun.job);
      return { outcome: 'admitted', reason: null, reply };
    },

    edit,

    async twin(message) {
      const found = message.files.length === 0 ? null : await findMessage(database.query, message);
      if (found === null) return DUPLICATE;
      return (await rewrite(found.id, (tx) => addFiles(tx, found.id, rawOf(message)))) ? NOTED : DUPLICATE;
    },

    async preview(change) {
      const found = await findMessage(database.query, change);
      if (found === null) return null;
      // A file of it was deleted, which leaves a tombstone: what it shows has changed as if its words had.
      const told = change.files.length > 0;
      if (told && !(await hasFiles(database.query, found.id, filesThere(change)))) return edit(change);
      return (await refreshRaw(database.query, found.id, rawOf(change))) ? NOTED : null;
    },

    async removal(gone) {
      const found = await findMessage(database.query, gone);
      if (found === null) return (await answerDeleted(gone, options)) ? NOTED : null;
      await database.transaction(async (tx) => {
        await deleteMessage(tx, found.id);
        await stopAnswering(tx, found.id);
      });
      return NOTED;
    },
  };

  async function edit(change: IncomingChange): Promise<Received | null> {
    const found = await findMessage(database.query, change);
    if (found === null) return null;
    await rewrite(found.id, async (tx) => {
      if (!(await editMessage(tx, found.id, rawOf(change)))) return false;
      await dropOtherAttachments(tx, found.id, filesThere(change), JSON.stringify(change.attachments));
      return true;
    });
    return NOTED;
  }

  /** Makes a message say something else, and tells those who answer it or have answered it. False: it was not made. */
  async function rewrite(id: number, make: (tx: Queryable) => Promise<boolean>): Promise<boolean> {
    const taken = await database.transaction(async (tx) => {
      if (!(await make(tx))) return null;
      const leases: (LeaseToken | null)[] = [];
      for (const { reply, ...place } of await tellEdited(tx, id))
        leases.push(await showAgain(tx, { id: reply, ...place }, options));
      return leases;
    });
    for (const lease of taken ?? []) if (lease !== null) options.begin(lease);
    return taken !== null;
  }
}

/**
 * The parts of a payload from which words are read later. JSON text: jsonb reorders keys and refuses NUL. An app has no
 * profile to ask for, so its name goes with its words. `app` stands first, where `loadReply` looks for it.
 */
export function rawOf({ text, blocks, attachments, files, app }: IncomingMessage | IncomingChange): string {
  const by = app === null ? {} : { app: true, ...(app.certain ? { name: app.name ?? 'a bot' } : {}) };
  return JSON.stringify({ ...by, text, blocks, attachments, files });
}

/** Marks a message as taken without storing it; false if it was taken before. */
export async function markOnly(
  tx: Queryable,
  { team, channel, ts, eventId }: IncomingMessage | IncomingDeletion,
  as: 'command' | 'stop' | 'removed',
): Promise<boolean> {
  return markSeen(tx, { team, channel, ts, eventId, takenAs: as });
}
