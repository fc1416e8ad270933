import type { CallToolResult } from '@modelcontextprotocol/client';
import { MOST_RESULT_BYTES, type ResultPart } from '../connected.ts';
import { harmless, harmlessLine } from '../harmless.ts';

/** An image as the model takes it, of at most `most` bytes; null: it is none that can be read. Never rejects. */
export type FitImage = (
  bytes: Uint8Array,
  most: number,
) => Promise<{ readonly media: 'image/png' | 'image/jpeg'; readonly bytes: Uint8Array } | null>;

interface ReadResult {
  readonly parts: readonly ResultPart[];
  readonly failed: boolean;
  readonly cut: boolean;
}

type Content = CallToolResult['content'][number];

/** Parts of a result that are looked at. */
const MOST_PARTS = 100;
/** Base64 of an image that is decoded at all. */
const MOST_IMAGE_CHARACTERS = 8_000_000;
/** Below this an image shows nothing. */
const LEAST_IMAGE_BYTES = 2_000;

/**
 * What a tool gave, as parts for the model: text without control sequences and unseen characters, images written anew,
 * everything else by name. At most `MOST_RESULT_BYTES` in all; `cut` says that something was left out. Total: whatever the
 * server sent becomes something.
 */
export async function readResult(result: CallToolResult, fitImage: FitImage): Promise<ReadResult> {
  const parts: ResultPart[] = [];
  let left = MOST_RESULT_BYTES;
  let cut = false;
  const addText = (text: string) => {
    const whole = harmless(text);
    const fitting = fitText(whole, left);
    if (fitting.length < whole.length) cut = true;
    if (fitting === '') return;
    left -= Buffer.byteLength(fitting);
    parts.push({ type: 'text', text: fitting });
  };

  const content = Array.isArray(result.content) ? result.content : [];
  if (content.length > MOST_PARTS) cut = true;
  for (const one of content.slice(0, MOST_PARTS)) {
    if (one.type !== 'image') {
      addText(textOf(one));
      continue;
    }
    const image = await imageOf(one.data, left, fitImage);
    if (image === null) {
      cut = true;
      addText('[An image was left out: it is too large or can not be read.]');
      continue;
    }
    left -= image.data.length;
    parts.push(image);
  }
  // Servers repeat it as text for clients that do not know it (the protocol asks for that); then once is enough.
  const { structuredContent } = result;
  if (structuredContent !== undefined && !content.some((one) => isSame(one, structuredContent)))
    addText(JSON.stringify(structuredContent));
  return { parts, failed: result.isError === true, cut };
}

function textOf(one: Exclude<Content, { type: 'image' }>): string {
  switch (one.type) {
    case 'text':
      return String(one.text);
    case 'resource_link': {
      const name = harmlessLine(one.title ?? one.name, 200);
      const about = one.description === undefined ? '' : `: ${harmlessLine(one.description, 500)}`;
      return `[Link "${name}" ${harmlessLine(one.uri, 2000)}${about}]`;
    }
    case 'resource': {
      const { resource } = one;
      const uri = harmlessLine(resource.uri, 2000);
      if ('text' in resource) return `[Text of ${uri}]\n${resource.text}`;
      return `[File ${uri} (${harmlessLine(resource.mimeType ?? 'of unknown kind', 100)}), which was not read]`;
    }
    case 'audio':
      return `[Sound (${harmlessLine(one.mimeType, 100)}), which was not heard]`;
    default:
      return '[Something of a kind that is not known]';
  }
}

function isSame(one: Content, structured: unknown): boolean {
  if (one.type !== 'text') return false;
  try {
    return JSON.stringify(JSON.parse(one.text)) === JSON.stringify(structured);
  } catch {
    return false;
  }
}

async function imageOf(
  data: unknown,
  left: number,
  fitImage: FitImage,
): Promise<Extract<ResultPart, { type: 'image' }> | null> {
  if (typeof data !== 'string' || data.length > MOST_IMAGE_CHARACTERS) return null;
  // Base64 is a third longer.
  const most = Math.floor((left * 3) / 4) - 3;
  if (most < LEAST_IMAGE_BYTES) return null;
  const image = await fitImage(Buffer.from(data, 'base64'), most);
  if (image === null || image.bytes.length > most) return null;
  return { type: 'image', media: image.media, data: Buffer.from(image.bytes).toString('base64') };
}

/** The beginning of a text that has at most `most` bytes of UTF-8, without half a character at its end. */
function fitText(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const bytes = Buffer.from(text.slice(0, most)).subarray(0, Math.max(most, 0));
  return bytes.toString('utf8').replace(/\ufffd+$/, '');
}
