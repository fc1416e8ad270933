/** auth.test, users.*, bots.info, team.info, reactions.*. */
import type { Args } from '../args.ts';
import type { Message } from '../records.ts';
import { Refusal } from '../refusal.ts';
import { messageOnWire, personOnWire } from '../wire.ts';
import { channelOf, demandWorkspace, joinedChannel, type Methods, messageOf, type World } from './method.ts';
import { page } from './paging.ts';

function reactedMessage(world: World, args: Args): Message {
  return messageOf(world, joinedChannel(world, args.required('channel')), args.required('timestamp'));
}

function emojiName(args: Args): string {
  const name = args.required('name');
  if (!/^[\p{L}\d_+'-]+(::skin-tone-[2-6])?$/u.test(name)) throw new Refusal('invalid_name');
  return name;
}

export function directoryMethods(world: World): Methods {
  const { workspace, posts } = world;
  const { team, app, orgInstall } = workspace.seed;
  return {
    'auth.test': () => ({
      url: `https://${team.domain}.slack.com/`,
      team: orgInstall ? null : team.name,
      user: workspace.people.get(app.user)?.handle ?? 'bot',
      team_id: orgInstall ? null : team.id,
      user_id: app.user,
      bot_id: app.botId,
      ...(team.enterprise ? { enterprise_id: team.enterprise.id } : {}),
      is_enterprise_install: orgInstall,
    }),
    'users.info': (args) => {
      const found = workspace.people.get(args.required('user'));
      if (!found) throw new Refusal('user_not_found');
      return { user: personOnWire(found, workspace) };
    },
    'users.list': (args) => {
      demandWorkspace(world, args);
      const { items, next } = page([...workspace.people.values()], args, { otherwise: 100, most: 1_000 });
      return {
        members: items.map((found) => personOnWire(found, workspace)),
        response_metadata: { next_cursor: next },
      };
    },
    'bots.info': (args) => {
      const asked = args.text('bot');
      const name = workspace.people.get(app.user)?.displayName ?? 'bot';
      if (asked === app.botId)
        return { bot: { id: app.botId, deleted: false, name, app_id: app.id, user_id: app.user, icons: {} } };
      const other = [...workspace.allMessages()].find((message) => message.app?.botId === asked)?.app;
      if (!other) throw new Refusal('bot_not_found');
      return { bot: { id: other.botId, deleted: false, name: other.name, app_id: other.id, icons: {} } };
    },
    'team.info': () => ({
      team: { id: team.id, name: team.name, domain: team.domain, email_domain: '', icon: {} },
    }),
    'reactions.add': (args) => {
      const message = reactedMessage(world, args);
      if (!posts.react(message, app.user, emojiName(args), true)) throw new Refusal('already_reacted');
      return {};
    },
    'reactions.remove': (args) => {
      const message = reactedMessage(world, args);
      if (!posts.react(message, app.user, emojiName(args), false)) throw new Refusal('no_reaction');
      return {};
    },
    'reactions.get': (args) => {
      const message = messageOf(
        world,
        channelOf(world, args.required('channel')),
        args.required('timestamp'),
      );
      return {
        type: 'message',
        channel: message.channel,
        message: messageOnWire(message, workspace, world.base()),
      };
    },
  };
}
