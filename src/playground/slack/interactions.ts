/** Buttons, slash commands, shortcuts, modals and App Home: what Slack tells the app, and what its answer does. */
import { Args } from './args.ts';
import type { Acknowledgement, Deliveries } from './deliveries.ts';
import { compact, isJson, type Json, listOf, objectOf, textOf } from './json.ts';
import type { World } from './methods/method.ts';
import { homeOf, pushView, storeView, type Triggers } from './methods/views.ts';
import type { Channel, Message, View } from './records.ts';
import type { Origin, ResponseUrls } from './responseUrls.ts';
import { messageOnWire, viewOnWire } from './wire.ts';

export interface Click {
  readonly channel: string;
  readonly ts: string;
  readonly actionId: string;
  /** Where several elements share the action id. */
  readonly blockId?: string;
  /** The option of a select or feedback row; buttons have their own value. */
  readonly value?: string;
}

/** Inputs of a modal by block id and action id: typed text, or the whole state of another kind of input. */
export type ViewValues = Readonly<Record<string, Readonly<Record<string, string | Json>>>>;

export interface InteractionOptions {
  readonly world: World;
  readonly deliveries: Deliveries;
  readonly triggers: Triggers;
  readonly responses: ResponseUrls;
}

/** Every element with an action id: of `actions`, `context_actions`, inputs and accessories. */
function actionable(blocks: readonly unknown[]): { readonly block: Json; readonly element: Json }[] {
  return blocks.filter(isJson).flatMap((block) =>
    [...listOf(block.elements), block.accessory, block.element]
      .filter(isJson)
      .filter((element) => typeof element.action_id === 'string')
      .map((element) => ({ block, element })),
  );
}

function actionOf(blocks: readonly unknown[], click: Omit<Click, 'channel' | 'ts'>, actionTs: string): Json {
  const all = actionable(blocks);
  const found = all.find(
    ({ block, element }) =>
      element.action_id === click.actionId &&
      (click.blockId === undefined || block.block_id === click.blockId),
  );
  if (!found) {
    const present = all.map(({ element }) => String(element.action_id)).join(', ');
    throw new Error(
      `there is nothing to click with action id ${click.actionId}; there are: ${present || 'none'}`,
    );
  }
  const { block, element } = found;
  const option = listOf(element.options)
    .filter(isJson)
    .find((one) => one.value === click.value);
  return compact({
    type: element.type,
    action_id: element.action_id,
    block_id: block.block_id,
    text: element.text,
    value: option ? undefined : (click.value ?? element.value),
    selected_option: option,
    action_ts: actionTs,
  });
}

export class Interactions {
  readonly #options: InteractionOptions;

  constructor(options: InteractionOptions) {
    this.#options = options;
  }

