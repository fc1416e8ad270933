import { describe, expect, it } from 'vitest';
import { nextStep, placementOf, type ReplyState } from '../../../src/reply/lifecycle.ts';

/**
 * Every interleaving of two owners of one reply, in a small world with the same rules as the real one: what the
 * database holds, what Slack shows, what the model was asked. Each owner does what `lifecycle.ts` says for what
 * it finds; at any point it can die, lose its lease and go on unknowingly, or have a post whose answer is lost.
 */
const ANSWER = 2; // pieces of text
const OWNERS = ['a', 'b'] as const;
type Name = (typeof OWNERS)[number];

interface Owner {
  /** Where it is in its program; null: not running. */
  at: Step | null;
  epoch: number;
  /** Pieces it has received, logged ones included. */
  received: number;
  /** What it believes of the message: '' unknown place. */
  placed: boolean;
  intended: boolean;
}
type Step =
  | 'load'
  | 'place'
  | 'post'
  | 'learn'
  | 'call'
  | 'receive'
  | 'log'
  | 'edit'
  | 'commit'
  | 'show'
  | 'done';

interface World {
  state: ReplyState;
  epoch: number;
  holder: Name | null;
  log: number;
  calls: number;
  intent: boolean;
  ts: boolean;
  jobDone: boolean;
  messages: number;
  shown: number;
  bought: number;
  /** Pieces that were received and died unlogged with their owner. */
  excused: number;
  trouble: number;
  owners: Record<Name, Owner>;
}

interface Rules {
  readonly fence: boolean;
  readonly readBack: boolean;
  readonly commitBeforeShow: boolean;
}
const REAL: Rules = { fence: true, readBack: true, commitBeforeShow: true };

const idle = (): Owner => ({ at: null, epoch: 0, received: 0, placed: false, intended: false });
const start = (): World => ({
  state: 'waiting',
  epoch: 0,
  holder: null,
  log: 0,
  calls: 0,
  intent: false,
  ts: false,
  jobDone: false,
  messages: 0,
  shown: 0,
  bought: 0,
  excused: 0,
  trouble: 0,
  owners: { a: idle(), b: idle() },
});

/** All worlds that one step of anybody leads to. */
function successors(world: World, rules: Rules, mostTrouble: number): World[] {
  const next: World[] = [];
  const branch = (change: (w: World) => void) => {
    const copy = structuredClone(world);
    change(copy);
    next.push(copy);
  };
  for (const name of OWNERS) {
    const owner = world.owners[name];
    if (owner.at === null) {
      if (world.holder === null && !world.jobDone)
        branch((w) => {
          w.epoch += 1;
          w.holder = name;
          w.owners[name] = { ...idle(), at: 'load', epoch: w.epoch };
        });
      continue;
    }
    for (const lostAnswer of owner.at === 'post' && world.trouble < mostTrouble ? [false, true] : [false])
      branch((w) => step(w, name, rules, lostAnswer));
    if (world.trouble >= mostTrouble) continue;
    branch((w) => {
      // kill -9: what was received and not logged is gone, and may be bought once more.
      w.trouble += 1;
      w.excused += Math.max(0, w.owners[name].received - w.log);
      w.owners[name] = idle();
      if (w.holder === name) w.holder = null;
    });
    if (world.holder === name)
      branch((w) => {
        // Frozen for longer than the lease, then going on as if nothing had been.
        w.trouble += 1;
        w.excused += Math.max(0, w.owners[name].received - w.log);
        w.holder = null;
      });
  }
  return next;
}

