import { backoff, type Clock } from '../../clock.ts';
import { SkeinError } from '../../errors.ts';
import { Later, NO_ACCESS_DELAY_MS } from '../../jobs/retry.ts';
import type { Lease } from '../../jobs/worker.ts';
import type { Log } from '../../log.ts';
import type { Database } from '../../postgres/database.ts';
import { placementOf } from '../lifecycle.ts';
import type { Pacer } from '../pace/pacer.ts';
import type { WriteOutcome } from '../ports.ts';
import type { CardsOfReplies } from '../tools/ports.ts';
import { cardOf, shareCardOf } from './look.ts';
import type { Card, CardMark, CardPlace, CardSurface } from './ports.ts';
import * as store from './store.ts';

interface CardsOptions {
  readonly database: Database;
  readonly surface: CardSurface;
  readonly pacer: Pick<Pacer, 'join'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** So often Slack is asked; between two tries twice as long as before. */
const MOST_TRIES = 5;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** A post whose outcome is unclear may still be on its way; Slack is asked for it only after this. */
const SETTLE_MS = 1500;
/** The clocks of the database and of Slack may differ by this much, in seconds. */
const SKEW_S = 300;

/** One of the two messages of a call. */
interface Message {
  readonly call: store.CardCall;
  readonly which: store.Which;
  readonly at: CardPlace;
  readonly card: Card;
  /** What it shows then, for the row. */
  readonly shows: string;
}

/**
 * The cards of calls, brought to what their rows say by whoever holds the lease: the intent is noted before a post, the message
 * carries the call's id, and an owner that finds an intent without a place looks for the message first, as for the
 * segments of an answer (`lifecycle.ts`). A press changes the row alone; the answer that it wakes draws the card.
 */
export function createCards({ database, surface, pacer, clock, log }: CardsOptions): CardsOfReplies {
  const { query } = database;

  /** What is being drawn in each conversation: one after the other, so that no older look comes behind a newer one. */
  const drawing = new Map<string, Promise<unknown>>();
  const inTurn = <T>({ token: { mailbox } }: Lease, work: () => Promise<T>): Promise<T> => {
    const before = drawing.get(mailbox) ?? Promise.resolve();
    const done = before.then(work, work).finally(() => {
      if (drawing.get(mailbox) === done) drawing.delete(mailbox);
    });
    drawing.set(mailbox, done);
    return done;
  };

  return {
    show: (_place, calls, lease) =>
      inTurn(lease, async () => {
        const ids = calls.map(({ id }) => id);
        return draw(await store.loadCalls(query, ids), lease);
      }),

    redraw: ({ id }, lease) => inTurn(lease, () => drawAll(id, lease)),

    close: ({ id }, lease) =>
      inTurn(lease, async () => {
        await store.expireOf(query, id);
        await drawAll(id, lease);
      }),

    remove: ({ id }, lease) =>
      inTurn(lease, async () => {
        for (const call of await store.callsWithCards(query, id))
          for (const which of ['card', 'share'] as const) await removeOne(call, which, lease);
        await store.dropCards(query, lease.token, id);
      }),
  };

  async function drawAll(reply: string, lease: Lease): Promise<void> {
    await draw(await store.callsWithCards(query, reply), lease);
  }

  async function draw(calls: readonly store.CardCall[], lease: Lease): Promise<'shown' | 'gone'> {
    let [asked, lost] = [0, 0];
    let called = false;
    for (const call of calls)
      for (const which of ['card', 'share'] as const) {
        if (!isWanted(call, which)) continue;
        const open = isOpen(call, which);
        if (open) asked += 1;
        const message = await messageOf(call, which, !called);
        if (which === 'card' && call[which].ts === null) called = true;
        if (message !== null && (await bring(message, lease)) === 'shown') continue;
        if (!open) {
          // It can't be told any more how it ended; nobody tries again.
          await store.noteShown(query, call.id, which, which === 'card' ? call.state : (call.sharing ?? ''));
          continue;
        }
        lost += 1;
        await couldNotAsk(call, which);
      }
    return asked > 0 && lost === asked ? 'gone' : 'shown';
  }

  /** Null: there is no direct message with that person. */
  async function messageOf(
    call: store.CardCall,
    which: store.Which,
    calls: boolean,
  ): Promise<Message | null> {
    const { team, channel, threadTs, person } = call;
    if (which === 'card')
      return { call, which, at: { team, channel, threadTs }, card: cardOf(call, calls), shows: call.state };
    const direct = await surface.direct(team, person);
    if ('channel' in direct) {
      const at = { team, channel: direct.channel, threadTs: null };
      return { call, which, at, card: shareCardOf(call), shows: call.sharing ?? '' };
    }
    if (direct.kind === 'unauthorised') throw new Later(NO_ACCESS_DELAY_MS, direct.message);
    if (direct.kind === 'gone' || direct.kind === 'content_refused') return null;
    throw new SkeinError('SLACK_UNREACHABLE', 'a direct message could not be opened');
  }

  /** Has the message show the card. 'gone': it can't be there. */
  async function bring(message: Message, lease: Lease): Promise<'shown' | 'gone'> {
    const { call, which, at, shows } = message;
    let { card } = message;
    let { ts } = call[which];
    let uncertain = call[which].intended;
    const seat = pacer.join(at.team, at.channel);
    try {
      for (let tries = 1; ; tries++) {
        if (placementOf({ intended: uncertain, placed: ts !== null }) === 'look_first') {
          const found = await surface.find(at, after(message), markOf(call, which));
          if (found === 'unknown') {
            await again(tries, FIRST_WAIT_MS, lease);
            continue;
          }
          if (found === 'gone') return 'gone';
          if (found !== null) await store.placeCard(query, call.id, which, found);
          ts = found;
          uncertain = false;
        }
        const kind = ts === null ? 'post' : 'first';
        if (!(await seat.turn(kind, lease.signal)) || !(await lease.confirm()))
          throw new Error('the reply was handed over before its end');
        if (ts === null) await store.intendCard(query, lease.token, call.id, which);
        const outcome: WriteOutcome =
          ts === null
            ? await surface.post(at, card, markOf(call, which), lease.held)
            : await surface.update(at, ts, card, lease.held);
        switch (outcome.kind) {
          case 'done':
            if (ts === null) await store.placeCard(query, call.id, which, outcome.ts);
            await store.noteShown(query, call.id, which, shows);
            return 'shown';
          case 'gone':
            log.warn(
              { call: call.id, code: outcome.code, reason: outcome.message },
              'a card can not be shown',
            );
            return 'gone';
          case 'content_refused':
            log.warn({ call: call.id, reason: outcome.message, plain: card.plain }, 'a card was refused');
            if (card.plain) return 'gone';
            card = { ...card, plain: true };
            continue;
          case 'unauthorised':
            throw new Later(NO_ACCESS_DELAY_MS, outcome.message);
          case 'limited':
            seat.limited(kind, outcome.retryAfterMs);
            await again(tries, 0, lease);
            continue;
          case 'unclear':
            uncertain = ts === null;
            await again(tries, SETTLE_MS, lease);
            continue;
          case 'failed':
          case 'streaming':
            await again(tries, FIRST_WAIT_MS, lease);
        }
      }
    } finally {
      seat.leave();
    }
  }

  /** Waits for the next try; throws after the last one, and the job is tried again. */
  async function again(tries: number, leastMs: number, lease: Lease): Promise<void> {
    if (tries >= MOST_TRIES) throw new SkeinError('SLACK_UNREACHABLE', 'a card could not be shown');
    if (leastMs > 0)
      await clock.sleep(
        Math.max(leastMs, backoff({ first: FIRST_WAIT_MS, most: LONGEST_WAIT_MS }, tries)),
        lease.signal,
      );
  }

  /** Fails closed: nobody was asked, so nobody said yes. */
  async function couldNotAsk(call: store.CardCall, which: store.Which): Promise<void> {
    await database.transaction(async (tx) => {
      const to = which === 'card' ? 'denied' : 'kept';
      const decided =
        to === 'denied'
          ? await store.decide(tx, call.id, to, null, 'notAsked')
          : await store.decideSharing(tx, call.id, to);
      if (!decided) return;
      // Nothing of it is there to be drawn.
      await store.noteShown(tx, call.id, which, to);
    });
  }

  async function removeOne(call: store.CardCall, which: store.Which, lease: Lease): Promise<void> {
    const standing = call[which];
    if (!standing.intended) return;
    const message = await messageOf(call, which, false);
    if (message === null) return;
    const { at } = message;
    for (let tries = 1; ; tries++) {
      if (!(await lease.confirm())) throw new Error('the reply was handed over before its end');
      const ts = standing.ts ?? (await surface.find(at, after(message), markOf(call, which)));
      if (ts === null || ts === 'gone') return;
      const outcome: WriteOutcome =
        ts === 'unknown'
          ? { kind: 'failed', code: 'SLACK_UNREACHABLE', message: 'the place can not be read' }
          : await surface.remove(at, ts, lease.held);
      if (outcome.kind === 'done' || outcome.kind === 'gone') return;
      if (outcome.kind === 'unauthorised') throw new Later(NO_ACCESS_DELAY_MS, outcome.message);
      const waitMs = outcome.kind === 'limited' ? outcome.retryAfterMs : FIRST_WAIT_MS;
      await again(tries, waitMs, lease);
    }
  }
}

/** A message is there, or should be, and shows something else than what is. */
function isWanted(call: store.CardCall, which: store.Which): boolean {
  const { intended, shown } = call[which];
  const now = which === 'card' ? call.state : call.sharing;
  return (intended || isOpen(call, which)) && shown !== now;
}

function isOpen({ state, sharing }: store.CardCall, which: store.Which): boolean {
  return which === 'card' ? state === 'proposed' : sharing === 'withheld';
}

/** A thread's card is later than the question; a private one later than the call, by whatever clock. */
function after({ call, which }: Message): string {
  return which === 'card' ? call.questionTs : (call.createdAt.getTime() / 1000 - SKEW_S).toFixed(6);
}

function markOf({ reply, id }: store.CardCall, which: store.Which): CardMark {
  return { reply, card: which === 'card' ? id : `${id}:${which}` };
}
