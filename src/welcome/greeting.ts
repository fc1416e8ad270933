import type { Job, NewJob } from '../jobs/store.ts';
import type { Log } from '../log.ts';
import { GREETING } from '../words/welcome.ts';
import type { Host } from './ports.ts';

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
export function createGreet({ host, log }: { host: Host; log: Log }): (job: Job) => Promise<void> {
  return async (job) => {
    const { team, subject: channel } = job;
    if (job.attempt > 1) {
      const greeted = await host.greeted(team, channel);
      if (greeted === 'unknown') throw new Error('the channel can not be read');
      if (greeted) return;
    }
    const said = await host.greet(team, channel, GREETING);
    if (said === 'failed') throw new Error('the greeting was not taken');
    log.info({ team, channel, said }, 'channel greeted');
  };
}
