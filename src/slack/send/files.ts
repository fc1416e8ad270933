import type { CommandPorts } from '../../commands/ports.ts';
import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Clients } from '../clients.ts';
import { errorWord } from './outcome.ts';
import { isSlacks } from './response-url.ts';

/** Files to a person's direct messages, in Slack's three steps. The bytes go without a token. */
export function createSendFile(clients: Clients, apiUrl: string, log: Log): CommandPorts['sendFile'] {
  return async ({ team, user }, { name, title, content }) => {
    const client = clients.of(team);
    if (client === null) return false;
    try {
      const bytes = new TextEncoder().encode(content);
      const { upload_url: url, file_id: id } = await client.files.getUploadURLExternal({
        filename: name,
        length: bytes.length,
      });
      if (url === undefined || id === undefined || !isSlacks(url, apiUrl)) return false;
      const sent = await fetch(url, { method: 'POST', body: bytes, redirect: 'error' });
      await sent.body?.cancel();
      if (!sent.ok) return false;
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
