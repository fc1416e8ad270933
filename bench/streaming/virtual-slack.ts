import type { StreamOutcome, Streams, Surface, WriteOutcome } from '../../src/reply/ports.ts';
import type { VirtualClock } from '../../test/support/virtual-clock.ts';

/** From the sending of a call to its answer, when its effect can be seen. */
export const CALL_MS = 80;
/** Slack's own rule for `chat.update`, per workspace: docs.slack.dev "Rate limits", tier 3. */
export const SLACK_UPDATES = { limit: 50, windowMs: 60_000 };
const LIMITS: Readonly<Record<string, number>> = {
  'chat.update': SLACK_UPDATES.limit,
  'chat.startStream': 20,
  'chat.appendStream': 100,
  'chat.stopStream': 20,
};

/** A workspace in virtual time that counts calls when they arrive, somewhere on their way, as Slack does. */
export function createVirtualSlack(clock: VirtualClock, random: () => number) {
  const taken = new Map<string, number[]>();
  const calls = new Map<string, number>();
  let refused = 0;
  let messages = 0;

  /** Milliseconds to wait if it is one too many, else null. */
  const call = async (method: string, effect: () => void): Promise<number | null> => {
    const wayMs = CALL_MS * (0.1 + 0.8 * random());
    await clock.sleep(wayMs);
    const now = clock.monotonic();
    const recent = (taken.get(method) ?? []).filter((at) => at > now - SLACK_UPDATES.windowMs);
    taken.set(method, recent);
    const first = recent[0];
    const over = first !== undefined && recent.length >= (LIMITS[method] ?? Number.POSITIVE_INFINITY);
    if (over) refused += 1;
    else {
      recent.push(now);
      calls.set(method, (calls.get(method) ?? 0) + 1);
    }
    await clock.sleep(CALL_MS - wayMs);
    if (over) return Math.ceil((first + SLACK_UPDATES.windowMs - now) / 1000) * 1000;
    effect();
    return null;
  };

  return {
    counts: () => ({ calls, refused }),
    /** The edges of one reply. `see`: this message of it has this Markdown now; `status`: a line says that it is coming. */
    edges(
      see: (ts: string, markdown: string) => void,
      status: () => void,
    ): { surface: Surface; streams: Streams } {
      const texts = new Map<string, string>();
      const create = () => `${++messages}.0`;
      const done = async (
        method: string,
        ts: string,
        text: () => string,
      ): Promise<WriteOutcome & StreamOutcome> => {
        const retryAfterMs = await call(method, () => {
          texts.set(ts, text());
          see(ts, text());
        });
        return retryAfterMs === null ? { kind: 'done', ts } : { kind: 'limited', retryAfterMs };
      };
      const grown = (ts: string, piece: string) => () => (texts.get(ts) ?? '') + piece;
      return {
        surface: {
          post: (_place, { markdown }) => done('chat.postMessage', create(), () => markdown),
          update: (_place, ts, { markdown }) => done('chat.update', ts, () => markdown),
          remove: (_place, ts) => done('chat.delete', ts, () => ''),
          find: async () => null,
        },
        streams: {
          start: async (_place, _to, { markdown }) => {
            const begun = await done('chat.startStream', create(), () => markdown);
            return begun.kind === 'done' ? { ...begun, controls: true } : begun;
          },
          append: (_place, ts, piece) => {
            const text = grown(ts, piece)();
            return done('chat.appendStream', ts, () => text);
          },
          stop: (_place, ts, { markdown }) => {
            const text = grown(ts, markdown)();
            return done('chat.stopStream', ts, () => text);
          },
          findOrphan: async () => null,
          status: async () => {
            await call('assistant.threads.setStatus', status);
            return true;
          },
        },
      };
    },
  };
}
