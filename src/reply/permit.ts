import type { Purse } from '../budgets/purse.ts';
import { type Budget, budgetsOf, codeOf } from '../budgets/rules.ts';
import type { Clock } from '../clock.ts';
import type { Defaults } from '../defaults.ts';
import { SkeinError } from '../errors.ts';
import type { Lease } from '../jobs/worker.ts';
import { startOf } from '../ledger/periods.ts';
import { type Refusal, refusalOf } from '../people/may.ts';
import { ASKING_AGE_MS, type People, type Person } from '../people/person.ts';
import { firstRefusal } from '../people/store.ts';
import type { Database } from '../postgres/database.ts';
import { resolve, type Settings } from '../settings/resolve.ts';
import { readSettings } from '../settings/store.ts';
import { wordsOf } from '../words/people.ts';
import type { Aside } from './ports.ts';
import { commitAnswer, loadReply, markShown, type StoredReply } from './store.ts';

export interface PermitOptions {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly people: People;
  readonly aside: Aside;
  readonly purse: Purse;
  readonly clock: Clock;
}

/** A reply to go on with, and what holds for its calls to the model. */
export interface Permitted {
  readonly reply: StoredReply;
  /** Every budget that holds now: a call to the model asks anew, because somebody may have set or raised one. */
  readonly budgets: () => Promise<readonly Budget[]>;
  /** Most tokens of history that they are given. */
  readonly contextTokens: number;
}

/** For a reply that nobody limits. */
export const NO_BUDGETS: Permitted['budgets'] = async () => [];

/**
 * While Slack can't say who somebody is, the question waits. A rule that somebody made is kept then: the job is
 * tried again later. Where nobody made one, an outage of Slack must not silence the whole workspace: people of
 * this workspace, as the event says, are answered after a moment.
 */
const RULE_PATIENCE_MS = 30_000;
const NO_RULE_PATIENCE_MS = 3000;
const ASK_AGAIN_MS = 500;

/**
 * The last gate before anything is shown or paid for: may this person ask here, and is there money left? Not in
 * admission, because only Slack knows who is a guest, and an event must not wait for Slack. Returns the reply to
 * go on with, or null if there is nothing to do. A budget with something left is not decided on here, but call by
 * call (`budgets/purse.ts`).
 */
export type Permit = (reply: StoredReply, begun: boolean, lease: Lease) => Promise<Permitted | null>;

export function createPermit({ database, defaults, people, aside, purse, clock }: PermitOptions): Permit {
  return async (reply, begun, lease) => {
    // What is over has no calls to come.
    if (reply.state !== 'waiting' && reply.state !== 'writing')
      return { reply, budgets: NO_BUDGETS, contextTokens: defaults.contextTokens };
    const { team, channel, asker: person } = reply;
    const direct = reply.kind === 'im';
    const settingsNow = async () =>
      resolve(defaults, await readSettings(database.query, { team, channel, person }), { direct });
    const settings = await settingsNow();
    if (!begun && reply.stoppedBy === null && !reply.questionDeleted) {
      const refusal = await askingRefusal(reply, settings, lease.signal);
      if (refusal !== null) {
        await markShown(database.query, lease.token, reply.id, 'shown');
        await tellOnce(reply, refusal);
        return null;
      }
    }
    const budgets = async () => budgetsOf(await settingsNow());
    const contextTokens = settings.context_tokens.value;
    const usedUp = await purse.usedUp({ reply: reply.id, team, channel, person }, budgetsOf(settings));
    if (usedUp === null) return { reply, budgets, contextTokens };
    const errorCode = codeOf(usedUp);
    const end = { log: reply.log, stopReason: 'failed', stoppedBy: null, errorCode, requestId: null };
    const remembered = reply.log.trim() !== '';
    await commitAnswer(database.query, lease.token, reply, end, { remembered, inContext: true });
    const over = await loadReply(database.query, reply.id);
    return over === null ? null : { reply: over, budgets, contextTokens };
  };

  async function askingRefusal(
    reply: StoredReply,
    settings: Settings,
    signal: AbortSignal,
  ): Promise<Refusal | null> {
    const access = settings.access.value;
    if (access === 'everyone') return null;
    const ruled = defaults.access !== null || settings.access.scope !== 'deployment';
    const person = await known(reply.team, reply.asker, signal, ruled);
    // Slack may hide a person from us and still say, on the message, whose they are.
    const elsewhere = reply.askerTeam !== null && reply.askerTeam !== reply.team;
    const kind = person.kind === 'unknown' && elsewhere ? 'stranger' : person.kind;
    return refusalOf({ ...person, kind }, { kind: 'ask', access });
  }

  async function known(team: string, id: string, signal: AbortSignal, ruled: boolean): Promise<Person> {
    const until = clock.monotonic() + (ruled ? RULE_PATIENCE_MS : NO_RULE_PATIENCE_MS);
    for (;;) {
      const person = await people.of(team, id, ASKING_AGE_MS);
      if (person !== 'unreachable') return person;
      const late = clock.monotonic() > until;
      if (late && !ruled) return { team, id, name: null, kind: 'unknown', admin: false, deactivated: false };
      if (signal.aborted || late)
        throw new SkeinError('SLACK_UNREACHABLE', 'Slack did not say who asks', { facts: { user: id } });
      await clock.sleep(ASK_AGAIN_MS, signal);
    }
  }

  async function tellOnce(reply: StoredReply, refusal: Refusal): Promise<void> {
    const { team, channel, asker: person } = reply;
    const day = startOf('day', clock.now()).toISOString().slice(0, 10);
    if (!(await firstRefusal(database.query, { team, channel, person, day }))) return;
    // A line in a thread that does not exist yet would be shown nowhere.
    const threadTs = reply.threadTs === reply.questionTs ? null : reply.threadTs;
    await aside.whisper({ team, channel, threadTs }, person, wordsOf(refusal));
  }
}
