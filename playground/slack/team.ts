/** One workspace with everything that belongs to it alone: state, methods, limits, faults, journal, waits. */
import type { SeenMessage, SlackStandinOptions, TeamStandin } from './contract.ts';
import { type Carrier, Deliveries } from './deliveries.ts';
import { Events } from './events.ts';
import { Faults } from './faults.ts';
import { Interactions } from './interactions.ts';
import { Journal } from './journal.ts';
import { readScopes } from './manifest.ts';
import { assistantMethods, Threads } from './methods/assistant.ts';
import { chatMethods } from './methods/chat.ts';
import { conversationMethods } from './methods/conversations.ts';
import { directoryMethods } from './methods/directory.ts';
import { fileMethods } from './methods/files.ts';
import type { Methods, World } from './methods/method.ts';
import { streamMethods, usualStreams } from './methods/streams.ts';
import { Triggers, usualTriggerMs, viewMethods } from './methods/views.ts';
import { OtherApps } from './otherApps.ts';
import { noFeatures, Page } from './page.ts';
import { People } from './people.ts';
import { Posts } from './posts.ts';
import type { Message, View } from './records.ts';
import { ResponseUrls } from './responseUrls.ts';
import type { TeamParts } from './routes.ts';
import { Tiers } from './tiers.ts';
import { visibleText } from './visible.ts';
import { Watch } from './watch.ts';
import { type Tokens, WebApi } from './webApi.ts';
import { compareTs, messageKey, type Workspace } from './workspace.ts';

/** What the workspaces of one stand-in share. */
export interface Shared {
  readonly options: SlackStandinOptions;
  readonly base: () => string;
  readonly carrier: () => Carrier;
  /** Methods that belong to the app and not to a workspace. */
  readonly appMethods: Methods;
}

/** What failures of waits say besides what was awaited. */
const callsInFailure = 8;

/** Slack's own schedule (docs.slack.dev "Events API"): nearly at once, after a minute, after five. */
const slackRetries: readonly number[] = [100, 60_000, 300_000];

export interface Team {
  readonly parts: TeamParts;
  readonly standin: TeamStandin;
  readonly deliveries: Deliveries;
}

