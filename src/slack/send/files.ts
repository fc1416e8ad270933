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
    const over = new AbortController();
    const stop = clock.after(limitMs, () => over.abort());
    try {
      const bytes = new Blob([...pieces]);
      const { upload_url: url, file_id: id } = await client.files.getUploadURLExternal({
        filename: name,
        length: bytes.size,
      });
      if (url === undefined || id === undefined || !isSlacks(url, apiUrl)) return false;
      const sent = await fetch(url, { method: 'POST', body: bytes, redirect: 'error', signal: over.signal });
      await sent.body?.cancel();
      if (!sent.ok) {
        log.warn({ status: sent.status }, 'the bytes of a file were not taken');
        return false;
      }
      const { channel } = await client.conversations.open({ users: user });
      if (channel?.id === undefined) return false;
      await client.files.completeUploadExternal({ files: [{ id, title }], channel_id: channel.id });
      return true;
    } catch (err) {
      log.warn({ word: errorWord(err), reason: toError(err).name }, 'a file could not be sent');
      return false;
    } finally {
      stop();
    }
  };
}