  /** Presses a button (or picks an option) under a message. Rejects if there is no such element. */
  async click(user: string, click: Click): Promise<Acknowledgement> {
    const { world, deliveries, responses } = this.#options;
    const message = this.#seen(user, click.channel, click.ts);
    const action = actionOf(message.blocks, click, world.workspace.nextTs());
    const ephemeral = message.ephemeralFor !== null;
    return deliveries.ask('interactive', {
      ...this.#who('block_actions', user),
      container: compact({
        type: 'message',
        message_ts: message.ts,
        channel_id: message.channel,
        is_ephemeral: ephemeral,
        thread_ts: message.threadTs ?? undefined,
      }),
      channel: this.#channelInPayload(message.channel),
      ...(ephemeral ? {} : { message: this.#messageInPayload(message) }),
      state: { values: {} },
      response_url: responses.issue({ channel: message.channel, user, ts: message.ts }),
      actions: [action],
    });
  }

  /** Presses something in an open modal or in App Home. */
  async clickView(
    user: string,
    viewId: string,
    click: Omit<Click, 'channel' | 'ts'>,
  ): Promise<Acknowledgement> {
    const { world, deliveries } = this.#options;
    const view = this.#view(user, viewId);
    return deliveries.ask('interactive', {
      ...this.#who('block_actions', user),
      container: { type: 'view', view_id: view.id },
      view: viewOnWire(view, world.workspace),
      actions: [actionOf(listOf(view.content.blocks), click, world.workspace.nextTs())],
    });
  }

  /** Types a slash command. Its answer, if any, is shown in the channel (to this person alone unless it says so). */
  async slash(user: string, channel: string, command: string, text = ''): Promise<Acknowledgement> {
    const { world, deliveries, triggers, responses } = this.#options;
    const { workspace } = world;
    const place = this.#channel(channel);
    const origin: Origin = { channel, user, ts: null };
    const answer = await deliveries.ask('slash_commands', {
      token: 'standin-verification-token',
      team_id: workspace.seed.team.id,
      team_domain: workspace.seed.team.domain,
      channel_id: channel,
      channel_name: channelName(place),
      user_id: user,
      user_name: workspace.people.get(user)?.handle ?? user,
      command,
      text,
      api_app_id: workspace.seed.app.id,
      is_enterprise_install: 'false',
      response_url: responses.issue(origin),
      trigger_id: triggers.issue(user),
    });
    const said = answer.response;
    if (typeof said === 'string' && said !== '') responses.write(origin, new Args({ text: said }));
    else if (isJson(said)) responses.write(origin, new Args(said));
    return answer;
  }

  /** Picks a shortcut: on a message, or a global one where `message` is missing. */
  async shortcut(
    user: string,
    callbackId: string,
    on?: { readonly channel: string; readonly ts: string },
  ): Promise<Acknowledgement> {
    const { world, deliveries, responses } = this.#options;
    const actionTs = world.workspace.nextTs();
    if (!on) {
      const payload = { ...this.#who('shortcut', user), callback_id: callbackId, action_ts: actionTs };
      return deliveries.ask('interactive', payload);
    }
    const message = this.#seen(user, on.channel, on.ts);
    return deliveries.ask('interactive', {
      ...this.#who('message_action', user),
      callback_id: callbackId,
      action_ts: actionTs,
      message_ts: message.ts,
      channel: this.#channelInPayload(message.channel),
      message: this.#messageInPayload(message),
      response_url: responses.issue({ channel: message.channel, user, ts: message.ts }),
    });
  }

  /** Submits an open modal. What the app answers (errors, update, push, clear, nothing) is carried out. */
  async submitView(user: string, viewId: string, values: ViewValues = {}): Promise<Acknowledgement> {
    const { world, deliveries } = this.#options;
    const view = this.#view(user, viewId);
    const answer = await deliveries.ask('interactive', {
      ...this.#who('view_submission', user),
      view: { ...viewOnWire(view, world.workspace), state: { values: stateOf(values) } },
      response_urls: [],
    });
    if (answer.acked) this.#carryOut(user, view, objectOf(answer.response));
    return answer;
  }

  /** Closes a modal by its cross. The app hears of it if it asked to. */
  async closeView(user: string, viewId: string): Promise<Acknowledgement | undefined> {
    const { world, deliveries } = this.#options;
    const view = this.#view(user, viewId);
    this.#close(view);
    if (view.content.notify_on_close !== true) return undefined;
    const shown = viewOnWire(view, world.workspace);
    return deliveries.ask('interactive', {
      ...this.#who('view_closed', user),
      view: shown,
      is_cleared: false,
    });
  }

  /** Opens the app's page: the Home tab or the Messages tab. */
  openHome(user: string, tab: 'home' | 'messages'): void {
    const { workspace, events } = this.#options.world;
    const direct = [...workspace.channels.values()].find(
      ({ kind, members }) => kind === 'im' && members.includes(user) && members.includes(workspace.botUser),
    );
    const view = tab === 'home' ? homeOf(workspace, user) : undefined;
    events.emit(
      compact({
        type: 'app_home_opened',
        user,
        channel: direct?.id ?? '',
        tab,
        view: view ? viewOnWire(view, workspace) : undefined,
        event_ts: workspace.nextTs(),
      }),
    );
  }

  #carryOut(user: string, view: View, answer: Json): void {
    const { workspace } = this.#options.world;
    const next = isJson(answer.view) ? answer.view : undefined;
    switch (answer.response_action) {
      case 'errors':
        return;
      case 'update': {
        if (!next) return;
        const { content: _, hash: __, ...traits } = view;
        storeView(workspace, next, traits);
        return;
      }
      case 'push':
        if (next) pushView(workspace, next, user, view);
        return;
      case 'clear':
        for (const one of workspace.views.values()) {
          if (one.kind === 'modal' && one.open && one.user === user) this.#close(one);
        }
        return;
      default:
        this.#close(view);
    }
  }

  #close(view: View): void {
    this.#options.world.workspace.put({ table: 'view', key: view.id, value: { ...view, open: false } });
  }

  #who(type: string, user: string): Json {
    const { world, triggers } = this.#options;
    const { people, seed } = world.workspace;
    const handle = people.get(user)?.handle ?? user;
    return {
      type,
      token: 'standin-verification-token',
      api_app_id: seed.app.id,
      team: { id: seed.team.id, domain: seed.team.domain },
      enterprise: null,
      is_enterprise_install: false,
      user: { id: user, username: handle, name: handle, team_id: seed.team.id },
      trigger_id: triggers.issue(user),
    };
  }

  #channel(id: string): Channel {
    const found = this.#options.world.workspace.channels.get(id);
    if (!found) throw new Error(`there is no conversation ${id}`);
    return found;
  }

  #channelInPayload(id: string): Json {
    return { id, name: channelName(this.#channel(id)) };
  }

  #messageInPayload(message: Message): Json {
    const { workspace, base } = this.#options.world;
    return messageOnWire(message, workspace, base());
  }

  /** A message that this person has in front of them. */
  #seen(user: string, channel: string, ts: string): Message {
    const message = this.#options.world.workspace.message(channel, ts);
    const hidden = message && message.ephemeralFor !== null && message.ephemeralFor !== user;
    if (!message || message.deleted || hidden || !this.#channel(channel).members.includes(user)) {
      throw new Error(`${user} sees no message ${ts} in ${channel}`);
    }
    return message;
  }

  #view(user: string, id: string): View {
    const view = this.#options.world.workspace.views.get(id);
    if (!view?.open || view.user !== user) throw new Error(`${user} has no open view ${id}`);
    return view;
  }
}

function channelName(channel: Channel): string {
  if (channel.kind === 'im') return 'directmessage';
  return channel.kind === 'public' ? channel.name : 'privategroup';
}

function stateOf(values: ViewValues): Json {
  return Object.fromEntries(
    Object.entries(values).map(([block, inputs]) => [
      block,
      Object.fromEntries(
        Object.entries(inputs).map(([action, value]) => [
          action,
          textOf(value) === undefined ? value : { type: 'plain_text_input', value },
        ]),
      ),
    ]),
  );
}
