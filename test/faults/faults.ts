import type { ModelFault } from '../../playground/model/types.ts';
import type { FaultRule } from '../../playground/slack/faults.ts';
import { systemClock as clock } from '../../src/clock.ts';
import type { Bot } from './bots.ts';
import { CONTROLS, type Control, type Presses } from './presses.ts';
import type { Random } from './random.ts';
import { MOMENTS, type Moment } from './steps.ts';
import type { Server, World } from './world.ts';

/** One thing that goes wrong. */
export type Fault =
  /** A process is met at the `nth` passing of a moment: killed, or only its connection is cut there. */
  | { readonly kind: 'kill_at' | 'cut_at'; readonly moment: Moment; readonly nth: number }
  /** The same, and somebody presses this at that moment, so that it is met on the way of the press. */
  | {
      readonly kind: 'press';
      readonly control: Control;
      readonly how: 'kill_at' | 'cut_at';
      readonly moment: Moment;
      readonly nth: number;
    }
  | { readonly kind: 'kill' | 'terminate' | 'cut_database' }
  | { readonly kind: 'freeze' | 'silence'; readonly ms: number }
  | { readonly kind: 'outage'; readonly ms: number; readonly signal: 'SIGINT' | 'SIGQUIT' | null }
  | { readonly kind: 'slack'; readonly rule: FaultRule }
  | { readonly kind: 'model'; readonly fault: ModelFault; readonly times: number };

/** Moments on the way of a press: of the press itself, and of what follows it. */
const ON_THE_WAY: Readonly<Record<Control, readonly Moment[]>> = {
  regenerate: [
    ...(['lay_aside:after', 'begin_version:after', 'commit_press:before', 'commit_press:after'] as const),
    ...(['begin_call:after', 'model_request:before', 'model_token:after', 'model_token:after'] as const),
    ...(['append_log:after', 'commit_2:before', 'commit_2:after', 'final_edit:before'] as const),
    ...(['final_edit:after', 'shown:before', 'finish_job:before'] as const),
  ],
  retry: ['go_on:after', 'commit_press:before', 'commit_press:after', 'model_token:after', 'commit_2:after'],
  continue: [
    ...(['go_on:after', 'commit_press:before', 'commit_press:after', 'begin_call:after'] as const),
    ...(['model_token:after', 'model_last:after', 'commit_2:before', 'final_edit:before'] as const),
  ],
  show: [
    'bring_back:after',
    'commit_press:before',
    'commit_press:after',
    'final_edit:before',
    'shown:before',
  ],
  rate: ['rate:after', 'commit_press:before', 'commit_press:after'],
  delete: [
    ...(['begin_removal:after', 'commit_press:before', 'commit_press:after'] as const),
    ...(['remove:before', 'remove:after', 'shown:before'] as const),
  ],
};

/** `count` faults, every named moment among them as often as every other. */
export function faultsOf(random: Random, count: number): Fault[] {
  const moments: Moment[] = [];
  const nextMoment = (): Moment => {
    if (moments.length === 0) moments.push(...random.shuffle(MOMENTS));
    return moments.pop() ?? 'post:after';
  };
  const nthOf = (moment: Moment): number => {
    const often = /^(model_token|edit|append_log)/.test(moment);
    return often ? random.int(1, moment.startsWith('model') ? 120 : 6) : 1;
  };
  const at = (kind: 'kill_at' | 'cut_at'): Fault => {
    const moment = nextMoment();
    return { kind, moment, nth: nthOf(moment) };
  };
  const controls: Control[] = [];
  const press = (): Fault => {
    if (controls.length === 0)
      controls.push(...random.shuffle(['regenerate', 'regenerate', ...CONTROLS] as const));
    const control = controls.pop() ?? 'regenerate';
    const moment = random.pick(ON_THE_WAY[control]);
    // A press that is merely cut off is tried again by the process that has it.
    const how = control === 'rate' || random.chance(0.2) ? 'cut_at' : 'kill_at';
    return { kind: 'press', control, how, moment, nth: nthOf(moment) };
  };
  return Array.from({ length: count }, (): Fault => {
    const chance = random.next();
    if (chance < 0.28) return press();
    if (chance < 0.49) return at('kill_at');
    if (chance < 0.54) return at('cut_at');
    if (chance < 0.58) return { kind: 'kill' };
    if (chance < 0.63) return { kind: 'terminate' };
    if (chance < 0.67) return { kind: 'freeze', ms: random.int(11_000, 14_000) };
    if (chance < 0.71) return { kind: 'silence', ms: random.int(4_000, 12_000) };
    if (chance < 0.75)
      return {
        kind: 'outage',
        ms: random.int(800, 4_000),
        signal: random.pick(['SIGINT', 'SIGQUIT', null]),
      };
    if (chance < 0.79) return { kind: 'cut_database' };
    if (chance < 0.9) return { kind: 'slack', rule: slackRule(random) };
    return modelFault(random);
  });
}

