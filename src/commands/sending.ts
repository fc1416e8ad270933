import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { Declined } from '../people/editing.ts';
import { sendOnce } from '../reply/sent-files/once.ts';
import type { Outlet } from '../reply/sent-files/ports.ts';
import { commandFailure } from '../words/command-problems.ts';
import type { Asked, CommandPorts, SendFile, SentFile } from './ports.ts';

/** Files of commands to the direct messages of who asked, by the way on which files of answers go. Never throws. */
export function createSendFile({
  outlet,
  clock,
  log,
}: {
  readonly outlet: Outlet;
  readonly clock: Clock;
  readonly log: Log;
}): SendFile {
  return async ({ team, user }, { name, title, pieces }, once) => {
    try {
      return await sendOnce(
        { outlet, clock },
        {
          team,
          file: { name, alt: title, pieces },
          begun: once?.begun ?? null,
          note: async (id) => once?.note(id),
          share: (id) => outlet.shareWith({ team, user }, id, { title, line: null }, () => true),
          allowed: () => true,
          signal: new AbortController().signal,
        },
      );
    } catch (thrown) {
      log.warn({ err: toError(thrown), team }, 'a file could not be sent');
      return 'refused';
    }
  };
}

/** Sends a file to who asked. Throws `Declined` if Slack did not take it, or does not say. */
export async function sendToAsker(ports: CommandPorts, asked: Asked, file: SentFile): Promise<void> {
  const { team, user, once } = asked;
  const sent = await ports.sendFile({ team, user }, file, once ?? null);
  if (sent === 'unclear') throw new Declined(commandFailure.fileUnclear);
  if (sent === 'refused') throw new Declined(commandFailure.fileNotTaken);
}
