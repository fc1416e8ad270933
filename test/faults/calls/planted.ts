import type { Bot } from '../bots.ts';
import { filesOf, wantsCsv } from '../files.ts';
import type { History, Question } from '../history.ts';
import { meet } from '../meet.ts';
import { answerTo } from '../texts.ts';
import type { World } from '../world.ts';
import type { Deciders } from './deciders.ts';
import type { PlantedCallBug } from './patches.ts';
import { callsOf, type Tool } from './texts.ts';

type Scenario = (
  world: World,
  people: { readonly history: History; readonly deciders: Deciders },
) => Promise<void>;

const kill = (bot: Bot): 'swallow' => {
  bot.kill();
  return 'swallow';
};

/** Something is called, and approved where it has to be. */
const approved: Scenario = async (world, { history, deciders }) => {
  askCalling(world, history, ['create_ticket']);
  await deciders.once(await deciders.card(), 'approve');
};

/** For each bug the one thing that brings it out. */
export const CALL_SCENARIOS: Record<PlantedCallBug, Scenario> = {
  'a call that was under way is made again': async (world, people) => {
    const met = meet(world, 'tool_request:after', 1, kill);
    await approved(world, people);
    await met;
  },
  'a call is decided about twice': async (world, { history, deciders }) => {
    askCalling(world, history, ['create_ticket']);
    const card = await deciders.card();
    await Promise.all([deciders.once(card, 'approve'), deciders.once(card, 'deny')]);
  },
  'a call that was denied is made': async (world, { history, deciders }) => {
    askCalling(world, history, ['create_ticket']);
    await deciders.once(await deciders.card(), 'deny');
  },
  'the result of a call is not stored': async (world, people) => {
    const met = meet(world, 'model_round:before', 1, kill);
    await approved(world, people);
    await met;
  },
};

/** Asks the next question on whose way exactly this is called, in the middle of its answer. */
function askCalling({ seed }: World, history: History, tools: readonly Tool[]): Question {
  let number = Math.max(0, ...history.questions.map((question) => question.number));
  for (;;) {
    number += 1;
    const [place, another] = callsOf(seed, number);
    const long = answerTo(seed, number).text.length;
    if (place === undefined || another !== undefined || place.at === 0 || long > 1_500) continue;
    if (wantsCsv(seed, number) || filesOf(seed, number).length > 0) continue;
    if (place.tools.join() === tools.join())
      return history.ask({ user: 'U0ANA', channel: 'C0GENERAL' }, number);
  }
}
