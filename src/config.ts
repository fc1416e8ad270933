import { defaultsOf } from './config-defaults.ts';
import { INSTALL_VARIABLES, type InstallConfig, needInstall } from './config-install.ts';
import {
  clientId,
  DEFAULT_VARIABLES,
  databaseUrl,
  encryptionKeys,
  modelKey,
  oneOf,
  type Parsed,
  proxyUrl,
  publicUrl,
  QUOTED,
  secret,
  stateSecret,
  text,
  toolHosts,
  userIds,
  type Variable,
  webUrl,
  whole,
} from './config-values.ts';
import type { DatabasePlace } from './database-url.ts';
import type { Defaults } from './defaults.ts';
import { SkeinError } from './errors.ts';
import type { LogLevel } from './log.ts';
import type { ProxyPlace } from './proxy.ts';
import type { ToolHosts } from './tool-hosts.ts';

type Role = 'all' | 'receive' | 'work';

export interface Config {
  readonly slack: {
    /** The one workspace by environment; beside `install`, the first of many. One of the two is there. */
    readonly botToken: string | null;
    readonly install: InstallConfig | null;
    /** Set: events come over Socket Mode; else over HTTP, proven by `signingSecret`. */
    readonly appToken: string | null;
    readonly signingSecret: string | null;
    readonly apiUrl: string;
  };
  /** The origin at which this server is reached from outside; null: nobody said. */
  readonly publicUrl: string | null;
  readonly anthropic: { readonly apiKey: string; readonly baseUrl: string };
  /** Keys of what is stored encrypted, base64 of 32 bytes each; the first one encrypts. Empty: nothing secret is stored. */
  readonly encryptionKeys: readonly string[];
  /** Days after which what is stored of a workspace that took the app out is erased. */
  readonly eraseGoneAfterDays: number;
  /** Null: calls leave directly. */
  readonly proxy: ProxyPlace | null;
  /** Where servers of tools, and those that authorise accounts there, may be. */
  readonly toolHosts: ToolHosts;
  readonly database: DatabasePlace;
  readonly http: { readonly port: number; readonly host: string };
  readonly role: Role;
  /** Replies that this process writes at the same time. */
  readonly concurrency: number;
  /** Bytes of each workspace's files. */
  readonly filesKept: number;
  readonly shutdownGraceMs: number;
  readonly logLevel: LogLevel;
  /** People who may do what a workspace's admins may, in every workspace: Slack user ids. */
  readonly adminUsers: readonly string[];
  readonly defaults: Defaults;
}

