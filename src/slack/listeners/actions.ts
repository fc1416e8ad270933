import type { App } from '@slack/bolt';
import { within } from '../../clock.ts';
import { parseAction } from '../parse/interaction.ts';
import { HOLD_MS, type Listening } from './listen.ts';

/** Buttons and selects, in messages and in views. `dispatch.ts` knows whose an action is. */
export function listenForActions(app: App, { dispatch, selfOf, clock }: Listening): void {
  app.action(/.*/, async ({ ack, body }) => {
    await within(clock, HOLD_MS, dispatch(parseAction(body, selfOf)));
    await ack();
  });
}
