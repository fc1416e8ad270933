import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig, VARIABLES } from '../../../src/config.ts';
import { SkeinError } from '../../../src/errors.ts';

const LEAST = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  ANTHROPIC_API_KEY: 'sk-ant-1',
} as const;

/** The problems that an environment has, as one text. */
function problemsOf(env: Record<string, string | undefined>): string {
  try {
    readConfig(env);
  } catch (thrown) {
    if (!(thrown instanceof SkeinError)) throw thrown;
    expect(thrown.code).toBe('CONFIG_INVALID');
    return thrown.message;
  }
  return '';
}

const KEY = Buffer.alloc(32, 1).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 2).toString('base64');

it('three variables are enough, and everything else has the default of its table row', () => {
  expect(readConfig(LEAST)).toEqual({
    slack: {
      botToken: 'xoxb-1',
      install: null,
      appToken: 'xapp-1',
      signingSecret: null,
      apiUrl: 'https://slack.com/api/',
    },
    anthropic: { apiKey: 'sk-ant-1', baseUrl: 'https://api.anthropic.com' },
    publicUrl: null,
    encryptionKeys: [],
    eraseGoneAfterDays: 30,
    proxy: null,
    toolHosts: { any: true, named: [] },
    database: { url: null, directUrl: null, ca: null, pool: 8, dataDir: './data' },
    http: { port: 3000, host: '0.0.0.0' },
    role: 'all',
    concurrency: 200,
    filesKept: 2_000_000_000,
    shutdownGraceMs: 25_000,
    logLevel: 'info',
    adminUsers: [],
    defaults: {
      model: 'claude-sonnet-4-6',
      maxTokens: 1024,
      contextTokens: 100_000,
      instructions: '',
      followUps: 'one_on_one',
      footer: true,
      filesOut: 'auto',
      streaming: 'auto',
      effort: 'auto',
      pingAfter: 60,
      budgetMonth: null,
      budgetDay: null,
      access: null,
      retention: null,
      web: false,
      webDomains: { rule: 'not', hosts: [] },
      webSearches: 5,
    },
  });
});

