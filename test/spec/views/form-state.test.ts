import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_NAMES, type KeyName } from '../../../src/settings/keys.ts';
import type { Changed } from '../../../src/settings/store.ts';
import { normalise } from '../../../src/settings/values.ts';
import {
  entriesOf,
  fieldName,
  fieldsFor,
  INHERIT,
  merge,
  readState,
  type Stored,
  splitParts,
  storedBefore,
  writeState,
} from '../../../src/views/settings/form-state.ts';

const samples: Readonly<Record<KeyName, readonly string[]>> = {
  model: ['claude-sonnet-4-6', 'claude-haiku-5-5'],
  max_tokens: ['1', '64000'],
  context_tokens: ['5000', '200000'],
  instructions: ['Be brief.', `One\n\ntwo\n${'x'.repeat(7000)}`, 'none'],
  effort: ['auto', 'high'],
  streaming: ['edit', 'auto'],
  follow_ups: ['mention', 'always'],
  footer: ['on', 'off'],
  files_out: ['auto', 'off'],
  ping_after: ['60 s', 'off'],
  budget_month: ['$5.00', 'none'],
  budget_day: ['$0.50', 'none'],
  budget_alerts: ['on', 'off'],
  access: ['members', 'everyone'],
  bots: ['U0DEPLOYS', 'U0DEPLOYS, A0ALERTS', 'none'],
  retention: ['30 days', 'forever'],
  web: ['on', 'off'],
  web_domains: ['only docs.rs, example.com', 'not example.com', 'any'],
  web_searches: ['1', '20'],
  tools: ['tickets', 'tickets, wiki', 'none'],
  channel_changes: ['members', 'admins'],
};
const stored: fc.Arbitrary<Stored> = fc
  .tuple(...KEY_NAMES.map((key) => fc.option(fc.constantFrom(...samples[key]))))
  .map(
    (values) =>
      new Map(
        KEY_NAMES.flatMap((key, index) => {
          const value = values[index] ?? null;
          return value === null ? [] : [[key, value] as const];
        }),
      ),
  );

/** The state that Slack sends for a form that was drawn from `base` and not touched. */
function untouched(base: Stored): Map<string, string | null> {
  const values = new Map<string, string | null>();
  for (const key of KEY_NAMES) {
    const value = base.get(key) ?? null;
    if (key !== 'instructions') values.set(fieldName(key, 0), value ?? INHERIT);
    else
      splitParts(value === null || value === 'none' ? '' : value).forEach((part, index) => {
        values.set(fieldName(key, 0, String(index)), part === '' ? null : part);
      });
  }
  return values;
}

describe('a form', () => {
  it('that was not touched changes nothing, whatever others did meanwhile', () => {
    fc.assert(
      fc.property(stored, stored, (base, now) => {
        expect(merge(entriesOf(untouched(base)), base, now)).toEqual({
          changes: [],
          conflicts: [],
          problems: new Map(),
        });
      }),
    );
  });

  it('changes exactly what was touched; a conflict is where others made it something else', () => {
    fc.assert(
      fc.property(stored, stored, stored, (base, now, mine) => {
        const { changes, conflicts, problems } = merge(entriesOf(untouched(mine)), base, now);
        expect(problems.size).toBe(0);
        const plain = (value: string | undefined) => (value === 'none' ? undefined : value);
        for (const key of KEY_NAMES) {
          const same = key === 'instructions' ? plain : (value: string | undefined) => value;
          const change = changes.find((one) => one.key === key);
          if (same(mine.get(key)) === same(base.get(key))) expect(change).toBeUndefined();
          else if (change !== undefined) {
            const wanted = mine.get(key);
            const parsed = wanted === undefined ? null : normalise(key, wanted);
            if (parsed !== null && 'value' in parsed && change.value !== null)
              expect(change.value).toBe(parsed.value);
            expect(conflicts.includes(key)).toBe(now.get(key) !== base.get(key));
          }
        }
      }),
    );
  });

  it('with what can’t be read has a problem at that key and no change of it', () => {
    const entries = new Map<KeyName, string | null>([
      ['max_tokens', 'many'],
      ['footer', 'off'],
    ]);
    const { changes, problems } = merge(entries, new Map(), new Map());
    expect(changes).toEqual([{ key: 'footer', value: 'off' }]);
    expect([...problems.keys()]).toEqual(['max_tokens']);
  });

  it('reads only fields of its own naming', () => {
    const values = new Map([
      ['set.footer.3', 'off'],
      ['set.unknown.3', 'x'],
      ['footer', 'on'],
      ['set.toString.0', 'x'],
    ]);
    expect(entriesOf(values)).toEqual(new Map([['footer', 'off']]));
  });
});

describe('what was stored before', () => {
  it('is what is stored now with the changes undone', () => {
    fc.assert(
      fc.property(stored, stored, (before, now) => {
        const since = KEY_NAMES.filter((key) => before.get(key) !== now.get(key)).map(
          (key): Changed => ({
            key,
            from: before.get(key) ?? null,
            to: now.get(key) ?? null,
            by: 'U1',
            at: new Date(0),
          }),
        );
        expect(storedBefore(now, since)).toEqual(before);
      }),
    );
  });
});

describe('long instructions', () => {
  it('fit the fields of Slack and come together again as they were', () => {
    const line = fc.oneof(
      fc.string({ minLength: 1, maxLength: 900 }),
      fc.integer({ min: 1, max: 7000 }).map((length) => 'x'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 11 }), (lines) => {
        const text = lines.join('\n').slice(0, 10_000).trim() || 'x';
        const parts = splitParts(text);
        expect(parts.every((part) => part.length <= 3000)).toBe(true);
        const fields = new Map(
          parts.map((part, index) => [fieldName('instructions', 0, String(index)), part]),
        );
        expect(entriesOf(fields).get('instructions')).toBe(text);
        expect(fieldsFor(text)).toBeGreaterThanOrEqual(parts.length);
      }),
    );
  });
});

describe('what a modal carries', () => {
  it('comes back as it was written', () => {
    const id = fc.stringMatching(/^[A-Z0-9]{1,20}$/);
    const state = fc.record({
      scope: fc.constantFrom('person' as const, 'channel' as const, 'workspace' as const),
      channel: fc.option(id),
      person: fc.option(id),
      version: fc.nat(),
      generation: fc.nat(),
      fields: fc.integer({ min: 1, max: 4 }),
      warned: fc.string(),
    });
    fc.assert(
      fc.property(state, (one) => {
        const lost = one.scope === 'channel' && one.channel === null;
        expect(readState(writeState(one))).toEqual(lost ? null : one);
      }),
    );
  });

  it('may be anything without harm', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const read = readState(text);
        if (read !== null) expect(read.fields).toBeLessThanOrEqual(4);
      }),
    );
    for (const text of [
      '',
      'null',
      '[]',
      '["person","<@U1>",null,0,0,1,""]',
      '["person",null,null,-1,0,1,""]',
    ])
      expect(readState(text)).toBeNull();
  });

  it('names a channel wherever it shows one: there is no channel without an id', () => {
    for (const text of ['["channel",null,null,0,0,1,""]', '["channel","",null,0,0,1,""]'])
      expect(readState(text)).toBeNull();
  });
});
