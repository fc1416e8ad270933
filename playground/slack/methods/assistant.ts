/** assistant.threads.* and agents.sessions.*: the line under a thread that says what the app is doing. */
import type { Args } from '../args.ts';
import { type Json, objectOf } from '../json.ts';
import { Refusal } from '../refusal.ts';
import { messageKey } from '../workspace.ts';
import { joinedChannel, type Methods, type World } from './method.ts';

/** A status goes by itself after two minutes. */
const statusMs = 120_000;

/** What Slack shows beside a thread besides its messages. Not kept over a restart. */
export class Threads {
  readonly #clock: World['clock'];
  readonly #statuses = new Map<string, { readonly status: string; readonly at: number }>();
  readonly titles = new Map<string, string>();
  /** By channel: the prompts offered there last. */
  readonly prompts = new Map<string, readonly Json[]>();
  /** By thread: `active`, `processing`, `suspended` or `closed`. */
  readonly sessions = new Map<string, string>();

  constructor(clock: World['clock']) {
    this.#clock = clock;
  }

  /** The status shown under a thread now; '' for none. */
  status(channel: string, threadTs: string): string {
    const found = this.#statuses.get(messageKey(channel, threadTs));
    return found && this.#clock.monotonic() - found.at < statusMs ? found.status : '';
  }

  setStatus(channel: string, threadTs: string, status: string): void {
    const key = messageKey(channel, threadTs);
    if (status === '') this.#statuses.delete(key);
    else this.#statuses.set(key, { status, at: this.#clock.monotonic() });
  }
}

export function assistantMethods(world: World, threads: Threads): Methods {
  const { workspace } = world;
  const place = (args: Args): { readonly channel: string; readonly threadTs: string } => {
    const channel = joinedChannel(world, args.required('channel_id'));
    const threadTs = args.required('thread_ts');
    if (!workspace.message(channel.id, threadTs)) throw new Refusal('invalid_thread_ts');
    return { channel: channel.id, threadTs };
  };

  return {
    'assistant.threads.setStatus': (args) => {
      const { channel, threadTs } = place(args);
      if ((args.list('loading_messages') ?? []).length > 10) throw new Refusal('invalid_arguments');
      threads.setStatus(channel, threadTs, args.text('status') ?? '');
      return {};
    },
    'assistant.threads.setTitle': (args) => {
      const { channel, threadTs } = place(args);
      threads.titles.set(messageKey(channel, threadTs), args.required('title'));
      return {};
    },
    'assistant.threads.setSuggestedPrompts': (args) => {
      const channel = joinedChannel(world, args.required('channel_id'));
      const prompts = (args.list('prompts') ?? []).map(objectOf);
      const fit = prompts.every(
        ({ title, message }) => typeof title === 'string' && typeof message === 'string',
      );
      if (prompts.length === 0 || prompts.length > 4 || !fit) throw new Refusal('invalid_arguments');
      threads.prompts.set(channel.id, prompts);
      return {};
    },
    'agents.sessions.setStatus': (args) => {
      const { channel, threadTs } = place(args);
      const status = args.required('status');
      if (!['active', 'processing', 'suspended', 'closed'].includes(status))
        throw new Refusal('invalid_arguments');
      threads.sessions.set(messageKey(channel, threadTs), status);
      return {};
    },
    'agents.sessions.rename': (args) => {
      const { channel, threadTs } = place(args);
      const title = args.required('title');
      if (title.length > 200) throw new Refusal('invalid_arguments');
      threads.titles.set(messageKey(channel, threadTs), title);
      return {};
    },
  };
}