function slackRule(random: Random): FaultRule {
  const method = random.pick(['chat.update', 'chat.postMessage', 'chat.*', '*']);
  const when = random.pick(['before', 'after'] as const);
  return {
    method,
    times: random.int(1, 3),
    fault: random.pick([
      { kind: 'rate_limited', retryAfterSeconds: random.int(1, 3) },
      { kind: 'status', status: random.pick([500, 502, 503, 504]), when },
      { kind: 'error', error: random.pick(['internal_error', 'service_unavailable', 'fatal_error']), when },
      { kind: 'delay', ms: random.int(200, 2500), when },
      { kind: 'drop', when },
      { kind: 'hang', when },
    ] as const),
  };
}

function modelFault(random: Random): Fault {
  const afterTokens = random.int(0, 150);
  const fault: ModelFault = random.pick([
    { kind: 'status', status: random.pick([500, 529, 503]) },
    { kind: 'status', status: 429, retryAfter: '1' },
    { kind: 'status', status: 400 },
    { kind: 'html_413' },
    { kind: 'not_json' },
    { kind: 'reset_at_once' },
    { kind: 'hang' },
    { kind: 'error_event', afterTokens },
    { kind: 'reset', afterTokens },
    { kind: 'early_close', afterTokens },
    { kind: 'stall', afterTokens },
    { kind: 'stall', afterTokens, pingEveryMs: 300 },
    { kind: 'broken_event', afterTokens },
    { kind: 'empty' },
  ] as const);
  return { kind: 'model', fault, times: fault.kind === 'empty' ? 1 : random.int(1, 2) };
}

/** A fault that has been played, for the record. */
export interface Played {
  readonly name: string;
  readonly at: number;
}

/** Plays faults in a world, and starts again whatever dies, after 0.2 to 2 s. */
export interface Player {
  readonly played: readonly Played[];
  /** Named moments that have been waited for in vain so far. */
  waiting(): readonly string[];
  play(fault: Fault): Promise<void>;
  /** Forgets what still waits, and undoes what still lasts. */
  end(): Promise<void>;
}

/** A press that is aimed at is on its way for so long at most. */
const AIMED_MS = 8_000;

