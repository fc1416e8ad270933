import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACCESS } from '../../../src/defaults.ts';
import { KEY_NAMES, KEYS, type KeyName } from '../../../src/settings/keys.ts';
import { joinInstructions, resolve, type Setting } from '../../../src/settings/resolve.ts';
import { anySettings, defaults, setting } from './make.ts';

const INWARDS = ['workspace', 'channel', 'person'] as const;

/** The scopes that may speak for a key at a place, widest first. */
function scopesFor(name: KeyName, direct: boolean) {
  const key = KEYS[name];
  return INWARDS.filter(
    (scope) => key.scopes.includes(scope) && (scope !== 'person' || direct || key.personIn === 'everywhere'),
  );
}

function storedAt(set: readonly Setting[], scope: string, name: string): string | undefined {
  return set.find((one) => one.scope === scope && one.key === name)?.value;
}

describe('whatever is set where', () => {
  test('the most specific scope that may speak wins, and is named with who and when', () => {
    fc.assert(
      fc.property(anySettings, fc.boolean(), (set, direct) => {
        const settings = resolve(defaults, set, { direct });
        for (const name of KEY_NAMES) {
          if (KEYS[name].combine !== 'replace') continue;
          const scope = scopesFor(name, direct).findLast((one) => storedAt(set, one, name) !== undefined);
          expect(settings[name].scope).toBe(scope ?? 'deployment');
          expect(settings[name].by).toBe(scope === undefined ? null : `U${scope}`);
        }
      }),
    );
  });

  test('budgets, access and retention never allow more than any wider scope does', () => {
    fc.assert(
      fc.property(
        anySettings,
        fc.boolean(),
        fc.option(fc.bigInt({ min: 0n, max: 10_000_000_000n }), { nil: null }),
        fc.option(fc.constantFrom(...ACCESS), { nil: null }),
        fc.option(fc.integer({ min: 1, max: 3650 }), { nil: null }),
        (set, direct, budgetMonth, access, retention) => {
          const settings = resolve({ ...defaults, budgetMonth, access, retention }, set, { direct });
          for (const name of ['budget_month', 'budget_day', 'retention'] as const) {
            const { value, layers } = settings[name];
            for (const layer of layers)
              if (layer.value !== null) expect(value !== null && value <= layer.value).toBe(true);
          }
          for (const layer of settings.access.layers)
            if (layer.scope !== 'deployment' || access !== null)
              expect(ACCESS.indexOf(settings.access.value)).toBeLessThanOrEqual(ACCESS.indexOf(layer.value));
        },
      ),
    );
  });

  test('a scope never changes what holds for keys it may not set', () => {
    fc.assert(
      fc.property(anySettings, fc.boolean(), (set, direct) => {
        const lawful = set.filter(({ scope, key }) =>
          (scopesFor(key as KeyName, direct) as readonly string[]).includes(scope),
        );
        expect(resolve(defaults, set, { direct })).toEqual(resolve(defaults, lawful, { direct }));
      }),
    );
  });

  test('in a channel, a person decides only on instructions, effort, footer, ping, their own budget and what they hear of others', () => {
    fc.assert(
      fc.property(anySettings, (set) => {
        const without = set.filter(({ scope }) => scope !== 'person');
        const [here, there] = [set, without].map((one) => resolve(defaults, one, { direct: false }));
        const own: KeyName[] = [
          'instructions',
          'effort',
          'footer',
          'ping_after',
          'budget_month',
          'budget_day',
          'budget_alerts',
        ];
        for (const name of KEY_NAMES) if (!own.includes(name)) expect(here?.[name]).toEqual(there?.[name]);
      }),
    );
  });

  test('instructions of every scope are joined, widest first', () => {
    fc.assert(
      fc.property(anySettings, (set) => {
        const joined = joinInstructions(resolve(defaults, set, { direct: false }));
        const expected = INWARDS.flatMap((scope) => {
          const text = storedAt(set, scope, 'instructions');
          return text === undefined || text === 'none' ? [] : [text];
        });
        expect(joined.split('\n\n').flatMap((part) => part.split(':\n').slice(1))).toEqual(expected);
      }),
    );
  });
});

test('a workspace may open access wider while the operator has not decided, a channel may not', () => {
  const open = [setting('workspace', 'access', 'everyone')];
  expect(resolve(defaults, open, { direct: false }).access).toMatchObject({
    value: 'everyone',
    scope: 'workspace',
  });
  const strict = { ...defaults, access: 'members' as const };
  expect(resolve(strict, open, { direct: false }).access).toMatchObject({
    value: 'members',
    scope: 'deployment',
  });
  const channel = [setting('channel', 'access', 'everyone')];
  expect(resolve(defaults, channel, { direct: false }).access.value).toBe('members');
});

test('a value that this version cannot read counts as not set', () => {
  const set = [setting('workspace', 'follow_ups', 'sometimes'), setting('workspace', 'max_tokens', '99')];
  const settings = resolve(defaults, set, { direct: false });
  expect(settings.follow_ups).toMatchObject({ value: 'one_on_one', scope: 'deployment' });
  expect(settings.max_tokens).toMatchObject({ value: 99, scope: 'workspace' });
});
