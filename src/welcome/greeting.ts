import { Later, NO_ACCESS_DELAY_MS } from '../jobs/retry.ts';
import type { Job, NewJob } from '../jobs/store.ts';
import type { Log } from '../log.ts';
import { GREETING } from '../words/welcome.ts';
import type { Greeter } from './ports.ts';

export const GREET = 'greet';

/** The job that greets a channel. Its cause is the channel: however often we join or are told, there is one. */
export function greetJob({ team, channel }: { team: string; channel: string }): NewJob {
  const key = `greet:${team}:${channel}`;
  return { mailbox: key, team, place: '0', cause: key, name: GREET, subject: channel };
}

/**
 * Greets a channel that we were added to. A try that comes after another one looks first whether that one has
 * said it. Rejects when Slack does not take it now; the job is tried again.
 */
export function createGreet({ greeter, log }: { greeter: Greeter; log: Log }): (job: Job) => Promise<void> {
  return async (job) => {
    const { team, subject: channel } = job;
    if (job.attempt > 1) {
      const greeted = await greeter.greeted(team, channel);
      if (greeted === 'unknown') throw new Error('the channel can not be read');
      if (greeted) return;
    }
    const said = await greeter.greet(team, channel, GREETING);
    if (said === 'unauthorised') throw new Later(NO_ACCESS_DELAY_MS, 'nothing can be said in this workspace');
    if (said === 'failed') throw new Error('the greeting was not taken');
    log.info({ team, channel, said }, 'channel greeted');
  };
}
