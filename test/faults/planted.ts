import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock as clock } from '../../src/clock.ts';
import type { Bot, Hindrance } from './bots.ts';
import { build } from './build.ts';
import { createDeciders, type Deciders } from './calls/deciders.ts';
import { CALL_SCENARIOS } from './calls/planted.ts';
import { callsOf } from './calls/texts.ts';
import { callsIn } from './checker/calls.ts';
import { check } from './checker/check.ts';
import { gather, type Violation } from './checker/evidence.ts';
import { roundsIn } from './checker/rounds.ts';
import { createErrands, type Errands, FEW_CENTS, POOR } from './errands.ts';
import { type AskedFile, filesOf, wantsCsv } from './files.ts';
import { createHistory, type History, type Question } from './history.ts';
import { meet } from './meet.ts';
import { HURRY, PLANTED, type PlantedBug } from './patches.ts';
import { createPresses, type Presses } from './presses.ts';
import { createRandom } from './random.ts';
import { goOn, settled } from './run.ts';
import { diskFull, poolFull, readOnly, tableLocked, type Undo } from './server-faults.ts';
import type { Moment } from './steps.ts';
import { answerTo, type ExpectedAnswer } from './texts.ts';
import { type Server, startServer, startWorld, type World } from './world.ts';

const SEED = 1;
const TOKENS_PER_SECOND = 60;
/** Long enough that a lease changes hands while it is written. */
const LONG_CHARACTERS = 2_000;
const FREEZE_MS = 13_000;
const SETTLE_MS = 60_000;
const CONNECTIONS = 60;
/** Until statements that wait for a vanished host are given up, and their process has the next connections. */
const VANISHED_MS = 11_000;
/** Longer than the others are waited for before somebody takes over what is theirs. */
const OUTAGE_MS = 3_000;
const OTHERS_BACK_MS = 700;
const TENTH_OF_A_CENT = 0.1;
const ENOUGH_CENTS = 100_000;

/** What the checker made of a program that has (or, for the control, does not have) a planted bug. */
export interface PlantedResult {
  readonly bug: PlantedBug | null;
  readonly violations: readonly Violation[];
  readonly seconds: number;
  readonly folder: string;
}

interface People {
  readonly history: History;
  readonly presses: Presses;
  readonly errands: Errands;
  readonly deciders: Deciders;
}

type Scenario = (world: World, people: People) => Promise<void>;

/** For these nothing of the server is left for others. */
const ALONE: ReadonlySet<PlantedBug> = new Set<PlantedBug>([
  'read-only is a fault',
  'a full pool is a fault',
]);

/** Programs with these never come to rest, and are not waited for so long; of others that says nothing. */
export const RESTLESS: ReadonlySet<PlantedBug> = new Set<PlantedBug>([
  ...([
    'a lost answer counts twice',
    'no limit for an answer of the database',
    'money stays set aside',
  ] as const),
]);
const NO_REST_MS = 20_000;

