import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock as clock } from '../../src/clock.ts';
import type { Role } from './bots.ts';
import { createDeciders, type Deciders } from './calls/deciders.ts';
import { type CallFigures, callsIn } from './checker/calls.ts';
import { check } from './checker/check.ts';
import { type Evidence, gather, leftoversIn, type Violation } from './checker/evidence.ts';
import { roundsIn } from './checker/rounds.ts';
import type { TokenFigures } from './checker/tokens.ts';
import { createErrands, type Errands, FEW_CENTS, POOR } from './errands.ts';
import { faultsOf } from './faults.ts';
import { createHistory, type History } from './history.ts';
import { createPlayer, type Played } from './player.ts';
import { createPresses, type Presses } from './presses.ts';
import { createRandom } from './random.ts';
import type { Moment } from './steps.ts';
import { type Server, startServer, startWorld, type World } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  readonly questions: number;
  readonly faults: number;
  readonly mode: 'socket' | 'http';
  readonly roles: readonly Role[];
  /** Path of the built program. */
  readonly program: string;
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

export interface RunResult {
  readonly options: RunOptions;
  readonly violations: readonly Violation[];
  readonly figures: TokenFigures;
  readonly excused: number;
  readonly calls: CallFigures;
  readonly questions: number;
  readonly acknowledged: number;
  readonly played: readonly Played[];
  /** Presses of Try again and Continue that a person had to make in the end. */
  readonly pressed: number;
  /** Presses of all kinds while faults were played. */
  readonly presses: number;
  readonly seconds: number;
  /** The latest that a timer of the supervisor came, in milliseconds. */
  readonly latest: number;
  /** Named moments that some process came to. */
  readonly passed: ReadonlySet<Moment>;
  /** Logs of the processes, kept if something was wrong. */
  readonly folder: string;
}

const TOKENS_PER_SECOND = 250;
const MS_PER_FAULT = 2_000;
const MS_PER_PRESS = 1_000;
const SETTLE_MS = 120_000;
const PRESS_ROUNDS = 4;
/** Enough for all processes and their checker, and soon all taken by others. */
const CONNECTIONS = 70;
const MS_PER_ERRAND = 1_500;
const MS_PER_DECISION = 700;
const ENOUGH_CENTS = 100_000;
const QUIET_PRESSES = 5;
/** Part of the faults after which somebody raises the budget by the button. */
const RAISE_AFTER = 0.6;

/** One seed: people ask while things go wrong, then all comes to rest, then the checker looks. */
export async function run(options: RunOptions): Promise<RunResult> {
  const began = clock.monotonic();
  const random = createRandom(options.seed);
  const server = await startServer({ connections: CONNECTIONS });
  try {
    const world = await startWorld({ ...options, server, tokensPerSecond: TOKENS_PER_SECOND });
    try {
      const history = createHistory(world, random.fork('people'));
      const presses = createPresses(world, history, random.fork('presses'));
      const errands = createErrands(world, history, random.fork('errands'));
      const deciders = createDeciders(world, history, random.fork('deciders'));
      await errands.budget(POOR, FEW_CENTS);
      const played = await play(world, server, { history, presses, errands, deciders }, options);
      world.whileSettling = () => deciders.all();
      const madeMeanwhile = presses.made.length;
      // On a machine that is starved little was over before the last fault: now there is something to press.
      await settled(world);
      for (let press = 0; press < QUIET_PRESSES; press++) await presses.press();
      await presses.raise({ calm: true, twice: true });
      await presses.carriedOut();
      // Whoever was refused for money can be answered now.
      await errands.budget(POOR, ENOUGH_CENTS);
      const violations: Violation[] = [];
      let pressed = 0;
      for (let round = 0; round <= PRESS_ROUNDS; round++) {
        violations.push(...(await settled(world)));
        const now = violations.length > 0 || round === PRESS_ROUNDS ? 0 : await goOn(presses);
        if (now === 0) break;
        pressed += now;
      }
      const evidence = await gather(world, history, presses, errands);
      const result = check(evidence);
      const calls = await callsIn(world, deciders.made);
      violations.push(...(await roundsIn(world)), ...calls.violations);
      if (violations.length + result.violations.length > 0) keep(world, evidence);
      return {
        options,
        violations: [...violations, ...result.violations],
        figures: result.figures,
        excused: result.excused,
        calls: calls.figures,
        questions: history.questions.length,
        acknowledged: evidence.acknowledged.size,
        played,
        pressed,
        presses: madeMeanwhile,
        latest: Math.max(0, ...world.lateness.map(({ ms }) => ms)),
        seconds: (clock.monotonic() - began) / 1000,
        passed: world.passed,
        folder: world.folder,
      };
    } finally {
      await world.stop();
    }
  } finally {
    await server.stop();
  }
}

