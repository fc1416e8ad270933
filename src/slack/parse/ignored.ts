import type { IgnoredReason, IncomingIgnored } from '../../incoming.ts';
import { wordOf } from './fields.ts';

/** `detail` is a type or subtype of the payload; it is made fit for a log line. */
export function ignored(reason: IgnoredReason, detail: unknown): IncomingIgnored {
  return { kind: 'ignored', reason, detail: wordOf(detail) };
}
