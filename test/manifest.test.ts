import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ANYWHERE, ON_MESSAGE } from '../src/shortcuts/forms.ts';
import { BOT_SCOPES } from '../src/slack/install/scopes.ts';
import { EVENT_TYPES } from '../src/slack/parse/event.ts';
import { read } from './support/docs.ts';
import { parsePayload } from './support/parse.ts';
import { buttonPress, command, directMessage, envelope, mention, type Payload } from './support/payloads.ts';
import { codeOf, readSources } from './support/source.ts';

interface Manifest {
  readonly display_information: Readonly<Record<string, string>>;
  readonly features: {
    readonly app_home: Readonly<Record<string, boolean>>;
    readonly bot_user: { readonly display_name: string };
    readonly shortcuts: readonly {
      readonly name: string;
      readonly type: string;
      readonly callback_id: string;
      readonly description: string;
    }[];
    readonly slash_commands: readonly {
      readonly command: string;
      readonly description: string;
      readonly usage_hint: string;
    }[];
  };
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: {
    readonly event_subscriptions: { readonly bot_events: readonly string[]; readonly request_url?: string };
    readonly interactivity: { readonly is_enabled: boolean };
    readonly socket_mode_enabled: boolean;
  };
}

const TEXT = read('manifest.yml');
const manifest: Manifest = parse(TEXT);
const events = manifest.settings.event_subscriptions.bot_events;

/** What Slack asks for each method of its Web API that we call. */
const SCOPES_OF_METHODS: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.delete': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.getPermalink': [],
  'chat.startStream': ['chat:write'],
  'chat.appendStream': ['chat:write'],
  'chat.stopStream': ['chat:write'],
  'assistant.threads.setStatus': ['chat:write'],
  // Names of channels that people mention, and places that are picked in forms: group messages are among those, direct
  // messages never are (`im:read` is for those; `conversations.open` says which one is ours).
  'conversations.info': ['channels:read', 'groups:read', 'mpim:read'],
  'conversations.members': ['channels:read', 'groups:read', 'mpim:read'],
  // Each of the `types` that is asked for needs its scope.
  'users.conversations': ['channels:read', 'groups:read', 'mpim:read'],
  'conversations.history': ['channels:history', 'groups:history'],
  // Only with the pane for agents; without it Slack refuses, and nothing is missed.
  'assistant.threads.setTitle': [],
  'assistant.threads.setSuggestedPrompts': [],
  'conversations.replies': ['channels:history', 'groups:history', 'im:history', 'mpim:history'],
  'conversations.open': ['im:write'],
  'files.delete': ['files:write'],
  'files.info': ['files:read'],
  'files.getUploadURLExternal': ['files:write'],
  'files.completeUploadExternal': ['files:write'],
  'users.info': ['users:read'],
  'views.open': [],
  'views.publish': [],
  'views.update': [],
};

const SCOPES_OF_EVENTS: Readonly<Record<string, string>> = {
  app_mention: 'app_mentions:read',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
  'message.mpim': 'mpim:history',
  reaction_added: 'reactions:read',
  // And groups:read, which other needs ask for already.
  member_joined_channel: 'channels:read',
};

/** Events that come without a scope of their own. */
const FREE_EVENTS: readonly string[] = ['app_home_opened', 'app_uninstalled', 'tokens_revoked'];

/** One event of each subscription that the parser knows, as Slack would send it to be acted on. */
const SAMPLES: Readonly<Record<string, Payload>> = {
  app_mention: mention({ type: 'app_mention' }),
  'message.channels': mention(),
  'message.groups': mention({ channel: 'G1', channel_type: 'group' }),
  'message.im': directMessage(),
  'message.mpim': mention({ channel: 'G2', channel_type: 'mpim' }),
  reaction_added: reaction('reaction_added'),
  app_home_opened: { type: 'app_home_opened', user: 'U1', channel: 'D1', tab: 'messages' },
  member_joined_channel: { type: 'member_joined_channel', user: 'UBOT', channel: 'C1', inviter: 'U1' },
  agent_session_stopped: {
    type: 'agent_session_stopped',
    user: 'U1',
    channel: 'C1',
    thread_ts: '1766458026.240809',
    streaming_message_ts: ['1766458027.240809'],
  },
  app_uninstalled: { type: 'app_uninstalled' },
  tokens_revoked: { type: 'tokens_revoked', tokens: { bot: ['UBOT'], oauth: [] } },
};

test('it subscribes to what the bot acts on, and to nothing else', () => {
  // Slack offers its own stop to apps with the agent view only; a manifest without that could be refused for it.
  const optional = ['agent_session_stopped'];
  for (const name of optional) expect(TEXT).toContain(`# - ${name}`);
  expect([...events, ...optional].sort()).toEqual(Object.keys(SAMPLES).sort());
});

test('the samples are all the events that are listened for, and each is something to act on', () => {
  const sampled = Object.values(SAMPLES).map(({ type }) => type);
  expect([...new Set(sampled)].sort()).toEqual([...EVENT_TYPES].sort());
  for (const [name, event] of Object.entries(SAMPLES))
    expect(parsePayload(envelope(event)).kind, name).not.toBe('ignored');
});

