import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, parseCommand, parseMention } from '../../../src/commands/grammar.ts';
import { VERBS } from '../../../src/commands/verbs.ts';
import { nearest, wordsOf } from '../../../src/commands/words.ts';
import { KEY_NAMES } from '../../../src/settings/keys.ts';
import { quickest, timed } from '../../support/quickest.ts';

const here = { kind: 'here' };
const me = { kind: 'me' };
const channel = { kind: 'channel' };
const workspace = { kind: 'workspace' };

test.each<[string, Partial<Command>]>([
  ['', { verb: 'help', about: null }],
  ['help', { verb: 'help', about: null }],
  ['HELP Budget', { verb: 'help', about: 'budget' }],
  ['help effort', { verb: 'help', about: 'effort' }],
  ['settings', { verb: 'settings', whose: here } as Command],
  ['settings workspace', { verb: 'settings', whose: workspace } as Command],
  ['show me', { verb: 'show', whose: me } as Command],
  ['show <#C0GENERAL|general>', { verb: 'show', whose: { kind: 'channel_id', id: 'C0GENERAL' } } as Command],
  [
    'set model claude-opus-5-5',
    { verb: 'set', key: 'model', value: 'claude-opus-5-5', whose: here } as Command,
  ],
  ['set model=claude-opus-5-5 channel', { verb: 'set', key: 'model', whose: channel } as Command],
  [
    'set max-tokens 2,048 workspace',
    { verb: 'set', key: 'max_tokens', value: '2048', whose: workspace } as Command,
  ],
  ['set ping_after 2 min me', { verb: 'set', key: 'ping_after', value: '120 s', whose: me } as Command],
  [
    'set instructions “Answer in French.” me',
    { verb: 'set', value: 'Answer in French.', whose: me } as Command,
  ],
  ["set instructions 'It's fine' channel", { verb: 'set', value: "It's fine", whose: channel } as Command],
  [
    'set instructions tell me about the channel',
    { verb: 'set', value: 'tell me about the channel', whose: here } as Command,
  ],
  ['set instructions none me', { verb: 'set', value: 'none', whose: me } as Command],
  ['set instructions "a\nb"', { verb: 'set', value: 'a\nb' } as Command],
  ['set budget_month 5 USD workspace', { verb: 'set', key: 'budget_month', value: '$5.00' } as Command],
  [
    'set footer off <@U0BEN|ben>',
    { verb: 'set', value: 'off', whose: { kind: 'person_id', id: 'U0BEN' } } as Command,
  ],
  ['reset model', { verb: 'reset', key: 'model', whose: here } as Command],
  ['reset access workspace', { verb: 'reset', key: 'access', whose: workspace } as Command],
  ['models', { verb: 'models' }],
  ['usage', { verb: 'usage', whose: here, period: 'month', as: 'charts' } as Command],
  [
    'usage csv workspace',
    { verb: 'usage', whose: { kind: 'workspace' }, period: 'month', as: 'csv' } as Command,
  ],
  ['usage week channel', { verb: 'usage', whose: channel, period: 'week', as: 'charts' } as Command],
  ['usage today CSV', { verb: 'usage', period: 'today', as: 'csv' } as Command],
  [
    'set tools Wiki, tickets channel',
    { verb: 'set', key: 'tools', value: 'tickets, wiki', whose: channel } as Command,
  ],
  ['tools', { verb: 'tools', what: 'list' } as Command],
  ['tools connect', { verb: 'tools', what: 'connect', name: null, url: null, account: null } as Command],
  [
    'tools connect Desk <https://mcp.example.com/mcp?a=1&amp;b=2|mcp.example.com> person',
    {
      verb: 'tools',
      what: 'connect',
      name: 'desk',
      url: 'https://mcp.example.com/mcp?a=1&b=2',
      account: 'person',
    } as Command,
  ],
  ['tools link desk', { verb: 'tools', what: 'link', name: 'desk' } as Command],
  ['budget', { verb: 'budget' }],
  [
    'budget $50 month workspace',
    { verb: 'set', key: 'budget_month', value: '$50.00', whose: workspace } as Command,
  ],
  ['budget set 2.50 day', { verb: 'set', key: 'budget_day', value: '$2.50', whose: here } as Command],
  ['budget none me', { verb: 'set', key: 'budget_month', value: 'none', whose: me } as Command],
  ['context', { verb: 'context' }],
  ['export', { verb: 'export' }],
  ['forget', { verb: 'forget', what: 'here' }],
  ['forget everything', { verb: 'forget', what: 'everything' }],
  ['ask  why is "the sky" blue? --public', { verb: 'ask', question: 'why is "the sky" blue? --public' }],
])('`/skein %s` is understood', (text, command) => {
  expect(parseCommand(text).command).toMatchObject(command);
});

test.each([
  ['setings', 'settings'],
  ['usgae week', 'usage week'],
  ['modles', 'models'],
  ['set modl x', 'set model'],
  ['reset footr', 'reset footer'],
  ['usage chanel', 'usage channel'],
  ['usage cvs', 'usage csv'],
  ['show wrkspace', 'show workspace'],
  ['help budgt', 'help budget'],
  ['set model', 'help model'],
  ['set footer maybe', 'help footer'],
  ['set access everyone me', 'help access'],
  ['budget month', 'help budget'],
  ['export --public', 'export'],
  ['constructor', null],
  ['show toString', 'show'],
])('`/skein %s` gets what was probably meant', (text, instead) => {
  const { command } = parseCommand(text);
  expect(command).toMatchObject({ verb: 'unknown', instead });
  if (command.verb === 'unknown') expect(command.problem).toMatch(/^\S.*\.$/);
});

