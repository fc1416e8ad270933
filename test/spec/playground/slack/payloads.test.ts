import { describe, expect, it } from 'vitest';
import { isJson, type Json, objectOf } from '../../../../playground/slack/json.ts';
import { differenceOf } from './keys.ts';
import { type Carrier, playEverything } from './play.ts';
import { ABSENT, present, readShared } from './shared.ts';

interface Kind {
  /** Names in the skeleton files; several where Slack sends one kind in several shapes. */
  readonly skeletons: readonly string[];
  /** Keys that no skeleton has, with the source that does. */
  readonly also?: Readonly<Record<string, string>>;
  /** Keys that every recorded body has and ours need not have, with the reason. */
  readonly optional?: Readonly<Record<string, string>>;
}

/** Envelope keys that came after the skeletons were collected. */
const CONTEXT = {
  context_team_id: 'recorded: dm/slack-direct.json and others; skeletons of later kinds have it',
  context_enterprise_id: 'the same',
};

/** The shape of a message is one for all of Slack: a skeleton of one kind leaves out what it did not see. */
const MESSAGE = { ...CONTEXT, 'event.team': 'MessagePayload', 'event.client_msg_id': 'MessagePayload' };

/** The same for a message inside of an edit or a deletion. */
const INNER = {
  'event.message.app_id': 'recorded: message.app_id of streaming/slack.json; BlockActionPayload',
  'event.message.reply_users': 'BlockActionPayload',
  'event.previous_message.app_id': 'as event.message',
  'event.previous_message.reply_users': 'as event.message',
};

const SUGGESTION = {
  action_id: 'BlockSuggestion in the types of Bolt; slack.md 7.3',
  block_id: 'the same',
  value: 'the same',
};

/** By type, with the subtype after a dot, or with `.view` for what happens in a modal or in App Home. */
const KINDS: Readonly<Record<string, Kind>> = {
  app_mention: { skeletons: ['AppMentionPayload', 'MessageFileSharePayload', 'MessagePayload'] },
  'app_mention.bot_message': { skeletons: ['AppMentionPayload'] },
  message: { skeletons: ['MessagePayload', 'AppMentionPayload'], also: CONTEXT },
  'message.bot_message': { skeletons: ['MessageBotPayload'], also: CONTEXT },
  'message.file_share': { skeletons: ['MessageFileSharePayload'], also: MESSAGE },
  'message.thread_broadcast': {
    skeletons: ['MessageThreadBroadcastPayload', 'MessagePayload'],
    also: CONTEXT,
  },
  'message.message_changed': { skeletons: ['MessageChangedPayload'], also: { ...CONTEXT, ...INNER } },
  'message.message_deleted': { skeletons: ['MessageDeletedPayload'], also: { ...CONTEXT, ...INNER } },
  reaction_added: { skeletons: ['ReactionAddedPayload'] },
  reaction_removed: { skeletons: ['ReactionRemovedPayload'] },
  member_joined_channel: {
    skeletons: ['MemberJoinedChannelPayload'],
    optional: {
      enterprise_id: 'the one recorded body is of an organisation; slack.md 2.1 says that others lack it',
      'event.enterprise': 'the same',
    },
  },
  member_left_channel: { skeletons: ['MemberLeftChannelPayload'] },
  channel_archive: { skeletons: ['ChannelArchivePayload'] },
  channel_unarchive: { skeletons: ['ChannelUnarchivePayload'] },
  app_home_opened: { skeletons: ['AppHomeOpenedPayload'] },
  app_uninstalled: { skeletons: ['AppUninstalledPayload'] },
  tokens_revoked: { skeletons: ['TokensRevokedPayload'] },
  block_actions: {
    skeletons: ['BlockActionPayload'],
    optional: { 'container.thread_ts': 'all recorded presses were made in threads; others have none' },
  },
  message_action: { skeletons: ['MessageShortcutPayload'] },
  shortcut: { skeletons: ['BlockActionPayload', 'MessageShortcutPayload'] },
  view_submission: { skeletons: ['ViewSubmissionPayload'] },
  view_closed: { skeletons: ['ViewClosedPayload'] },
  'block_actions.view': { skeletons: ['BlockActionPayload'] },
  block_suggestion: { skeletons: ['BlockActionPayload'], also: SUGGESTION },
  'block_suggestion.view': { skeletons: ['BlockActionPayload'], also: SUGGESTION },
  slash_command: { skeletons: ['SlashCommandPayload'] },
};

const events = objectOf(readShared('payloads/event-skeletons.json').events);
const interactions = objectOf(readShared('payloads/interaction-skeletons.json').payloads);
const recordings: readonly Json[] = Object.values(objectOf(readShared('payloads/recorded.json').recordings))
  .flatMap((recording) => Object.values(objectOf(recording)))
  .filter(isJson)
  .filter((body) => body.token !== undefined);

function kindOf(body: Json): string {
  if (body.command !== undefined) return 'slash_command';
  if (!isJson(body.event))
    return objectOf(body.container).type === 'view' ? `${body.type}.view` : String(body.type);
  const { type, subtype } = body.event;
  return subtype === undefined ? String(type) : `${type}.${subtype}`;
}

/** What is wrong with a body, as lines that name its kind. */
function faults(body: Json): string[] {
  const name = kindOf(body);
  const kind = KINDS[name];
  if (!kind) return [`${name}: a kind that nobody compares`];
  const { unknown, missing } = differenceOf(body, {
    skeletons: kind.skeletons.map((skeleton) => events[skeleton] ?? interactions[skeleton]),
    recorded: recordings.filter((one) => kindOf(one) === name),
    allowed: Object.keys(kind.also ?? {}),
    optional: Object.keys(kind.optional ?? {}),
  });
  return [
    ...unknown.map((path) => `${name}: ${path} is in no skeleton`),
    ...missing.map((path) => `${name}: ${path} is missing`),
  ];
}

describe('every payload that the stand-in sends', () => {
  for (const carrier of ['socket', 'http'] satisfies Carrier[])
    for (const org of [false, true])
      it.skipIf(!present)(
        `has the keys of Slack's own: over ${carrier}, ${org ? 'in an organisation' : 'in one workspace'} ${ABSENT}`,
        async () => {
          const bodies = await playEverything(carrier, org);
          expect([...new Set(bodies.flatMap(faults))].sort()).toEqual([]);
          expect([...new Set(bodies.map(kindOf))].sort()).toEqual(Object.keys(KINDS).sort());
        },
      );
});