/** For each bug the one thing that brings it out, done to one question. */
const SCENARIOS: Record<PlantedBug, Scenario> = {
  'lease check off': async (world, { history }) => {
    askLong(history);
    const bot = await meet(world, 'model_token:after', 60, () => 'pass');
    const thaw = bot.freeze();
    await clock.sleep(FREEZE_MS);
    thaw();
  },
  'read-back off': killAt('post:after', 1),
  'acknowledged before commit 1': async (world, { history }) => {
    // A direct message is one event only: nobody else has it.
    const channel = world.slack.people.openDm('U0ANA', world.slack.botUser);
    history.ask({ user: 'U0ANA', channel });
    await meet(world, 'commit_1:before', 1, kill);
  },
  'shown before it is shown': killAt('final_edit:before', 1),
  'log not written': killAt('model_token:after', 350),
  'seam ignored': killAt('model_token:after', 80),
  'cut text is in no block': async (world, { history }) => {
    ask(history, ({ text, searches: [first = 0] }) => first > text.length / 2);
    await meet(world, 'model_token:after', 80, kill);
  },
  'a press counts twice': regenerate(2),
  'another version replaces the first': regenerate(1),
  'a lost answer counts twice': async (world, { history }) => {
    const first = askLong(history);
    history.ask(first);
    await meet(world, 'finish_job:after', 1, (bot) => {
      bot.troubled('lost answer')();
      return 'swallow';
    });
  },
  'no limit for an answer of the database': async (world, { history }) => {
    askLong(history);
    await meet(world, 'model_token:after', 60, () => 'pass');
    const ends = world.bots.map((bot) => bot.troubled());
    for (const bot of world.bots) bot.database.vanish('gone');
    await clock.sleep(VANISHED_MS);
    for (const end of ends) end();
  },
  'read-only is a fault': hindered('read-only', 5_000, (world) => readOnly(world)),
  'a full disk is a fault': hindered('disk full', 5_000, (world) => diskFull(world)),
  'a full pool is a fault': hindered('pool full', 5_000, (world, bot) => poolFull(world, bot)),
  'a lock that is not had is a fault': hindered('table locked', 10_000, (world) => tableLocked(world)),
  'whoever has just come judges': async (world, { history }) => {
    askLong(history);
    const bot = await meet(world, 'model_token:after', 60, () => 'pass');
    const fresh = world.bots.find((one) => one !== bot);
    if (fresh === undefined) throw new Error('there is nobody else');
    const ends = world.bots.map((one) => one.troubled());
    await Promise.all(world.bots.map((one) => one.database.shut()));
    fresh.kill();
    await clock.sleep(OUTAGE_MS);
    await fresh.database.reopen();
    await fresh.ready(SETTLE_MS);
    await clock.sleep(OTHERS_BACK_MS);
    await bot.database.reopen();
    for (const end of ends) end();
  },
  'a late settlement frees what another call holds': async (world, { history, errands }) => {
    await errands.budget(POOR, 100);
    ask(history, ({ text }) => text.length >= LONG_CHARACTERS, { user: 'U0ANA', channel: POOR });
    const bot = await meet(world, 'model_token:after', 60, () => 'pass');
    const before = world.calls.size;
    const thaw = bot.freeze();
    try {
      for (const until = clock.monotonic() + 2 * FREEZE_MS; clock.monotonic() < until; ) {
        const [next] = [...world.calls.values()].filter(({ id }) => id > before);
        if (next !== undefined && next.text !== '') break;
        await clock.sleep(100);
      }
    } finally {
      thaw();
    }
  },
  'money that is set aside is not counted': async (world, { history, errands }) => {
    await errands.budget(POOR, FEW_CENTS);
    for (const user of ['U0ANA', 'U0BEN', 'U0ANA'])
      ask(history, ({ text }) => text.length < LONG_CHARACTERS, { user, channel: POOR });
    await settled(world, SETTLE_MS);
    await errands.budget(POOR, ENOUGH_CENTS);
  },
  'a budget is raised with each press': async (world, { history, presses, errands }) => {
    // Not enough to ask the model: the answer is refused at once.
    await errands.budget(POOR, TENTH_OF_A_CENT);
    ask(history, () => true, { user: 'U0ANA', channel: POOR });
    await settled(world, SETTLE_MS);
    if (!(await presses.raise({ calm: true, twice: true, seen: true })))
      throw new Error('nothing was refused for money');
    await errands.budget(POOR, ENOUGH_CENTS);
  },
  'money stays set aside': poor,
  'an entry costs half': poor,
  'a form is taken before it is stored': async (world, { errands }) => {
    const met = meet(world, 'enqueue:before', 1, kill);
    await errands.askByForm('U0ANA', 'C0GENERAL');
    await met;
  },
  'a file is shared without a look': asCsv('share_file:after'),
  'a deleted answer leaves its files': async (world, { history, presses }) => {
    askNext(history, (number) => wantsCsv(SEED, number));
    await settled(world, SETTLE_MS);
    if ((await presses.everywhere('delete', { last: true, times: 1 })) === 0)
      throw new Error('there is nothing to delete');
  },
  'an upload is not noted': asCsv('share_file:after'),
  'a file that is not read is no file': withFiles('unreadable'),
  'of a file that is given nothing is kept': withFiles('image'),
  'a question is posted without a look': async (world, { errands }) => {
    const met = meet(world, 'post:after', 1, kill);
    await errands.askByForm('U0ANA', 'C0GENERAL');
    await met;
  },
  ...CALL_SCENARIOS,
};

