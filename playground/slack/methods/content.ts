/** The content of a message as `chat.*` takes it: text, Markdown or blocks, with Slack's sizes. */
import type { Args } from '../args.ts';
import { checkMessageBlocks } from '../blockLimits.ts';
import { limits } from '../elementLimits.ts';
import { isJson, type Json } from '../json.ts';
import { Refusal } from '../refusal.ts';

export interface Content {
  /** `undefined` if neither text nor Markdown was given. */
  readonly text: string | undefined;
  readonly blocks: readonly unknown[] | undefined;
  readonly attachments: readonly unknown[] | undefined;
}

export function contentOf(args: Args): Content {
  const text = args.text('text');
  const markdown = args.text('markdown_text');
  const blocks = args.list('blocks', 'invalid_blocks_format');
  const attachments = args.list('attachments', 'invalid_attachments');
  if (attachments && attachments.length > 100) throw new Refusal('too_many_attachments');
  if (markdown !== undefined) {
    if (text !== undefined || blocks !== undefined) throw new Refusal('markdown_text_conflict');
    if (markdown.length > limits.markdown) throw new Refusal('msg_too_long');
    if (markdown === '') throw new Refusal('no_text');
    return { text: markdown, blocks: [{ type: 'markdown', text: markdown }], attachments };
  }
  if (blocks) checkMessageBlocks(blocks);
  const nothing = (list: readonly unknown[] | undefined) => !list || list.length === 0;
  if ((text === undefined || text === '') && nothing(blocks) && nothing(attachments))
    throw new Refusal('no_text');
  return { text, blocks, attachments };
}

/** Slack gives each block an id where the app gave none. `seed` makes it unique. */
export function withBlockIds(blocks: readonly unknown[], seed: string): readonly unknown[] {
  return blocks.map((block, index) => {
    if (!isJson(block) || (typeof block.block_id === 'string' && block.block_id !== '')) return block;
    return { ...block, block_id: `${seed}-${index}` };
  });
}

/** The limit is not published; 8 KiB stands for "a few kilobytes". */
const metadataBytes = 8_192;

/** The metadata to keep: `undefined` if none was given, `null` to drop it (empty or malformed). */
export function metadataOf(
  args: Args,
): { readonly metadata: Json | null; readonly warning?: string } | undefined {
  const given = args.object('metadata', 'invalid_metadata_format');
  if (!given) return undefined;
  if (Object.keys(given).length === 0) return { metadata: null };
  if (typeof given.event_type !== 'string' || !isJson(given.event_payload)) {
    return { metadata: null, warning: 'invalid_metadata_schema' };
  }
  if (Buffer.byteLength(JSON.stringify(given)) > metadataBytes) throw new Refusal('metadata_too_large');
  return { metadata: { event_type: given.event_type, event_payload: given.event_payload } };
}
