import { isJson, listOf, objectOf, textOf } from '../../playground/slack/json.ts';
import { systemClock as clock } from '../../src/clock.ts';
import { CARRIED_OUT_WITHIN_MS } from './checker/disturbed.ts';
import { ADMIN } from './errands.ts';
import { type History, replyIdOf } from './history.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** What a person can do with a reply that is over. */
export const CONTROLS = ['regenerate', 'retry', 'continue', 'show', 'rate', 'delete'] as const;
export type Control = (typeof CONTROLS)[number];

/** One press, once for each time that it was made. Times: milliseconds since the epoch. */
export interface PressMade {
  readonly reply: string;
  /** `raise`: an admin raises the budget that refused an answer. */
  readonly control: Control | 'raise';
  readonly user: string;
  /** What the button carried: the reply, and the state in which it was drawn. */
  readonly value: string;
  readonly at: number;
  readonly acked: boolean;
  /** Made when no fault was played any more. */
  readonly calm?: boolean;
}

/** Why somebody found a version poor, in a form that Slack said was taken. */
export interface ReasonGiven {
  readonly reply: string;
  readonly version: number;
  readonly user: string;
  readonly reason: string;
  readonly at: number;
}

/** People who press what stands under replies, by the seed. */
export interface Presses {
  readonly made: readonly PressMade[];
  readonly reasons: readonly ReasonGiven[];
  /**
   * Presses something under some reply, now and then twice, by two people, or as it was drawn long ago; of this
   * kind, if one is named. Resolves when Slack knows whether the press arrived; false if there is nothing to press.
   */
  press(control?: Control): Promise<boolean>;
  /**
   * Presses wherever this is offered, or only in the thread of the last question, and waits for the button to go;
   * the number of buttons. `times`: presses of each button at the same moment, 1 unless told.
   */
  everywhere(control: Control, how?: { last?: boolean; times?: number }): Promise<number>;
  /**
   * Raises the budget that refused some answer, by more than one finger, and by people who may not; false if nothing offers
   * it. `twice`: the second press comes after the first was carried out; `seen`: and is waited for as long.
   */
  raise(how?: { calm?: boolean; twice?: boolean; seen?: boolean }): Promise<boolean>;
  /**
   * Resolves when every button whose press was acknowledged has gone, or was pressed so long ago that the checker
   * would tell: a press is acknowledged before it is stored, so a look at the database may come too early.
   */
  carriedOut(): Promise<void>;
}

const ACTIONS: Readonly<Record<Control | 'raise', readonly string[]>> = {
  raise: ['reply_raise'],
  regenerate: ['reply_regenerate'],
  retry: ['reply_retry'],
  continue: ['reply_continue'],
  show: ['reply_version_earlier', 'reply_version_later'],
  rate: ['reply_rate'],
  delete: ['reply_delete'],
};
/** Deletions are seldom: what is gone can't be pressed any more. */
const WEIGHTED: readonly Control[] = [
  ...['regenerate', 'regenerate', 'regenerate', 'show', 'show', 'continue', 'continue'],
  ...['retry', 'rate', 'rate', 'delete'],
].filter((name): name is Control => CONTROLS.some((control) => control === name));

/** Old enough to have been forgotten by everybody but its asker. */
const OLD = 14;
const FORM_MS = 1_500;
const LOOK_MS = 100;

interface Pressable {
  readonly reply: string;
  readonly channel: string;
  readonly ts: string;
  readonly asker: string;
  readonly action: string;
  readonly values: readonly string[];
}

