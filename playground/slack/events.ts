/** Events as Slack words them. Whatever is made here is owed to the app until it is acknowledged. */
import type { Clock } from '../../src/clock.ts';
import { companyOf, hostOf, teamOf } from './companies.ts';
import { compact, type Json } from './json.ts';
import type { Channel, Message } from './records.ts';
import { type Granted, mayHear } from './scopes.ts';
import { channelType, mentionTeams, messageOnWire } from './wire.ts';
import type { Workspace } from './workspace.ts';

export interface EventOptions {
  readonly clock: Clock;
  readonly workspace: Workspace;
  /** The stand-in's own address, known once it listens. */
  readonly base: () => string;
  /** Event types that the app subscribed to; `undefined` means all. `message.im` and the like by channel type. */
  readonly subscriptions: ReadonlySet<string> | undefined;
  /** What the app may hear; `null` where it is not installed (any more). */
  readonly hears: () => Granted | null;
  readonly envelopes: Envelopes;
  readonly mentionFiles: boolean;
}

/**
 * What `team_id` of a delivery from a shared channel names. Sources disagree, so both are there: the workspace
 * that hosts the channel (bolt-js #687, java-slack-sdk #629), or the author's own for `message` and ours for the
 * rest (bodies of 2023 in bolt-python's tests). It is never a reliable name for the installation.
 */
export type Envelopes = 'host' | 'author';

/** Where an event happened and whose doing it was. */
interface Traits {
  readonly channel?: Channel;
  readonly author?: string | null;
  /** The workspace for `context_team_id`, on the kinds of event that carry it. */
  readonly context?: string;
}

export class Events {
  readonly #options: EventOptions;

  constructor(options: EventOptions) {
    this.#options = options;
  }

  /** Owes `event` to the app, if it subscribed to it. Returns the event id. */
  emit(event: Json, traits: Traits = {}): string | undefined {
    const { workspace, clock, subscriptions, hears } = this.#options;
    const granted = hears();
    if (granted === null || !mayHear(event, traits.channel, granted)) return undefined;
    if (!this.#wanted(event, subscriptions)) return undefined;
    const { seed } = workspace;
    const { team, app, orgInstall } = seed;
    const envelope = this.#envelopeTeam(event, traits);
    const enterpriseOf = (id: string) => companyOf(seed, id).enterprise?.id;
    const id = workspace.nextId('Ev');
    const payload = compact({
      token: 'standin-verification-token',
      team_id: envelope,
      enterprise_id: enterpriseOf(envelope),
      context_team_id: traits.context,
      context_enterprise_id:
        traits.context === undefined ? undefined : (enterpriseOf(traits.context) ?? null),
      api_app_id: app.id,
      event,
      type: 'event_callback',
      event_id: id,
      event_time: Math.floor(clock.now() / 1000),
      authorizations: [
        {
          enterprise_id: team.enterprise?.id ?? null,
          team_id: orgInstall ? null : team.id,
          user_id: app.user,
          is_bot: true,
          is_enterprise_install: orgInstall,
        },
      ],
      is_ext_shared_channel: Boolean(traits.channel?.shared),
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
    const shape =
      message.files.length > 0 && message.botId === null ? { ...inner, subtype: 'file_share' } : inner;
    this.emit({ ...shape, channel_type: channelType(channel) }, this.#said(message, channel));
    if (this.#namesBot(message, channel)) this.#mention(message, channel, {});
  }

  /**
   * A message that was edited by a person or by the bot, or that was given a link preview. An edit that names the
   * bot is a mention again. Slack leaves `previous_message` out of some previews.
   */
  changed(before: Message | null, after: Message): void {
    const channel = this.#heard(after);
    if (!channel) return;
    const { workspace, base } = this.#options;
    const ts = workspace.nextTs();
    this.emit(
      compact({
        type: 'message',
        subtype: 'message_changed',
        hidden: true,
        channel: channel.id,
        ts,
        event_ts: ts,
        channel_type: channelType(channel),
        message: messageOnWire(after, workspace, base()),
        previous_message: before ? messageOnWire(before, workspace, base()) : undefined,
      }),
      this.#said(after, channel),
    );
    const edited = after.edited && after.edited.ts !== before?.edited?.ts ? after.edited : undefined;
    if (edited && this.#namesBot(after, channel)) this.#mention(after, channel, { edited, event_ts: ts });
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
      this.#said(message, channel),
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
      { channel, author: user, context: hostOf(channel, this.#options.workspace.seed) },
    );
  }

  #said(message: Message, channel: Channel): Traits {
    return { channel, author: message.user, context: hostOf(channel, this.#options.workspace.seed) };
  }

  /** A mention carries no kind of channel, no context, and only the subtype of bots, also where its twin has more. */
  #mention(message: Message, channel: Channel, more: Json): void {
    const { workspace, mentionFiles } = this.#options;
    const { subtype, icons, ...whole } = this.#inner(message, channel);
    const { files: _, upload: __, ...without } = whole;
    const inner = mentionFiles ? whole : without;
    const bot = subtype === 'bot_message' ? { subtype } : {};
    const traits: Traits = { channel, author: message.user };
    const envelope = this.#envelopeTeam({ type: 'app_mention' }, traits);
    const teams = mentionTeams(message, envelope, workspace);
    this.emit({ ...inner, ...bot, ...teams, type: 'app_mention', ...more }, traits);
  }

  #envelopeTeam(event: Json, { channel, author }: Traits): string {
    const { workspace, envelopes } = this.#options;
    if (!channel?.shared) return workspace.seed.team.id;
    if (envelopes === 'host') return hostOf(channel, workspace.seed);
    return event.type === 'message' ? teamOf(workspace, author ?? null) : workspace.seed.team.id;
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
    const { botUser, seed } = this.#options.workspace;
    const own = message.botId === seed.app.botId;
    return channel.kind !== 'im' && !own && message.text.includes(`<@${botUser}>`);
  }

  #inner(message: Message, channel: Channel): Json {
    const { workspace, base } = this.#options;
    const { reply_count, reply_users, reply_users_count, latest_reply, reactions, edited, ...shown } =
      messageOnWire(message, workspace, base());
    return compact({
      ...shown,
      thread_ts: message.threadTs ?? undefined,
      channel: channel.id,
      event_ts: message.ts,
    });
  }
}
