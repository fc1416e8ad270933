import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolve } from '../../../src/settings/resolve.ts';
import { limitsOf } from '../../../src/settings/retention.ts';
import { defaults, setting, storedOf } from './make.ts';

const ID = { workspace: 'T1', channel: 'C1', person: 'U1' } as const;

test('the shortest limit that covers a place is what the settings of that place say', () => {
  const stored = fc.option(storedOf('retention'), { nil: null });
  const values = fc.record({ workspace: stored, channel: stored, person: stored });
  fc.assert(
    fc.property(
      values,
      fc.option(fc.integer({ min: 1, max: 3650 }), { nil: null }),
      fc.boolean(),
      (set, retention, direct) => {
        const scopes = (['workspace', 'channel', 'person'] as const).flatMap((scope) => {
          const value = set[scope];
          return value === null ? [] : [{ scope, value }];
        });
        const limits = limitsOf(
          scopes.map(({ scope, value }) => ({ team: 'T1', scope, scopeId: ID[scope], value })),
          { retention },
        );
        const covering = limits.filter(({ scope }) => scope !== 'person' || direct).map(({ days }) => days);
        const holds = resolve(
          { ...defaults, retention },
          scopes.map(({ scope, value }) => setting(scope, 'retention', value)),
          { direct },
        ).retention.value;
        expect(covering.length === 0 ? null : Math.min(...covering)).toBe(holds);
      },
    ),
  );
});

test('a limit of another workspace, and one that this version can’t read, change nothing', () => {
  const set = [
    { team: 'T2', scope: 'workspace', scopeId: 'T2', value: '1 day' },
    { team: 'T1', scope: 'workspace', scopeId: 'T1', value: 'until spring' },
    { team: 'T1', scope: 'channel', scopeId: 'C1', value: '30 days' },
    { team: 'T2', scope: 'channel', scopeId: 'C2', value: '2 days' },
  ] as const;
  expect(limitsOf(set, { retention: null })).toEqual([
    { team: 'T2', scope: 'workspace', scopeId: 'T2', days: 1 },
    { team: 'T1', scope: 'channel', scopeId: 'C1', days: 30 },
  ]);
});
