import type { App } from '@slack/bolt';
import type { Clock } from '../../clock.ts';
import type { Dispatch } from '../../dispatch.ts';
import type { SelfOf } from '../parse/installation.ts';
import { listenForActions } from './actions.ts';
import { listenForCommands } from './commands.ts';
import { listenForEvents } from './events.ts';
import { listenForOptions } from './options.ts';
import { listenForShortcuts } from './shortcuts.ts';
import { listenForViews } from './views.ts';

/** What every listener needs: each turns its payload into an `Incoming` and hands it to `dispatch.ts`. */
export interface Listening {
  readonly dispatch: Dispatch;
  /** Who we are in the installation of a delivery. */
  readonly selfOf: SelfOf;
  readonly clock: Pick<Clock, 'sleep'>;
}

/**
 * Slack waits three seconds for the acknowledgement of a press or a command. Within this time (milliseconds) it is held
 * until what was asked for is stored or done, so that Slack itself tells the person when this process dies before.
 */
export const HOLD_MS = 700;

/** Every listener of the app. */
export function listen(app: App, listening: Listening): void {
  listenForEvents(app, listening);
  listenForActions(app, listening);
  listenForCommands(app, listening);
  listenForViews(app, listening);
  listenForShortcuts(app, listening);
  listenForOptions(app, listening);
}
