/** response_url: five answers within half an hour to one interaction, without a token. */
import type { Args } from './args.ts';
import { checkMessageBlocks } from './blockLimits.ts';
import type { Json } from './json.ts';
import { withBlockIds } from './methods/content.ts';
import type { World } from './methods/method.ts';
import type { Message } from './records.ts';

const mostUses = 5;
const lifetimeMs = 30 * 60_000;

/** Where an interaction came from. */
export interface Origin {
  readonly channel: string;
  readonly user: string;
  /** The message that was acted on; `null` for a slash command. */
  readonly ts: string | null;
}

interface Issued {
  readonly origin: Origin;
  readonly at: number;
  uses: number;
}

export class ResponseUrls {
  readonly #world: World;
  readonly #issued = new Map<string, Issued>();

  constructor(world: World) {
    this.#world = world;
  }

  issue(origin: Origin): string {
    const id = this.#world.workspace.nextId('response');
    this.#issued.set(id, { origin, at: this.#world.clock.monotonic(), uses: 0 });
    return `${this.#world.base()}response/${id}`;
  }

  issued(id: string): boolean {
    return this.#issued.has(id);
  }

  /** Answers one POST to a response_url: HTTP status and body. */
  use(id: string, args: Args): { readonly status: number; readonly body: Json } {
    const issued = this.#issued.get(id);
    if (!issued || this.#world.clock.monotonic() - issued.at > lifetimeMs) {
      return { status: 404, body: { ok: false, error: 'expired_url' } };
    }
    if (issued.uses >= mostUses) return { status: 404, body: { ok: false, error: 'used_url' } };
    issued.uses += 1;
    this.write(issued.origin, args);
    return { status: 200, body: { ok: true } };
  }

  /** Shows what the app says back. `ephemeral` unless it asks for `in_channel`. */
  write(origin: Origin, args: Args): void {
    const { workspace, posts } = this.#world;
    const original = origin.ts === null ? undefined : workspace.message(origin.channel, origin.ts);
    if (args.flag('delete_original')) {
      if (original) this.#remove(original);
      return;
    }
    const blocks = args.list('blocks', 'invalid_blocks_format') ?? [];
    checkMessageBlocks(blocks);
    const content = { text: args.text('text') ?? '', blocks: withBlockIds(blocks, workspace.nextId('b')) };
    if (content.text === '' && blocks.length === 0) return;
    // Without a word about it an answer to a button replaces its message, as in Slack.
    const replaces = original && args.text('replace_original') !== 'false' && !args.has('response_type');
    if (original && (args.flag('replace_original') || replaces)) {
      posts.change(original, content);
      return;
    }
    posts.post({
      channel: origin.channel,
      user: workspace.seed.app.user,
      botId: workspace.seed.app.botId,
      ...content,
      threadTs: args.text('thread_ts') ?? null,
      ephemeralFor: args.text('response_type') === 'in_channel' ? null : origin.user,
    });
  }

  #remove(message: Message): void {
    if (message.ephemeralFor === null) this.#world.posts.remove(message);
    else this.#world.workspace.putMessage({ ...message, deleted: true });
  }
}
