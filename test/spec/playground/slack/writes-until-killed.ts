// Says one thing after another in a persisted workspace and prints each timestamp once it has been given out.
import { writeSync } from 'node:fs';
import { startSlackStandin } from '../../../../playground/slack/standin.ts';
import { systemClock } from '../../../../src/clock.ts';

const slack = await startSlackStandin({ clock: systemClock, persistDir: String(process.argv[2]) });
const more = () => {
  const { ts } = slack.say('U0ANA', 'C0GENERAL', 'still here');
  writeSync(1, `${ts}\n`);
  setImmediate(more);
};
more();
