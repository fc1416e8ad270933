/** Whether a message is still being written. Pure. */
import type { PageMessage } from '../../protocol.ts';
import { fields, list, str } from '../text/fields.ts';

/** True while the app offers to stop it: a reply has a Stop button from its placeholder to its last edit. */
export function isWriting(message: PageMessage): boolean {
  return (
    message.botId !== null &&
    message.blocks.some((block) => list(fields(block)['elements']).some((element) => isStop(element)))
  );
}

/** A button is the Stop button by its action (`stop`, `skein_stop`, `reply.stop`) or its label. */
export function isStop(element: Readonly<Record<string, unknown>>): boolean {
  const label = str(fields(element['text'])['text']);
  return /(^|[^a-z])stop$/i.test(str(element['action_id'])) || label.toLowerCase() === 'stop';
}
