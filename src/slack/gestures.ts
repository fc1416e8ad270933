import type { Gesture, GestureAnswer } from '../views/ports.ts';
import { parseGesture } from './parse/gesture.ts';

/**
 * Answers what a person did in one of our views; false: it was something else, and nothing was acknowledged.
 * A press is acknowledged at once. A form and a list of options carry their answer in the acknowledgement, so
 * that whoever gives it must stay below Slack's three seconds.
 */
export async function answerGesture(
  args: { readonly body: unknown },
  answer: (gesture: Gesture) => Promise<GestureAnswer> | null,
): Promise<boolean> {
  const gesture = parseGesture(args.body);
  if (gesture === null) return false;
  const answering = answer(gesture);
  if (answering === null) return false;
  const ack = 'ack' in args && typeof args.ack === 'function' ? args.ack : null;
  if (gesture.kind === 'pressed') {
    await ack?.();
    await answering;
    return true;
  }
  const said = await answering;
  switch (said.kind) {
    case 'none':
      await ack?.();
      break;
    case 'errors':
      await ack?.({ response_action: 'errors', errors: said.errors });
      break;
    case 'update':
      await ack?.({ response_action: 'update', view: said.view });
      break;
    case 'options':
      await ack?.({ options: said.options });
      break;
  }
  return true;
}
