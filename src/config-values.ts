import { parseDays, parseSeconds, parseUsd } from './amounts.ts';
import { databaseUrlProblem } from './database-url.ts';
import {
  ACCESS,
  EFFORT_CHOICES,
  LEAST_CONTEXT_TOKENS,
  MOST_CONTEXT_TOKENS,
  MOST_PING_SECONDS,
  MOST_RETENTION_DAYS,
  MOST_WEB_SEARCHES,
} from './defaults.ts';
import { parseDomains } from './domains.ts';
import { parseToolHosts } from './tool-hosts.ts';

/** How each kind of variable is read. Pure: all of it is given. */

/** What one variable says, or what is wrong with it, as the rest of a sentence that begins with its name. */
export type Parsed = { readonly value: unknown } | { readonly problem: string };

export const text = (raw: string): Parsed => ({ value: raw });

/** A token or key. What an env file or a copy left in it would be sent as part of it, and refused without a reason. */
export const secret =
  (prefix = '', what = '') =>
  (raw: string): Parsed => {
    if (/^["'`]|["'`]$/.test(raw)) return { problem: QUOTED };
    if (!/^[\x21-\x7e]+$/.test(raw))
      return { problem: 'has a blank, a line break or the like in it; copy it again' };
    if (raw.startsWith('xoxe'))
      return {
        problem:
          'is a rotating token (xoxe…), which dies after 12 hours: make the app from manifest.yml, where rotation is off, or set SLACK_CLIENT_ID and install it at /slack/install, where tokens are exchanged in time',
      };
    if (raw.startsWith(prefix) && raw.length > prefix.length) return { value: raw };
    const other = KINDS_OF_TOKENS.find((kind) => raw.startsWith(kind.prefix));
    const given = other === undefined ? '' : `; this is ${other.what}`;
    return { problem: `must be ${what} (${prefix}…)${given}` };
  };

/** `docker --env-file` hands quotes on as part of the value; Node's own `--env-file` takes them off. */
export const QUOTED = 'has quotes around it; take them off';

/** What people paste into the wrong variable. */
const KINDS_OF_TOKENS = [
  { prefix: 'xoxb-', what: 'a bot token' },
  { prefix: 'xoxp-', what: "a person's token" },
  { prefix: 'xapp-', what: 'an app-level token' },
  { prefix: 'sk-ant-', what: 'a key of the Claude API' },
] as const;

/** A key that may call models. Keys of the Admin API begin differently and may not (platform.claude.com, "Admin API"). */
export const modelKey = (raw: string): Parsed => {
  if (raw.startsWith('sk-ant-admin'))
    return {
      problem: 'is a key of the Admin API (sk-ant-admin…), which may not call models; make an API key',
    };
  return /^x(?:ox|app)/.test(raw)
    ? { problem: 'is a token of Slack; it must be a key of the Claude API' }
    : secret()(raw);
};

/** The ids of Slack apps are two numbers with a point between them. */
export const clientId = (raw: string): Parsed =>
  /^\d+\.\d+$/.test(raw)
    ? { value: raw }
    : { problem: 'must be the Client ID of the page Basic Information (two numbers with a point between)' };

/** What signs the state of an installation: short ones can be guessed. */
export const stateSecret = (raw: string): Parsed => {
  const read = secret()(raw);
  if ('problem' in read) return read;
  return raw.length >= LEAST_SECRET
    ? read
    : { problem: `must have ${LEAST_SECRET} characters or more: make one with "openssl rand -base64 32"` };
};

const LEAST_SECRET = 16;

/** Keys of 32 bytes in base64, separated by commas; the first one encrypts. */
export const encryptionKeys = (raw: string): Parsed => {
  const value = raw.split(/[\s,]+/).filter((key) => key !== '');
  const wrong = value.findIndex((key) => !/^[A-Za-z0-9+/]{43}=?$/.test(key));
  if (value.length === 0 || wrong >= 0) {
    const which = value.length > 1 ? `; number ${wrong + 1} is not` : '';
    return { problem: `must be 32 bytes in base64, as "openssl rand -base64 32" makes them${which}` };
  }
  return new Set(value.map((key) => key.slice(0, 43))).size === value.length
    ? { value }
    : { problem: 'names one key twice' };
};

/** An address at which people and Slack reach this server: its origin, without a path. */
export function publicUrl(raw: string): Parsed {
  const read = webUrl(raw);
  if ('problem' in read) return read;
  const { origin, pathname, search, hash } = new URL(raw);
  return pathname === '/' && search === '' && hash === ''
    ? { value: origin }
    : { problem: `must be an address without a path, such as ${origin}` };
}

/** Hosts that are called for workspaces. */
export function toolHosts(raw: string): Parsed {
  const hosts = parseToolHosts(raw);
  return typeof hosts === 'string'
    ? { problem: `must be *, off, or hosts separated by commas; "${clip(hosts)}" is none` }
    : { value: hosts };
}

export const oneOf =
  (...allowed: string[]) =>
  (raw: string): Parsed =>
    allowed.includes(raw)
      ? { value: raw }
      : { problem: `must be one of ${allowed.join(', ')}; it is "${clip(raw)}"` };

export const whole =
  (from: number, to: number) =>
  (raw: string): Parsed => {
    const value = Number(raw);
    return /^\d+$/.test(raw) && value >= from && value <= to
      ? { value }
      : { problem: `must be a whole number from ${from} to ${to}; it is "${clip(raw)}"` };
  };

const onOff = (raw: string): Parsed =>
  raw === 'on' || raw === 'off'
    ? { value: raw === 'on' }
    : { problem: `must be on or off; it is "${clip(raw)}"` };

/** Plain http carries tokens in the clear, so it is allowed to this machine only. */
export function webUrl(raw: string): Parsed {
  let url: URL;
  try {
    url = new URL(raw);
  } catch {
    return { problem: 'must be a URL' };
  }
  if (url.username !== '' || url.password !== '') return { problem: 'must not carry a login' };
  if (url.protocol === 'https:') return { value: raw };
  const local = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && local) return { value: raw };
  return { problem: 'must be https (plain http only to 127.0.0.1, localhost or [::1])' };
}

/** Says nothing of what stands in it, as that may be a password. */
export function proxyUrl(raw: string): Parsed {
  const url = URL.canParse(raw) ? new URL(raw) : null;
  if (url === null || url.hostname === '')
    return { problem: 'must be a URL such as http://proxy.example.com:3128' };
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { problem: `must begin with http:// or https://; ${clip(url.protocol)}// is not supported` };
  return { value: raw };
}

export const databaseUrl = (raw: string): Parsed => {
  const problem = databaseUrlProblem(raw);
  return problem === null ? { value: raw } : { problem };
};

const money = (raw: string): Parsed => {
  const value = parseUsd(raw);
  if (raw.toLowerCase() === 'none') return { value: null };
  return value === null || value === 0n
    ? { problem: `must be an amount of USD such as 50 or 12.50, or none; it is "${clip(raw)}"` }
    : { value };
};

const secondsOrOff = (raw: string): Parsed => {
  if (raw.toLowerCase() === 'off') return { value: null };
  const value = parseSeconds(raw);
  return value === null || value < 1 || value > MOST_PING_SECONDS
    ? { problem: `must be seconds from 1 to ${MOST_PING_SECONDS}, or off; it is "${clip(raw)}"` }
    : { value };
};

const daysOrForever = (raw: string): Parsed => {
  if (raw.toLowerCase() === 'forever') return { value: null };
  const value = parseDays(raw);
  return value === null || value < 1 || value > MOST_RETENTION_DAYS
    ? { problem: `must be days from 1 to ${MOST_RETENTION_DAYS}, or forever; it is "${clip(raw)}"` }
    : { value };
};

const webDomains = (raw: string): Parsed => {
  const value = parseDomains(raw);
  return value === null
    ? { problem: `must be any, or only or not and hosts such as docs.python.org; it is "${clip(raw)}"` }
    : { value };
};

export const userIds = (raw: string): Parsed => {
  const value = raw.split(/[\s,]+/).filter((id) => id !== '');
  const wrong = value.find((id) => !/^[UW][A-Z0-9]{2,}$/.test(id));
  return wrong === undefined
    ? { value }
    : { problem: `must be Slack user ids (U…), separated by commas; one is "${clip(wrong)}"` };
};

const instructions = (raw: string): Parsed =>
  raw.length <= 10_000
    ? { value: raw }
    : { problem: `must be at most 10,000 characters; it has ${raw.length}` };

const modelId = (raw: string): Parsed =>
  /^[a-z0-9][a-z0-9.\-:@_]{0,99}$/i.test(raw)
    ? { value: raw }
    : { problem: `must be a model id; it is "${clip(raw)}"` };

function clip(raw: string): string {
  return raw.length <= 40 ? raw : `${raw.slice(0, 40)}…`;
}

/** One variable of the environment. */
export interface Variable {
  readonly name: string;
  /** Raw text that stands in when the variable is unset or blank; null: there is none. */
  readonly default: string | null;
  /** For `docs/configuration.md`, which is compared with this table. */
  readonly help: string;
  readonly parse: (raw: string) => Parsed;
}

/** The deployment's values of the settings. */
export const DEFAULT_VARIABLES = [
  { name: 'DEFAULT_MODEL', default: 'claude-sonnet-4-6', help: 'Model of every answer', parse: modelId },
  {
    name: 'DEFAULT_MAX_TOKENS',
    default: '1024',
    help: 'Most output tokens of one answer',
    parse: whole(1, 128_000),
  },
  {
    name: 'DEFAULT_CONTEXT_TOKENS',
    default: '100000',
    help: 'Most tokens of a thread that the model is given; the earlier part of a longer one is summarised',
    parse: whole(LEAST_CONTEXT_TOKENS, MOST_CONTEXT_TOKENS),
  },
  {
    name: 'DEFAULT_INSTRUCTIONS',
    default: '',
    help: 'Instructions added to the fixed rules of the system prompt',
    parse: instructions,
  },
  {
    name: 'DEFAULT_FOLLOW_UPS',
    default: 'one_on_one',
    help: 'Answer in known threads without a mention: `mention` (never), `one_on_one`, `always`',
    parse: oneOf('mention', 'one_on_one', 'always'),
  },
  {
    name: 'DEFAULT_FOOTER',
    default: 'on',
    help: 'Grey line under an answer: model, tokens, cost, seconds (`on`, `off`)',
    parse: onOff,
  },
  {
    name: 'DEFAULT_FILES_OUT',
    default: 'auto',
    help: 'Long code and tables, and what is asked for as a file, also as files: `auto`, `off`',
    parse: oneOf('auto', 'off'),
  },
  {
    name: 'DEFAULT_STREAMING',
    default: 'auto',
    help: "How an answer grows: `edit` (edits of one message), `native` (Slack's own streams), `auto` (whichever has room)",
    parse: oneOf('edit', 'native', 'auto'),
  },
  {
    name: 'DEFAULT_EFFORT',
    default: 'auto',
    help: 'How much the model puts into an answer: `auto`, `low`, `medium`, `high`, `xhigh`, `max`',
    parse: oneOf(...EFFORT_CHOICES),
  },
  {
    name: 'DEFAULT_PING_AFTER',
    default: '60',
    help: 'Seconds after which the asker of a finished answer gets a short ping, or `off`',
    parse: secondsOrOff,
  },
  {
    name: 'DEFAULT_BUDGET_MONTH',
    default: 'none',
    help: 'USD that any one workspace may spend in a month (UTC), or `none`; no setting can widen it',
    parse: money,
  },
  {
    name: 'DEFAULT_BUDGET_DAY',
    default: 'none',
    help: 'USD that any one workspace may spend in a day (UTC), or `none`; no setting can widen it',
    parse: money,
  },
  {
    name: 'DEFAULT_ACCESS',
    default: null,
    help: 'Who may ask: `members`, `members_and_guests`, `everyone`; set, no workspace can widen it; unset, `members` until a workspace decides',
    parse: oneOf(...ACCESS),
  },
  {
    name: 'DEFAULT_RETENTION',
    default: 'forever',
    help: 'Days after which the words of questions and answers are erased, or `forever`; no setting can widen it',
    parse: daysOrForever,
  },
  {
    name: 'DEFAULT_WEB',
    default: 'off',
    help: 'Claude may search the web and read pages (`on`, `off`); searches cost extra',
    parse: onOff,
  },
  {
    name: 'DEFAULT_WEB_DOMAINS',
    default: 'any',
    help: 'Hosts that it may reach: `only a.com, b.org`, `not a.com`, or `any`',
    parse: webDomains,
  },
  {
    name: 'DEFAULT_WEB_SEARCHES',
    default: '5',
    help: 'Most searches of one answer',
    parse: whole(1, MOST_WEB_SEARCHES),
  },
] as const satisfies readonly Variable[];