/** Asks where there is a budget, and enough in it. */
async function poor(_world: World, { history, errands }: People): Promise<void> {
  await errands.budget(POOR, ENOUGH_CENTS);
  ask(history, () => true, { user: 'U0ANA', channel: POOR });
}

/** An answer is being written when the database begins to hinder its process, and comes to its end meanwhile. */
function hindered(what: Hindrance, ms: number, begin: (world: World, bot: Bot) => Promise<Undo>): Scenario {
  return async (world, { history }) => {
    ask(history, ({ text }) => text.length > 500 && text.length < 700);
    const bot = await meet(world, 'model_token:after', 60, () => 'pass');
    const end = bot.troubled(what);
    const undo = await begin(world, bot);
    await clock.sleep(ms);
    await undo();
    end();
  };
}

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
  const own = bug === null || ALONE.has(bug) ? await startServer({ connections: CONNECTIONS }) : null;
  const world = await startWorld({
    seed: SEED,
    mode: 'socket',
    roles: ['all', 'all'],
    program,
    server: own ?? server,
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
    const errands = createErrands(world, history, createRandom(SEED));
    const deciders = createDeciders(world, history, createRandom(SEED));
    world.whileSettling = () => deciders.all('approve');
    for (const scenario of scenarios) {
      await SCENARIOS[scenario](world, { history, presses, errands, deciders });
      await goOn(presses);
      violations.push(...(await settled(world, bug !== null && RESTLESS.has(bug) ? NO_REST_MS : SETTLE_MS)));
    }
    violations.push(...(await roundsIn(world)), ...(await callsIn(world, deciders.made)).violations);
    const seen = check(await gather(world, history, presses, errands)).violations;
    return {
      bug,
      violations: [...violations, ...seen],
      seconds: (clock.monotonic() - began) / 1000,
      folder: world.folder,
    };
  } finally {
    await world.stop();
    await own?.stop();
    rmSync(folder, { recursive: true });
  }
}

function killAt(moment: Moment, nth: number): Scenario {
  return async (world, { history }) => {
    askLong(history);
    await meet(world, moment, nth, kill);
  };
}

/** Asks, and presses Regenerate so many times at once when the answer is there. */
function regenerate(times: number): Scenario {
  return async (world, { history, presses }) => {
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

/** Asks for an answer that comes as a file too; its process is killed at that moment. */
function asCsv(moment: Moment): Scenario {
  return async (world, { history }) => {
    askNext(history, (number) => wantsCsv(SEED, number));
    await meet(world, moment, 1, kill);
  };
}

/** Asks with a file of this kind; the process is killed when it has the bytes. */
function withFiles(kind: AskedFile['kind']): Scenario {
  return async (world, { history }) => {
    askNext(history, (number) => filesOf(SEED, number).some((file) => file.kind === kind));
    await meet(world, 'fetch_file:after', 1, kill);
  };
}

/** Asks the next question whose answer is plain and whose number suits. */
function askNext(history: History, suits: (number: number) => boolean): Question {
  let number = Math.max(0, ...history.questions.map((question) => question.number)) + 1;
  while (answerTo(SEED, number).kind !== 'whole' || !suits(number)) number += 1;
  return history.ask({ user: 'U0ANA', channel: 'C0GENERAL' }, number);
}

/** Asks the next question whose answer is long and plain. */
function askLong(history: History): Question {
  return ask(history, ({ text }) => text.length >= LONG_CHARACTERS);
}

/** Asks the next question whose answer is plain and suits. */
function ask(
  history: History,
  suits: (answer: ExpectedAnswer) => boolean,
  place = { user: 'U0ANA', channel: 'C0GENERAL' },
): Question {
  let number = Math.max(0, ...history.questions.map((question) => question.number));
  let answer = answerTo(SEED, number);
  do answer = answerTo(SEED, ++number);
  while (
    answer.kind !== 'whole' ||
    !suits(answer) ||
    callsOf(SEED, number).length > 0 ||
    wantsCsv(SEED, number) ||
    filesOf(SEED, number).length > 0
  );
  return history.ask(place, number);
}
