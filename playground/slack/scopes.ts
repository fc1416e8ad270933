/**
 * What a bot token may do: scopes of methods by kind of conversation, and of events. Methods: `methods.json`.
 * Events: the event pages of docs.slack.dev (and skein's reference of them), as of September 2026.
 */
import type { Args } from './args.ts';
import type { Json } from './json.ts';
import { catalogue } from './methodFacts.ts';
import type { Channel, ChannelKind } from './records.ts';
import { Refusal } from './refusal.ts';
import type { Workspace } from './workspace.ts';

/** The scopes that a token was granted, or all there are. */
export type Granted = ReadonlySet<string> | 'all';

const FAMILY: Readonly<Record<ChannelKind, string>> = {
  public: 'channels',
  private: 'groups',
  im: 'im',
  mpim: 'mpim',
};

/** `users.conversations` and the like name kinds in `types`. */
const KIND_OF_TYPE: Readonly<Record<string, ChannelKind>> = {
  public_channel: 'public',
  private_channel: 'private',
  im: 'im',
  mpim: 'mpim',
};

function has(granted: Granted, scope: string): boolean {
  return granted === 'all' || granted.has(scope);
}

/** The kinds of conversation that a call is about; empty where that can't be told. */
function kindsOf(method: string, args: Args, workspace: Workspace): readonly ChannelKind[] {
  const asked = args.text('channel') ?? args.text('channel_id') ?? '';
  if (asked !== '') {
    if (/^[UW]/.test(asked)) return ['im'];
    const kind = workspace.channels.get(asked)?.kind;
    return kind === undefined ? [] : [kind];
  }
  if (method === 'conversations.open')
    return [(args.text('users') ?? '').split(',').length > 1 ? 'mpim' : 'im'];
  if (method !== 'conversations.list' && method !== 'users.conversations') return [];
  return (args.text('types') ?? 'public_channel').split(',').flatMap((type) => KIND_OF_TYPE[type] ?? []);
}

/** The scopes that a call lacks, or an empty list. */
function lacking(method: string, args: Args, granted: Granted, workspace: Workspace): readonly string[] {
  const scopes = catalogue.methods[method]?.bot ?? [];
  if (scopes.length === 0) return [];
  const byKind = scopes.every((scope) => /^(?:channels|groups|im|mpim):/.test(scope));
  const kinds = byKind ? kindsOf(method, args, workspace) : [];
  if (kinds.length === 0) return scopes.some((scope) => has(granted, scope)) ? [] : scopes;
  return kinds.flatMap((kind) => {
    const fitting = scopes.filter((scope) => scope.startsWith(`${FAMILY[kind]}:`));
    return fitting.some((scope) => has(granted, scope)) ? [] : fitting;
  });
}

/** Throws `missing_scope` with what is needed and what is there, as Slack words both: comma-separated. */
export function checkScopes(method: string, args: Args, granted: Granted, workspace: Workspace): void {
  const needed = lacking(method, args, granted, workspace);
  if (needed.length > 0)
    throw new Refusal('missing_scope', [], { needed: needed.join(','), provided: provided(granted) });
}

function provided(granted: Granted): string {
  return granted === 'all' ? 'all' : [...granted].join(',');
}

/** Headers with which Slack answers every call with a bot token. */
export function scopeHeaders(method: string, granted: Granted): Readonly<Record<string, string>> {
  const accepted = catalogue.methods[method]?.bot ?? [];
  return {
    'x-oauth-scopes': provided(granted),
    ...(accepted.length > 0 ? { 'x-accepted-oauth-scopes': accepted.join(',') } : {}),
  };
}

/** For each event the scope without which it does not come; `*` stands for the kind of conversation. */
const SCOPE_OF_EVENT: Readonly<Record<string, string>> = {
  app_mention: 'app_mentions:read',
  message: '*:history',
  reaction_added: 'reactions:read',
  reaction_removed: 'reactions:read',
  member_joined_channel: '*:read',
  member_left_channel: '*:read',
  channel_archive: '*:read',
  channel_unarchive: '*:read',
  channel_rename: '*:read',
  channel_shared: '*:read',
  channel_unshared: '*:read',
  file_shared: 'files:read',
  file_deleted: 'files:read',
  link_shared: 'links:read',
  user_change: 'users:read',
  team_join: 'users:read',
  assistant_thread_started: 'assistant:write',
  assistant_thread_context_changed: 'assistant:write',
};

/** Whether the app's scopes let it hear an event. Without a channel any kind will do. */
export function mayHear(event: Json, channel: Channel | undefined, granted: Granted): boolean {
  const scope = SCOPE_OF_EVENT[String(event.type)];
  if (scope === undefined) return true;
  const families = channel ? [FAMILY[channel.kind]] : Object.values(FAMILY);
  return families.some((family) => has(granted, scope.replace('*', family)));
}
