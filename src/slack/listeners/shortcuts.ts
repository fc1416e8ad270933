import type { App } from '@slack/bolt';
import { parseShortcut } from '../parse/interaction.ts';
import type { Listening } from './listen.ts';

/** Shortcuts open a form. The trigger for it is good for three seconds, so nothing waits before it is used. */
export function listenForShortcuts(app: App, { dispatch, selfOf }: Listening): void {
  app.shortcut(/.*/, async ({ ack, body }) => {
    await ack();
    await dispatch(parseShortcut(body, selfOf));
  });
}
