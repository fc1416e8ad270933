import { createHash } from 'node:crypto';
import type { IncomingMessage } from '../incoming.ts';
import type { Job, NewJob } from '../jobs/store.ts';
import type { Queryable } from '../postgres/database.ts';
import { type Command, parseMention } from './grammar.ts';
import type { Once } from './ports.ts';
import { loadSaid, noteSaidFile, removeSaid, type SaidCommand } from './store.ts';

export const COMMAND = 'command';

/**
 * The job that answers a command which was said by mention, kept under `id` (`addSaid`). What one person says in one place
 * is answered in order. The same words are one command however often Slack delivers them; words that were edited are
 * another one.
 */
export function commandJob({ team, channel, ts, user, text }: IncomingMessage, id: string): NewJob {
  return {
    mailbox: `commands:${team}:${channel}:${user}`,
    team,
    place: ts,
    cause: `command:${team}:${channel}:${ts}:${createHash('sha256').update(text).digest('base64url')}`,
    name: COMMAND,
    subject: id,
  };
}

/** The handler of these jobs: has the command answered by `mention`, and drops its words then. */
export function createSaidCommands({
  query,
  botUser,
  mention,
}: {
  readonly query: Queryable;
  readonly botUser: (team: string) => string | null;
  readonly mention: (said: SaidCommand, command: Command, once: Once) => Promise<void>;
}): (job: Job) => Promise<void> {
  return async (job) => {
    const id = job.subject;
    const found = await loadSaid(query, id);
    if (found === null) return;
    const { said, file } = found;
    const command = parseMention(said.text, botUser(said.team));
    if (command !== null)
      await mention(said, command, { begun: file, note: (sent) => noteSaidFile(query, id, sent) });
    await removeSaid(query, job.subject);
  };
}
