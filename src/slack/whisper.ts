import type { Incoming } from '../admission/incoming.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clients } from './clients.ts';

/** Where one person is told something that nobody else sees. */
export interface Whereabouts {
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string | null;
  readonly user: string;
}

/** The person and the place that an incoming came from; null if it names none. */
export function whereOf(incoming: Incoming): Whereabouts | null {
  switch (incoming.kind) {
    case 'action': {
      const { team, channel, threadTs, messageTs, user } = incoming;
      return channel === null ? null : { team, channel, threadTs: threadTs ?? messageTs, user };
    }
    case 'message':
    case 'message_changed': {
      const { team, channel, threadTs, user } = incoming;
      return { team, channel, threadTs, user };
    }
    default:
      return null;
  }
}

/** Shows a line to one person. A nicety: what Slack does not take is in the log, and nobody waits for it. */
export async function whisper(
  clients: Clients,
  where: Whereabouts | null,
  line: string | null,
  log: Log,
): Promise<void> {
  const client = where === null ? null : clients.of(where.team);
  if (where === null || line === null || client === null) return;
  await client.chat
    .postEphemeral({
      channel: where.channel,
      user: where.user,
      ...(where.threadTs === null ? {} : { thread_ts: where.threadTs }),
      text: line,
    })
    .catch((err) => log.warn({ err: toError(err) }, 'a private line could not be shown'));
}
