import type { Defaults } from '../defaults.ts';
import type { Gate } from '../people/gate.ts';
import { refusalOf } from '../people/may.ts';
import type { People } from '../people/person.ts';
import type { Database, Queryable } from '../postgres/database.ts';
import type { CallChoice, CallPress } from '../reply/cards/actions.ts';
import { wholeArguments, wholeResult } from '../reply/cards/arguments.ts';
import { drawLater } from '../reply/cards/job.ts';
import * as store from '../reply/cards/store.ts';
import { resolve } from '../settings/resolve.ts';
import { readSettings } from '../settings/store.ts';
import { CANNOT_CHECK, wordsOf } from '../words/people.ts';
import { CALL_LINES } from '../words/tools-cards.ts';
import { type CallJudgement, judgeCall, managersDecide } from './call-rules.ts';
import type { Pressed, Who } from './press.ts';
import { notePress, wasPressed } from './store.ts';

/** The one who presses, and where the button stands. */
export interface CallWho extends Who {
  readonly channel: string;
}

/** What became of a press on a card; `shows`: what the person wants to see as a whole. */
export interface CallPressed extends Pressed {
  readonly shows?: { readonly tool: string; readonly text: string };
}

export interface CallPressOptions {
  readonly database: Database;
  readonly defaults: Defaults;
  readonly gate: Gate;
  readonly people: Pick<People, 'of' | 'inChannel' | 'weAreIn'>;
  /** Whether the tool of a call may be used where it is to run, by the settings and connections of now, for its asker. */
  readonly allowed: (call: store.CardCall) => Promise<boolean>;
  readonly newId: () => string;
}

const DONE: CallPressed = { reason: null, line: null };

/** What makes something happen, so that rights are asked for anew; the other choices only end or show something. */
const ACTS: ReadonlySet<CallChoice> = new Set(['approve', 'always', 'share', 'share_always']);

/**
 * Carries out a press on a card, durably: the row is decided about in one conditional statement, and the answer that waits for it
 * is woken in the same transaction. Judged by the rights of this moment; one that is not allowed any more ends the call,
 * and one by somebody else leaves it. If it rejects, it may be called again with the same key.
 */