export function createPresses(world: World, history: History, random: Random): Presses {
  const { slack } = world;
  const made: PressMade[] = [];
  const reasons: ReasonGiven[] = [];
  /** Forms sent, those too whose acknowledgement was lost: each has a reason of its own. */
  let given = 0;
  /** Every value that was ever seen under a button: some people have an old message before them. */
  const drawn = new Map<string, string[]>();

  const pressable = (control: Control | 'raise', most = Number.POSITIVE_INFINITY): Pressable[] => {
    history.find();
    const threads = new Map(
      history.questions
        .slice(-most)
        .map((question) => [`${question.channel} ${question.threadTs}`, question] as const),
    );
    return [...threads.values()].flatMap(({ channel, threadTs, user }) =>
      slack.thread(channel, threadTs).flatMap((message): Pressable[] => {
        const reply = message.user === slack.botUser ? replyIdOf(message) : null;
        if (reply === null) return [];
        return ACTIONS[control].flatMap((action) => {
          const values = valuesOf(message.blocks, action);
          if (values.length === 0) return [];
          remember(`${message.ts} ${action}`, values);
          return [{ reply, channel, ts: message.ts, asker: askerIn(message.blocks) ?? user, action, values }];
        });
      }),
    );
  };

  /** What waits until a setting of a channel is another than now, as long as a press may take. */
  const changing = async (channel: string): Promise<() => Promise<void>> => {
    const now = async () => {
      const text = `select string_agg(key || value, ' ' order by key) as all from skein.settings where scope_id = $1`;
      const found = await world.database.query<{ all: string | null }>(text, [channel]).catch(() => null);
      return found?.rows[0]?.all ?? null;
    };
    const before = await now();
    return async () => {
      const until = clock.monotonic() + CARRIED_OUT_WITHIN_MS;
      while (clock.monotonic() < until && (await now()) === before) await clock.sleep(LOOK_MS);
    };
  };

  const remember = (button: string, values: readonly string[]) => {
    const before = drawn.get(button) ?? [];
    drawn.set(button, [...new Set([...before, ...values])]);
  };

  /** Presses whose button still stands there as it was pressed, and that may yet be carried out. */
  const underWay = () =>
    made.filter(
      ({ control, value, at, acked }) =>
        acked &&
        control !== 'rate' &&
        // It stands there after the budget was raised.
        control !== 'raise' &&
        clock.now() <= at + CARRIED_OUT_WITHIN_MS &&
        pressable(control).some(({ values }) => values.includes(value)),
    );

  const once = async (
    control: Control | 'raise',
    at: Pressable,
    user: string,
    value: string,
    calm = false,
  ): Promise<PressMade | null> => {
    const { reply, channel, ts, action: actionId } = at;
    const began = clock.now();
    // The message may have changed meanwhile: then there is nothing to press any more.
    const answer = await slack.click(user, { channel, ts, actionId, value }).catch(() => null);
    if (answer === null) return null;
    const press = { reply, control, user, value, at: began, acked: answer.acked, calm };
    made.push(press);
    return press;
  };

  /** The form that a 👎 opens is filled in, if it comes; under faults it often does not. */
  const explain = async (press: PressMade) => {
    const [, version = ''] = press.value.split(':');
    const about = `${press.reply}:${version}`;
    const view = await slack
      .waitForView(
        ({ open, user, kind, content }) =>
          open && user === press.user && kind === 'modal' && content.private_metadata === about,
        { timeoutMs: FORM_MS },
      )
      .catch(() => null);
    if (view === null) return;
    given += 1;
    const reason = `Too long, I think (${given}).`;
    const sent = await slack.interactions
      .submitView(press.user, view.id, { reason: { text: reason } })
      .catch(() => null);
    if (sent?.acked === true && Object.keys(sent.errors).length === 0)
      reasons.push({
        reply: press.reply,
        version: Number(version),
        user: press.user,
        reason,
        at: clock.now(),
      });
  };

  return {
    made,
    reasons,
    async press(wanted) {
      const most = random.chance(0.7) ? OLD : undefined;
      // What stands under no reply at this moment can't be pressed.
      const found = (wanted === undefined ? random.shuffle(WEIGHTED) : [wanted])
        .map((control) => ({ control, there: pressable(control, most) }))
        .find(({ there }) => there.length > 0);
      if (found === undefined) return false;
      const { control, there } = found;
      const at = random.pick(there);
      const old = drawn.get(`${at.ts} ${at.action}`) ?? at.values;
      const value = random.pick(random.chance(0.15) ? old : at.values);
      const [other = at.asker] = slack.workspace.channels
        .get(at.channel)
        ?.members.filter((member) => member !== at.asker && member !== slack.botUser) ?? [at.asker];
      // Twice by the same finger, or by two people who see the same.
      const users = random.pick([
        ...[[at.asker], [at.asker], [at.asker], [other]],
        ...[
          [at.asker, at.asker],
          [at.asker, other],
        ],
      ]);
      world.note(`press ${at.action} ${value} by ${users.join(' and ')}`);
      const presses = await Promise.all(users.map((user) => once(control, at, user, value)));
      const [first] = presses;
      if (first?.control === 'rate' && first.value.endsWith(':bad')) await explain(first);
      return presses.some((press) => press !== null);
    },
    async everywhere(control, { last = false, times = 1 } = {}) {
      let pressed = 0;
      for (const at of pressable(control, last ? 1 : undefined)) {
        const fingers = Array.from({ length: times }, () => once(control, at, at.asker, at.values[0] ?? ''));
        const [press = null] = await Promise.all(fingers);
        world.note(`pressed ${at.action} under ${at.ts}: ${press?.acked}`);
        if (press === null) continue;
        pressed += 1;
        // A press is acknowledged before it is stored; a person would see the button go.
        await slack
          .waitForMessage(
            ({ ts, blocks }) =>
              ts === at.ts && !valuesOf(blocks, at.action).some((value) => at.values.includes(value)),
            { timeoutMs: 5_000 },
          )
          .catch(() => world.note(`the press under ${at.ts} changed nothing`));
      }
      return pressed;
    },
    async raise({ calm = false, twice = false, seen = false } = {}) {
      const [at] = random.shuffle(pressable('raise'));
      if (at === undefined) return false;
      const users = random.pick([[ADMIN], [ADMIN, ADMIN], ['U0BEN', ADMIN], [ADMIN, 'U0BEN', ADMIN]]);
      const value = at.values[0] ?? '';
      world.note(`press ${at.action} ${value} by ${users.join(' and ')}`);
      let changed = await changing(at.channel);
      const presses = await Promise.all(users.map((user) => once('raise', at, user, value, calm)));
      if (twice) {
        await changed();
        changed = await changing(at.channel);
        await once('raise', at, ADMIN, value, calm);
        if (seen) await changed();
      }
      return presses.some((press) => press !== null);
    },
    async carriedOut() {
      while (underWay().length > 0) await clock.sleep(LOOK_MS);
    },
  };
}

/** Who asked, as the button to delete says it: nobody else sees that one. */
function askerIn(blocks: readonly unknown[]): string | undefined {
  return /"visible_to_user_ids":\["(\w+)"\]/.exec(JSON.stringify(blocks))?.[1];
}

/** What the buttons of an action carry. */
function valuesOf(blocks: readonly unknown[], action: string): string[] {
  return blocks
    .filter(isJson)
    .flatMap((block) => listOf(block.elements))
    .filter(isJson)
    .filter((element) => element.action_id === action)
    .flatMap((element) => [
      textOf(element.value),
      textOf(objectOf(element.positive_button).value),
      textOf(objectOf(element.negative_button).value),
    ])
    .filter((value) => value !== undefined);
}
