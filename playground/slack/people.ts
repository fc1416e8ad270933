/** What people do in the workspace by themselves: write, edit, delete, react, join, share files. */
import { companyOf, demandApp, teamOf } from './companies.ts';
import { composeMessage, type Directory } from './compose.ts';
import type { Json } from './json.ts';
import { openConversation } from './methods/conversations.ts';
import type { World } from './methods/method.ts';
import type { Channel, Message, StoredFile } from './records.ts';

/** A file as a person shares it; the stand-in keeps its bytes. */
export interface SharedFile {
  readonly name: string;
  readonly mimetype: string;
  readonly content: Buffer | string;
  /** The smaller picture that Slack makes of an image, also of kinds that browsers do not show. */
  readonly thumb?: Buffer;
  /** Makes it a voice clip: Slack's transcript of it (`null` while Slack is still at it), and its length. */
  readonly clip?: { readonly transcript: string | null; readonly milliseconds: number };
}

export interface SayOptions {
  readonly threadTs?: string;
  readonly files?: readonly SharedFile[];
  /** A reply that is shown in the channel too. */
  readonly broadcast?: boolean;
}

/** How direct messages reach the app: `assistant_view` (legacy) puts each into a thread of its own pane. */
export type DirectMessages = 'agent_view' | 'assistant_view';

/** All methods throw an `Error` for what a person could not do: unknown ids, not a member, not theirs. */
export class People {
  readonly #world: World;
  readonly #direct: DirectMessages;

  constructor(world: World, direct: DirectMessages) {
    this.#world = world;
    this.#direct = direct;
  }

