/** chat.startStream, appendStream, stopStream: a message that grows without being edited. */
import type { Args } from '../args.ts';
import { checkMessageBlocks } from '../blockLimits.ts';
import { limits } from '../elementLimits.ts';
import { isJson, type Json, objectOf } from '../json.ts';
import type { Message, Streaming } from '../records.ts';
import { Refusal } from '../refusal.ts';
import { messageOnWire } from '../wire.ts';
import { metadataOf, withBlockIds } from './content.ts';
import { type Methods, type World, writableChannel } from './method.ts';

export interface StreamOptions {
  /** Milliseconds until a stream leaves the streaming state. Reports agree on about 306 s. */
  readonly expiryMs: number;
  /** Whether that is counted from the start or from the last append: reports differ. */
  readonly expiryFrom: 'start' | 'last_append';
  /** Most characters of one streamed message. Not documented; reports speak of about 12,000. */
  readonly totalCap: number;
}

export const usualStreams: StreamOptions = { expiryMs: 306_000, expiryFrom: 'start', totalCap: 12_000 };

interface Growth {
  readonly markdown: string;
  readonly blocks: readonly unknown[];
}

/** The new content of a call: text, or chunks of text, tasks and blocks. */
function growthOf(args: Args): Growth | undefined {
  const markdown = args.text('markdown_text');
  const chunks = args.list('chunks', 'invalid_chunks');
  if (markdown !== undefined && chunks !== undefined) {
    throw new Refusal('cannot_provide_both_markdown_text_and_chunks');
  }
  if (markdown !== undefined) {
    if (markdown.length > limits.markdown) throw new Refusal('msg_too_long');
    return { markdown, blocks: [] };
  }
  if (!chunks) return undefined;
  let text = '';
  const blocks: unknown[] = [];
  for (const chunk of chunks.map(objectOf)) {
    switch (chunk.type) {
      case 'markdown_text':
        if (typeof chunk.text !== 'string') throw new Refusal('invalid_chunks');
        if (chunk.text.length > limits.markdown) throw new Refusal('msg_too_long');
        text += chunk.text;
        break;
      case 'task_update':
        if (typeof chunk.id !== 'string' || typeof chunk.title !== 'string')
          throw new Refusal('invalid_chunks');
        blocks.push({ ...chunk, type: 'task_card', task_id: chunk.id });
        break;
      case 'plan_update':
        if (typeof chunk.title !== 'string') throw new Refusal('invalid_chunks');
        blocks.push({ type: 'plan', title: chunk.title });
        break;
      case 'blocks':
        if (!Array.isArray(chunk.blocks)) throw new Refusal('invalid_chunks');
        checkMessageBlocks(chunk.blocks);
        blocks.push(...chunk.blocks);
        break;
      default:
        throw new Refusal('invalid_chunks');
    }
  }
  return { markdown: text, blocks };
}

/** A task or plan that comes again replaces the earlier one. */
function sameTask(a: unknown, b: unknown): boolean {
  if (!isJson(a) || !isJson(b) || a.type !== b.type) return false;
  return a.type === 'plan' || (a.type === 'task_card' && a.task_id === b.task_id);
}

/** The parts of a message after it has grown: its Markdown is one block in front. */
function grown(
  message: Pick<Message, 'text' | 'blocks'>,
  growth: Growth | undefined,
  cap: number,
): Pick<Message, 'text' | 'blocks'> {
  if (!growth) return { text: message.text, blocks: message.blocks };
  const text = message.text + growth.markdown;
  if (text.length > cap) throw new Refusal('msg_too_long');
  const rest = message.blocks.filter((block) => isJson(block) && block.block_id !== 'streamed');
  for (const block of growth.blocks) {
    const index = rest.findIndex((other) => sameTask(other, block));
    if (index === -1) rest.push(block);
    else rest[index] = block;
  }
  if (rest.length > limits.messageBlocks) throw new Refusal('msg_blocks_too_many');
  const markdown = text === '' ? [] : [{ type: 'markdown', block_id: 'streamed', text }];
  return { text, blocks: [...markdown, ...rest] };
}

