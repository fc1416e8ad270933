import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock as clock } from '../../src/clock.ts';
import type { Bot } from './bots.ts';
import { build } from './build.ts';
import { check } from './checker/check.ts';
import { gather, type Violation } from './checker/evidence.ts';
import { roundsIn } from './checker/rounds.ts';
import { createHistory, type History } from './history.ts';
import { meet } from './meet.ts';
import { HURRY, PLANTED, type PlantedBug } from './patches.ts';
import { createPresses, type Presses } from './presses.ts';
import { createRandom } from './random.ts';
import { settled } from './run.ts';
import type { Moment } from './steps.ts';
import { answerTo, type ExpectedAnswer } from './texts.ts';
import { type Server, startWorld, type World } from './world.ts';

const SEED = 1;
const TOKENS_PER_SECOND = 60;
/** Long enough that a lease changes hands while it is written. */
const LONG_CHARACTERS = 2_000;
const FREEZE_MS = 13_000;
const SETTLE_MS = 60_000;

/** What the checker made of a program that has (or, for the control, does not have) a planted bug. */
export interface PlantedResult {
  readonly bug: PlantedBug | null;
  readonly violations: readonly Violation[];
  readonly seconds: number;
  readonly folder: string;
}

type Scenario = (world: World, history: History, presses: Presses) => Promise<void>;

/** For each bug the one thing that brings it out, done to one question. */
const SCENARIOS: Record<PlantedBug, Scenario> = {
  'lease check off': async (world, history) => {
    askLong(history);
    const bot = await meet(world, 'model_token:after', 60, () => 'pass');
    const thaw = bot.freeze();
    await clock.sleep(FREEZE_MS);
    thaw();
  },
  'read-back off': killAt('post:after', 1),
  'acknowledged before commit 1': async (world, history) => {
    // A direct message is one event only: nobody else has it.
    const channel = world.slack.people.openDm('U0ANA', world.slack.botUser);
    history.ask({ user: 'U0ANA', channel });
    await meet(world, 'commit_1:before', 1, kill);
  },
  'shown before it is shown': killAt('final_edit:before', 1),
  'log not written': killAt('model_token:after', 350),
  'seam ignored': killAt('model_token:after', 80),
  'cut text is in no block': async (world, history) => {
    ask(history, ({ text, searches: [first = 0] }) => first > text.length / 2);
    await meet(world, 'model_token:after', 80, kill);
  },
  'a press counts twice': regenerate(2),
  'another version replaces the first': regenerate(1),
};

/** Runs the scenario of a bug against a program that has it. */
export async function runPlanted(
  bug: PlantedBug,
  server: Server,
  inherited: Readonly<Record<string, string | undefined>>,
): Promise<PlantedResult> {
  return inWorld(bug, [bug], server, inherited);
}

/** Runs all the scenarios, one after the other, against the program as it is. */
export async function runControl(
  server: Server,
  inherited: Readonly<Record<string, string | undefined>>,
): Promise<PlantedResult> {
  const bugs = Object.keys(SCENARIOS).filter((name): name is PlantedBug => name in PLANTED);
  return inWorld(null, bugs, server, inherited);
}

async function inWorld(
  bug: PlantedBug | null,
  scenarios: readonly PlantedBug[],
  server: Server,
  inherited: Readonly<Record<string, string | undefined>>,
): Promise<PlantedResult> {
  const began = clock.monotonic();
  const folder = mkdtempSync(join(tmpdir(), 'skein-faults-build-'));
  const program = await build(folder, [...HURRY, ...(bug === null ? [] : PLANTED[bug])]);
  const world = await startWorld({
    seed: SEED,
    mode: 'socket',
    roles: ['all', 'all'],
    program,
    server,
    tokensPerSecond: TOKENS_PER_SECOND,
    inherited,
  });
  try {
    world.onDown = (bot) => {
      clock.after(500, () => {
        if (bot.state() === 'down') bot.start();
      });
    };
    const history = createHistory(world, createRandom(SEED));
    const presses = createPresses(world, history, createRandom(SEED));
    const violations: Violation[] = [];
    for (const scenario of scenarios) {
      await SCENARIOS[scenario](world, history, presses);
      violations.push(...(await settled(world, SETTLE_MS)));
    }
    violations.push(...(await roundsIn(world)));
    const seen = check(await gather(world, history, presses)).violations;
    return {
      bug,
      violations: [...violations, ...seen],
      seconds: (clock.monotonic() - began) / 1000,
      folder: world.folder,
    };
  } finally {
    await world.stop();
    rmSync(folder, { recursive: true });
  }
}

function killAt(moment: Moment, nth: number): Scenario {
  return async (world, history) => {
    askLong(history);
    await meet(world, moment, nth, kill);
  };
}

/** Asks, and presses Regenerate so many times at once when the answer is there. */
function regenerate(times: number): Scenario {
  return async (world, history, presses) => {
    ask(history, () => true);
    await settled(world, SETTLE_MS);
    if ((await presses.everywhere('regenerate', { last: true, times })) === 0)
      throw new Error('there is nothing to regenerate');
  };
}

function kill(bot: Bot): 'swallow' {
  bot.kill();
  return 'swallow';
}

/** Asks the next question whose answer is long and plain. */
function askLong(history: History): void {
  ask(history, ({ text }) => text.length >= LONG_CHARACTERS);
}

/** Asks the next question whose answer is plain and suits. */
function ask(history: History, suits: (answer: ExpectedAnswer) => boolean): void {
  let number = Math.max(0, ...history.questions.map((question) => question.number));
  let answer = answerTo(SEED, number);
  do answer = answerTo(SEED, ++number);
  while (answer.kind !== 'whole' || !suits(answer));
  history.ask({ user: 'U0ANA', channel: 'C0GENERAL' }, number);
}