export const VARIABLES = [
  {
    name: 'SLACK_BOT_TOKEN',
    default: null,
    help: 'Bot token of the app, for one workspace (for many: `SLACK_CLIENT_ID`)',
    parse: secret('xoxb-', 'a bot token'),
  },
  {
    name: 'SLACK_APP_TOKEN',
    default: null,
    help: 'App-level token; set: Socket Mode',
    parse: secret('xapp-', 'an app-level token'),
  },
  {
    name: 'SLACK_SIGNING_SECRET',
    default: null,
    help: 'Signing secret; needed for HTTP (no `SLACK_APP_TOKEN`)',
    parse: secret(),
  },
  {
    name: 'SLACK_CLIENT_ID',
    default: null,
    help: 'Client ID of the app; set: workspaces install it at `/slack/install`',
    parse: clientId,
  },
  { name: 'SLACK_CLIENT_SECRET', default: null, help: 'Client secret of the app', parse: secret() },
  {
    name: 'SLACK_STATE_SECRET',
    default: null,
    help: 'Signs what an installation carries through the browser; needed with `SLACK_CLIENT_ID`',
    parse: stateSecret,
  },
  {
    name: 'TOKEN_ENCRYPTION_KEY',
    default: null,
    help: 'Encrypts stored tokens: 32 bytes in base64, several separated by commas while one is replaced (the first encrypts); needed with `SLACK_CLIENT_ID`, and for connected servers with accounts',
    parse: encryptionKeys,
  },
  {
    name: 'PUBLIC_URL',
    default: null,
    help: 'Where people reach this server, such as `https://skein.example.com`; needed with `SLACK_CLIENT_ID`, and where people link accounts of their own',
    parse: publicUrl,
  },
  {
    name: 'ERASE_GONE_AFTER_DAYS',
    default: '30',
    help: 'Days after which what is stored of a workspace that took the app out is erased',
    parse: whole(0, 3650),
  },
  {
    name: 'SLACK_API_URL',
    default: 'https://slack.com/api/',
    help: "Where Slack's Web API is",
    parse: webUrl,
  },
  { name: 'ANTHROPIC_API_KEY', default: null, help: 'Key of the Claude API', parse: modelKey },
  {
    name: 'ANTHROPIC_BASE_URL',
    default: 'https://api.anthropic.com',
    help: 'Where the Claude API is',
    parse: webUrl,
  },
  {
    name: 'HTTPS_PROXY',
    default: null,
    help: 'Proxy for all calls to Slack, to Claude and to connected servers: `http://host:port`',
    parse: proxyUrl,
  },
  {
    name: 'NO_PROXY',
    default: '',
    help: 'Hosts that are called without it, separated by commas',
    parse: text,
  },
  {
    name: 'TOOL_HOSTS',
    default: '*',
    help: 'Where workspaces may connect servers of tools: `*` is every host with a public address, a named host may have any; `off`: nowhere',
    parse: toolHosts,
  },
  {
    name: 'DATABASE_URL',
    default: null,
    help: 'Postgres 15 or newer; unset: the embedded server',
    parse: databaseUrl,
  },
  {
    name: 'DATABASE_DIRECT_URL',
    default: null,
    help: 'The server itself, where `DATABASE_URL` is a pooler in transaction mode',
    parse: databaseUrl,
  },
  {
    name: 'DATABASE_CA',
    default: null,
    help: 'Authority of its certificate: a file or PEM text',
    parse: text,
  },
  {
    name: 'DATABASE_POOL',
    default: '8',
    help: 'Most connections of one process, and one more',
    parse: whole(2, 500),
  },
  { name: 'DATA_DIR', default: './data', help: 'Where the embedded server keeps its data', parse: text },
  {
    name: 'PORT',
    default: '3000',
    help: 'Events (HTTP), `/healthz` and `/readyz`; 0 picks a free one',
    parse: whole(0, 65_535),
  },
  { name: 'HOST', default: '0.0.0.0', help: 'Address to listen on', parse: text },
  {
    name: 'ROLE',
    default: 'all',
    help: '`receive` takes events, `work` writes replies, `all` does both',
    parse: oneOf('all', 'receive', 'work'),
  },
  {
    name: 'CONCURRENCY',
    default: '200',
    help: 'Replies written at the same time by one process',
    parse: whole(1, 2000),
  },
  {
    name: 'FILES_KEPT_MB',
    default: '2000',
    help: 'Megabytes of files that are kept of each workspace; the oldest go first',
    parse: whole(0, 1_000_000),
  },
  {
    name: 'SHUTDOWN_GRACE_SECONDS',
    default: '25',
    help: 'How long replies may take to finish after SIGTERM',
    parse: whole(0, 3600),
  },
  {
    name: 'LOG_LEVEL',
    default: 'info',
    help: '`debug`, `info`, `warn` or `error`',
    parse: oneOf('debug', 'info', 'warn', 'error'),
  },
  {
    name: 'ADMIN_USERS',
    default: '',
    help: "Slack user ids, separated by commas, of people who may do what a workspace's admins may",
    parse: userIds,
  },
  ...DEFAULT_VARIABLES,
] as const satisfies readonly Variable[];

type Name = (typeof VARIABLES)[number]['name'];

