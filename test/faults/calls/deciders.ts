import { isJson, listOf, textOf } from '../../../playground/slack/json.ts';
import { systemClock as clock } from '../../../src/clock.ts';
import type { History } from '../history.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';

/** A press on a card, once for each time that it was made. Times: milliseconds since the epoch. */
export interface Decision {
  readonly call: string;
  readonly choice: 'approve' | 'deny' | 'always';
  readonly user: string;
  readonly at: number;
  readonly acked: boolean;
}

/** People who decide about calls, by the seed. */
export interface Deciders {
  readonly made: readonly Decision[];
  /**
   * Presses a card, now and then twice, two ways at once, as somebody who may not, or long after it was decided. False: there
   * is none.
   */
  press(): Promise<boolean>;
  /** Whoever asked presses this on every card that is open now, and on no card twice in a short while. */
  all(choice?: 'approve' | 'deny'): Promise<void>;
  /** Resolves when a card is there that can be pressed. */
  card(): Promise<Card>;
  /** One press. */
  once(card: Card, choice: Decision['choice'], user?: string): Promise<Decision>;
}

export interface Card {
  readonly call: string;
  readonly channel: string;
  readonly ts: string;
  readonly asker: string;
}

const APPROVE = 'reply_call_approve';
/** A press is acknowledged before it is stored; who sees no change presses again. */
const AGAIN_MS = 3_000;
const CARD_WITHIN_MS = 60_000;
const LOOK_MS = 100;

export function createDeciders(world: World, history: History, random: Random): Deciders {
  const { slack } = world;
  const made: Decision[] = [];
  /** Every card that was ever open: somebody has an old one before them. */
  const drawn = new Map<string, Card>();
  const pressedAt = new Map<string, number>();

  const open = async (): Promise<Card[]> => {
    history.find();
    const threads = new Map(history.questions.map((one) => [`${one.channel} ${one.threadTs}`, one]));
    const found = [...threads.values()].flatMap(({ channel, threadTs }) =>
      slack.thread(channel, threadTs).flatMap((message) => {
        const call = message.user === slack.botUser ? carriedBy(message.blocks, APPROVE) : null;
        if (call === null) return [];
        return [{ call, channel, ts: message.ts }];
      }),
    );
    // Of several cards the first alone calls its asker.
    const { rows } = await world.database
      .query<{ id: string; person: string }>('select id, person from skein.tool_calls where id = any($1)', [
        found.map(({ call }) => call),
      ])
      .catch(() => ({ rows: [] }));
    const cards = found.flatMap((card) => {
      const asker = rows.find(({ id }) => id === card.call)?.person;
      return asker === undefined ? [] : [{ ...card, asker }];
    });
    for (const card of cards) drawn.set(card.call, card);
    return cards;
  };

  const once: Deciders['once'] = async ({ call, channel, ts, asker }, choice, user = asker) => {
    const at = clock.now();
    pressedAt.set(call, clock.monotonic());
    const actionId = `reply_call_${choice}`;
    const answer = await slack.click(user, { channel, ts, actionId, value: call }).catch(() => null);
    const decision = { call, choice, user, at, acked: answer?.acked === true };
    made.push(decision);
    world.note(`${choice} of ${call} by ${user}: ${decision.acked}`);
    return decision;
  };

  return {
    made,
    once,
    async press() {
      const cards = await open();
      const there = random.chance(0.1) ? [...cards, ...drawn.values()] : cards;
      if (there.length === 0) return false;
      const card = random.pick(there);
      const [other = card.asker] =
        slack.workspace.channels
          .get(card.channel)
          ?.members.filter((member) => member !== card.asker && member !== slack.botUser) ?? [];
      const yes = random.pick(['approve', 'approve', 'approve', 'always'] as const);
      const choice = random.chance(0.3) ? 'deny' : yes;
      const presses = random.pick([
        ...[[[choice, card.asker]], [[choice, card.asker]], [[choice, card.asker]], [[yes, other]]],
        [
          [choice, card.asker],
          [choice, card.asker],
        ],
        [
          ['approve', card.asker],
          ['deny', card.asker],
        ],
        [
          [yes, other],
          [choice, card.asker],
        ],
      ] as const satisfies readonly (readonly (readonly [Decision['choice'], string])[])[]);
      await Promise.all(presses.map(([what, user]) => once(card, what, user)));
      return true;
    },
    async all(choice) {
      const due = (await open()).filter(
        ({ call }) => (pressedAt.get(call) ?? Number.NEGATIVE_INFINITY) + AGAIN_MS < clock.monotonic(),
      );
      for (const card of due)
        await once(card, choice ?? random.pick(['approve', 'approve', 'deny'] as const));
    },
    async card() {
      for (const until = clock.monotonic() + CARD_WITHIN_MS; clock.monotonic() < until; ) {
        const [card] = (await open()).filter(({ call }) => !pressedAt.has(call));
        if (card !== undefined) return card;
        await clock.sleep(LOOK_MS);
      }
      throw new Error('no card came');
    },
  };
}

/** What the button of an action carries; null: it is not there. */
function carriedBy(blocks: readonly unknown[], action: string): string | null {
  const button = blocks
    .filter(isJson)
    .flatMap((block) => listOf(block.elements))
    .filter(isJson)
    .find(({ action_id }) => action_id === action);
  return button === undefined ? null : (textOf(button.value) ?? null);
}
