import { z } from 'zod';
import type { SlackSelf } from '../../incoming.ts';
import { id, list, maybe, named } from './schemas.ts';

/**
 * What a delivery says about the installation it is for. Nothing else may say it: the `team_id` on top of an event is
 * the workspace that hosts the channel, `user.team_id` and the `team` of a submitted view are the person's, and an
 * enterprise id alone names an organisation in which others may have installed the app
 * (slackapi/bolt-js#687, #935, #1614; slackapi/java-slack-sdk#629, #1041; `buildSource` in Bolt's App.js).
 */
export interface Claim {
  /** Ids of workspaces or of an organisation, the one that counts first. */
  readonly ids: readonly string[];
  /** Our bot user in it, where the delivery names it. */
  readonly botUser: string | null;
  /** The message under the button that was pressed was posted by this bot. */
  readonly botId: string | null;
}

/** Who we are in the installation that a delivery is for; null: the app is not installed there, as far as we know. */
export type SelfOf = (claim: Claim) => SlackSelf | null;

/**
 * For one installation. A delivery that names no installation at all (some recorded ones do not) is for the only one
 * that there is; one that names another is not ours.
 */
export function onlyInstallation(self: SlackSelf): SelfOf {
  return ({ ids, botUser, botId }) => {
    const named =
      ids.includes(self.team) || botUser === self.botUserId || (botId !== null && botId === self.botId);
    const nameless = ids.length === 0 && botUser === null;
    return named || nameless ? self : null;
  };
}

/**
 * For any number of installations. The bot that posted the message under a press decides, whatever team Slack names there;
 * else the first id that is known. A delivery that names none is for the only one, if there is only one.
 */
export function anyInstallation(known: {
  byId(id: string): SlackSelf | null;
  byBot(botId: string): SlackSelf | null;
  only(): SlackSelf | null;
}): SelfOf {
  return ({ ids, botUser, botId }) => {
    const poster = botId === null ? null : known.byBot(botId);
    if (poster !== null) return poster;
    for (const id of ids) {
      const named = known.byId(id);
      if (named !== null) return named;
    }
    return ids.length === 0 && botUser === null ? known.only() : null;
  };
}

/** Of any body: events have an `event`, commands a `command`. */
export function claimOf(body: unknown): Claim {
  const fields = typeof body === 'object' && body !== null ? body : {};
  if ('event' in fields) return claimOfEvent(body);
  return 'command' in fields ? claimOfCommand(body) : claimOfInteraction(body);
}

const authorization = z.object({
  team_id: maybe(id),
  enterprise_id: maybe(id),
  user_id: maybe(id),
  is_enterprise_install: z.boolean().default(false).catch(false),
});

const envelope = z.object({ authorizations: list });

/** Of an event: `authorizations[0]`, of which Slack sends one at most. */
export function claimOfEvent(body: unknown): Claim {
  const given = envelope.safeParse(body);
  const read = authorization.safeParse(given.data?.authorizations[0]);
  if (!read.success) return { ids: [], botUser: null, botId: null };
  const { team_id: team, enterprise_id: org, user_id: botUser, is_enterprise_install: wide } = read.data;
  return { ids: idsOf(wide ? org : team), botUser, botId: null };
}

const interaction = z.object({
  team: maybe(named),
  enterprise: maybe(named),
  is_enterprise_install: z.boolean().default(false).catch(false),
  message: maybe(z.object({ bot_id: maybe(id) })),
  view: maybe(z.object({ app_installed_team_id: maybe(id), bot_id: maybe(id) })),
});

/**
 * Of a press, a form, a list of options or a shortcut: `view.app_installed_team_id`, else `team.id`. A press on a message
 * of ours is ours by the bot that posted it, whatever team Slack names there.
 */
export function claimOfInteraction(body: unknown): Claim {
  const read = interaction.safeParse(body);
  if (!read.success) return { ids: [], botUser: null, botId: null };
  const { team, enterprise, message, view, is_enterprise_install: wide } = read.data;
  const org = wide ? (enterprise?.id ?? null) : null;
  const workspace = view === null ? (team?.id ?? null) : (view.app_installed_team_id ?? team?.id ?? null);
  return { ids: idsOf(org, workspace), botUser: null, botId: message?.bot_id ?? view?.bot_id ?? null };
}

const command = z.object({
  team_id: maybe(id),
  enterprise_id: maybe(id),
  // A form field: text in commands, where everything else has a boolean.
  is_enterprise_install: z.union([z.string(), z.boolean()]).catch('false'),
});

/** Of a slash command: the workspace in which it was typed; commands exist only where the app is installed. */
export function claimOfCommand(body: unknown): Claim {
  const read = command.safeParse(body);
  if (!read.success) return { ids: [], botUser: null, botId: null };
  const wide = String(read.data.is_enterprise_install) === 'true';
  return { ids: idsOf(wide ? read.data.enterprise_id : null, read.data.team_id), botUser: null, botId: null };
}

function idsOf(...ids: readonly (string | null)[]): string[] {
  return ids.filter((one) => one !== null);
}
