import type { Clock } from '../../clock.ts';
import type { Meter } from '../../operations/meter.ts';
import type { Pacer } from './pacer.ts';

/** The same pacer, whose turns are timed. */
export function timed(pacer: Pacer, meter: Meter, clock: Pick<Clock, 'monotonic'>): Pacer {
  return {
    ...pacer,
    join(team, channel, since, rhythm) {
      const seat = pacer.join(team, channel, since, rhythm);
      return {
        ...seat,
        async turn(kind, signal) {
          const asked = clock.monotonic();
          const given = await seat.turn(kind, signal);
          if (given) meter.turn(kind, (clock.monotonic() - asked) / 1000);
          return given;
        },
      };
    },
  };
}
