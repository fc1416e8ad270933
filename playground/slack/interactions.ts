/** Buttons, slash commands, shortcuts, modals and App Home: what Slack tells the app, and what its answer does. */
import { actionOf, type Click, elementOf, offered } from './actions.ts';
import { Args } from './args.ts';
import { companyOf, demandApp, teamOf } from './companies.ts';
import type { Acknowledgement, Deliveries } from './deliveries.ts';
import { fieldIds, filled, refusals, type Values, type ViewValues } from './forms.ts';
import { compact, isJson, type Json, listOf, objectOf } from './json.ts';
import type { World } from './methods/method.ts';
import { homeOf, pushView, storeView, type Triggers } from './methods/views.ts';
import type { Channel, Message, View } from './records.ts';
import type { Origin, ResponseUrls } from './responseUrls.ts';
import { messageOnWire, viewOnWire } from './wire.ts';

/** What came of sending a form. */
export interface Submission extends Acknowledgement {
  /** What is said at the fields, by block id; at '' for the form as a whole. */
  readonly errors: Readonly<Record<string, string>>;
}

/** What an external select was offered for a typed text. */
export interface Suggestions {
  readonly acked: boolean;
  readonly options: readonly Json[];
}

/** Where an external select stands. */
export type SelectPlace = { readonly viewId: string } | { readonly channel: string; readonly ts: string };

/** Slack's words when the app did not answer, or answered something that makes no sense. */
const TROUBLE = 'We had some trouble connecting. Try again?';

/**
 * Where an interaction tells less than a press does: whether it names the app, brings a trigger, and how it
 * names the person (java-slack-sdk, samples of app-backend; types of Bolt for shortcuts and options).
 */
const TELLS: Readonly<
  Record<string, { readonly app: boolean; readonly trigger: boolean; readonly names: readonly string[] }>
> = {
  shortcut: { app: false, trigger: true, names: ['username'] },
  message_action: { app: false, trigger: true, names: ['name'] },
  block_suggestion: { app: true, trigger: false, names: ['name'] },
  view_closed: { app: true, trigger: false, names: ['username', 'name'] },
};

export interface InteractionOptions {
  readonly world: World;
  readonly deliveries: Deliveries;
  readonly triggers: Triggers;
  readonly responses: ResponseUrls;
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
      ...this.#who('block_actions', user, 'message'),
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

  /** Presses something in an open modal or in App Home, whose inputs hold `values` besides what they began with. */
  async clickView(
    user: string,
    viewId: string,
    click: Omit<Click, 'channel' | 'ts'>,
    values: ViewValues = {},
  ): Promise<Acknowledgement> {
    const { world, deliveries } = this.#options;
    const view = this.#view(user, viewId);
    return deliveries.ask('interactive', {
      ...this.#who('block_actions', user, 'view'),
      container: { type: 'view', view_id: view.id },
      view: this.#viewInPayload(view, filled(view.content, values)),
      actions: [actionOf(listOf(view.content.blocks), click, world.workspace.nextTs())],
    });
  }

  /** Types into an external select. The app has three seconds to answer up to a hundred options. */
  async suggest(
    user: string,
    place: SelectPlace,
    query: { readonly actionId: string; readonly blockId?: string; readonly value: string },
  ): Promise<Suggestions> {
    const { deliveries } = this.#options;
    const who = this.#who('block_suggestion', user, 'viewId' in place ? 'view' : 'message');
    const at = this.#selectPlace(user, place);
    const { block, element } = elementOf(at.blocks, query);
    const answer = await deliveries.ask('interactive', {
      ...who,
      ...at.payload,
      action_id: element.action_id,
      block_id: block.block_id,
      value: query.value,
    });
    const options = answer.acked ? offered(objectOf(answer.response)) : undefined;
    return { acked: options !== undefined, options: options ?? [] };
  }

