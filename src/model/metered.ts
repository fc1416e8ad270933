import type { Clock } from '../clock.ts';
import type { Meter } from '../operations/meter.ts';
import type { ModelEvent } from '../reply/ports.ts';
import type { AnthropicModel } from './anthropic.ts';

/** The same model, whose calls are counted by how they end. */
export function metered(
  model: AnthropicModel,
  meter: Meter,
  clock: Pick<Clock, 'monotonic'>,
): AnthropicModel {
  return {
    ...model,
    async *stream(request, signal, allowed): AsyncGenerator<ModelEvent, void> {
      const since = clock.monotonic();
      let end = 'abandoned';
      try {
        for await (const event of model.stream(request, signal, allowed)) {
          if (event.type === 'stop') end = event.reason;
          if (event.type === 'failure') end = event.failure.code;
          yield event;
        }
      } finally {
        meter.modelCall(request.model, end, (clock.monotonic() - since) / 1000);
      }
    },
  };
}
