import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { IncomingMessage } from '../incoming.ts';
import type { Job, NewJob } from '../jobs/store.ts';
import { type Command, parseMention } from './grammar.ts';

export const COMMAND = 'command';

const payload = z.object({
  team: z.string(),
  channel: z.string(),
  direct: z.boolean(),
  ts: z.string(),
  threadTs: z.string().nullable(),
  user: z.string(),
  text: z.string(),
});

/** A command that was said by mention, as its job keeps it. */
export type SaidCommand = z.infer<typeof payload>;

/**
 * The job that answers a command which was said by mention. What one person says in one place is answered in order. The
 * same words are one command however often Slack delivers them; words that were edited are another one.
 */
export function commandJob(message: IncomingMessage): NewJob {
  const { team, channel, ts, threadTs, user, text } = message;
  const said: SaidCommand = { team, channel, direct: message.channelKind === 'im', ts, threadTs, user, text };
  return {
    mailbox: `commands:${team}:${channel}:${user}`,
    place: ts,
    cause: `command:${team}:${channel}:${ts}:${createHash('sha256').update(text).digest('base64url')}`,
    name: COMMAND,
    payload: JSON.stringify(said),
  };
}

/**
 * The handler of these jobs: reads the command again and has it answered by `mention`. Throws for a payload that is not
 * ours.
 */
export function createSaidCommands(
  botUser: (team: string) => string | null,
  mention: (said: SaidCommand, command: Command) => Promise<void>,
): (job: Pick<Job, 'payload'>) => Promise<void> {
  return async (job) => {
    const said = payload.parse(JSON.parse(job.payload));
    const command = parseMention(said.text, botUser(said.team));
    if (command !== null) await mention(said, command);
  };
}
