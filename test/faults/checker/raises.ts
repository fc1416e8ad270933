import { CARRIED_OUT_WITHIN_MS, wasDisturbed } from './disturbed.ts';
import type { Evidence, Violation } from './evidence.ts';

/** A change of the budget of a channel and a day. Amounts: nano-dollars; null: none. Times: milliseconds since the epoch. */
export interface BudgetChange {
  readonly channel: string;
  readonly from: bigint | null;
  readonly to: bigint | null;
  readonly by: string;
  readonly at: number;
}

/** What is looked at. */
type Looked = Pick<Evidence, 'changes' | 'presses' | 'replies' | 'troubles' | 'lateAround'>;

const DOLLAR = 1_000_000_000n;
/** A row's time is that of its transaction's begin, and a state's that of its statement. */
const APART_MS = 500;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The button under an answer that a budget refused raises that budget once: by half and at least by a dollar, for an admin
 * who pressed it, not again for the same refusal, however often and by however many it is pressed; and where nothing was in
 * the way, a press of it counts.
 */
export function raisedOnce(evidence: Looked, admin: string): Violation[] {
  return [...unfounded(evidence, admin), ...undone(evidence, admin)].map(({ promise, what }) => ({
    promise,
    question: null,
    what,
  }));
}

interface Found {
  readonly promise: string;
  readonly what: string;
}

/** What the button makes of a budget. */
function isRaise({ from, to }: BudgetChange): boolean {
  if (from === null || to === null) return false;
  const half = from / 2n;
  return to - from === (half > DOLLAR ? half : DOLLAR);
}

function unfounded({ changes, presses, replies }: Looked, admin: string): Found[] {
  const say = ({ channel, from, to }: BudgetChange, what: string): Found => ({
    promise: 'a budget is raised once',
    what: `the budget of ${channel} was raised from ${from} to ${to}, ${what}`,
  });
  /** Each refusal is good for one raise, however near to the change before it came. */
  const used = new Set<string>();
  return changes.filter(isRaise).flatMap((change): Found[] => {
    const { channel, at, by } = change;
    const pressed = presses.filter(
      (press) =>
        press.control === 'raise' &&
        press.user === admin &&
        press.at <= at + APART_MS &&
        replies.some((reply) => reply.id === press.reply && reply.channel === channel),
    );
    if (by !== admin || pressed.length === 0) return [say(change, 'and no admin pressed for it')];
    const last = changes.findLast((one) => one.channel === channel && one.at < at);
    if (last === undefined) return [];
    const since = pressed
      .flatMap(({ reply }) =>
        refusals(replies, reply).map((refused) => ({ refused, key: `${reply} ${refused}` })),
      )
      .filter(
        ({ refused, key }) => refused >= last.at - APART_MS && refused <= at + APART_MS && !used.has(key),
      )
      .toSorted((a, b) => a.refused - b.refused)[0];
    if (since !== undefined) used.add(since.key);
    return since !== undefined ? [] : [say(change, 'and nothing was refused since the change before')];
  });
}

/** A press that was made when all was quiet, of a budget that nobody had changed since the refusal. */
function undone(evidence: Looked, admin: string): Found[] {
  const { changes, presses, replies } = evidence;
  return presses.flatMap((press): Found[] => {
    if (press.control !== 'raise' || press.calm !== true || press.user !== admin || !press.acked) return [];
    if (wasDisturbed(evidence, press.at)) return [];
    const reply = replies.find(({ id }) => id === press.reply);
    const state = reply?.states.findLast(({ at }) => at <= press.at);
    if (reply === undefined || state?.failed !== true || state.state !== 'shown') return [];
    if (state.changes !== Number(press.value.split(':')[1])) return [];
    const refused = refusals(replies, press.reply).findLast((at) => at <= press.at);
    if (refused === undefined || Math.floor(refused / DAY_MS) !== Math.floor(press.at / DAY_MS)) return [];
    const here = changes.filter(({ channel }) => channel === reply.channel);
    // Somebody changed it after the refusal, this press among them.
    if (here.some(({ at }) => at >= refused && at <= press.at + CARRIED_OUT_WITHIN_MS)) return [];
    return [
      { promise: 'a press is carried out', what: `raise ${press.value} was pressed, and nothing came of it` },
    ];
  });
}

/** When a reply came to an end that was none. */
function refusals(replies: Looked['replies'], id: string): number[] {
  const states = replies.find((reply) => reply.id === id)?.states ?? [];
  return states.filter(({ failed, state }) => failed && state === 'answered').map(({ at }) => at);
}
