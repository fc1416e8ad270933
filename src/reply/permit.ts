import type { Purse } from '../budgets/purse.ts';
import { BUDGET_KEYS, type Budget, budgetsOf, codeOf } from '../budgets/rules.ts';
import type { Clock } from '../clock.ts';
import { questionRaw } from '../conversation/store.ts';
import type { Defaults } from '../defaults.ts';
import { Later, NO_ACCESS_DELAY_MS } from '../jobs/retry.ts';
import type { Lease } from '../jobs/worker.ts';
import { dayOf, startOf } from '../ledger/periods.ts';
import type { Gate } from '../people/gate.ts';
import type { Refusal } from '../people/may.ts';
import { askedByBots, firstRefusal } from '../people/store.ts';
import type { Database } from '../postgres/database.ts';
import { resolve, type Settings } from '../settings/resolve.ts';
import { type Condition, readSettings, stillSet } from '../settings/store.ts';
import type { WebTools } from '../tools/offered.ts';
import { wordsOf } from '../words/people.ts';
import type { Aside } from './ports.ts';
import { commitAnswer, loadReply, markShown, type StoredReply } from './store.ts';

interface PermitOptions {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly gate: Gate;
  /** False: nothing of this workspace can be sent now (the token is dead, say). */
  readonly installed: (team: string) => boolean;
  readonly aside: Aside;
  readonly purse: Purse;
  readonly clock: Clock;
  /** Our Slack user id, to tell a message that names us from one that was only said where we listen. */
  readonly bot: (team: string) => string | null;
}

/** A reply to go on with, and what holds for its calls to the model. */
export interface Permitted {
  readonly reply: StoredReply;
  /** Every budget that holds now: a call to the model asks anew, because somebody may have set or raised one. */
  readonly budgets: () => Promise<BudgetsNow>;
  /** Most tokens of history that they are given. */
  readonly contextTokens: number;
  /** What of the web they may use; null: none of it. The same for everybody at this place, so that a thread stays cached. */
  readonly web: WebTools | null;
  /** Names of the connected servers whose tools they are offered; the same for everybody at this place. */
  readonly tools: readonly string[];
}

export interface BudgetsNow {
  readonly budgets: readonly Budget[];
  /** Where they were read a moment ago: that they are the same still. The statement that begins the call makes sure of it. */
  readonly only: Condition | null;
}

/** For a reply that nobody limits. */
export const NO_BUDGETS: Permitted['budgets'] = async () => ({ budgets: [], only: null });

/**
 * While Slack can't say who somebody is, the question waits. Where a rule was made about who may ask, that is until Slack
 * can say it. Where nobody made one, an outage of Slack must not silence the whole workspace: people of this
 * workspace, as the event says, are answered after a moment.
 */
const RULE_PAUSE_MS = 5000;
const NO_RULE_PATIENCE_MS = 3000;
const ASK_AGAIN_MS = 500;
/** Questions of one bot in a channel, and of bots in a thread without a person's between. */
const MOST_BOT_QUESTIONS_AN_HOUR = 20;
const MOST_BOT_QUESTIONS_IN_A_ROW = 5;

/** Most pages that one call to the model may read. */
const MOST_PAGES = 4;
/** What was read so long ago is taken for the first call, if it is so still: of a hundred questions at once the last waits for as long. */
const JUST_READ_MS = 2000;

/** The web tools that the settings allow; null: none. */
function webOf(settings: Settings): WebTools | null {
  if (!settings.web.value) return null;
  const { rule, hosts } = settings.web_domains.value;
  return {
    searches: settings.web_searches.value,
    pages: MOST_PAGES,
    allowed: rule === 'only' ? hosts : [],
    blocked: rule === 'not' ? hosts : [],
  };
}

/**
 * The gate before anything of a first answer is shown or paid for: may this person ask here, and is there money left?
 * Not in admission, because only Slack knows who is a guest, and an event must not wait for Slack. A reply that is
 * `writing` was let in before: here, or by the press that opened it again (`controls/press.ts`); that it has
 * messages in Slack says the same of one that is `waiting`, because what was refused has none. Returns the reply to
 * go on with, or null if there is nothing to do; throws `Later` while nothing can be sent. A budget with something left is not decided on here, but call by
 * call (`budgets/purse.ts`).
 */
export type Permit = (reply: StoredReply, lease: Lease) => Promise<Permitted | null>;

