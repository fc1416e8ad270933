import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkView } from '../../../playground/slack/blockLimits.ts';
import { formatUsd } from '../../../src/ledger/cost.ts';
import { KEY_NAMES, KEYS, type Scope } from '../../../src/settings/keys.ts';
import type { ModelChoice } from '../../../src/settings/models.ts';
import { resolve, type Setting } from '../../../src/settings/resolve.ts';
import { escapeMrkdwn } from '../../../src/views/blocks.ts';
import { chartLines, weeksOf } from '../../../src/views/chart.ts';
import { homeView } from '../../../src/views/home-view.ts';
import { modelOptions } from '../../../src/views/settings/fields.ts';
import { settingsModal } from '../../../src/views/settings/form.ts';
import { defaults } from '../settings/make.ts';

const hostile = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.constantFrom('<!channel>', '<@U1|x>', '```', '*', '>|<', '👩‍👩‍👧'.repeat(80), '\u0000'),
);
const model: fc.Arbitrary<ModelChoice> = fc.record({
  id: fc.stringMatching(/^[a-z0-9-]{1,70}$/),
  name: hostile.map((text) => text || 'A model'),
  outputCap: fc.option(fc.nat()),
  contextTokens: fc.option(fc.nat()),
  deprecated: fc.boolean(),
  efforts: fc.constantFrom([], ['low', 'high'], ['low', 'medium', 'high', 'xhigh', 'max']),
  retires: fc.option(fc.constant('2026-11-30')),
  price: fc.option(fc.record({ input: fc.nat(99), output: fc.constant(0.5) })),
});
const at = new Date('2026-11-03T10:00:00Z');
const setting = (scope: Scope) =>
  fc
    .record({ instructions: fc.string({ maxLength: 10_000 }), model: fc.stringMatching(/^[a-z0-9-]{1,99}$/) })
    .map(({ instructions, model }): Setting[] => [
      { scope, key: 'instructions', value: instructions.trim() || 'none', by: 'U1', at },
      { scope, key: 'model', value: model || 'm', by: 'U2', at },
      { scope, key: 'max_tokens', value: '2000', by: 'U1', at },
      { scope, key: 'budget_day', value: '$12.50', by: 'U1', at },
    ]);
const scopes = fc.constantFrom('person' as const, 'channel' as const, 'workspace' as const);

