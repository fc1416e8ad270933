import { systemClock as clock } from '../../src/clock.ts';
import type { Bot } from './bots.ts';
import type { Moment } from './steps.ts';
import type { World } from './world.ts';

/** On a machine that has much other work. */
const COMES_WITHIN_MS = 90_000;

/** Does something to the process that passes a moment for the `nth` time; that process. */
export function meet(
  world: World,
  moment: Moment,
  nth: number,
  act: (bot: Bot) => 'pass' | 'swallow',
): Promise<Bot> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(COMES_WITHIN_MS, () => {
      world.onMoment = () => 'pass';
      reject(new Error(`${moment} did not come ${nth} times within ${COMES_WITHIN_MS} ms`));
    });
    let passed = 0;
    world.onMoment = (name, bot) => {
      if (name !== moment) return 'pass';
      passed += 1;
      if (passed < nth) return 'pass';
      cancel();
      world.onMoment = () => 'pass';
      resolve(bot);
      return act(bot);
    };
  });
}
