import type { Defaults } from '../defaults.ts';
import { enqueue, type LeaseToken } from '../jobs/store.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import type { Press, Verdict } from '../reply/actions.ts';
import { answerJob, mailboxOf } from '../reply/job.ts';
import { type Snapshot, snapshotOf } from '../reply/snapshot.ts';
import { requestStop } from '../reply/store.ts';
import { resolve } from '../settings/resolve.ts';
import { readSettings } from '../settings/store.ts';
import { LINES } from '../words/controls.ts';
import { judge } from './rules.ts';
import * as store from './store.ts';

export interface PressOptions {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly newId: () => string;
  /** As in admission: who may begin a job here at once, and how. */
  readonly claimant: () => string | null;
  readonly begin: (lease: LeaseToken) => void;
}

/** What became of a press. */
export interface Pressed {
  /** Null: carried out. */
  readonly reason: string | null;
  /** For the one who pressed, and nobody else. */
  readonly line: string | null;
  /** Somebody found this version poor, and may want to say why. */
  readonly poor?: { readonly reply: string; readonly version: number };
}

/** The one who pressed, and what is known from a try of the same press whose outcome is not. */
export interface Who {
  readonly team: string;
  /** Slack user id. */
  readonly by: string;
  readonly tried: Tried;
}

/** Kept through all tries of one press; empty before the first. */
export interface Tried {
  /** What this person is to think of the version after this press. */
  stands?: Verdict | null;
}

/**
 * Carries out a press of a button under a reply, durably: when it resolves, whatever is left to be done is a job in
 * the reply's mailbox, for whichever process works on it.
 */
export function createPress(options: PressOptions): (press: Press, who: Who) => Promise<Pressed> {
  return async (press, { team, by, tried }) => {
    const { pressed, lease } = await options.database.transaction(async (tx) => {
      const reply = await store.lockPressed(tx, press.reply, { team, by });
      const judgement = judge(press, reply);
      if (reply === null || judgement.kind === 'leave') {
        const { reason, line } =
          judgement.kind === 'leave' ? judgement : { reason: 'unknown_reply', line: null };
        return { pressed: { reason, line }, lease: null };
      }
      const done: Pressed = { reason: null, line: null };
      if (press.control === 'rate') return { pressed: await rated(tx, press, by, tried), lease: null };
      if (!(await carryOut(tx, press, reply, by, options.defaults))) return { pressed: done, lease: null };
      return { pressed: done, lease: await showAgain(tx, reply, options) };
    });
    if (lease !== null) options.begin(lease);
    return pressed;
  };
}

async function rated(
  tx: Queryable,
  { reply, version, verdict }: Press & { control: 'rate' },
  person: string,
  tried: Tried,
): Promise<Pressed> {
  const about = { reply, version, person };
  // The same press again must not take back what its first try may have stored.
  if (tried.stands === undefined)
    tried.stands = (await store.opinion(tx, about)) === verdict ? null : verdict;
  const { stands } = tried;
  await store.rate(tx, { ...about, verdict: stands });
  if (stands === 'bad') return { reason: null, line: null, poor: { reply, version } };
  return { reason: null, line: stands === 'good' ? LINES.good : LINES.takenBack };
}

/** True if a job must follow. */
async function carryOut(
  tx: Queryable,
  press: Exclude<Press, { control: 'rate' }>,
  reply: store.PressedReply,
  by: string,
  defaults: Defaults,
): Promise<boolean> {
  switch (press.control) {
    case 'stop':
      await requestStop(tx, reply.id, by);
      return false;
    case 'regenerate':
      await store.beginVersion(tx, reply, await settingsOf(tx, reply, defaults));
      return true;
    case 'show':
      await store.bringBack(tx, reply, press.version);
      return true;
    case 'retry':
      await store.reopenReply(tx, reply.id);
      return true;
    case 'continue':
      await store.continueReply(tx, reply.id);
      return true;
    case 'delete':
      await store.beginRemoval(tx, reply, by);
      return true;
  }
}

/** What the asker's settings say now: who changed the model and presses Regenerate wants that model. */
async function settingsOf(
  tx: Queryable,
  { team, channel, asker: person, direct }: store.PressedReply,
  defaults: Defaults,
): Promise<Snapshot> {
  return snapshotOf(resolve(defaults, await readSettings(tx, { team, channel, person }), { direct }));
}

/** Puts a job for a reply that was opened again into its mailbox. Returns the lease if it may be begun here. */
export async function showAgain(
  tx: Queryable,
  { id, conversation, questionTs }: Pick<store.PressedReply, 'id' | 'conversation' | 'questionTs'>,
  { newId, claimant }: Pick<PressOptions, 'newId' | 'claimant'>,
): Promise<LeaseToken | null> {
  const job = answerJob({ mailbox: mailboxOf(conversation), reply: id, questionTs, press: newId() });
  return (await enqueue(tx, job, claimant()))?.lease ?? null;
}
