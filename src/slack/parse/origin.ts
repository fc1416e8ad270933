import type { IgnoredReason, IncomingIgnored, Origin } from '../../admission/incoming.ts';
import { type Fields, fieldsOf, idOf, listOf, wordOf } from './fields.ts';

export function ignored(reason: IgnoredReason, detail: unknown): IncomingIgnored {
  return { kind: 'ignored', reason, detail: wordOf(detail) };
}

/**
 * Workspace and org of an Events API envelope. `team_id` is where the event was seen; an org-wide install
 * may leave it out of the authorization, and an org event may have no workspace at all.
 */
export function eventOrigin(envelope: Fields): Origin | null {
  const authorization = fieldsOf(listOf(envelope['authorizations'])[0]);
  const enterprise =
    idOf(envelope['enterprise_id']) ??
    idOf(envelope['context_enterprise_id']) ??
    idOf(authorization?.['enterprise_id']);
  const team =
    idOf(envelope['team_id']) ??
    idOf(authorization?.['team_id']) ??
    idOf(envelope['context_team_id']) ??
    enterprise;
  return team === null ? null : { team, enterprise, eventId: idOf(envelope['event_id']) };
}