/** What the checker saw, for whoever looks for the reason. */
function keep(world: World, evidence: Evidence): void {
  const calls = evidence.calls.map(({ call: { body: _, rawBody: __, ...call }, ...more }) => ({
    ...more,
    call,
  }));
  writeFileSync(join(world.folder, 'evidence.json'), JSON.stringify({ ...evidence, calls }, listed, 1));
}

function listed(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Set || value instanceof Map ? [...value] : value;
}

/** People ask and press at an even pace, and something breaks every two seconds or so, until there was enough of all. */
async function play(
  world: World,
  server: Server,
  people: {
    readonly history: History;
    readonly presses: Presses;
    readonly errands: Errands;
    readonly deciders: Deciders;
  },
  options: RunOptions,
): Promise<readonly Played[]> {
  const { history, presses, errands, deciders } = people;
  const random = createRandom(options.seed);
  const player = createPlayer(world, server, { history, presses, deciders }, random.fork('when'));
  const chances = random.fork('faults');
  let planned = faultsOf(chances, options.faults);
  const pace = random.fork('pace');
  const gapMs = (options.faults * MS_PER_FAULT) / options.questions;
  const over = () =>
    player.played.length >= options.faults &&
    history.questions.length >= options.questions &&
    (presses.made.length >= options.questions / 2 || clock.monotonic() > patient);
  const began = clock.monotonic();
  const limit = began + options.faults * MS_PER_FAULT * 4;
  // A starved machine has nothing to press yet: it presses when all is quiet.
  const patient = began + options.faults * MS_PER_FAULT * 1.5;

  const askers = async () => {
    while (!over() && clock.monotonic() < limit) {
      if (history.questions.length < options.questions * 1.5) await history.act();
      await clock.sleep(gapMs * (0.3 + 1.2 * pace.next()));
    }
  };
  const fingers = async () => {
    const rest = random.fork('fingers');
    let raised = false;
    while (!over() && clock.monotonic() < limit) {
      await clock.sleep(MS_PER_PRESS * (0.3 + 1.4 * rest.next()));
      // Once, and late: with a dollar more there is nobody poor any more.
      if (!raised && player.played.length > options.faults * RAISE_AFTER) raised = await presses.raise();
      else await presses.press();
    }
  };
  const hands = async () => {
    const rest = random.fork('hands');
    while (!over() && clock.monotonic() < limit) {
      await clock.sleep(MS_PER_ERRAND * (0.3 + 1.4 * rest.next()));
      await errands.run();
    }
  };
  const judges = async () => {
    const rest = random.fork('judges');
    while (!over() && clock.monotonic() < limit) {
      await clock.sleep(MS_PER_DECISION * (0.3 + 1.4 * rest.next()));
      await deciders.press();
    }
  };
  const faults = async () => {
    while (!over() && clock.monotonic() < limit) {
      // What waits for its moment counts as played only when the moment came.
      if (player.waiting().length < 4) {
        const next = planned.shift();
        if (next === undefined) planned = faultsOf(chances, 20);
        else await player.play(next);
      }
      await clock.sleep(MS_PER_FAULT * (0.4 + pace.next()));
    }
  };
  await Promise.all([askers(), fingers(), hands(), judges(), faults()]);
  for (const moment of player.waiting()) world.note(`never came: ${moment}`);
  await player.end();
  return player.played;
}

/** Waits until nothing is left to do; says what is, if that takes too long. */
export async function settled(world: World, limitMs = SETTLE_MS): Promise<Violation[]> {
  const until = clock.monotonic() + limitMs;
  let left: string[] = ['not looked yet'];
  while (clock.monotonic() < until) {
    const open = world.slack.deliveries().filter(({ state }) => state === 'waiting' || state === 'sent');
    const away = world.bots.filter((bot) => bot.state() !== 'ready').length;
    left = await leftoversIn(world).catch((error) => [String(error)]);
    for (const { id, kind, state, attempts } of open)
      left.push(`${kind} ${id} is ${state}: ${attempts.map(({ outcome }) => outcome).join(', ')}`);
    if (away > 0) left.push(`${away} processes are away`);
    if (left.length === 0) return [];
    await world.whileSettling();
    await clock.sleep(200);
  }
  return left.map((what) => ({ promise: 'comes to rest', question: null, what }));
}

/** Presses Try again and Continue wherever a person is offered them; the number of presses. */
export async function goOn(presses: Presses): Promise<number> {
  return (await presses.everywhere('retry')) + (await presses.everywhere('continue'));
}
