/** What Slack says of each method of its Web API: scopes, rate tier, error words. Kept in `methods.json`. */
import { readFileSync } from 'node:fs';

export interface MethodFacts {
  /** Scopes of bot tokens of which one is enough; where they differ by kind of conversation, the one of that kind. */
  readonly bot: readonly string[];
  /** In Slack's words, such as `Tier 3: 50+ per minute`. */
  readonly tier: string;
  readonly required: readonly string[];
  /** Error words besides those of all methods. */
  readonly errors: readonly string[];
  /** Where the facts come from if not from the method's page. */
  readonly source?: string;
}

interface Catalogue {
  readonly common_errors: readonly string[];
  readonly methods: Readonly<Record<string, MethodFacts>>;
}

/** Read once at start; throws if the file is missing. */
export const catalogue: Catalogue = JSON.parse(
  readFileSync(new URL('./methods.json', import.meta.url), 'utf8'),
);

/** Calls a minute that a method's tier allows; `undefined` where Slack speaks of special limits only. */
export function callsPerMinute(facts: MethodFacts): number | undefined {
  const told = /(\d+)\+ per minute/.exec(facts.tier)?.[1];
  return told === undefined ? undefined : Number(told);
}