export function streamMethods(world: World, options: StreamOptions): Methods {
  const { workspace, posts, clock } = world;
  const { app } = workspace.seed;

  const expired = (streaming: Streaming) => {
    const from = options.expiryFrom === 'start' ? streaming.startedAt : streaming.touchedAt;
    return clock.now() - from >= options.expiryMs;
  };

  /** What a call adds. Blocks of chunks get their ids like all others, else nobody could say which button was pressed. */
  const growthIn = (args: Args): Growth | undefined => {
    const growth = growthOf(args);
    return growth && { ...growth, blocks: withBlockIds(growth.blocks, workspace.nextId('b')).filter(isJson) };
  };

  /** The streaming message a call is about; one whose time is over is closed here, as Slack does by itself. */
  const live = (args: Args): { readonly message: Message; readonly streaming: Streaming } => {
    const channel = writableChannel(world, args.required('channel'));
    const message = workspace.message(channel.id, args.required('ts'));
    if (!message || message.deleted) throw new Refusal('message_not_found');
    if (message.botId !== app.botId) throw new Refusal('message_not_owned_by_app');
    const { streaming } = message;
    if (streaming?.state !== 'in_progress') throw new Refusal('message_not_in_streaming_state');
    if (expired(streaming)) {
      posts.change(message, { streaming: { ...streaming, state: 'errored' } });
      throw new Refusal('message_not_in_streaming_state');
    }
    return { message, streaming };
  };

  const start = (args: Args): Json => {
    const channel = writableChannel(world, args.required('channel'));
    const threadTs = args.text('thread_ts') ?? '';
    if (threadTs === '' || !workspace.message(channel.id, threadTs)) throw new Refusal('invalid_thread_ts');
    if (channel.kind !== 'im') {
      if (!args.text('recipient_user_id')) throw new Refusal('missing_recipient_user_id');
      if (!args.text('recipient_team_id')) throw new Refusal('missing_recipient_team_id');
      if (!workspace.people.has(args.required('recipient_user_id'))) throw new Refusal('user_not_found');
    }
    const content = grown({ text: '', blocks: [] }, growthIn(args), options.totalCap);
    const now = clock.now();
    const message = posts.post({
      channel: channel.id,
      user: app.user,
      botId: app.botId,
      threadTs,
      ...content,
      streaming: { state: 'in_progress', startedAt: now, touchedAt: now, stoppedByPerson: false },
    });
    return { channel: channel.id, ts: message.ts };
  };

  const append = (args: Args): Json => {
    const { message, streaming } = live(args);
    if (streaming.stoppedByPerson) throw new Refusal('stopped_by_user');
    const growth = growthIn(args);
    if (!growth) throw new Refusal('no_text');
    const content = grown(message, growth, options.totalCap);
    posts.change(message, { ...content, streaming: { ...streaming, touchedAt: clock.now() } });
    return { channel: message.channel, ts: message.ts };
  };

  const stop = (args: Args): Json => {
    const { message, streaming } = live(args);
    const content = grown(message, growthIn(args), options.totalCap);
    const blocks = args.list('blocks', 'invalid_blocks') ?? [];
    checkMessageBlocks(blocks);
    const marked = metadataOf(args);
    const after = posts.change(message, {
      text: content.text,
      blocks: [...content.blocks, ...withBlockIds(blocks, workspace.nextId('b'))],
      metadata: marked ? marked.metadata : message.metadata,
      streaming: { ...streaming, state: 'completed' },
    });
    return {
      channel: after.channel,
      ts: after.ts,
      message: messageOnWire(after, workspace, world.base(), true),
    };
  };

  return { 'chat.startStream': start, 'chat.appendStream': append, 'chat.stopStream': stop };
}