export function createTeam(shared: Shared, workspace: Workspace, tokens: Tokens): Team {
  const { options, base, carrier } = shared;
  const { clock } = options;
  const { seed } = workspace;
  const fresh = { ...tokens };
  const keep = options.keep ?? 20_000;

  const subscriptions = options.subscriptions && new Set(options.subscriptions);
  const events = new Events({
    clock,
    workspace,
    base,
    subscriptions,
    hears: () => (tokens.installed ? tokens.scopes : null),
    envelopes: options.envelopes ?? 'host',
    mentionFiles: options.mentionFiles ?? true,
  });
  const world: World = { clock, workspace, events, posts: new Posts(workspace, events), base };
  const journal = new Journal(keep);
  const faults = new Faults();
  const tiers = new Tiers(options.tiers ?? 'real', clock, options.unlistedApp ?? false);
  const retrySchedule = options.retrySchedule ?? slackRetries;
  const deliveries = new Deliveries({ clock, workspace, retrySchedule, carrier, keep });
  const threads = new Threads(clock);
  const triggers = new Triggers(world, options.triggerMs ?? usualTriggerMs);
  const responses = new ResponseUrls(world);
  const people = new People(world, options.directMessages ?? 'agent_view');
  const interactions = new Interactions({ world, deliveries, triggers, responses });
  const methods: Methods = {
    ...shared.appMethods,
    ...chatMethods(world),
    ...streamMethods(world, { ...usualStreams, ...options.streams }),
    ...assistantMethods(world, threads),
    ...conversationMethods(world, { most: options.unlistedApp ? 15 : 999 }),
    ...directoryMethods(world),
    ...fileMethods(world),
    ...viewMethods(world, triggers, options.features?.home ?? true),
  };
  const webApi = new WebApi({ clock, workspace, methods, tokens, tiers, faults, journal });

  const names = {
    user: (id: string) => workspace.people.get(id)?.handle ?? id,
    channel: (id: string) => workspace.channels.get(id)?.name ?? id,
  };
  const seen = (message: Message): SeenMessage => ({ ...message, visible: visibleText(message, names) });
  const messageWatch = new Watch<SeenMessage>();
  const viewWatch = new Watch<View>();
  workspace.onChange((change) => {
    if (change.value === null) return;
    if (change.table === 'view') viewWatch.push(change.value);
    if (change.table !== 'message') return;
    const message = seen(change.value);
    const look = { at: clock.monotonic(), text: message.visible, blocks: message.blocks };
    journal.look(messageKey(message.channel, message.ts), look);
    // The app's next word in a thread takes its status away.
    if (message.botId === seed.app.botId && message.threadTs !== null && message.revision === 0) {
      threads.setStatus(message.channel, message.threadTs, '');
    }
    messageWatch.push(message);
  });

  const recently = () => {
    const last = journal.calls().slice(-callsInFailure);
    const rows = last.map((call) => `  ${call.method} → ${call.ok ? 'ok' : call.error}`);
    return `last calls:\n${rows.join('\n') || '  none'}`;
  };
  const shown = (message: Message | undefined) =>
    message && !message.deleted && message.ephemeralFor === null ? [message] : [];

  const standin: TeamStandin = {
    botToken: tokens.bot,
    team: seed.team.id,
    botUser: seed.app.user,
    botId: seed.app.botId,
    appId: seed.app.id,
    workspace,
    people,
    apps: new OtherApps(world),
    interactions,
    faults,
    threads,
    page: new Page({
      workspace,
      journal,
      faults,
      people,
      interactions,
      features: options.features ?? noFeatures,
    }),
    emit: (event) => void events.emit(event),
    disturb: (how) => deliveries.disturb(how),
    say: (user, channel, typed, how) => people.say(user, channel, typed, how),
    dm: (user, typed, how) => people.dm(user, typed, how),
    click: (user, target) => interactions.click(user, target),
    slash: (user, channel, command, text) => interactions.slash(user, channel, command, text),
    grant: (...scopes) => {
      if (tokens.scopes !== 'all') tokens.scopes = new Set([...tokens.scopes, ...scopes]);
    },
    withdraw: (...scopes) => {
      const before = tokens.scopes === 'all' ? readScopes() : [...tokens.scopes];
      tokens.scopes = new Set(before.filter((scope) => !scopes.includes(scope)));
    },
    refuseToken: (word) => {
      tokens.botRefusal = word;
    },
    installed: () => tokens.installed,
    token: () => tokens.bot,
    expireTokens() {
      tokens.ends = new Map([...tokens.ends.keys()].map((token) => [token, clock.now()]));
    },
    uninstall() {
      tokens.botRefusal = 'account_inactive';
      workspace.together(() => {
        events.emit({ type: 'tokens_revoked', tokens: { oauth: [], bot: [seed.app.user] } });
        events.emit({ type: 'app_uninstalled' });
      });
      tokens.installed = false;
    },
    revokeTokens() {
      tokens.botRefusal = 'token_revoked';
      events.emit({ type: 'tokens_revoked', tokens: { oauth: [], bot: [seed.app.user] } });
    },
    calls: (method) => journal.calls().filter((call) => method === undefined || call.method === method),
    deliveries: () => deliveries.all(),
    history: (channel, ts) => journal.looks(messageKey(channel, ts)),
    thread: (channel, rootTs) =>
      [...shown(workspace.message(channel, rootTs)), ...workspace.replies(channel, rootTs)]
        .sort((a, b) => compareTs(a.ts, b.ts))
        .map(seen),
    messages: (channel) => workspace.channelMessages(channel).map(seen),
    waitForMessage: (predicate, wait = {}) => {
      const sofar = [...workspace.allMessages()].map(seen);
      return messageWatch.first(sofar, predicate, { what: 'the message', ...wait }, recently);
    },
    waitForCall: (predicate, wait = {}) =>
      journal.watch.first(journal.calls(), predicate, { what: 'the call', ...wait }, recently),
    waitForDelivery: (predicate, wait = {}) =>
      deliveries.watch.first(deliveries.all(), predicate, { what: 'the delivery', ...wait }, recently),
    waitForView: (predicate, wait = {}) =>
      viewWatch.first(workspace.views.values(), predicate, { what: 'the view', ...wait }, recently),
    reset() {
      deliveries.forget();
      faults.clear();
      tiers.reset();
      journal.clear();
      Object.assign(tokens, fresh);
      workspace.reset();
    },
  };
  return { parts: { webApi, workspace, tokens, responses }, standin, deliveries };
}
