import type { Gesture } from '../incoming.ts';
import type { Log } from '../log.ts';
import { targetOf } from '../people/editing.ts';
import { NOT_OPENED, TOO_LATE, USAGE_NOT_SENT, USAGE_SENT } from '../words/home.ts';
import { createHome, type HomeOptions, type PublishHome } from './home.ts';
import { HOME_SETTINGS, HOME_TOOLS, HOME_USAGE } from './home-view.ts';
import type { GestureAnswer } from './ports.ts';
import { SETTINGS_MODAL } from './settings/form.ts';
import { createSettingsView, type SettingsView, type SettingsViewOptions } from './settings/settings.ts';
import type { ToolServers } from './tools/ports.ts';
import { createToolsView, type ToolsView } from './tools/tools.ts';

export interface ViewsOptions extends HomeOptions, Omit<SettingsViewOptions, 'onChange'> {
  /** Connected servers of tools. */
  readonly tools: ToolServers;
  /** Sends somebody their own usage, or the workspace's, in our direct message; false: it could not be shown. Never rejects. */
  readonly showUsage: (team: string, user: string, whose: 'me' | 'workspace') => Promise<boolean>;
  readonly log: Log;
}

interface Views {
  readonly home: PublishHome;
  readonly openSettings: SettingsView['open'];
  /** Opens the modal of connected servers. */
  readonly openTools: ToolsView['open'];
  /** A gesture in one of our views; null: the view is somebody else's. Never rejects. */
  gesture(gesture: Gesture): Promise<GestureAnswer> | null;
}

/** Everything that is shown in modals and the Home tab. */
export function createViews(options: ViewsOptions): Views {
  const home = createHome(options);
  const redraw = (team: string, user: string) => void home(team, user);
  const settings = createSettingsView({ ...options, onChange: redraw });
  const tools = createToolsView({ ...options, onDone: redraw });

  const toolsInHome = async ({
    team,
    user,
    triggerId,
  }: Gesture & { kind: 'pressed' }): Promise<GestureAnswer> => {
    if (triggerId === null) return { kind: 'none' };
    const opened = await tools.open({ team, user, channel: null, triggerId });
    if (opened !== 'done') await home(team, user, opened === 'expired' ? TOO_LATE : NOT_OPENED);
    return { kind: 'none' };
  };

  const inHome = async (gesture: Gesture & { kind: 'pressed' }): Promise<GestureAnswer> => {
    const { team, user, value, triggerId, actionId } = gesture;
    if (value !== 'person' && value !== 'workspace') return { kind: 'none' };
    const kind = value === 'person' ? 'me' : 'workspace';
    if (actionId.startsWith(HOME_USAGE)) {
      // Slack waits three seconds for the acknowledgement, and names may take longer.
      void options
        .showUsage(team, user, kind)
        .then((sent) => home(team, user, sent ? USAGE_SENT : USAGE_NOT_SENT));
      return { kind: 'none' };
    }
    if (triggerId === null) return { kind: 'none' };
    const target = targetOf({ team, user, channel: null }, { kind });
    const opened = await settings.open({ team, user, channel: null, target, triggerId });
    if (opened !== 'done') await home(team, user, opened === 'expired' ? TOO_LATE : NOT_OPENED);
    return { kind: 'none' };
  };

  return {
    home,
    openSettings: settings.open,
    openTools: tools.open,
    gesture(gesture) {
      const answer = tools.gesture(gesture);
      if (answer !== null) return answer;
      if (gesture.view.callbackId === SETTINGS_MODAL) return settings.gesture(gesture);
      if (gesture.kind !== 'pressed') return null;
      if (gesture.actionId === HOME_TOOLS) return toolsInHome(gesture);
      const ours = [HOME_SETTINGS, HOME_USAGE].some((prefix) => gesture.actionId.startsWith(prefix));
      return ours ? inHome(gesture) : null;
    },
  };
}
