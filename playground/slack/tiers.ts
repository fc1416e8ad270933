/**
 * Slack's rate limits: so many calls of one method in a sliding window, for the whole workspace. Figures:
 * docs.slack.dev "Rate limits" and the tier named on each method's page (`methods.json`). What is refused does not count.
 */
import type { Clock } from '../../src/clock.ts';
import { callsPerMinute, catalogue } from './methodFacts.ts';

export interface Tier {
  readonly limit: number;
  readonly windowMs: number;
}

const minute = 60_000;
const per = (limit: number): Tier => ({ limit, windowMs: minute });

/** Slack says about one message a second and channel, and that it tolerates bursts without saying how long. */
const postsPerChannel = { perSecond: 1, burst: 5 } as const;

/** Methods for which Slack names no tier: "special rate limits", with the figures that it or its staff gives. */
const SPECIAL: Readonly<Record<string, number>> = {
  'auth.test': 600,
  // "Several hundred a minute" per workspace, beside the limit per channel.
  'chat.postMessage': 300,
  'chat.getPermalink': 600,
  'assistant.threads.setStatus': 600,
  'oauth.v2.access': 100,
};

function realTiers(): Map<string, Tier> {
  const tiers = new Map<string, Tier>();
  for (const [method, facts] of Object.entries(catalogue.methods)) {
    const limit = SPECIAL[method] ?? callsPerMinute(facts);
    if (limit !== undefined) tiers.set(method, per(limit));
  }
  return tiers;
}

/** `real`, `off`, or single methods changed on top of `real` (`null`: no limit). */
export type TierChoice = 'real' | 'off' | Readonly<Record<string, Tier | null>>;

export interface TierUse {
  readonly used: number;
  readonly limit: number;
  readonly windowMs: number;
}

export class Tiers {
  readonly #clock: Clock;
  readonly #tiers: ReadonlyMap<string, Tier>;
  readonly #posts: boolean;
  readonly #calls = new Map<string, number[]>();

  constructor(choice: TierChoice, clock: Clock, unlistedApp: boolean) {
    this.#clock = clock;
    const tiers = choice === 'off' ? new Map<string, Tier>() : realTiers();
    if (choice !== 'off' && unlistedApp) {
      tiers.set('conversations.history', per(1));
      tiers.set('conversations.replies', per(1));
    }
    if (typeof choice === 'object') {
      for (const [method, tier] of Object.entries(choice)) {
        if (tier) tiers.set(method, tier);
        else tiers.delete(method);
      }
    }
    this.#tiers = tiers;
    this.#posts = tiers.has('chat.postMessage');
  }

  /** Takes one call. Returns the whole seconds to wait (at least 1) if it is one too many, else `undefined`. */
  take(method: string, channel: string | undefined): number | undefined {
    const tier = this.#tiers.get(method);
    if (!tier) return undefined;
    const now = this.#clock.monotonic();
    const calls = this.#within(method, tier, now);
    const first = calls[0];
    if (first !== undefined && calls.length >= tier.limit) return wholeSeconds(first + tier.windowMs - now);
    if (method === 'chat.postMessage' && channel !== undefined && this.#posts) {
      const wait = this.#takePost(channel, now);
      if (wait !== undefined) return wait;
    }
    calls.push(now);
    return undefined;
  }

  use(method: string): TierUse | null {
    const tier = this.#tiers.get(method);
    return tier ? { used: this.#within(method, tier, this.#clock.monotonic()).length, ...tier } : null;
  }

  reset(): void {
    this.#calls.clear();
  }

  /** A burst, then one a second: the same as `burst` posts in any `burst` seconds. */
  #takePost(channel: string, now: number): number | undefined {
    const { burst, perSecond } = postsPerChannel;
    const tier = { limit: burst, windowMs: (burst / perSecond) * 1000 };
    const posts = this.#within(`posts in ${channel}`, tier, now);
    const first = posts[0];
    if (first !== undefined && posts.length >= burst) return wholeSeconds(first + tier.windowMs - now);
    posts.push(now);
    return undefined;
  }

  #within(key: string, tier: Tier, now: number): number[] {
    const calls = (this.#calls.get(key) ?? []).filter((at) => at > now - tier.windowMs);
    this.#calls.set(key, calls);
    return calls;
  }
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
