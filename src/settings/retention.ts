import type { Defaults } from '../defaults.ts';
import type { Queryable } from '../postgres/database.ts';
import { KEYS } from './keys.ts';
import { readOfKey, type Target } from './store.ts';

/** A retention that holds at one scope. */
interface RetentionLimit {
  readonly scope: 'deployment' | 'workspace' | 'channel' | 'person';
  /** '' for the deployment. */
  readonly team: string;
  /** The channel or person; for a workspace its team again; '' for the deployment. */
  readonly scopeId: string;
  readonly days: number;
}

/** Every retention that is not for ever, widest scopes first, in one statement. */
export async function retentionLimits(db: Queryable, defaults: Defaults): Promise<RetentionLimit[]> {
  return limitsOf(await readOfKey(db, 'retention'), defaults);
}

/**
 * As in `resolve`, what this version can't read counts as not set. What is not shorter than a wider limit changes
 * nothing and is left out.
 */
export function limitsOf(
  set: readonly (Target & { readonly value: string })[],
  { retention }: Pick<Defaults, 'retention'>,
): RetentionLimit[] {
  const limits = set.flatMap(({ team, scope, scopeId, value }) => {
    const parsed = KEYS.retention.parse(value);
    const days = 'problem' in parsed ? null : parsed.value;
    return days === null ? [] : [{ team, scope, scopeId, days }];
  });
  const everywhere = retention ?? Number.POSITIVE_INFINITY;
  const workspaces = limits.filter(({ scope, days }) => scope === 'workspace' && days < everywhere);
  const ofTeam = new Map(workspaces.map(({ team, days }) => [team, days]));
  const inside = limits.filter(
    ({ scope, team, days }) => scope !== 'workspace' && days < (ofTeam.get(team) ?? everywhere),
  );
  const deployment = { scope: 'deployment', team: '', scopeId: '' } as const;
  return [...(retention === null ? [] : [{ ...deployment, days: retention }]), ...workspaces, ...inside];
}
