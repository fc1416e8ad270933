import type { App } from '@slack/bolt';
import { within } from '../../clock.ts';
import { parseCommand } from '../parse/interaction.ts';
import { HOLD_MS, type Listening } from './listen.ts';

/** Slash commands. The answer goes to the command's `response_url`, so the acknowledgement is empty. */
export function listenForCommands(app: App, { dispatch, selfOf, clock }: Listening): void {
  app.command(/.*/, async ({ ack, body }) => {
    await within(clock, HOLD_MS, dispatch(parseCommand(body, selfOf)));
    await ack();
  });
}
