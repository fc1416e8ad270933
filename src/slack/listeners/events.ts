import type { App } from '@slack/bolt';
import { parseEvent } from '../parse/event.ts';
import type { Listening } from './listen.ts';

/**
 * Resolves when the event is durable with us; only then it is acknowledged (`receive/hold.ts`). One listener for all of
 * them, those too that mean nothing to us: Bolt takes each delivery through every listener of the app.
 */
export function listenForEvents(app: App, { dispatch, selfOf }: Listening): void {
  app.event(/.*/, async ({ body }) => {
    await dispatch(parseEvent(body, selfOf));
  });
}
