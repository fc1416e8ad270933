import { SCOPES, type Scope } from '../settings/keys.ts';

/**
 * What a settings modal carries from its opening to its submission, so that a restart between them loses
 * nothing. It passes through the person's hands: it says what was asked for, never what is allowed. Who the
 * person is comes from Slack, rights are asked anew, and a version that is not the real one only makes the
 * comparison with what others changed stricter or looser for this person's own entries.
 */
export interface Metadata {
  readonly scope: Scope;
  /** The channel of the channel tab; null: opened where there is none. */
  readonly channel: string | null;
  /** Version of the scope whose values the form began with. */
  readonly version: number;
  /** Another one gives the inputs new names, so that Slack shows their first values again. */
  readonly generation: number;
  /** Fields for the instructions: one takes 3,000 characters. */
  readonly fields: number;
  /** The tab, and what was entered, that the person was warned of before turning to it; '' for none. */
  readonly warned: string;
}

export function writeMetadata({ scope, channel, version, generation, fields, warned }: Metadata): string {
  return JSON.stringify([scope, channel, version, generation, fields, warned]);
}

/** What was written, or null for anything else. Total. */
export function readMetadata(text: string): Metadata | null {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 6) return null;
  const [scopeWord, channel, version, generation, fields, warned]: unknown[] = parts;
  const scope = SCOPES.find((one) => one === scopeWord);
  if (scope === undefined || !isCount(version) || !isCount(generation) || !isCount(fields)) return null;
  if (channel !== null && (typeof channel !== 'string' || !/^[A-Z0-9]{1,64}$/.test(channel))) return null;
  if (typeof warned !== 'string') return null;
  return { scope, channel, version, generation, warned, fields: Math.min(4, Math.max(1, fields)) };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