  #selectPlace(
    user: string,
    place: SelectPlace,
  ): { readonly blocks: readonly unknown[]; readonly payload: Json } {
    if ('viewId' in place) {
      const view = this.#view(user, place.viewId);
      const payload = {
        container: { type: 'view', view_id: view.id },
        view: this.#viewInPayload(view, filled(view.content, {})),
      };
      return { blocks: listOf(view.content.blocks), payload };
    }
    const message = this.#seen(user, place.channel, place.ts);
    const payload = {
      container: { type: 'message', message_ts: message.ts, channel_id: message.channel },
      channel: this.#channelInPayload(message.channel),
      message: this.#messageInPayload(message),
    };
    return { blocks: message.blocks, payload };
  }

  #viewInPayload(view: View, values: Values): Json {
    return { ...viewOnWire(view, this.#options.world.workspace), state: { values } };
  }

  /** Types a slash command. Its answer, if any, is shown in the channel (to this person alone unless it says so). */
  async slash(user: string, channel: string, command: string, text = ''): Promise<Acknowledgement> {
    const { world, deliveries, triggers, responses } = this.#options;
    const { workspace } = world;
    const { team, app, orgInstall } = workspace.seed;
    const place = this.#channel(channel);
    demandApp(workspace, user, command);
    if (!place.members.includes(user)) throw new Error(`${user} is not in ${channel}`);
    const origin: Origin = { channel, user, ts: null };
    const answer = await deliveries.ask('slash_commands', {
      token: 'standin-verification-token',
      team_id: team.id,
      team_domain: team.domain,
      ...(team.enterprise
        ? { enterprise_id: team.enterprise.id, enterprise_name: team.enterprise.name }
        : {}),
      channel_id: channel,
      channel_name: channelName(place),
      user_id: user,
      user_name: workspace.people.get(user)?.handle ?? user,
      command,
      text,
      api_app_id: app.id,
      is_enterprise_install: String(orgInstall),
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
    demandApp(world.workspace, user, callbackId);
    if (!on) {
      const payload = {
        ...this.#who('shortcut', user, 'nowhere'),
        callback_id: callbackId,
        action_ts: actionTs,
      };
      return deliveries.ask('interactive', payload);
    }
    const message = this.#seen(user, on.channel, on.ts);
    return deliveries.ask('interactive', {
      ...this.#who('message_action', user, 'message'),
      callback_id: callbackId,
      action_ts: actionTs,
      message_ts: message.ts,
      channel: this.#channelInPayload(message.channel),
      message: this.#messageInPayload(message),
      response_url: responses.issue({ channel: message.channel, user, ts: message.ts }),
    });
  }

  /**
   * Submits an open modal with `values` besides what its inputs began with. What Slack's client would refuse is
   * not sent. What the app answers (errors, update, push, clear, nothing) is carried out.
   */
  async submitView(user: string, viewId: string, values: ViewValues = {}): Promise<Submission> {
    const view = this.#view(user, viewId);
    const state = filled(view.content, values);
    const errors = refusals(view.content, state);
    if (Object.keys(errors).length > 0) return { acked: false, afterMs: 0, response: null, errors };
    const answer = await this.#options.deliveries.ask('interactive', {
      ...this.#who('view_submission', user, 'view'),
      view: this.#viewInPayload(view, state),
      response_urls: [],
    });
    if (!answer.acked) return { ...answer, errors: { '': TROUBLE } };
    return { ...answer, errors: this.#carryOut(user, view, objectOf(answer.response)) };
  }

  /** Closes a modal by its cross. The app hears of it if it asked to. */
  async closeView(user: string, viewId: string): Promise<Acknowledgement | undefined> {
    const view = this.#view(user, viewId);
    const cleared = view.content.clear_on_close === true;
    if (cleared) this.#clear(user);
    else this.#close(view);
    if (view.content.notify_on_close !== true) return undefined;
    return this.#options.deliveries.ask('interactive', {
      ...this.#who('view_closed', user, 'view'),
      view: this.#viewInPayload(view, {}),
      is_cleared: cleared,
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

  /** Returns what is said at the fields. */
  #carryOut(user: string, view: View, answer: Json): Readonly<Record<string, string>> {
    const { workspace } = this.#options.world;
    const next = isJson(answer.view) ? answer.view : undefined;
    switch (answer.response_action) {
      case 'errors': {
        const fields = fieldIds(view.content);
        const said = Object.entries(objectOf(answer.errors)).map(([id, text]) => [id, String(text)] as const);
        // An error at something that is no input is an answer that makes no sense.
        const sound = said.length > 0 && said.every(([id]) => fields.has(id));
        return sound ? Object.fromEntries(said) : { '': TROUBLE };
      }
      case 'update': {
        if (!next) return { '': TROUBLE };
        const { content: _, hash: __, ...traits } = view;
        storeView(workspace, next, traits);
        return {};
      }
      case 'push':
        if (!next) return { '': TROUBLE };
        pushView(workspace, next, user, view);
        return {};
      case 'clear':
        this.#clear(user);
        return {};
      default:
        this.#close(view);
        return {};
    }
  }

  #clear(user: string): void {
    for (const one of this.#options.world.workspace.views.values()) {
      if (one.kind === 'modal' && one.open && one.user === user) this.#close(one);
    }
  }

  #close(view: View): void {
    this.#options.world.workspace.put({ table: 'view', key: view.id, value: { ...view, open: false } });
  }

  /**
   * `team` of a press on a message is the app's workspace (java-slack-sdk #1041), of what is done in a view or
   * without a place the asker's own (bolt-js #1614); organisations that installed the app name none there
   * (bolt-python #23). `user.team_id` is always the asker's own.
   */
  #who(type: string, user: string, where: 'message' | 'view' | 'nowhere'): Json {
    const { world, triggers } = this.#options;
    const { workspace } = world;
    const { people, seed } = workspace;
    const { orgInstall } = seed;
    const handle = people.get(user)?.handle ?? user;
    const own = teamOf(workspace, user);
    const { id, domain, enterprise } = companyOf(seed, where === 'message' ? seed.team.id : own);
    const org = enterprise ? { enterprise_id: enterprise.id, enterprise_name: enterprise.name } : {};
    const { app, trigger, names } = TELLS[type] ?? { app: true, trigger: true, names: ['username', 'name'] };
    return {
      type,
      token: 'standin-verification-token',
      ...(app ? { api_app_id: seed.app.id } : {}),
      team: orgInstall && where !== 'message' ? null : { id, domain, ...org },
      enterprise: enterprise ?? null,
      is_enterprise_install: orgInstall,
      user: { id: user, ...Object.fromEntries(names.map((name) => [name, handle])), team_id: own },
      ...(trigger ? { trigger_id: triggers.issue(user) } : {}),
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
