import { startWorld, type World, type WorldOptions } from './world.ts';

/**
 * A world in which people press buttons. Slack delivers no press twice, so that one which meets a connection being
 * lost is gone: on a busy machine the short patience of other journeys would lose some.
 */
export function startPressing(options: WorldOptions = {}): Promise<World> {
  return startWorld({ ...options, tuning: { clientPingTimeout: 15_000, ...options.tuning } });
}