it('every variable changes what it names', () => {
  const config = readConfig({
    SLACK_BOT_TOKEN: 'xoxb-2',
    SLACK_APP_TOKEN: 'xapp-2',
    SLACK_SIGNING_SECRET: 'signing',
    SLACK_CLIENT_ID: '12.34',
    SLACK_CLIENT_SECRET: 'client',
    SLACK_STATE_SECRET: 'a-secret-of-the-state',
    TOKEN_ENCRYPTION_KEY: `${KEY},${OTHER_KEY}`,
    PUBLIC_URL: 'https://skein.example.com/',
    ERASE_GONE_AFTER_DAYS: '7',
    SLACK_API_URL: 'http://127.0.0.1:1/api',
    ANTHROPIC_API_KEY: 'key',
    ANTHROPIC_BASE_URL: 'https://example.org',
    HTTPS_PROXY: 'http://u:p@proxy:3128',
    NO_PROXY: 'a.example,b.example',
    TOOL_HOSTS: 'Tools.example.com, localhost:4000',
    DATABASE_URL: 'postgres://u:p@h/d',
    DATABASE_DIRECT_URL: 'postgres://u:p@direct/d',
    DATABASE_CA: '/etc/ca.pem',
    DATABASE_POOL: '20',
    DATA_DIR: '/data',
    PORT: '0',
    HOST: '127.0.0.1',
    ROLE: 'work',
    CONCURRENCY: '7',
    SHUTDOWN_GRACE_SECONDS: '3',
    LOG_LEVEL: 'debug',
    DEFAULT_MODEL: 'claude-opus-5-5',
    DEFAULT_MAX_TOKENS: '5',
    DEFAULT_CONTEXT_TOKENS: '6000',
    DEFAULT_INSTRUCTIONS: 'Be kind.',
    DEFAULT_FOLLOW_UPS: 'always',
    DEFAULT_FOOTER: 'off',
    DEFAULT_FILES_OUT: 'off',
    FILES_KEPT_MB: '5',
    DEFAULT_STREAMING: 'auto',
    ADMIN_USERS: 'U0ANA, W0BEN',
    DEFAULT_EFFORT: 'high',
    DEFAULT_PING_AFTER: '2 min',
    DEFAULT_BUDGET_MONTH: '$50',
    DEFAULT_BUDGET_DAY: '2.50',
    DEFAULT_ACCESS: 'everyone',
    DEFAULT_RETENTION: '1 year',
    DEFAULT_WEB: 'on',
    DEFAULT_WEB_DOMAINS: 'only Docs.Python.org, *.example.com',
    DEFAULT_WEB_SEARCHES: '3',
  });
  expect(config).toEqual({
    slack: {
      botToken: 'xoxb-2',
      install: {
        clientId: '12.34',
        clientSecret: 'client',
        stateSecret: 'a-secret-of-the-state',
        publicUrl: 'https://skein.example.com',
      },
      appToken: 'xapp-2',
      signingSecret: 'signing',
      apiUrl: 'http://127.0.0.1:1/api/',
    },
    anthropic: { apiKey: 'key', baseUrl: 'https://example.org' },
    publicUrl: 'https://skein.example.com',
    encryptionKeys: [KEY, OTHER_KEY],
    eraseGoneAfterDays: 7,
    proxy: { url: 'http://u:p@proxy:3128', except: 'a.example,b.example' },
    toolHosts: { any: false, named: ['tools.example.com', 'localhost:4000'] },
    database: {
      url: 'postgres://u:p@h/d',
      directUrl: 'postgres://u:p@direct/d',
      ca: '/etc/ca.pem',
      pool: 20,
      dataDir: '/data',
    },
    http: { port: 0, host: '127.0.0.1' },
    role: 'work',
    concurrency: 7,
    filesKept: 5_000_000,
    shutdownGraceMs: 3000,
    logLevel: 'debug',
    adminUsers: ['U0ANA', 'W0BEN'],
    defaults: {
      model: 'claude-opus-5-5',
      maxTokens: 5,
      contextTokens: 6000,
      instructions: 'Be kind.',
      followUps: 'always',
      footer: false,
      filesOut: 'off',
      streaming: 'auto',
      effort: 'high',
      pingAfter: 120,
      budgetMonth: 50_000_000_000n,
      budgetDay: 2_500_000_000n,
      access: 'everyone',
      retention: 365,
      web: true,
      webDomains: { rule: 'only', hosts: ['docs.python.org', 'example.com'] },
      webSearches: 3,
    },
  });
});

it('all problems are told at once, each by the name of its variable', () => {
  const problems = problemsOf({
    SLACK_BOT_TOKEN: 'xapp-wrong-kind',
    SLACK_APP_TOKEN: 'xoxb-wrong-kind',
    SLACK_API_URL: 'nowhere',
    ANTHROPIC_BASE_URL: 'http://example.org',
    DATABASE_URL: 'mysql://h/d',
    PORT: '65536',
    ROLE: 'boss',
    CONCURRENCY: '0',
    SHUTDOWN_GRACE_SECONDS: '1.5',
    LOG_LEVEL: 'loud',
    DEFAULT_MODEL: 'two words',
    DEFAULT_MAX_TOKENS: '1e3',
    DEFAULT_CONTEXT_TOKENS: '4999',
    DEFAULT_INSTRUCTIONS: 'x'.repeat(10_001),
    DEFAULT_FOLLOW_UPS: 'never',
    DEFAULT_FOOTER: 'yes',
    DEFAULT_FILES_OUT: 'on',
    DEFAULT_STREAMING: 'live',
  });
  for (const name of [
    'SLACK_BOT_TOKEN',
    'SLACK_APP_TOKEN',
    'SLACK_API_URL',
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_BASE_URL',
    'DATABASE_URL',
    'PORT',
    'ROLE',
    'CONCURRENCY',
    'SHUTDOWN_GRACE_SECONDS',
    'LOG_LEVEL',
    'DEFAULT_MODEL',
    'DEFAULT_MAX_TOKENS',
    'DEFAULT_CONTEXT_TOKENS',
    'DEFAULT_INSTRUCTIONS',
    'DEFAULT_FOLLOW_UPS',
    'DEFAULT_FOOTER',
    'DEFAULT_FILES_OUT',
    'DEFAULT_STREAMING',
  ])
    expect(problems).toContain(`- ${name} `);
  expect(problems).toContain('19 problem(s)');
});

