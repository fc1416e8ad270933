import { systemClock as clock } from '../../src/clock.ts';
import type { Bot, Hindrance } from './bots.ts';
import type { Deciders } from './calls/deciders.ts';
import { callsOf } from './calls/texts.ts';
import type { Fault } from './faults.ts';
import type { History } from './history.ts';
import type { Presses } from './presses.ts';
import type { Random } from './random.ts';
import { diskFull, poolFull, readOnly, tableLocked, type Undo } from './server-faults.ts';
import { isOfDatabase, type Moment } from './steps.ts';
import type { Server, World } from './world.ts';

/** Of these one comes after the other. */
const LASTING: ReadonlySet<Fault['kind']> = new Set<Fault['kind']>([
  ...(['outage', 'freeze', 'silence', 'vanish', 'forget', 'failover'] as const),
  ...(['read_only', 'disk_full', 'pool_full', 'table_locked'] as const),
]);

/** A fault that has been played, for the record. */
export interface Played {
  readonly kind: Fault['kind'];
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

/** What is done to a process that passes a moment. */
interface Meeting {
  readonly kind: 'kill_at' | 'cut_at' | 'freeze_at';
  readonly moment: Moment;
  /** Of `freeze_at`. */
  readonly ms?: number;
}

/** How long after a process that has just started the others are back, in a failover. */
const OTHERS_BACK_MS = [200, 1_200] as const;
const STARTS_WITHIN_MS = 15_000;

/** A press that is aimed at is on its way for so long at most. */
const AIMED_MS = 8_000;
/** A call, with its card and its result, is so. */
const CALLING_MS = 15_000;

export function createPlayer(
  world: World,
  server: Server,
  people: { readonly history: History; readonly presses: Presses; readonly deciders: Deciders },
  random: Random,
): Player {
  const { history, presses, deciders } = people;
  const played: Played[] = [];
  const armed: { fault: Meeting; of: Fault['kind']; left: number; on: string }[] = [];
  const removers: (() => void)[] = [];
  const undoing = new Set<() => Promise<void>>();
  let lasting: Promise<void> = Promise.resolve();
  let ending = false;

  const note = (kind: Fault['kind'], name: string) => {
    played.push({ kind, name, at: clock.now() });
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
    const { kind, ms = 0 } = entry.fault;
    note(entry.of, `${kind} ${moment}${entry.on} (bot ${bot.who()})`);
    if (kind === 'freeze_at') {
      const thaw = bot.freeze();
      lasting = Promise.all([lasting, last(ms, async () => thaw())]).then(() => {});
      return 'pass';
    }
    if (kind === 'kill_at') bot.kill();
    else world.context.slackDisturbed ||= !isOfDatabase(moment);
    if (kind === 'cut_at') bot.troubled(isOfDatabase(moment) ? 'lost answer' : 'database')();
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

  /** The server is hindered for all processes, or for one. */
  const hinder = async (what: Hindrance, ms: number, bots: readonly Bot[], begin: () => Promise<Undo>) => {
    const ends = bots.map((bot) => bot.troubled(what));
    const undo = await begin();
    await last(ms, async () => {
      await undo();
      for (const end of ends) end();
    });
  };

  const vanish = async (ms: number, bots: readonly Bot[], far: 'gone' | 'forgotten') => {
    const ends = bots.map((bot) => bot.troubled());
    const undos = bots.map((bot) => bot.database.vanish(far));
    // What was in flight waits for its limit.
    await last(ms, async () => {
      for (const undo of undos) undo();
      for (const end of ends) end();
    });
  };

  const failover = async (ms: number, fresh: Bot) => {
    const others = world.bots.filter((bot) => bot !== fresh);
    const ends = world.bots.map((bot) => bot.troubled());
    await Promise.all(world.bots.map((bot) => bot.database.shut()));
    fresh.kill();
    await last(ms, async () => {
      await fresh.database.reopen();
      await fresh.ready(STARTS_WITHIN_MS).catch(() => world.note('the fresh process is not there'));
      await clock.sleep(random.int(...OTHERS_BACK_MS));
      await Promise.all(others.map((bot) => bot.database.reopen()));
      for (const end of ends) end();
    });
  };

  const aimAt = async ({ control, how: kind, moment, nth }: Fault & { kind: 'press' }) => {
    const entry = {
      fault: { kind, moment, nth },
      of: 'press' as const,
      left: nth,
      on: ` after a press of ${control}`,
    };
    const forget = () => {
      const at = armed.indexOf(entry);
      if (at >= 0) armed.splice(at, 1);
    };
    // Before the press: its own transaction is among the moments.
    armed.unshift(entry);
    if (await presses.press(control)) clock.after(AIMED_MS, forget);
    else forget();
  };

  /** Asks for something that calls what may change something; whoever asked approves it at once. */
  const callAt = ({ how: kind, moment }: Fault & { kind: 'call' }) => {
    const entry = { fault: { kind, moment }, of: 'call' as const, left: 1, on: ' of a call' };
    armed.unshift(entry);
    let number = Math.max(0, ...history.questions.map((question) => question.number)) + 1;
    while (callsOf(world.seed, number)[0]?.tools[0] !== 'create_ticket') number += 1;
    history.ask({ user: 'U0ANA', channel: 'C0GENERAL' }, number);
    void deciders
      .card()
      .then((card) => deciders.once(card, 'approve'))
      .catch(() => null);
    clock.after(CALLING_MS, () => {
      const at = armed.indexOf(entry);
      if (at >= 0) armed.splice(at, 1);
    });
  };

  const play = async (fault: Fault): Promise<void> => {
    if (fault.kind === 'kill_at' || fault.kind === 'cut_at') {
      armed.push({ fault, of: fault.kind, left: fault.nth, on: '' });
      return;
    }
    if (fault.kind === 'freeze_at') {
      armed.push({ fault, of: fault.kind, left: fault.nth, on: '' });
      return;
    }
    if (fault.kind === 'lost_answers') {
      for (let left = fault.times; left > 0; left--)
        armed.push({
          fault: { kind: 'cut_at', moment: fault.moment },
          of: fault.kind,
          left: 1,
          on: ' with a second question',
        });
      const first = history.ask();
      history.ask(first);
      return;
    }
    if (fault.kind === 'press') return aimAt(fault);
    if (fault.kind === 'call') return callAt(fault);
    if (fault.kind === 'tools') {
      removers.push(world.desk.standin.fault(fault.rule));
      return note(fault.kind, `tools ${JSON.stringify(fault.rule.fault)} ×${fault.rule.times ?? 1}`);
    }
    if (fault.kind === 'slack') {
      world.slack.faults.add(fault.rule);
      world.context.slackDisturbed = true;
      return note(
        fault.kind,
        `slack ${fault.rule.method} ${JSON.stringify(fault.rule.fault)} ×${fault.rule.times ?? 1}`,
      );
    }
    if (fault.kind === 'model') {
      removers.push(world.model.fault(fault.fault, fault.times));
      return note(fault.kind, `model ${JSON.stringify(fault.fault)} ×${fault.times}`);
    }
    // What lasts comes one after the other, or nobody would be left to go on.
    if (LASTING.has(fault.kind)) await lasting;
    const bot = anyBot();
    if (bot === null || ending) return;
    switch (fault.kind) {
      case 'kill':
        note(fault.kind, `kill (bot ${bot.who()})`);
        return bot.kill();
      case 'terminate':
        note(fault.kind, `terminate (bot ${bot.who()})`);
        void bot.terminate();
        return;
      case 'cut_database':
        note(fault.kind, `database connections cut (bot ${bot.who()})`);
        bot.troubled()();
        return bot.database.cut();
      case 'freeze': {
        note(fault.kind, `frozen for ${fault.ms} ms (bot ${bot.who()})`);
        const thaw = bot.freeze();
        lasting = last(fault.ms, async () => thaw());
        return;
      }
      case 'silence': {
        note(fault.kind, `database silent for ${fault.ms} ms (bot ${bot.who()})`);
        const over = bot.troubled();
        bot.database.silence();
        lasting = last(fault.ms, async () => {
          bot.database.endSilence();
          over();
        });
        return;
      }
      case 'vanish':
        note(fault.kind, 'the host of the database vanished');
        lasting = vanish(fault.ms, world.bots, 'gone');
        return;
      case 'forget':
        note(fault.kind, `the connections of a process were forgotten (bot ${bot.who()})`);
        lasting = vanish(fault.ms, [bot], 'forgotten');
        return;
      case 'failover':
        note(fault.kind, `failover after ${fault.ms} ms, a fresh process first (bot ${bot.who()})`);
        lasting = failover(fault.ms, bot);
        return;
      case 'read_only':
        note(fault.kind, `database read-only for ${fault.ms} ms`);
        lasting = hinder('read-only', fault.ms, world.bots, () => readOnly(world));
        return;
      case 'disk_full':
        note(fault.kind, `disk full for ${fault.ms} ms`);
        lasting = hinder('disk full', fault.ms, world.bots, () => diskFull(world));
        return;
      case 'pool_full':
        note(fault.kind, `all connections taken for ${fault.ms} ms (bot ${bot.who()})`);
        // Whoever needs one more meanwhile finds no connection either.
        lasting = hinder('pool full', fault.ms, world.bots, () => poolFull(world, bot));
        return;
      case 'table_locked':
        note(fault.kind, `table locked for ${fault.ms} ms`);
        lasting = hinder('table locked', fault.ms, world.bots, () => tableLocked(world));
        return;
      case 'outage':
        note(fault.kind, `database away for ${fault.ms} ms (${fault.signal ?? 'refused'})`);
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
