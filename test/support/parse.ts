import type { Incoming } from '../../src/incoming.ts';
import { parseEvent } from '../../src/slack/parse/event.ts';
import { onlyInstallation } from '../../src/slack/parse/installation.ts';
import { parseAction, parseCommand, parseShortcut } from '../../src/slack/parse/interaction.ts';
import { parseGesture } from '../../src/slack/parse/view.ts';
import { SELF } from './payloads.ts';

/** A body as the listener that Bolt calls for it would parse it; total, as the parsers are. */
export function parsePayload(body: unknown, self = SELF): Incoming {
  const selfOf = onlyInstallation(self);
  const { type, command } =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  switch (type) {
    case 'block_actions':
      return parseAction(body, selfOf);
    case 'view_submission':
    case 'view_closed':
    case 'block_suggestion':
      return parseGesture(body, selfOf);
    case 'shortcut':
    case 'message_action':
      return parseShortcut(body, selfOf);
    default:
      return command === undefined ? parseEvent(body, selfOf) : parseCommand(body, selfOf);
  }
}
