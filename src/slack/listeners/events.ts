import type { App } from '@slack/bolt';
import { EVENT_TYPES, parseEvent } from '../parse/event.ts';
import type { Listening } from './listen.ts';

/**
 * Resolves when the event is durable with us; only then it is acknowledged (`receive/hold.ts`). One listener for all of
 * them: Bolt takes each delivery through every listener of the app.
 */
export function listenForEvents(app: App, { dispatch, selfOf }: Listening): void {
  app.event(new RegExp(`^(${EVENT_TYPES.join('|')})$`), async ({ body }) => {
    await dispatch(parseEvent(body, selfOf));
  });
}