export function createCallPress(
  options: CallPressOptions,
): (press: CallPress, who: CallWho) => Promise<CallPressed> {
  const { database, gate, people } = options;
  const { query } = database;

  return async ({ choice, call: id }, who) => {
    const { team, by, key } = who;
    if (key !== null && (await wasPressed(query, key))) return DONE;
    const seen = await store.loadCall(query, team, id);
    if (seen === null || !(await belongsHere(seen, choice, who)))
      return { reason: 'unknown_call', line: CALL_LINES.unknown };
    const isAsker = seen.person === by;
    const manages = !isAsker && managersDecide(seen) ? await managesChannel(seen, by) : false;
    if (manages === 'unreachable') return { reason: 'cannot_check', line: CANNOT_CHECK };
    const judge = (call: store.CardCall) => judgeCall(choice, call, { isAsker, manages });
    const judged = judge(seen);
    if (judged.kind === 'leave') return told(judged);
    if (choice === 'show') return { ...DONE, shows: { tool: seen.title, text: wholeArguments(seen.input) } };
    if (choice === 'show_result')
      return { ...DONE, shows: { tool: seen.title, text: wholeResult(seen.result) } };
    // Asked outside of the transaction, because it waits for Slack.
    const kept = judged.kind === 'do' && ACTS.has(choice) ? await keptOut(seen, who) : null;
    if (kept?.kind === 'leave') return told(kept);
    return database.transaction(async (tx) => {
      await store.lockReplyOf(tx, id);
      const call = await store.loadCall(tx, team, id);
      if (call === null) return { reason: 'unknown_call', line: CALL_LINES.unknown };
      if (choice === 'ask_again') return askAgain(tx, call, key);
      const now = kept ?? judge(call);
      if (now.kind === 'leave') return told(now);
      if (key !== null && !(await notePress(tx, key))) return DONE;
      if (now.kind === 'expire') {
        await end(tx, call, choice, kept === null ? null : 'notAllowed');
        return told(now);
      }
      await carryOut(tx, call, choice, by);
      return DONE;
    });
  };

  /** A card of a thread is pressed in its channel; a private one by its owner, wherever that is. */
  async function belongsHere(
    call: store.CardCall,
    choice: CallChoice,
    { channel, by }: CallWho,
  ): Promise<boolean> {
    const isPrivate = ['share', 'share_always', 'keep', 'show_result'].includes(choice);
    if (isPrivate) return call.person === by;
    // The button by which it is taken back stands on both.
    return call.channel === channel || (choice === 'ask_again' && call.person === by);
  }

  /** Whether somebody may change the settings of the channel now. */
  async function managesChannel(
    { team, channel }: store.CardCall,
    user: string,
  ): Promise<boolean | 'unreachable'> {
    const [person, inChannel, set] = await Promise.all([
      people.of(team, user, 0),
      people.inChannel(team, channel, user),
      readSettings(query, { team, channel, person: user }),
    ]);
    if (person === 'unreachable') return 'unreachable';
    const by = resolve(options.defaults, set, { direct: false }).channel_changes.value;
    return refusalOf(person, { kind: 'change_channel', inChannel, by }) === null;
  }

  /** Why nothing may happen though the row is open: by the presser's rights, by the asker's, or by what is set here; null: it may. */
  async function keptOut(call: store.CardCall, who: CallWho): Promise<CallJudgement | null> {
    const { team, channel, direct, person, askerTeam } = call;
    const present = async (user: string) => direct || (await people.inChannel(team, channel, user)) !== 'no';
    const enter = (user: string, userTeam: string | null) =>
      gate({ team, channel, direct, user, userTeam }, { maxAgeMs: 0 });
    const isAsker = person === who.by;
    const [presser, here, asker, askerHere, allowed, weAreIn] = await Promise.all([
      enter(who.by, isAsker ? (who.byTeam ?? askerTeam) : who.byTeam),
      present(who.by),
      isAsker ? null : enter(person, askerTeam),
      isAsker ? true : present(person),
      options.allowed(call),
      direct ? 'yes' : people.weAreIn(team, channel),
    ]);
    // Nobody would see there what came of it.
    if (weAreIn === 'no') return { kind: 'expire', reason: 'not_there', line: CALL_LINES.weLeft };
    if (presser.kind === 'refused')
      return { kind: 'leave', reason: 'refused', line: wordsOf(presser.refusal) };
    if (!here) return { kind: 'leave', reason: 'not_in_channel', line: CALL_LINES.absent };
    // It would act in the asker's name, so what the asker may not do any more is over.
    if (asker?.kind === 'refused' || !askerHere)
      return { kind: 'expire', reason: 'asker_refused', line: CALL_LINES.askerGone };
    if (!allowed) return { kind: 'expire', reason: 'not_allowed', line: CALL_LINES.notAllowed };
    // What changes something outside waits until it is certain who wants it.
    const unsure = presser.kind === 'unreachable' || asker?.kind === 'unreachable';
    return unsure ? { kind: 'leave', reason: 'cannot_check', line: CANNOT_CHECK } : null;
  }

  async function askAgain(tx: Queryable, call: store.CardCall, key: string | null): Promise<CallPressed> {
    if (key !== null && !(await notePress(tx, key))) return DONE;
    const was = await store.revoke(tx, call);
    if (was) await draw(tx, call);
    return { reason: null, line: was ? CALL_LINES.asksAgain : CALL_LINES.asksAlready };
  }

  async function carryOut(
    tx: Queryable,
    call: store.CardCall,
    choice: CallChoice,
    by: string,
  ): Promise<void> {
    switch (choice) {
      case 'approve':
      case 'always':
        if (!(await store.decide(tx, call.id, 'approved', by))) return;
        if (choice === 'always') await store.grant(tx, call);
        break;
      case 'deny':
        if (!(await store.decide(tx, call.id, 'denied', by))) return;
        break;
      case 'share':
      case 'share_always':
        if (!(await store.decideSharing(tx, call.id, 'released'))) return;
        if (choice === 'share_always') await store.grant(tx, call);
        break;
      default:
        if (!(await store.decideSharing(tx, call.id, 'kept'))) return;
    }
    await store.wakeFor(tx, call);
  }

  /** It can't be decided about any more. `why` null: its time was over. */
  async function end(
    tx: Queryable,
    call: store.CardCall,
    choice: CallChoice,
    why: 'notAllowed' | null,
  ): Promise<void> {
    const sharing = choice === 'share' || choice === 'share_always' || choice === 'keep';
    const ended = sharing
      ? await store.decideSharing(tx, call.id, 'kept')
      : await store.decide(tx, call.id, 'expired', null, why);
    if (ended && call.live) await store.wakeFor(tx, call);
    else if (ended) await draw(tx, call);
  }

  /** The answer is over, so that nobody else draws the card; one that is being written does. */
  async function draw(tx: Queryable, call: store.CardCall): Promise<void> {
    await drawLater(tx, call, options.newId());
  }
}

function told(judged: Exclude<CallJudgement, { kind: 'do' }> | { readonly kind: 'do' }): CallPressed {
  return judged.kind === 'do' ? DONE : { reason: judged.reason, line: judged.line };
}
