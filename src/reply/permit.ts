import type { Clock } from '../clock.ts';
import type { Defaults } from '../config.ts';
import { type ErrorCode, SkeinError } from '../errors.ts';
import type { Lease } from '../jobs/worker.ts';
import { startOf } from '../ledger/periods.ts';
import { type Spent, spentSince } from '../ledger/store.ts';
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
  readonly clock: Clock;
}

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
 * go on with, or null if there is nothing to do. Budgets count what was spent until now: replies that run side
 * by side do not see each other's cost yet.
 */
export type Permit = (reply: StoredReply, begun: boolean, lease: Lease) => Promise<StoredReply | null>;

export function createPermit({ database, defaults, people, aside, clock }: PermitOptions): Permit {
  return async (reply, begun, lease) => {
    if (reply.state !== 'waiting' && reply.state !== 'writing') return reply;
    const { team, channel, asker: person } = reply;
    const direct = reply.kind === 'im';
    const set = await readSettings(database.query, { team, channel, person });
    const settings = resolve(defaults, set, { direct });
    if (!begun && reply.stoppedBy === null && !reply.questionDeleted) {
      const refusal = await askingRefusal(reply, settings, lease.signal);
      if (refusal !== null) {
        await markShown(database.query, lease.token, reply.id, 'shown');
        await tellOnce(reply, refusal);
        return null;
      }
    }
    const code = await budgetReached(reply, settings);
    if (code === null) return reply;
    const end = { log: reply.log, stopReason: 'failed', stoppedBy: null, errorCode: code, requestId: null };
    const remembered = reply.log.trim() !== '';
    await commitAnswer(database.query, lease.token, reply, end, { remembered, inContext: true });
    return loadReply(database.query, reply.id);
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

  async function budgetReached(reply: StoredReply, settings: Settings): Promise<ErrorCode | null> {
    const limits = limitsOf(settings);
    if (limits.length === 0) return null;
    const now = clock.now();
    const spent = await spentSince(
      database.query,
      { team: reply.team, channel: reply.channel, person: reply.asker },
      { day: startOf('day', now), month: startOf('month', now) },
    );
    return reachedAmong(limits, spent);
  }
}

interface Limit {
  readonly of: keyof Spent;
  readonly period: 'day' | 'month';
  /** Nano-dollars. */
  readonly most: bigint;
}

/** Every budget that holds here: each scope's own, against what that scope spent. */
function limitsOf(settings: Settings): Limit[] {
  return (['day', 'month'] as const).flatMap((period) =>
    settings[`budget_${period}`].layers.flatMap(({ scope, value }) =>
      value === null
        ? []
        : [{ of: scope === 'deployment' ? ('workspace' as const) : scope, period, most: value }],
    ),
  );
}

const CODES = {
  workspace: { day: 'BUDGET_WORKSPACE_DAY', month: 'BUDGET_WORKSPACE_MONTH' },
  channel: { day: 'BUDGET_CHANNEL_DAY', month: 'BUDGET_CHANNEL_MONTH' },
  person: { day: 'BUDGET_PERSON_DAY', month: 'BUDGET_PERSON_MONTH' },
} as const satisfies Record<keyof Spent, Record<'day' | 'month', ErrorCode>>;

/** The widest budget that is used up, the one that lasts longer first: what a person can do depends on it. */
export function reachedAmong(limits: readonly Limit[], spent: Spent): ErrorCode | null {
  for (const of of ['workspace', 'channel', 'person'] as const)
    for (const period of ['month', 'day'] as const)
      if (
        limits.some((limit) => limit.of === of && limit.period === period && spent[of][period] >= limit.most)
      )
        return CODES[of][period];
  return null;
}
