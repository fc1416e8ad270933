import type { App } from '@slack/bolt';
import { parseGesture } from '../parse/view.ts';
import type { Listening } from './listen.ts';

/**
 * Forms that are submitted. The acknowledgement carries what the form shows next, so whoever answers stays below
 * Slack's three seconds.
 */
export function listenForViews(app: App, { dispatch, selfOf }: Listening): void {
  app.view(/.*/, async ({ ack, body }) => {
    const said = await dispatch(parseGesture(body, selfOf));
    switch (said.kind) {
      case 'errors':
        return ack({ response_action: 'errors', errors: said.errors });
      case 'update':
        return ack({ response_action: 'update', view: said.view });
      default:
        return ack();
    }
  });
}
