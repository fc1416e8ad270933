import type { SeenMessage } from '../../playground/slack/contract.ts';
import type { World } from './world.ts';

export { startWorld as startCalmWorld } from './world.ts';

/**
 * Types `/skein …` and returns the answer that appears at the top level, for this person alone or for everybody;
 * `visible` is without the marks of code.
 */
export async function skein(world: World, user: string, channel: string, text: string): Promise<SeenMessage> {
  const answered = seenOf(world);
  for (const { ts } of world.slack.messages(channel)) answered.add(ts);
  const ack = await world.slack.slash(user, channel, '/skein', text);
  if (!ack.acked) throw new Error('the command was not acknowledged');
  const answer = await world.slack.waitForMessage(
    (message) =>
      message.channel === channel &&
      message.user === world.slack.botUser &&
      message.threadTs === null &&
      (message.ephemeralFor === null || message.ephemeralFor === user) &&
      !answered.has(message.ts),
  );
  answered.add(answer.ts);
  return { ...answer, visible: answer.visible.replaceAll('`', '') };
}

const seen = new WeakMap<object, Set<string>>();

function seenOf(world: World): Set<string> {
  const found = seen.get(world.slack) ?? new Set<string>();
  seen.set(world.slack, found);
  return found;
}
