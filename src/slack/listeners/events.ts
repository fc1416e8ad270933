import type { App } from '@slack/bolt';
import { EVENT_TYPES, parseEvent } from '../parse/event.ts';
import type { Listening } from './listen.ts';

/** Resolves when the event is durable with us; only then it is acknowledged (`receive/hold.ts`). */
export function listenForEvents(app: App, { dispatch, selfOf }: Listening): void {
  for (const type of EVENT_TYPES)
    app.event(type, async ({ body }) => {
      await dispatch(parseEvent(body, selfOf));
    });
}
