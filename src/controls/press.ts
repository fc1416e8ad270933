import { createHash } from 'node:crypto';
import type { Defaults } from '../defaults.ts';
import { enqueue, type LeaseToken } from '../jobs/store.ts';
import type { Gate } from '../people/gate.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import type { Press } from '../reply/actions.ts';
import { answerJob, mailboxOf } from '../reply/job.ts';
import { type Snapshot, snapshotOf } from '../reply/snapshot.ts';
import { requestStop } from '../reply/store.ts';
import { resolve } from '../settings/resolve.ts';
import { readSettings } from '../settings/store.ts';
import { LINES } from '../words/controls.ts';
import { CANNOT_CHECK, wordsOf } from '../words/people.ts';
import { judge } from './rules.ts';
import * as store from './store.ts';

export interface PressOptions {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly gate: Gate;
  readonly newId: () => string;
  /** As in admission: who may begin a job here at once, and how. */
  readonly claimant: (team: string) => string | null;
  readonly begin: (lease: LeaseToken) => void;
  /** Raises a budget; it opens no reply. */
  readonly raise: (press: Extract<Press, { control: 'raise' }>, who: Who) => Promise<Pressed>;
}

/** A press that is about the reply itself. */
type OfReply = Exclude<Press, { control: 'raise' }>;

/** What became of a press. */
export interface Pressed {
  /** Null: carried out. */
  readonly reason: string | null;
  /** For the one who pressed, and nobody else. */
  readonly line: string | null;
  /** Somebody found this version poor, and may want to say why. */
  readonly poor?: { readonly reply: string; readonly version: number };
}

/** The one who pressed. */
export interface Who {
  readonly team: string;
  /** Slack user id. */
  readonly by: string;
  /** The person's own workspace, where Slack named it; null: it did not. */
  readonly byTeam: string | null;
  /** The same for each try of one press (`pressKey`); null: Slack gave nothing to make it from. */
  readonly key: string | null;
}

/** A key of a press, from its trigger: Slack gives each press one of its own. Hashed, because a trigger opens forms. */
export function pressKey(triggerId: string): string {
  return createHash('sha256').update(triggerId).digest('hex');
}

/**
 * Who has to be let in anew before a press is carried out, because it makes us answer. What ends something, takes
 * something away or says what somebody thinks makes no answer; to look at a version asks the model nothing, so that it is
 * no matter of the one who had asked for it.
 */
const GATED: Readonly<Record<OfReply['control'], 'both' | 'presser' | 'nobody'>> = {
  regenerate: 'both',
  retry: 'both',
  continue: 'both',
  show: 'presser',
  stop: 'nobody',
  rate: 'nobody',
  delete: 'nobody',
};

/**
 * Carries out a press of a button under a reply, durably: when it resolves, whatever is left to be done is a job in
 * the reply's mailbox, for whichever process works on it. If it rejects, it may be called again with the same key:
 * what was carried out is not carried out twice.
 */
export function createPress(options: PressOptions): (press: Press, who: Who) => Promise<Pressed> {
  const { database, gate } = options;
  return async (press, who) => {
    if (press.control === 'raise') return options.raise(press, who);
    const { by, key } = who;
    if (key !== null && (await store.wasPressed(database.query, key)))
      return outcomeOf(database.query, press, by);
    const seen = await store.loadPressed(database.query, press.reply, who);
    const judged = leftBy(press, seen);
    if (judged !== null) return judged;
    // Asked outside of the transaction, because it waits for Slack.
    const kept = seen === null ? null : await keptOut(press, seen, who);
    if (kept !== null) return kept;
    const { pressed, lease } = await database.transaction(async (tx) => {
      const reply = await store.lockPressed(tx, press.reply, who);
      const left = leftBy(press, reply);
      if (left !== null || reply === null) return { pressed: left ?? DONE, lease: null };
      if (key !== null && !(await store.notePress(tx, key)))
        return { pressed: await outcomeOf(tx, press, by), lease: null };
      if (press.control === 'rate') {
        const stands =
          (await store.opinion(tx, { ...press, person: by })) === press.verdict ? null : press.verdict;
        await store.rate(tx, { ...press, person: by, verdict: stands });
        return { pressed: await outcomeOf(tx, press, by), lease: null };
      }
      if (!(await carryOut(tx, press, reply, by, options.defaults))) return { pressed: DONE, lease: null };
      return { pressed: DONE, lease: await showAgain(tx, reply, options) };
    });
    if (lease !== null) options.begin(lease);
    return pressed;
  };

  /** Why the press may not make us answer; null: it may. */
  async function keptOut(
    { control }: OfReply,
    { team, channel, direct, asker, askerTeam, isAsker }: store.PressedReply,
    { by, byTeam }: Who,
  ): Promise<Pressed | null> {
    const whom = GATED[control];
    if (whom === 'nobody') return null;
    const place = { team, channel, direct };
    // Rights are those of now, as for commands: a press waits for nobody's ten minutes.
    const [presser, owner] = await Promise.all([
      gate({ ...place, user: by, userTeam: isAsker ? (byTeam ?? askerTeam) : byTeam }, { maxAgeMs: 0 }),
      whom === 'presser' || isAsker
        ? null
        : gate({ ...place, user: asker, userTeam: askerTeam }, { maxAgeMs: 0 }),
    ]);
    if (presser.kind === 'refused') return { reason: 'refused', line: wordsOf(presser.refusal) };
    if (owner?.kind === 'refused') return { reason: 'asker_refused', line: LINES.askerRefused };
    const unsure = [presser, owner].some((entry) => entry?.kind === 'unreachable' && entry.ruled);
    return unsure ? { reason: 'cannot_check', line: CANNOT_CHECK } : null;
  }
}

const DONE: Pressed = { reason: null, line: null };

/** What becomes of a press that changes nothing; null: it is to be carried out. */
function leftBy(press: Press, reply: store.PressedReply | null): Pressed | null {
  const judgement = judge(press, reply);
  return judgement.kind === 'leave' ? { reason: judgement.reason, line: judgement.line } : null;
}

/** What a person is told of a press that was carried out: how their opinion stands now, if it was about that. */
async function outcomeOf(db: Queryable, press: Press, person: string): Promise<Pressed> {
  if (press.control !== 'rate') return DONE;
  const { reply, version } = press;
  const stands = await store.opinion(db, { reply, version, person });
  if (stands === 'bad') return { ...DONE, poor: { reply, version } };
  return { ...DONE, line: stands === 'good' ? LINES.good : LINES.takenBack };
}

/** True if a job must follow. */
async function carryOut(
  tx: Queryable,
  press: Exclude<OfReply, { control: 'rate' }>,
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
  return (await enqueue(tx, job, claimant(job.team)))?.lease ?? null;
}
