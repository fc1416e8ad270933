import type { webApi } from '@slack/bolt';
import type { Clock } from '../../clock.ts';
import type { CommandPorts } from '../../commands/ports.ts';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Clients } from '../clients.ts';
import { errorWord } from './outcome.ts';
import { isSlacks } from './response-url.ts';

/** Longest that the bytes of a file may be on their way, in milliseconds; calls of the Web API have limits of their own. */
const UPLOAD_MS = 60_000;

export interface SendFileOptions {
  readonly clients: Clients;
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limitMs?: number;
}

/**
 * Files to a person's direct messages, in Slack's three steps (`files.getUploadURLExternal`, the bytes,
 * `files.completeUploadExternal`). The bytes go without a token. Never throws; false: it was not taken.
 */
export function createSendFile(options: SendFileOptions): CommandPorts['sendFile'] {
  const { clients, apiUrl, clock, log, limitMs = UPLOAD_MS } = options;
  return async ({ team, user }, { name, title, pieces }) => {
    const client = clients.of(team);
    if (client === null) return false;
    try {
      const id = await putBytes(
        client,
        { name, bytes: new Blob([...pieces]) },
        { apiUrl, clock, limitMs, log },
      );
      if (id === null) return false;
      const { channel } = await client.conversations.open({ users: user });
      if (channel?.id === undefined) return false;
      await client.files.completeUploadExternal({ files: [{ id, title }], channel_id: channel.id });
      return true;
    } catch (err) {
      log.warn({ word: errorWord(err), reason: toError(err).name }, 'a file could not be sent');
      return false;
    }
  };
}

/**
 * The first two steps: Slack's id of a file whose bytes it has, and that nobody sees; null: it was not taken. `alt`: what it
 * shows, for people who hear it read out (Slack's types say `alt_text`, its page `alt_txt`). Throws what the SDK throws.
 */
export async function putBytes(
  client: webApi.WebClient,
  { name, bytes, alt }: { readonly name: string; readonly bytes: Blob; readonly alt?: string },
  { apiUrl, clock, limitMs = UPLOAD_MS, log }: Pick<SendFileOptions, 'apiUrl' | 'clock' | 'limitMs' | 'log'>,
): Promise<string | null> {
  const { upload_url: url, file_id: id } = await client.files.getUploadURLExternal({
    filename: name,
    length: bytes.size,
    ...(alt === undefined ? {} : { alt_text: alt }),
  });
  if (url === undefined || id === undefined || !isSlacks(url, apiUrl)) return null;
  const over = new AbortController();
  const stop = clock.after(limitMs, () => over.abort());
  try {
    const sent = await fetch(url, { method: 'POST', body: bytes, redirect: 'error', signal: over.signal });
    await sent.body?.cancel();
    if (sent.ok) return id;
    log.warn({ status: sent.status }, 'the bytes of a file were not taken');
    return null;
  } finally {
    stop();
  }
}
