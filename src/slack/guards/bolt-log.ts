import { type Logger, LogLevel } from '@slack/bolt';
import { type Log, withoutSecrets } from '../../log.ts';

/**
 * Our log as the SDKs want it. Their debug lines hold whole requests, texts and tokens, so these are dropped
 * whatever our own level is; objects are not printed either, only strings and the messages of errors.
 * Their info lines are about their own life, so they come out as debug.
 */
export function boltLog(log: Log): Logger {
  let name = 'bolt';
  const line = (parts: readonly unknown[]) => withoutSecrets(parts.map(words).join(' '));
  return {
    debug: () => {},
    info: (...parts: unknown[]) => log.debug({ sdk: name }, line(parts)),
    warn: (...parts: unknown[]) => log.warn({ sdk: name }, line(parts)),
    error: (...parts: unknown[]) => log.error({ sdk: name }, line(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: (given) => {
      name = given;
    },
  };
}

function words(part: unknown): string {
  if (typeof part === 'string') return part;
  return part instanceof Error ? `${part.name}: ${part.message}` : `(${typeof part})`;
}