  /** Writes in a conversation, as if typed: `@handle`, `#channel`, `*bold*`, lists, fences and so on. */
  say(user: string, channel: string, typed: string, options: SayOptions = {}): { readonly ts: string } {
    const { workspace, posts } = this.#world;
    const place = this.#joined(user, channel);
    if (place.archived) throw new Error(`#${place.name} is archived`);
    return workspace.together(() => {
      const composed = composeMessage(typed, this.#directory(), workspace.nextId('b'));
      const threadTs = options.threadTs ?? this.#assistantThread(user, place) ?? null;
      const { ts } = posts.post({
        channel: place.id,
        user,
        ...composed,
        threadTs,
        subtype: options.broadcast && threadTs !== null ? 'thread_broadcast' : null,
        files: (options.files ?? []).map((file) => this.#keep(user, file)),
        clientMsgId: workspace.nextId('client-'),
      });
      return { ts };
    });
  }

  /** Writes to the bot directly. */
  dm(
    user: string,
    typed: string,
    options: SayOptions = {},
  ): { readonly channel: string; readonly ts: string } {
    const channel = this.openDm(user, this.#world.workspace.botUser);
    return { channel, ...this.say(user, channel, typed, options) };
  }

  upload(
    user: string,
    channel: string,
    file: SharedFile,
    typed = '',
    options: SayOptions = {},
  ): { readonly ts: string } {
    return this.say(user, channel, typed, { ...options, files: [file] });
  }

  edit(user: string, channel: string, ts: string, typed: string): void {
    const before = this.#own(user, channel, ts);
    const { workspace, posts } = this.#world;
    workspace.together(() => {
      const composed = composeMessage(typed, this.#directory(), workspace.nextId('b'));
      posts.change(before, { ...composed, edited: { user, ts: workspace.nextTs() } });
    });
  }

  /** Deletes one's own message; admins delete anyone's, also the app's. */
  remove(user: string, channel: string, ts: string): void {
    const admin = this.#world.workspace.people.get(user)?.isAdmin ?? false;
    this.#world.posts.remove(admin ? this.#message(channel, ts) : this.#own(user, channel, ts));
  }

  /** Adds a reaction, or takes it back if this person had given it. */
  react(user: string, channel: string, ts: string, name: string): void {
    const message = this.#message(this.#joined(user, channel).id, ts);
    if (!this.#world.posts.react(message, user, name, true))
      this.#world.posts.react(message, user, name, false);
  }

  /** The direct message between two people (or a person and the bot): its channel id. */
  openDm(user: string, other: string): string {
    this.#known(user);
    this.#known(other);
    if (other === this.#world.workspace.botUser)
      demandApp(this.#world.workspace, user, 'A direct message with the app');
    return openConversation(this.#world, [user, other]).channel.id;
  }

  /** Brings someone into a conversation, with `member_joined_channel`. */
  invite(user: string, channel: string, by?: string): void {
    this.#known(user);
    const { workspace, events } = this.#world;
    const place = this.#channel(channel);
    if (place.members.includes(user)) return;
    workspace.together(() => {
      const value = { ...place, members: [...place.members, user] };
      workspace.put({ table: 'channel', key: place.id, value });
      if (!value.members.includes(workspace.botUser)) return;
      const { enterprise } = companyOf(workspace.seed, teamOf(workspace, user));
      const joined = {
        ...(by === undefined ? {} : { inviter: by }),
        ...(enterprise ? { enterprise: enterprise.id } : {}),
      };
      events.emit(this.#membership('member_joined_channel', user, place, joined), this.#moved(user, place));
    });
  }

  /** Takes someone out. If it is the bot, it hears of it and of nothing after it. */
  kick(user: string, channel: string): void {
    const { workspace, events } = this.#world;
    const place = this.#channel(channel);
    if (!place.members.includes(user)) return;
    workspace.together(() => {
      const value = { ...place, members: place.members.filter((member) => member !== user) };
      workspace.put({ table: 'channel', key: place.id, value });
      if (place.members.includes(workspace.botUser)) {
        events.emit(this.#membership('member_left_channel', user, place, {}), this.#moved(user, place));
      }
    });
  }

  archive(channel: string, archived = true): void {
    const { workspace, events } = this.#world;
    const place = this.#channel(channel);
    workspace.together(() => {
      workspace.put({ table: 'channel', key: place.id, value: { ...place, archived } });
      if (place.members.includes(workspace.botUser)) {
        events.emit(
          {
            type: archived ? 'channel_archive' : 'channel_unarchive',
            channel: place.id,
            user: place.members.find((member) => member !== workspace.botUser) ?? '',
            event_ts: workspace.nextTs(),
          },
          { channel: place },
        );
      }
    });
  }

  /** Presses Slack's own stop under a stream: appends are refused from now on. */
  stopStream(user: string, channel: string, ts: string): void {
    const message = this.#message(channel, ts);
    const { streaming } = message;
    if (streaming?.state !== 'in_progress') throw new Error(`${channel} ${ts} is not streaming`);
    const { workspace, events } = this.#world;
    workspace.together(() => {
      workspace.putMessage({ ...message, streaming: { ...streaming, stoppedByPerson: true } });
      events.emit({
        type: 'agent_session_stopped',
        channel,
        user,
        thread_ts: message.threadTs,
        streaming_message_ts: [ts],
        event_ts: workspace.nextTs(),
      });
    });
  }

  #assistantThread(user: string, place: Channel): string | undefined {
    if (this.#direct !== 'assistant_view' || place.kind !== 'im') return undefined;
    const { workspace, posts, events } = this.#world;
    if (!place.members.includes(workspace.botUser)) return undefined;
    const { app, team } = workspace.seed;
    const root = posts.post({
      channel: place.id,
      user: app.user,
      botId: app.botId,
      subtype: 'assistant_app_thread',
      text: 'New Assistant Thread',
    });
    const thread = { user_id: user, context: { team_id: team.id }, channel_id: place.id, thread_ts: root.ts };
    events.emit({ type: 'assistant_thread_started', assistant_thread: thread, event_ts: workspace.nextTs() });
    return root.ts;
  }

  /** Of who comes and goes the context is the workspace of that person (bolt-python, tests/slack_bolt/request). */
  #moved(user: string, channel: Channel) {
    return { channel, author: user, context: teamOf(this.#world.workspace, user) };
  }

  #membership(type: string, user: string, place: Channel, more: Json) {
    const { workspace } = this.#world;
    return {
      type,
      user,
      channel: place.id,
      channel_type: place.kind === 'public' ? 'C' : 'G',
      team: teamOf(workspace, user),
      ...more,
      event_ts: workspace.nextTs(),
    };
  }

  #keep(user: string, file: SharedFile): string {
    const { workspace, clock } = this.#world;
    const bytes = Buffer.from(file.content);
    const value: StoredFile = {
      id: workspace.nextId('F'),
      name: file.name,
      title: file.name,
      mimetype: file.mimetype,
      size: bytes.length,
      user,
      created: Math.floor(clock.now() / 1000),
      base64: bytes.toString('base64'),
      deleted: false,
      clip: file.clip ?? null,
      alt: '',
      thumb: file.thumb?.toString('base64') ?? null,
    };
    workspace.put({ table: 'file', key: value.id, value });
    return value.id;
  }

  #directory(): Directory {
    const { people, channels } = this.#world.workspace;
    return {
      userByHandle: (handle) => [...people.values()].find((one) => one.handle.toLowerCase() === handle)?.id,
      channelByName: (name) => {
        const found = [...channels.values()].find((one) => one.kind !== 'im' && one.name === name);
        return found ? { id: found.id, isPrivate: found.kind !== 'public' } : undefined;
      },
    };
  }

  #known(user: string): void {
    if (!this.#world.workspace.people.has(user)) throw new Error(`there is no person ${user}`);
  }

  #channel(id: string): Channel {
    const found = this.#world.workspace.channels.get(id);
    if (!found) throw new Error(`there is no conversation ${id}`);
    return found;
  }

  #joined(user: string, channel: string): Channel {
    this.#known(user);
    const place = this.#channel(channel);
    if (!place.members.includes(user)) throw new Error(`${user} is not in ${channel}`);
    return place;
  }

  #message(channel: string, ts: string): Message {
    const found = this.#world.workspace.message(channel, ts);
    if (!found || found.deleted) throw new Error(`there is no message ${ts} in ${channel}`);
    return found;
  }

  #own(user: string, channel: string, ts: string): Message {
    const message = this.#message(channel, ts);
    if (message.user !== user) throw new Error(`${ts} was not written by ${user}`);
    return message;
  }
}
