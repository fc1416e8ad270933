import type { webApi } from '@slack/bolt';
import { type Clock, limited } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { isSlacks } from './response-url.ts';

/** Longest that the bytes of a file may be on their way, in milliseconds; calls of the Web API have limits of their own. */
const UPLOAD_MS = 60_000;

interface PutBytesOptions {
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limitMs?: number;
}

/**
 * The first two of Slack's three steps (`files.getUploadURLExternal`, then the bytes, without a token): Slack's id of a file whose bytes it has, and that nobody sees; null: it was not taken. `alt`: what it
 * shows, for people who hear it read out (Slack's types say `alt_text`, its page `alt_txt`). Throws what the SDK throws.
 */
export async function putBytes(
  client: webApi.WebClient,
  { name, bytes, alt }: { readonly name: string; readonly bytes: Blob; readonly alt?: string },
  { apiUrl, clock, limitMs = UPLOAD_MS, log }: PutBytesOptions,
): Promise<string | null> {
  const { upload_url: url, file_id: id } = await client.files.getUploadURLExternal({
    filename: name,
    length: bytes.size,
    ...(alt === undefined ? {} : { alt_text: alt }),
  });
  if (url === undefined || id === undefined || !isSlacks(url, apiUrl)) return null;
  return limited(clock, limitMs, async (signal) => {
    const sent = await fetch(url, { method: 'POST', body: bytes, redirect: 'error', signal });
    await sent.body?.cancel();
    if (sent.ok) return id;
    log.warn({ status: sent.status }, 'the bytes of a file were not taken');
    return null;
  });
}
