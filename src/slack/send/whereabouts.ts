import type { Incoming } from '../../admission/incoming.ts';

/** Where one person is told something that nobody else sees. */
interface Whereabouts {
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string | null;
  readonly user: string;
  /** Opens a form before this person, once and for three seconds. */
  readonly triggerId: string | null;
}

/** The person and the place that an incoming came from; null if it names none. */
export function whereaboutsOf(incoming: Incoming): Whereabouts | null {
  switch (incoming.kind) {
    case 'action': {
      const { team, channel, threadTs, messageTs, user, triggerId } = incoming;
      return channel === null
        ? null
        : {
            team,
            channel,
            threadTs: threadTs ?? messageTs,
            user,
            triggerId: triggerId?.reveal() ?? null,
          };
    }
    case 'message': {
      const { team, channel, threadTs, user } = incoming;
      return { team, channel, threadTs, user, triggerId: null };
    }
    default:
      return null;
  }
}