describe('what is needed depends on the role and the way in', () => {
  it.each([
    ['nothing is set', {}, ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'ANTHROPIC_API_KEY']],
    [
      'events come by HTTP without a signing secret',
      { ...LEAST, SLACK_APP_TOKEN: '' },
      ['SLACK_SIGNING_SECRET'],
    ],
    ['it only receives', { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', ROLE: 'receive' }, []],
    ['it only works', { SLACK_BOT_TOKEN: 'xoxb-1', ANTHROPIC_API_KEY: 'k', ROLE: 'work' }, []],
    ['it only works, without a key', { SLACK_BOT_TOKEN: 'xoxb-1', ROLE: 'work' }, ['ANTHROPIC_API_KEY']],
    // Telling that it is malformed and that it is missing would be one problem told twice.
    ['the app token is malformed', { ...LEAST, SLACK_APP_TOKEN: 'nonsense' }, ['SLACK_APP_TOKEN']],
  ])('%s', (_case, env, missing) => {
    const told = problemsOf(env)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(' ')[1]);
    expect(told).toEqual(missing);
  });
});

it.each([
  ['SLACK_BOT_TOKEN', '"xoxb-1"', /has quotes around it/],
  ['SLACK_APP_TOKEN', "'xapp-1'", /has quotes around it/],
  ['SLACK_SIGNING_SECRET', '"abc"', /has quotes around it/],
  ['ANTHROPIC_API_KEY', '"sk-ant-x"', /has quotes around it/],
  ['ANTHROPIC_API_KEY', 'sk-ant-x\nDDDD', /has a blank, a line break/],
  ['SLACK_SIGNING_SECRET', 'abc def', /has a blank, a line break/],
  ['SLACK_BOT_TOKEN', 'xoxb-1\u200b', /has a blank, a line break or the like/],
  ['SLACK_BOT_TOKEN', 'xoxe.xoxb-1-abc', /is a rotating token .* manifest\.yml/],
  ['SLACK_BOT_TOKEN', 'xoxe-1-abc', /is a rotating token/],
])('%s given as %j is told with what to do, and without the value', (name, value, told) => {
  const problems = problemsOf({ ...LEAST, [name]: value });
  expect(problems).toMatch(new RegExp(`${name} ${told.source}`));
  expect(problems).not.toMatch(/DDDD|def|-abc/);
});

it('blank counts as unset, and values are trimmed', () => {
  const config = readConfig({
    ...LEAST,
    SLACK_BOT_TOKEN: '  xoxb-1\n',
    DATABASE_URL: '   ',
    PORT: '',
    ROLE: undefined,
  });
  expect(config).toEqual(readConfig(LEAST));
});

it('nobody can change the configuration afterwards', () => {
  const config = readConfig(LEAST);
  for (const part of [config, config.slack, config.defaults, config.http])
    expect(Object.isFrozen(part)).toBe(true);
});

it.each([
  ['http://127.0.0.1:8080/api/', true],
  ['http://localhost/api/', true],
  ['http://[::1]:1/', true],
  ['http://127.0.0.1.example.org/', false],
  ['http://localhost.example.org/', false],
  ['http://10.0.0.1/', false],
  ['http://example.org/', false],
  ['ftp://127.0.0.1/', false],
  ['https://example.org/api', true],
  ['https://user:pass@example.org/', false],
])('tokens may travel to %s: %s', (url, allowed) => {
  expect(problemsOf({ ...LEAST, SLACK_API_URL: url }) === '').toBe(allowed);
  expect(problemsOf({ ...LEAST, ANTHROPIC_BASE_URL: url }) === '').toBe(allowed);
});

it('no secret is repeated in a problem', () => {
  const problems = problemsOf({
    SLACK_BOT_TOKEN: 'tok-SECRET1',
    SLACK_APP_TOKEN: 'tok-SECRET2',
    ANTHROPIC_API_KEY: 'SECRET3',
    DATABASE_URL: 'mysql://u:SECRET4@h/d',
    ANTHROPIC_BASE_URL: 'https://u:SECRET5@h/',
    PORT: 'x',
  });
  expect(problems).not.toContain('SECRET');
});

it('whatever the environment holds, the answer is a configuration or CONFIG_INVALID', () => {
  const value = fc.option(
    fc.oneof(fc.string(), fc.constantFrom('', ' ', 'xoxb-1', 'xapp-1', 'on', '0', '1', 'http://[::1', 'all')),
    { nil: undefined },
  );
  const env = fc.record(Object.fromEntries(VARIABLES.map(({ name }) => [name, value])));
  fc.assert(
    fc.property(env, (variables) => {
      try {
        expect(Object.isFrozen(readConfig(variables))).toBe(true);
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'CONFIG_INVALID' });
      }
    }),
    { numRuns: 300 },
  );
});