describe('the settings modal', () => {
  it('is one that Slack takes, whatever is set, whoever set it and whatever models there are', () => {
    const form = scopes.chain((scope) =>
      fc.record({
        scope: fc.constant(scope),
        own: fc.oneof(fc.constant([]), setting(scope)),
        wider: setting('workspace'),
        models: fc.array(model, { maxLength: 5 }),
        name: hostile,
        notice: fc.option(hostile),
        locked: fc.option(fc.constant('Only admins may do that.')),
        hidden: fc.boolean(),
        fields: fc.integer({ min: 1, max: 4 }),
      }),
    );
    fc.assert(
      fc.property(form, ({ scope, own, wider, models, name, notice, locked, hidden, fields }) => {
        const view = settingsModal({
          state: { scope, channel: 'C1', person: null, version: 1, generation: 2, fields, warned: '' },
          own,
          wider: resolve(defaults, scope === 'workspace' ? [] : wider, { direct: scope === 'person' }),
          models,
          model: models[0]?.id ?? 'claude-sonnet-4-6',
          names: new Map([['U1', name]]),
          keys: KEY_NAMES.filter((key) => KEYS[key].scopes.includes(scope)),
          hidden: hidden && locked !== null,
          locked,
          notice: notice === '' ? null : notice,
        });
        expect(() => checkView(JSON.parse(JSON.stringify(view)))).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });

  it('has a field for every setting of its scope, and the same label as everywhere', () => {
    const view = settingsModal({
      state: {
        scope: 'workspace',
        channel: null,
        person: null,
        version: 0,
        generation: 0,
        fields: 1,
        warned: '',
      },
      own: [],
      wider: resolve(defaults, [], { direct: false }),
      models: [],
      model: 'claude-sonnet-4-6',
      names: new Map(),
      keys: KEY_NAMES.filter((key) => KEYS[key].scopes.includes('workspace')),
      hidden: false,
      locked: null,
      notice: null,
    });
    const labels = view.blocks.flatMap((block) => (block.type === 'input' ? [block.label.text] : []));
    const wanted = Object.values(KEYS).filter(({ scopes }) => scopes.includes('workspace'));
    expect(labels).toEqual(wanted.map(({ label }) => label));
  });

  it('never offers more models than Slack takes', () => {
    const wider = resolve(defaults, [], { direct: false });
    const many = Array.from(
      { length: 300 },
      (_, index): ModelChoice => ({
        id: `m-${index}`,
        name: `Model ${index}`,
        outputCap: null,
        contextTokens: null,
        deprecated: false,
        efforts: [],
        retires: null,
        price: null,
      }),
    );
    expect(modelOptions(many, '', { wider, set: true })).toHaveLength(100);
    expect(modelOptions(many, 'model 29', { wider, set: false }).map(({ value }) => value)).toContain(
      'm-299',
    );
  });
});

describe('the Home tab', () => {
  it('is one that Slack takes, and says nothing of the workspace to those who may not see it', () => {
    const conversation = fc.record({
      link: fc.option(fc.constant('https://northwind.slack.com/archives/C1/p1700000000000100')),
      question: fc.option(hostile),
      channel: fc.constant('C1'),
      direct: fc.boolean(),
      at: fc.constant(at),
    });
    const facts = fc.record({
      set: setting('person'),
      belongs: fc.boolean(),
      admin: fc.boolean(),
      conversations: fc.array(conversation, { maxLength: 5 }),
      costs: fc.array(fc.bigInt({ min: 0n, max: 10n ** 15n }), { maxLength: 30 }),
    });
    fc.assert(
      fc.property(facts, ({ set, belongs, admin, conversations, costs }) => {
        const settings = resolve(defaults, set, { direct: true });
        const days = costs.map((cost, index) => ({
          day: `2026-11-${String(index + 1).padStart(2, '0')}`,
          cost,
          answers: index,
        }));
        const view = homeView({
          bot: 'UBOT',
          settings,
          belongs,
          models: [],
          names: new Map(),
          today: '2026-11-30',
          weeks: weeksOf(days, '2026-11-30'),
          unpriced: 0,
          read: { prompt: 100, cached: 40 },
          by: [{ kind: 'model', parts: [{ name: 'x'.repeat(500), cost: 1n }] }],
          conversations,
          workspace: admin
            ? { settings, today: 1n, month: 2n, by: [{ kind: 'person', parts: [{ name: 'U1', cost: 1n }] }] }
            : null,
          steps: [{ text: 'Ask', done: true }],
          notice: null,
          money: formatUsd,
        });
        expect(() => checkView(JSON.parse(JSON.stringify(view)))).not.toThrow();
        const text = JSON.stringify(view);
        expect(text.includes('Only admins see this.')).toBe(admin);
        expect(text).not.toContain('<!channel>');
        expect(text).not.toContain('<@U1|x>');
        expect(text.includes('(usual)')).toBe(belongs || admin);
      }),
      { numRuns: 60 },
    );
  });
});

describe('text of people in a view', () => {
  it('is never a ping, a link or a command of Slack', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(escapeMrkdwn(text)).not.toMatch(/[<>|`*_~]/);
      }),
    );
  });
});

describe('the chart', () => {
  it('adds up to what was spent this month, and shows a bar for whatever cost anything', () => {
    const spent = [
      { day: '2026-10-31', cost: 99n, answers: 9 },
      { day: '2026-11-01', cost: 1n, answers: 1 },
      { day: '2026-11-09', cost: 1_000_000_000n, answers: 4 },
      { day: '2026-11-14', cost: 500_000_000n, answers: 1 },
    ];
    const weeks = weeksOf(spent, '2026-11-22');
    expect(weeks.map(({ days, answers }) => [days, answers])).toEqual([
      ['1–7', 1],
      ['8–14', 5],
      ['15–21', 0],
      ['22–28', 0],
    ]);
    expect(weeks.reduce((sum, { cost }) => sum + cost, 0n)).toBe(1_500_000_001n);
    expect(chartLines(weeks, formatUsd)).toEqual([
      '1–7    $0.000001 · 1 answer  █',
      '8–14   $1.50 · 5 answers     ████████████',
      '15–21  $0 · 0 answers',
      '22–28  $0 · 0 answers',
    ]);
  });

  it.each([
    ['2026-02-28', ['1–7', '8–14', '15–21', '22–28']],
    ['2026-11-30', ['1–7', '8–14', '15–21', '22–28', '29–30']],
    ['2026-11-01', ['1–7']],
    ['2028-02-29', ['1–7', '8–14', '15–21', '22–28', '29']],
  ])('has the rows of the month up to %s', (today, days) => {
    expect(weeksOf([], today).map((row) => row.days)).toEqual(days);
  });
});