test('an answer is for everybody only where that makes sense and is said', () => {
  expect(parseCommand('usage week --public')).toMatchObject({ public: true, command: { period: 'week' } });
  expect(parseCommand('models —public').public).toBe(true);
  expect(parseCommand('usage').public).toBe(false);
  expect(parseCommand('ask hello --public').public).toBe(false);
  expect(parseCommand('set instructions Be public. --public')).toMatchObject({
    public: true,
    command: { value: 'Be public.' },
  });
});

describe('a mention', () => {
  test.each([
    '<@U0SKEIN> settings',
    ' <@U0SKEIN|skein>: usage week',
    '<@U0SKEIN> forget everything',
    '<@U0SKEIN> usage workspace month csv',
    '<@U0SKEIN> help',
    '<@U0SKEIN>, context',
  ])('%s is a command', (text) => {
    expect(parseMention(text, 'U0SKEIN')).not.toBeNull();
  });
  test.each([
    '<@U0SKEIN> help me with this',
    '<@U0SKEIN> help budget',
    '<@U0SKEIN> show',
    '<@U0SKEIN> show me',
    '<@U0SKEIN> show me the money',
    '<@U0SKEIN> usage of commas',
    '<@U0SKEIN> usage me today csv please',
    '<@U0SKEIN> set model claude-opus-5-5',
    '<@U0SKEIN> context matters',
    '<@U0SKEIN>',
    'settings',
    'please <@U0SKEIN> settings',
    '<@U0SKEIN> ask why',
    '<@U0ANA> usage <@U0SKEIN>',
    '<@U0ANA>, <@U0SKEIN> settings',
  ])('%s is a question', (text) => {
    expect(parseMention(text, 'U0SKEIN')).toBeNull();
  });
});

const piece = fc.oneof(
  fc.constantFrom(...VERBS.map(({ name }) => name), ...KEY_NAMES),
  fc.constantFrom(
    'me',
    'channel',
    'workspace',
    'week',
    '$5',
    '2 min',
    '--public',
    '"',
    '“',
    "'",
    '<@U1|a>',
    '<#C1|',
    '=',
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const typed = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(' '));

describe('whatever is typed', () => {
  test('is a command or a problem in words, and a suggestion is one that is understood', () => {
    fc.assert(
      fc.property(fc.oneof(typed, fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
        const { command } = parseCommand(text);
        expect([...VERBS.map(({ name }) => name), 'unknown']).toContain(command.verb);
        if (command.verb !== 'unknown') return;
        expect(command.problem).not.toContain('undefined');
        expect(VERBS.map(({ name }) => name)).toContain(command.instead?.split(' ')[0] ?? 'help');
      }),
      { numRuns: 1000 },
    );
  });

  test('by mention never throws and never changes anything but by asking back', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const command = parseMention(`<@U0SKEIN> ${text}`, 'U0SKEIN');
        expect(['help', 'settings', 'usage', 'context', 'forget', 'tools', undefined]).toContain(
          command?.verb,
        );
      }),
    );
  });

  test('its words are in it, in order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        let from = 0;
        for (const { text: word, at } of wordsOf(text)) {
          expect(at).toBeGreaterThanOrEqual(from);
          expect(text.indexOf(word, at)).toBeGreaterThanOrEqual(at);
          from = at + word.length;
        }
      }),
    );
  });

  test('an exact name is the nearest to itself', () => {
    const names = VERBS.map(({ name }) => name);
    for (const name of names) expect(nearest(name, names)).toBe(name);
  });
});

describe('a list of bots', () => {
  test.each([
    ['set bots <@U0DEPLOYS|deploys> channel', 'U0DEPLOYS', channel],
    ['set bots <@U0DEPLOYS> <@U0ALERTS|alerts>', 'U0DEPLOYS, U0ALERTS', here],
    ['set bots u0deploys,A0ALERTS U0DEPLOYS workspace', 'U0DEPLOYS, A0ALERTS', workspace],
    ['set bots <@U0DEPLOYS> <#C0LAB|lab>', 'U0DEPLOYS', { kind: 'channel_id', id: 'C0LAB' }],
    ['set bots none', 'none', here],
  ])('`/skein %s` takes mentions as values and not as a scope', (text, value, whose) => {
    expect(parseCommand(text).command).toEqual({ verb: 'set', key: 'bots', value, whose });
  });

  test.each([
    'set bots deploys',
    'set bots @deploys',
    'set bots <#C0LAB>',
    'set bots U0A none',
    'set bots U0A me',
  ])('`/skein %s` is told what it takes', (text) => {
    expect(parseCommand(text).command).toMatchObject({ verb: 'unknown', instead: 'help bots' });
  });
});

test.each([
  ['blanks before nothing', `<@U0SKEIN> usage${' '.repeat(40_000)}x`],
  ['blanks and commas', `<@U0SKEIN>${' ,'.repeat(20_000)}`],
  ['blanks at the end', `<@U0SKEIN> settings${' '.repeat(40_000)}`],
  ['quotes without a partner', `<@U0SKEIN> ${'"a '.repeat(13_000)}`],
])('a message of many %s is read in time that grows with its length only', async (_what, text) => {
  const read = () => {
    parseMention(text, 'U0SKEIN');
    parseCommand(`set instructions ${text}`);
  };
  expect(await quickest(100, () => timed(read))).toBeLessThan(100);
});