/**
 * The environment as a frozen configuration. Blank counts as unset, values are trimmed. Throws one
 * CONFIG_INVALID that lists every problem by variable name and no secret value.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values = new Map<Name, unknown>();
  for (const variable of VARIABLES) {
    const given = (env[variable.name] ?? lowerCase(variable.name, env))?.trim();
    const raw = given === undefined || given === '' ? variable.default : given;
    if (raw === null) continue;
    // Instructions are words, in which quotes may stand.
    const quoted = /^(["'`]).*\1$/s.test(raw) && variable.name !== 'DEFAULT_INSTRUCTIONS';
    const parsed: Parsed = quoted ? { problem: QUOTED } : variable.parse(raw);
    if ('problem' in parsed) problems.push(`${variable.name} ${parsed.problem}`);
    else values.set(variable.name, parsed.value);
  }
  const failed = (name: Name) => problems.some((problem) => problem.startsWith(`${name} `));
  const need = (name: Name, why: string) => {
    if (!values.has(name) && !failed(name)) problems.push(`${name} is missing: ${why}`);
  };
  const role = values.get('ROLE') as Role;
  const many = INSTALL_VARIABLES.some((name) => values.has(name) || failed(name));
  if (many) needInstall(role, need);
  else need('SLACK_BOT_TOKEN', 'the bot token (xoxb-…) from the page OAuth & Permissions of your Slack app');
  if (role !== 'work' && !values.has('SLACK_APP_TOKEN') && !failed('SLACK_APP_TOKEN'))
    need('SLACK_SIGNING_SECRET', 'set it for HTTP, or SLACK_APP_TOKEN (xapp-…) for Socket Mode');
  if (values.has('DATABASE_DIRECT_URL')) need('DATABASE_URL', 'DATABASE_DIRECT_URL is the server behind it');
  if (role !== 'receive') need('ANTHROPIC_API_KEY', 'the key of the Claude API');
  if (problems.length > 0)
    throw new SkeinError(
      'CONFIG_INVALID',
      `${problems.length} problem(s) in the environment:\n  - ${problems.join('\n  - ')}`,
      {
        facts: { problems },
      },
    );

  const str = (name: Name) => values.get(name) as string;
  const num = (name: Name) => values.get(name) as number;
  const optional = (name: Name) => (values.get(name) as string | undefined) ?? null;
  return freeze({
    slack: {
      botToken: optional('SLACK_BOT_TOKEN'),
      install: many
        ? {
            clientId: str('SLACK_CLIENT_ID'),
            clientSecret: str('SLACK_CLIENT_SECRET'),
            stateSecret: optional('SLACK_STATE_SECRET'),
            publicUrl: optional('PUBLIC_URL'),
          }
        : null,
      appToken: optional('SLACK_APP_TOKEN'),
      signingSecret: optional('SLACK_SIGNING_SECRET'),
      apiUrl: str('SLACK_API_URL').replace(/\/?$/, '/'),
    },
    anthropic: { apiKey: optional('ANTHROPIC_API_KEY') ?? '', baseUrl: str('ANTHROPIC_BASE_URL') },
    publicUrl: optional('PUBLIC_URL'),
    encryptionKeys: (values.get('TOKEN_ENCRYPTION_KEY') as readonly string[] | undefined) ?? [],
    eraseGoneAfterDays: num('ERASE_GONE_AFTER_DAYS'),
    proxy: values.has('HTTPS_PROXY') ? { url: str('HTTPS_PROXY'), except: str('NO_PROXY') } : null,
    toolHosts: values.get('TOOL_HOSTS') as ToolHosts,
    database: {
      url: optional('DATABASE_URL'),
      directUrl: optional('DATABASE_DIRECT_URL'),
      ca: optional('DATABASE_CA'),
      pool: num('DATABASE_POOL'),
      dataDir: str('DATA_DIR'),
    },
    http: { port: num('PORT'), host: str('HOST') },
    role,
    concurrency: num('CONCURRENCY'),
    filesKept: num('FILES_KEPT_MB') * 1_000_000,
    shutdownGraceMs: num('SHUTDOWN_GRACE_SECONDS') * 1000,
    logLevel: str('LOG_LEVEL') as LogLevel,
    adminUsers: (values.get('ADMIN_USERS') as readonly string[] | undefined) ?? [],
    defaults: defaultsOf((name) => values.get(name)),
  });
}

/** Those two have small letters on many machines. */
function lowerCase(name: Name, env: Readonly<Record<string, string | undefined>>): string | undefined {
  return name === 'HTTPS_PROXY' || name === 'NO_PROXY' ? env[name.toLowerCase()] : undefined;
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner);
  return Object.freeze(value);
}
