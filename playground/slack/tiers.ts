/**
 * Slack's rate limits: so many calls of one method in a sliding window, for the whole workspace. Figures:
 * docs.slack.dev "Rate limits" and the tier named on each method's page (Tier 1: 1, 2: 20, 3: 50, 4: 100 a
 * minute), as of September 2026. What is refused does not count.
 */
import type { Clock } from '../../src/clock.ts';

export interface Tier {
  readonly limit: number;
  readonly windowMs: number;
}

const minute = 60_000;
const per = (limit: number): Tier => ({ limit, windowMs: minute });

/** Slack says about one message a second and channel, and that it tolerates bursts without saying how long. */
const postsPerChannel = { perSecond: 1, burst: 5 } as const;

const realTiers: Readonly<Record<string, Tier>> = {
  'auth.test': per(600),
  'apps.connections.open': per(50),
  // "Several hundred a minute" per workspace, beside the limit per channel.
  'chat.postMessage': per(300),
  'chat.update': per(50),
  'chat.delete': per(50),
  'chat.postEphemeral': per(100),
  'chat.startStream': per(20),
  'chat.appendStream': per(100),
  'chat.stopStream': per(20),
  'chat.getPermalink': per(600),
  'assistant.threads.setStatus': per(600),
  'assistant.threads.setTitle': per(100),
  'assistant.threads.setSuggestedPrompts': per(100),
  'agents.sessions.setStatus': per(50),
  'agents.sessions.rename': per(50),
  'conversations.history': per(50),
  'conversations.replies': per(50),
  'conversations.info': per(50),
  'conversations.list': per(20),
  'conversations.members': per(100),
  'conversations.open': per(50),
  'conversations.join': per(50),
  'users.info': per(100),
  'users.list': per(20),
  'bots.info': per(50),
  'team.info': per(50),
  'reactions.add': per(50),
  'reactions.remove': per(20),
  'reactions.get': per(50),
  'files.info': per(100),
  'files.getUploadURLExternal': per(100),
  'files.completeUploadExternal': per(100),
  'files.delete': per(50),
  'views.open': per(100),
  'views.update': per(100),
  'views.push': per(100),
  'views.publish': per(100),
  'oauth.v2.access': per(100),
};

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
    const tiers = new Map(choice === 'off' ? [] : Object.entries(realTiers));
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
