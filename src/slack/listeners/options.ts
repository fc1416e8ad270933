import type { App } from '@slack/bolt';
import { parseGesture } from '../parse/view.ts';
import type { Listening } from './listen.ts';

/** What may be chosen in a select whose options come from us; they travel in the acknowledgement. */
export function listenForOptions(app: App, { dispatch, selfOf }: Listening): void {
  app.options(/.*/, async ({ ack, body }) => {
    const said = await dispatch(parseGesture(body, selfOf));
    await ack({ options: said.kind === 'options' ? [...said.options] : [] });
  });
}
