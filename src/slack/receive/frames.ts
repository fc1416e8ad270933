import { fieldsOf, wordOf } from '../parse/fields.ts';

/**
 * What Slack sent over the socket, made safe for the SDK:
 * - `pass`: hand `text` on to it;
 * - `disconnect`: the same, and this connection is over;
 * - `drop`: nothing that Slack documents.
 */
type Frame =
  | { readonly kind: 'pass'; readonly text: string }
  | { readonly kind: 'disconnect'; readonly text: string; readonly reason: string | null }
  | { readonly kind: 'drop'; readonly why: string };

/**
 * Reads one frame. The SDK (socket-mode 3.1.0) reads `payload.event.type` of every `events_api` envelope and
 * emits an event of that name on itself: an envelope without `event` ends the process, and an event called
 * like one of its own (`close`, `error`) would confuse it. Under another envelope type it hands on the same
 * body and looks no further, so events go under a name of ours.
 */
export function readFrame(data: unknown): Frame {
  if (typeof data !== 'string') return { kind: 'drop', why: 'binary' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch {
    return { kind: 'drop', why: 'not JSON' };
  }
  const frame = fieldsOf(parsed);
  switch (frame?.['type']) {
    case 'hello':
      return { kind: 'pass', text: data };
    case 'disconnect':
      return { kind: 'disconnect', text: data, reason: wordOf(frame['reason']) };
    case 'events_api':
    case 'interactive':
    case 'slash_commands': {
      if (typeof frame['envelope_id'] !== 'string') return { kind: 'drop', why: 'no envelope_id' };
      if (fieldsOf(frame['payload']) === null) return { kind: 'drop', why: 'no payload' };
      return { kind: 'pass', text: JSON.stringify({ ...frame, type: 'skein_envelope' }) };
    }
    default:
      return { kind: 'drop', why: `type ${wordOf(frame?.['type']) ?? 'unknown'}` };
  }
}
