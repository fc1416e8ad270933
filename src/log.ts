import pino, { type DestinationStream, type Logger } from 'pino';

/**
 * Keys under which ids are bound, so that one reply can be followed through every line:
 * `team`, `channel`, `thread`, `reply`, `event`.
 */
export type Log = Logger;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Fields that carry a secret or a person's words, wherever they appear up to three levels deep. */
const HIDDEN_KEYS = [
  'token',
  'botToken',
  'appToken',
  'bot_token',
  'app_token',
  'apiKey',
  'api_key',
  'authorization',
  'Authorization',
  'signingSecret',
  'clientSecret',
  'password',
  'secret',
  'response_url',
  'responseUrl',
  'trigger_id',
  'triggerId',
  'text',
  'blocks',
  'markdown',
  'attachments',
] as const;

const REDACT_PATHS = HIDDEN_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*.*.*.${key}`]);

/**
 * A secret that was copied with a line break in it goes on behind it; in a JSON line the break is written as `\\n`. The
 * SDKs put the whole header into their message when Node.js refuses it.
 */
const GOES_ON = String.raw`(?:(?:\\[nr]|[\r\n])+[\w.-]+)*`;

/**
 * Secrets that hide inside a longer string, such as an error message: tokens, keys, logins in URLs. None of them
 * reaches over a quotation mark, so that they can be used on whole JSON lines.
 */
const SECRET_PATTERNS: readonly [RegExp, string][] = [
  [/(\\?)"[^"]*?\1" is an invalid header value/g, '$1"[header]$1" is an invalid header value'],
  [new RegExp(String.raw`\bx(?:ox[a-z]|app|oxe\.xox[bp])-[A-Za-z0-9-]{6,}${GOES_ON}`, 'g'), '[token]'],
  [new RegExp(String.raw`\bsk-ant-[\w-]*${GOES_ON}`, 'g'), '[key]'],
  [/\b(postgres(?:ql)?:\/\/[^:@/\s"]*):[^\s"]*@/g, '$1:[password]@'],
  [/https:\/\/hooks\.slack\.com\/[^\s"\\]+/g, '[response_url]'],
  [new RegExp(String.raw`\bBearer\s+[^\s"\\]+${GOES_ON}`, 'gi'), 'Bearer [token]'],
];

const CODED = /^\{"level":"(\w+)".*?"code":"([A-Z][A-Z_]+)"/;

export function withoutSecrets(text: string): string {
  return SECRET_PATTERNS.reduce((kept, [pattern, to]) => kept.replace(pattern, to), text);
}

/**
 * JSON lines to `destination` (default: standard output), with secrets and message texts taken out. `onCode` is told the
 * level and the first code of each line that has one.
 */
export function createLog(
  level: LogLevel,
  destination?: DestinationStream,
  onCode: (level: string, code: string) => void = () => {},
): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: REDACT_PATHS, censor: '[hidden]' },
    serializers: { err: serialiseError, error: serialiseError },
    // The whole line, so that no field and no library's message is forgotten.
    hooks: {
      streamWrite(line) {
        const [, level, code] = CODED.exec(line) ?? [];
        if (level !== undefined && code !== undefined) onCode(level, code);
        return withoutSecrets(line);
      },
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function serialiseError(thrown: unknown, depth = 0): unknown {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : String(thrown);
  const code = 'code' in thrown ? thrown.code : undefined;
  const facts = 'facts' in thrown ? thrown.facts : undefined;
  // Slack's SDKs wrap what happened in errors of their own, and keep it under this name.
  const cause = thrown.cause ?? ('original' in thrown ? thrown.original : undefined);
  return {
    name: thrown.name,
    ...(code === undefined ? {} : { code }),
    message: withoutParameters(thrown.message),
    ...(facts === undefined ? {} : { facts }),
    stack: framesOf(thrown),
    ...(cause === undefined || depth > 3 ? {} : { cause: serialiseError(cause, depth + 1) }),
  };
}

/** drizzle puts the parameters of a failed statement into its message, and so what people wrote. */
function withoutParameters(message: string): string {
  return message.replace(/\nparams: [\s\S]*$/, '\nparams: [hidden]');
}

/** Where it happened, without the message that a stack begins with: it may hold lines that look like frames. */
function framesOf({ stack = '', message }: Error): string | undefined {
  const said = stack.indexOf(message);
  const frames = (said < 0 ? stack : stack.slice(said + message.length))
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .map((line) => line.trim());
  return frames.length === 0 ? undefined : frames.join('\n');
}