export function createPermit(options: PermitOptions): Permit {
  const { database, defaults, installed, gate, aside, purse, clock } = options;
  return async (reply, lease) => {
    // What is over has no calls to come.
    if (reply.state !== 'waiting' && reply.state !== 'writing')
      return { reply, budgets: NO_BUDGETS, contextTokens: defaults.contextTokens, web: null, tools: [] };
    const { team, channel, asker: person } = reply;
    demandInstalled(team);
    const direct = reply.kind === 'im';
    const place = { team, channel, person };
    const set = await readSettings(database.query, place);
    const settings = resolve(defaults, set, { direct });
    const readAt = clock.monotonic();
    const placed = reply.segments.length > 0;
    if (reply.state === 'waiting' && !placed && !reply.questionDeleted) {
      const refusal = await refusalAt(reply, settings, lease.signal);
      if (refusal !== null) {
        await markShown(database.query, lease.token, reply.id, 'refused');
        await tell(reply, refusal);
        return null;
      }
    }
    let first = true;
    const budgets = async (): Promise<BudgetsNow> => {
      // The first call is mostly begun at once, and then that they are the same costs no statement of its own.
      const justRead = first && clock.monotonic() - readAt < JUST_READ_MS;
      first = false;
      if (justRead) return { budgets: budgetsOf(settings), only: stillSet(place, BUDGET_KEYS, set) };
      const now = resolve(defaults, await readSettings(database.query, place), { direct });
      return { budgets: budgetsOf(now), only: null };
    };
    const contextTokens = settings.context_tokens.value;
    const usedUp = await purse.usedUp({ reply: reply.id, team, channel, person }, budgetsOf(settings));
    const outside = { web: webOf(settings), tools: settings.tools.value };
    if (usedUp === null) return { reply, budgets, contextTokens, ...outside };
    const errorCode = codeOf(usedUp);
    const end = { log: reply.log, stopReason: 'failed', stoppedBy: null, errorCode, requestId: null };
    const remembered = reply.log.trim() !== '';
    const { blocks: logged } = reply;
    await commitAnswer(database.query, lease.token, reply, end, { remembered, inContext: true, logged });
    const over = await loadReply(database.query, reply.id);
    return over === null ? null : { reply: over, budgets, contextTokens, ...outside };
  };

  /** Nobody pays for an answer that can't be shown. */
  function demandInstalled(team: string): void {
    if (!installed(team)) throw new Later(NO_ACCESS_DELAY_MS, 'nothing can be shown in this workspace');
  }

  async function refusalAt(
    reply: StoredReply,
    settings: Settings,
    signal: AbortSignal,
  ): Promise<Refusal | null> {
    const { team, channel, asker: user, askerTeam: userTeam } = reply;
    const until = clock.monotonic() + NO_RULE_PATIENCE_MS;
    if (await asksTooMuch(reply, settings)) return 'bot';
    for (;;) {
      const asker = { team, channel, user, userTeam, direct: reply.kind === 'im', byApp: reply.byApp };
      const entry = await gate(asker, { settings });
      if (entry.kind === 'open') return null;
      if (entry.kind === 'refused') return entry.refusal;
      demandInstalled(team);
      if (entry.ruled) throw new Later(RULE_PAUSE_MS, 'nobody says who asks');
      if (signal.aborted || clock.monotonic() > until) return null;
      await clock.sleep(ASK_AGAIN_MS, signal);
    }
  }

  /** Two bots that answer each other would go on for ever, at our cost: a listed bot may ask so often and so long. */
  async function asksTooMuch(reply: StoredReply, settings: Settings): Promise<boolean> {
    const bots = settings.bots.value;
    if (!bots.includes(reply.asker)) return false;
    const { inHour, inRow } = await askedByBots(
      database.query,
      { ...reply, bots },
      MOST_BOT_QUESTIONS_AN_HOUR,
    );
    return inHour > MOST_BOT_QUESTIONS_AN_HOUR || inRow > MOST_BOT_QUESTIONS_IN_A_ROW;
  }

  /**
   * Whoever asked us is told each time; a bot has nobody to tell. What was said where we answer without being named (`follow_ups`) may not have been
   * meant for us: that is told once a day in a channel.
   */
  async function tell(reply: StoredReply, refusal: Refusal): Promise<void> {
    if (refusal === 'bot') return;
    const { team, channel, asker: person } = reply;
    const day = dayOf(startOf('day', clock.now()));
    const first = await firstRefusal(database.query, { team, channel, person, day });
    if (!first && !(await wasAddressed(reply))) return;
    // A line in a thread that does not exist yet would be shown nowhere.
    const threadTs = reply.threadTs === reply.questionTs ? null : reply.threadTs;
    await aside.whisper({ team, channel, threadTs }, person, wordsOf(refusal));
  }

  async function wasAddressed(reply: StoredReply): Promise<boolean> {
    if (reply.kind === 'im' || reply.threadTs === reply.questionTs) return true;
    const bot = options.bot(reply.team);
    return bot !== null && (await questionRaw(database.query, reply.question))?.includes(bot) === true;
  }
}
