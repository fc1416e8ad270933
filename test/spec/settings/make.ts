import fc from 'fast-check';
import { readConfig } from '../../../src/config.ts';
import type { Defaults } from '../../../src/defaults.ts';
import { KEY_NAMES, KEYS, type KeyName, SCOPES } from '../../../src/settings/keys.ts';
import type { Setting } from '../../../src/settings/resolve.ts';

export const defaults: Defaults = readConfig({
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  ANTHROPIC_API_KEY: 'key',
}).defaults;

const at = new Date('2026-11-22T12:00:00Z');

export function setting(scope: Setting['scope'], key: KeyName, value: string, by = 'U1'): Setting {
  return { scope, key, value, by, at };
}

/** A value in stored form that the key takes. */
export function storedOf(name: KeyName): fc.Arbitrary<string> {
  const { input } = KEYS[name];
  switch (input.kind) {
    case 'choice':
      return fc.constantFrom(...input.options.map(({ value }) => value));
    case 'whole':
      return fc.integer({ min: input.from, max: input.to }).map(String);
    case 'seconds':
      return fc.oneof(
        fc.constant('off'),
        fc.integer({ min: 1, max: 86_400 }).map((s) => `${s} s`),
      );
    case 'days':
      return fc.oneof(
        fc.constant('forever'),
        fc
          .integer({ min: 1, max: 3650 })
          .map((days) => `${days.toLocaleString('en-US')} ${days === 1 ? 'day' : 'days'}`),
      );
    case 'money':
      return fc.oneof(
        fc.constant('none'),
        fc
          .integer({ min: 0, max: 999 })
          .map((cents) => `$${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`),
      );
    case 'model':
      return fc.constantFrom('claude-opus-5', 'claude-haiku-5-5', 'claude-sonnet-5-5');
    case 'bots':
      return fc.constantFrom('none', 'U0DEPLOYS', 'U0DEPLOYS, A0ALERTS');
    case 'domains':
      return fc.constantFrom('any', 'only docs.rs, example.com', 'not example.com');
    case 'servers':
      return fc.constantFrom('none', 'tickets', 'tickets, wiki');
    case 'text':
      return fc.constantFrom('none', 'Be brief.', 'Answer in French.');
  }
}

/** Settings of one place: at most one for each scope and key, also where a key may not be set. */
export const anySettings: fc.Arbitrary<Setting[]> = fc
  .tuple(
    ...SCOPES.flatMap((scope) =>
      KEY_NAMES.map((name) =>
        fc.option(
          storedOf(name).map((value) => setting(scope, name, value, `U${scope}`)),
          { nil: null },
        ),
      ),
    ),
  )
  .map((all) => all.filter((one) => one !== null));