function step(w: World, name: Name, rules: Rules, lostAnswer: boolean): void {
  const me = w.owners[name];
  const held = !rules.fence || (w.holder === name && me.epoch === w.epoch);
  const stop = () => {
    w.owners[name] = idle();
    if (w.holder === name && me.epoch === w.epoch) w.holder = null;
  };
  switch (me.at) {
    case 'load': {
      me.received = w.log;
      me.intended = w.intent;
      me.placed = w.ts;
      const todo = nextStep(w.state);
      me.at = todo === 'nothing' ? 'done' : 'place';
      return;
    }
    case 'place': {
      const how = placementOf(me);
      if (how === 'edit') me.at = w.state === 'answered' ? 'show' : 'call';
      else if (how === 'look_first' && rules.readBack && w.messages > 0) me.at = 'learn';
      else {
        if (!held) {
          stop();
          return;
        }
        w.intent = true;
        me.intended = true;
        me.at = 'post';
      }
      return;
    }
    case 'post':
      if (!held) {
        stop();
        return;
      }
      w.messages += 1;
      if (lostAnswer) w.trouble += 1;
      me.at = lostAnswer ? 'place' : 'learn';
      return;
    case 'learn':
      w.ts = true;
      me.placed = true;
      me.at = 'place';
      return;
    case 'call':
      if (!held || w.state === 'answered') {
        stop();
        return;
      }
      w.state = 'writing';
      w.calls += 1;
      me.at = me.received < ANSWER ? 'receive' : 'commit';
      return;
    case 'receive':
      me.received += 1;
      w.bought += 1;
      // The end of a call that was cut: its owner lost the lease while the provider was still sending.
      if (!held) w.excused += 1;
      me.at = 'log';
      return;
    case 'log':
      if (!held) {
        stop();
        return;
      }
      w.log = Math.max(w.log, me.received);
      me.at = 'edit';
      return;
    case 'edit':
      if (!held) {
        stop();
        return;
      }
      w.shown = me.received;
      me.at = me.received < ANSWER ? 'receive' : rules.commitBeforeShow ? 'commit' : 'show';
      return;
    case 'commit':
      if (!held) {
        stop();
        return;
      }
      w.state = 'answered';
      w.log = ANSWER;
      me.at = 'show';
      return;
    case 'show':
      if (!held) {
        stop();
        return;
      }
      w.shown = me.received;
      w.state = 'shown';
      me.at = 'done';
      return;
    case 'done':
      if (held) w.jobDone = true;
      stop();
      return;
    case null:
      return;
  }
}

/** Visits every reachable world; returns what was broken, with the number of worlds seen. */
function explore(
  rules: Rules,
  mostTrouble: number,
): { worlds: number; broken: Set<string>; finished: number } {
  const seen = new Set<string>();
  const broken = new Set<string>();
  let finished = 0;
  const stack: { world: World; shown: number }[] = [{ world: start(), shown: 0 }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { world } = top;
    const key = JSON.stringify(world);
    if (seen.has(key)) continue;
    seen.add(key);
    if (world.messages > 1) broken.add('two messages for one reply');
    if (world.bought > ANSWER + world.excused) broken.add('a piece of text was bought twice');
    if (world.shown > world.log) broken.add('text was shown that is not durable');
    if (world.jobDone && (world.state !== 'shown' || world.shown !== ANSWER || world.messages !== 1))
      broken.add('the job ended without the whole answer');
    if (world.jobDone && OWNERS.every((name) => world.owners[name].at === null)) finished += 1;
    for (const next of successors(world, rules, mostTrouble)) {
      if (next.shown < world.shown) broken.add('visible text was taken back');
      stack.push({ world: next, shown: world.shown });
    }
  }
  return { worlds: seen.size, broken, finished };
}

describe('every interleaving of two owners, with up to three crashes, freezes and lost answers', () => {
  it('shows one message with the whole answer, buys nothing twice and takes nothing back', () => {
    const { worlds, broken, finished } = explore(REAL, 3);
    expect([...broken]).toEqual([]);
    expect(worlds).toBeGreaterThan(1000);
    expect(finished).toBeGreaterThan(0);
  });

  it('would be found out if an old owner were not fenced', () => {
    expect(explore({ ...REAL, fence: false }, 2).broken).toContain('visible text was taken back');
  });

  it('would be found out if an unclear post were just repeated', () => {
    expect(explore({ ...REAL, readBack: false }, 2).broken).toContain('two messages for one reply');
  });
});
