/** Events as Slack words them. Whatever is made here is owed to the app until it is acknowledged. */
import type { Clock } from '../../src/clock.ts';
import { compact, type Json } from './json.ts';
import type { Channel, Message } from './records.ts';
import { authorOnWire, channelType, messageOnWire } from './wire.ts';
import type { Workspace } from './workspace.ts';

export interface EventOptions {
  readonly clock: Clock;
  readonly workspace: Workspace;
  /** The stand-in's own address, known once it listens. */
  readonly base: () => string;
  /** Event types that the app subscribed to; `undefined` means all. `message.im` and the like by channel type. */
  readonly subscriptions: ReadonlySet<string> | undefined;
}

export class Events {
  readonly #options: EventOptions;

  constructor(options: EventOptions) {
    this.#options = options;
  }

  /** Owes `event` to the app, if it subscribed to it. Returns the event id. */
  emit(
    event: Json,
    traits: { readonly channel?: Channel; readonly withContext?: boolean } = {},
  ): string | undefined {
    const { workspace, clock, subscriptions } = this.#options;
    if (!this.#wanted(event, subscriptions)) return undefined;
    const { team, app } = workspace.seed;
    const id = workspace.nextId('Ev');
    const payload = compact({
      token: 'standin-verification-token',
      team_id: team.id,
      context_team_id: traits.withContext ? team.id : undefined,
      context_enterprise_id: traits.withContext ? null : undefined,
      api_app_id: app.id,
      event,
      type: 'event_callback',
      event_id: id,
      event_time: Math.floor(clock.now() / 1000),
      authorizations: [
        {
          enterprise_id: null,
          team_id: team.id,
          user_id: app.user,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: traits.channel?.external ?? false,
      event_context: `4-${id}`,
    });
    workspace.put({ table: 'owed', key: id, value: { id, payload, attempts: 0 } });
    return id;
  }

  /** A new message: `message`, and `app_mention` beside it if it names the bot outside a direct message. */
  posted(message: Message): void {
    const channel = this.#heard(message);
    if (!channel) return;
    const inner = this.#inner(message, channel);
    const { subtype, upload, ...mention } = inner;
    const shape =
      message.files.length > 0 && message.botId === null ? { ...inner, subtype: 'file_share' } : inner;
    this.emit({ ...shape, channel_type: channelType(channel) }, { channel, withContext: true });
    if (this.#namesBot(message, channel)) this.emit({ ...mention, type: 'app_mention' }, { channel });
  }

  /** A message that was edited by a person or by the bot. An edit that names the bot is a mention again. */
  changed(before: Message, after: Message): void {
    const channel = this.#heard(after);
    if (!channel) return;
    const { workspace, base } = this.#options;
    const ts = workspace.nextTs();
    this.emit(
      {
        type: 'message',
        subtype: 'message_changed',
        hidden: true,
        channel: channel.id,
        ts,
        event_ts: ts,
        channel_type: channelType(channel),
        message: messageOnWire(after, workspace, base()),
        previous_message: messageOnWire(before, workspace, base()),
      },
      { channel, withContext: true },
    );
    if (after.edited && this.#namesBot(after, channel)) {
      const { subtype, upload, ...mention } = this.#inner(after, channel);
      this.emit({ ...mention, type: 'app_mention', edited: after.edited, event_ts: ts }, { channel });
    }
  }

  removed(message: Message): void {
    const channel = this.#heard(message);
    if (!channel) return;
    const { workspace, base } = this.#options;
    const ts = workspace.nextTs();
    this.emit(
      {
        type: 'message',
        subtype: 'message_deleted',
        hidden: true,
        channel: channel.id,
        ts,
        event_ts: ts,
        deleted_ts: message.ts,
        channel_type: channelType(channel),
        previous_message: messageOnWire(message, workspace, base()),
      },
      { channel, withContext: true },
    );
  }

  reaction(kind: 'reaction_added' | 'reaction_removed', user: string, name: string, message: Message): void {
    const channel = this.#heard(message);
    if (!channel) return;
    this.emit(
      compact({
        type: kind,
        user,
        reaction: name,
        item: { type: 'message', channel: message.channel, ts: message.ts },
        item_user: message.user ?? undefined,
        event_ts: this.#options.workspace.nextTs(),
      }),
      { channel },
    );
  }

  #wanted(event: Json, subscriptions: ReadonlySet<string> | undefined): boolean {
    if (!subscriptions) return true;
    const type = String(event.type);
    if (type !== 'message') return subscriptions.has(type);
    const plural: Readonly<Record<string, string>> = {
      channel: 'channels',
      group: 'groups',
      im: 'im',
      mpim: 'mpim',
    };
    return subscriptions.has(`message.${plural[String(event.channel_type)]}`);
  }

  /** The channel, if the bot is in it and the message is not for one person only. */
  #heard(message: Message): Channel | undefined {
    const { workspace } = this.#options;
    const channel = workspace.channels.get(message.channel);
    const heard = channel?.members.includes(workspace.botUser) && message.ephemeralFor === null;
    return heard ? channel : undefined;
  }

  #namesBot(message: Message, channel: Channel): boolean {
    const { botUser } = this.#options.workspace;
    return channel.kind !== 'im' && message.botId === null && message.text.includes(`<@${botUser}>`);
  }

  #inner(message: Message, channel: Channel): Json {
    const { workspace, base } = this.#options;
    const { reply_count, reply_users, latest_reply, reactions, edited, ...shown } = messageOnWire(
      message,
      workspace,
      base(),
    );
    const author = workspace.people.get(message.user ?? '');
    const foreign = author?.isStranger ? { team: 'T0ELSEWHERE', user_team: 'T0ELSEWHERE' } : {};
    return compact({
      ...shown,
      ...authorOnWire(message, workspace),
      ...foreign,
      thread_ts: message.threadTs ?? undefined,
      channel: channel.id,
      event_ts: message.ts,
    });
  }
}