describe('many workspaces', () => {
  const MANY = {
    SLACK_SIGNING_SECRET: 'signing',
    SLACK_CLIENT_ID: '12.34',
    SLACK_CLIENT_SECRET: 'client',
    SLACK_STATE_SECRET: 'a-secret-of-the-state',
    TOKEN_ENCRYPTION_KEY: KEY,
    PUBLIC_URL: 'https://skein.example.com',
    ANTHROPIC_API_KEY: 'sk-ant-1',
  };

  it('need no bot token', () => {
    expect(readConfig(MANY).slack).toMatchObject({ botToken: null, install: { clientId: '12.34' } });
  });

  it.each([
    'SLACK_CLIENT_ID',
    'SLACK_CLIENT_SECRET',
    'SLACK_STATE_SECRET',
    'TOKEN_ENCRYPTION_KEY',
    'PUBLIC_URL',
  ])('are told what is missing by name: %s', (name) => {
    const problems = problemsOf({ ...MANY, [name]: '' });
    expect(problems).toContain(`- ${name} is missing`);
    expect(problems).toContain('1 problem(s)');
  });

  it('need neither an address nor a state where nobody installs', () => {
    const { install } = readConfig({ ...MANY, ROLE: 'work', SLACK_STATE_SECRET: '', PUBLIC_URL: '' }).slack;
    expect(install).toEqual({
      clientId: '12.34',
      clientSecret: 'client',
      stateSecret: null,
      publicUrl: null,
    });
  });

  it.each([
    ['SLACK_CLIENT_ID', 'A0SKEIN', 'Client ID'],
    ['SLACK_STATE_SECRET', 'short', '16 characters'],
    ['TOKEN_ENCRYPTION_KEY', 'c2hvcnQ=', '32 bytes in base64'],
    ['TOKEN_ENCRYPTION_KEY', `${KEY},x`, 'number 2 is not'],
    ['TOKEN_ENCRYPTION_KEY', `${KEY},${KEY}`, 'one key twice'],
    ['PUBLIC_URL', 'http://skein.example.com', 'must be https'],
    ['PUBLIC_URL', 'https://skein.example.com/bot', 'without a path'],
    ['ANTHROPIC_API_KEY', 'sk-ant-admin01-x', 'Admin API'],
    ['ANTHROPIC_API_KEY', 'xoxb-1', 'token of Slack'],
    ['SLACK_CLIENT_SECRET', '"quoted"', 'has quotes around it'],
    ['PORT', "'3000'", 'has quotes around it'],
  ])('are told what is wrong with %s=%s', (name, value, words) => {
    const problems = problemsOf({ ...MANY, [name]: value });
    expect(problems).toContain(`- ${name} `);
    expect(problems).toContain(words);
  });

  it('a token in the place of another is told what it is', () => {
    expect(problemsOf({ ...LEAST, SLACK_BOT_TOKEN: 'xapp-1' })).toContain('this is an app-level token');
    expect(problemsOf({ ...LEAST, SLACK_BOT_TOKEN: 'xoxe.xoxb-1-x' })).toContain('is a rotating token');
  });
});

it('a proxy may be named in small letters, and one that can not be used is named without its password', () => {
  const small = { ...LEAST, https_proxy: 'http://proxy.example:3128', no_proxy: 'x.example' };
  expect(readConfig(small).proxy).toEqual({ url: 'http://proxy.example:3128', except: 'x.example' });
  expect(readConfig({ ...LEAST, HTTPS_PROXY: ' ' }).proxy).toBeNull();
  for (const [given, problem] of [
    ['proxy.example:3128', 'HTTPS_PROXY must'],
    ['socks5://u:hidden@proxy:1', 'HTTPS_PROXY must begin with http:// or https://'],
    ['http://', 'HTTPS_PROXY must be a URL'],
  ] as const) {
    expect(problemsOf({ ...LEAST, HTTPS_PROXY: given })).toContain(problem);
    expect(problemsOf({ ...LEAST, HTTPS_PROXY: given })).not.toContain('hidden');
  }
});