test('its scopes are those of the calls, the events and the command, and no more', () => {
  const methods = methodsIn([...readSources(['src/slack']).values()]);
  expect(methods).toContain('chat.postMessage');
  expect(methods.filter((method) => !Object.hasOwn(SCOPES_OF_METHODS, method))).toEqual([]);
  expect(Object.keys(SCOPES_OF_METHODS).filter((method) => !methods.includes(method))).toEqual([]);
  const needed = new Set([
    ...methods.flatMap((method) => SCOPES_OF_METHODS[method] ?? []),
    ...events
      .filter((event) => !FREE_EVENTS.includes(event))
      .map((event) => SCOPES_OF_EVENTS[event] ?? `the scope of ${event}`),
    ...(manifest.features.slash_commands.length > 0 ? ['commands'] : []),
  ]);
  expect(manifest.oauth_config.scopes.bot).toEqual([...needed].sort());
});

test('what an installation over OAuth asks for is what it grants', () => {
  expect([...BOT_SCOPES]).toEqual(manifest.oauth_config.scopes.bot);
  expect(TEXT).toContain('#   - https://skein.example.com/slack/oauth_redirect');
});

test('calls are found however they are written', () => {
  const code =
    'client.chat.update({}); await clients.of(team)?.users.info({}); client.apiCall("views.open"); client.on("x");';
  expect(methodsIn([code])).toEqual(['chat.update', 'users.info', 'views.open']);
});

test('its command is one that the bot answers, and its buttons come through', () => {
  expect(manifest.features.slash_commands.map((one) => one.command)).toEqual(['/skein']);
  expect(parsePayload(command({ command: '/skein' })).kind).toBe('command');
  expect(manifest.settings.interactivity.is_enabled).toBe(true);
  expect(parsePayload(buttonPress()).kind).toBe('action');
  expect(manifest.features.app_home['home_tab_enabled']).toBe(true);
  expect(manifest.features.app_home['messages_tab_enabled']).toBe(true);
  expect(manifest.features.app_home['messages_tab_read_only_enabled']).toBe(false);
});

test('its shortcuts are those that the bot opens a form for', () => {
  expect(manifest.features.shortcuts.map(({ type, callback_id }) => [type, callback_id])).toEqual([
    ['message', ON_MESSAGE],
    ['global', ANYWHERE],
  ]);
  expect(manifest.features.shortcuts.length).toBeLessThanOrEqual(10);
  for (const { name, description } of manifest.features.shortcuts) {
    expect(name.length).toBeLessThanOrEqual(24);
    expect(description.length).toBeLessThanOrEqual(150);
  }
});

test('it keeps the limits of Slack', () => {
  const {
    name = '',
    description = '',
    long_description: long = '',
    background_color: colour,
  } = manifest.display_information;
  expect(name.length).toBeLessThanOrEqual(35);
  expect(description.length).toBeLessThanOrEqual(140);
  expect(long.length).toBeGreaterThanOrEqual(174);
  expect(long.length).toBeLessThanOrEqual(4000);
  expect(colour).toMatch(/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/);
  expect(manifest.features.bot_user.display_name).toMatch(/^[a-z0-9._-]{1,80}$/);
  expect(manifest.features.slash_commands.length).toBeLessThanOrEqual(50);
  for (const one of manifest.features.slash_commands) {
    expect(one.command).toMatch(/^\/[a-z-]{1,31}$/);
    expect(one.description.length).toBeLessThanOrEqual(2000);
    expect(one.usage_hint.length).toBeLessThanOrEqual(1000);
  }
  expect(manifest.oauth_config.scopes.bot.length).toBeLessThanOrEqual(255);
  expect(events.length).toBeLessThanOrEqual(100);
});

test('with the comment marks away it is the variant for HTTP, at the path of the receiver', () => {
  expect(manifest.settings.socket_mode_enabled).toBe(true);
  const http: Manifest = parse(
    TEXT.replaceAll(/# ((?:request_|message_menu_options_)?url: )/g, '$1').replace(
      'socket_mode_enabled: true',
      'socket_mode_enabled: false',
    ),
  );
  const path = /path = '([^']+)'/.exec(read('src/slack/receive/http.ts'))?.[1];
  expect(new URL(http.settings.event_subscriptions.request_url ?? '').pathname).toBe(path);
  expect(http.settings.interactivity).toEqual({
    is_enabled: true,
    request_url: http.settings.event_subscriptions.request_url,
    // Selects whose options come from us.
    message_menu_options_url: http.settings.event_subscriptions.request_url,
  });
  expect(http.features.slash_commands[0]).toHaveProperty(
    'url',
    http.settings.event_subscriptions.request_url,
  );
});

/** Methods of Slack's Web API that the code calls, in order of their names. */
function methodsIn(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) => {
    const code = codeOf(text).replace(/\n\s*\./g, '.');
    const called = code.matchAll(
      /(?:\bclient|\.of\([^()]*(?:\([^()]*\))?[^()]*\))\??\.([a-z]+(?:\.[a-zA-Z]+)+)\(/g,
    );
    const named = code.matchAll(/\.apiCall\(\s*['"`]([\w.]+)['"`]/g);
    return [...called, ...named].map(([, method = '']) => method);
  });
  return [...new Set(found)].sort();
}

function reaction(type: string): Payload {
  return {
    type,
    user: 'U1',
    reaction: 'octagonal_sign',
    item: { type: 'message', channel: 'C1', ts: '1766458026.240809' },
    item_user: 'UBOT',
  };
}