export function createPlayer(world: World, server: Server, presses: Presses, random: Random): Player {
  const played: Played[] = [];
  const armed: { fault: Fault & { kind: 'kill_at' | 'cut_at' }; left: number; on: string }[] = [];
  const removers: (() => void)[] = [];
  const undoing = new Set<() => Promise<void>>();
  let lasting: Promise<void> = Promise.resolve();
  let ending = false;

  const note = (name: string) => {
    played.push({ name, at: clock.now() });
    world.note(`fault ${played.length}: ${name}`);
  };

  world.onDown = (bot) => {
    world.note(`bot ${bot.slot} is down`);
    clock.after(random.int(200, 2000), () => {
      if (bot.state() === 'down') bot.start();
    });
  };
  world.onMoment = (moment, bot) => {
    const entry = armed.find(({ fault }) => fault.moment === moment);
    if (entry === undefined || bot.state() !== 'ready') return 'pass';
    entry.left -= 1;
    if (entry.left > 0) return 'pass';
    armed.splice(armed.indexOf(entry), 1);
    const { kind } = entry.fault;
    note(`${kind} ${moment}${entry.on} (bot ${bot.who()})`);
    if (kind === 'kill_at') bot.kill();
    else bot.troubled()();
    return 'swallow';
  };

  const anyBot = (): Bot | null => {
    const there = world.bots.filter((bot) => bot.state() === 'ready');
    return there.length === 0 ? null : random.pick(there);
  };

  /** Something that lasts: undone after `ms`, or at the end. */
  const last = (ms: number, undo: () => Promise<void>): Promise<void> => {
    const over = new AbortController();
    const end = async () => {
      over.abort();
    };
    undoing.add(end);
    return clock.sleep(ms, over.signal).then(async () => {
      undoing.delete(end);
      await undo();
    });
  };

  const outage = async (fault: Fault & { kind: 'outage' }) => {
    const ends = world.bots.map((bot) => bot.troubled());
    await Promise.all(world.bots.map((bot) => bot.database.shut()));
    if (fault.signal !== null) process.kill(server.serverPid(), fault.signal);
    await last(fault.ms, async () => {
      await Promise.all(world.bots.map((bot) => bot.database.reopen()));
      for (const end of ends) end();
    });
  };

  const aimAt = async ({ control, how: kind, moment, nth }: Fault & { kind: 'press' }) => {
    const entry = { fault: { kind, moment, nth }, left: nth, on: ` after a press of ${control}` };
    const forget = () => {
      const at = armed.indexOf(entry);
      if (at >= 0) armed.splice(at, 1);
    };
    // Before the press: its own transaction is among the moments.
    armed.unshift(entry);
    if (await presses.press(control)) clock.after(AIMED_MS, forget);
    else forget();
  };

  const play = async (fault: Fault): Promise<void> => {
    if (fault.kind === 'kill_at' || fault.kind === 'cut_at') {
      armed.push({ fault, left: fault.nth, on: '' });
      return;
    }
    if (fault.kind === 'press') return aimAt(fault);
    if (fault.kind === 'slack') {
      world.slack.faults.add(fault.rule);
      return note(`slack ${fault.rule.method} ${JSON.stringify(fault.rule.fault)} ×${fault.rule.times ?? 1}`);
    }
    if (fault.kind === 'model') {
      removers.push(world.model.fault(fault.fault, fault.times));
      return note(`model ${JSON.stringify(fault.fault)} ×${fault.times}`);
    }
    // What lasts comes one after the other, or nobody would be left to go on.
    if (fault.kind === 'outage' || fault.kind === 'freeze' || fault.kind === 'silence') await lasting;
    const bot = anyBot();
    if (bot === null || ending) return;
    switch (fault.kind) {
      case 'kill':
        note(`kill (bot ${bot.who()})`);
        return bot.kill();
      case 'terminate':
        note(`terminate (bot ${bot.who()})`);
        void bot.terminate();
        return;
      case 'cut_database':
        note(`database connections cut (bot ${bot.who()})`);
        bot.troubled()();
        return bot.database.cut();
      case 'freeze': {
        note(`frozen for ${fault.ms} ms (bot ${bot.who()})`);
        const thaw = bot.freeze();
        lasting = last(fault.ms, async () => thaw());
        return;
      }
      case 'silence': {
        note(`database silent for ${fault.ms} ms (bot ${bot.who()})`);
        const over = bot.troubled();
        bot.database.silence();
        lasting = last(fault.ms, async () => {
          bot.database.endSilence();
          over();
        });
        return;
      }
      case 'outage':
        note(`database away for ${fault.ms} ms (${fault.signal ?? 'refused'})`);
        lasting = outage(fault);
        return;
    }
  };

  return {
    played,
    waiting: () => armed.map(({ fault }) => `${fault.kind} ${fault.moment}`),
    play,
    async end() {
      ending = true;
      armed.length = 0;
      world.slack.faults.clear();
      for (const remove of removers) remove();
      for (const undo of undoing) await undo();
      await lasting;
    },
  };
}
