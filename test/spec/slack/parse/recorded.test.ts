import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Incoming } from '../../../../src/incoming.ts';
import { parsePayload } from '../../../support/parse.ts';
import { SELF } from '../../../support/payloads.ts';
import { quickest, timed } from '../../../support/quickest.ts';
import { ROOT } from '../../../support/source.ts';

/**
 * Payloads that are not ours: recorded bodies, and bodies with every key that was seen (values blanked, filled here). The
 * table beside this file says what each becomes; `UPDATE_PAYLOADS=1` writes it anew, to be read before it is kept. They lie
 * beside a checkout and not in it, so elsewhere these tests are skipped.
 */
const FOLDER = join(ROOT, '../shared/slack/payloads');
const TABLE = join(ROOT, 'test/spec/slack/parse/payloads.txt');

type Json = Readonly<Record<string, unknown>>;

/** Values for blanked keys, so that ids are ids; everything else stays blank. */
const SAMPLE: Readonly<Record<string, string>> = {
  user: 'U1',
  user_id: 'U1',
  channel: 'C1',
  channel_id: 'C1',
  team: 'T1',
  team_id: 'T1',
  app_installed_team_id: 'T1',
  bot_id: 'B9',
  app_id: 'A9',
  ts: '1766458026.240809',
  event_ts: '1766458026.240809',
  deleted_ts: '1766458026.240809',
  message_ts: '1766458026.240809',
  callback_id: 'a_form',
  action_id: 'an_action',
  reaction: 'octagonal_sign',
  command: '/skein',
  tab: 'home',
  trigger_id: '1.2.3',
};

function filled(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => filled(one, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      // A blanked subtype stands for none.
      Object.entries(value)
        .filter(([name, held]) => name !== 'subtype' || held !== '')
        .map(([name, held]) => [
          name,
          // Where Slack has an object for a person, a channel or a workspace, its id is one of those.
          name === 'id' && held === '' ? (SAMPLE[key] ?? 'X1') : filled(held, name),
        ]),
    );
  return value === '' ? (SAMPLE[key] ?? '') : value;
}

/** One line about an incoming: what a reader must know to say whether it is right. */
function told(incoming: Incoming): string {
  switch (incoming.kind) {
    case 'ignored':
      return `ignored: ${incoming.reason}`;
    case 'message':
    case 'message_changed': {
      const about = [
        incoming.mentionsBot ? 'mentions us' : null,
        incoming.channelKind === 'im' ? 'direct' : null,
        incoming.threadTs === null ? null : 'in a thread',
        incoming.app === null
          ? null
          : incoming.app.certain
            ? 'by an app'
            : 'by an app or with a person’s token',
        incoming.files.length > 0 ? `${incoming.files.length} file(s)` : null,
        incoming.kind === 'message_changed' && !incoming.textChanged ? 'same words' : null,
      ];
      return [incoming.kind, ...about.filter((one) => one !== null)].join(', ');
    }
    case 'action':
      return `action ${incoming.actionId}${incoming.value === null ? '' : ` = ${incoming.value}`}`;
    case 'message_deleted':
      return incoming.own ? 'message_deleted, ours' : 'message_deleted';
    case 'installation_gone':
      return `installation_gone: ${incoming.why}`;
    default:
      return incoming.kind;
  }
}

function read(name: string): Json {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Json;
}

/** Every body in the folder, by the name under which the table has it. */
function bodies(): [string, Incoming][] {
  const found: [string, Incoming][] = [];
  const recordings = Object.entries(read('recorded.json')['recordings'] as Readonly<Record<string, Json>>);
  for (const [file, recording] of recordings) {
    // Some entries are what a test kept for itself, not a body of Slack's.
    for (const [name, body] of Object.entries(recording))
      if (typeof body === 'object' && body !== null && ('type' in body || 'command' in body))
        found.push([`recorded ${file} ${name}`, parsePayload(body, selfIn(recording, body))]);
  }
  for (const [name, body] of Object.entries(read('event-skeletons.json')['events'] as Json)) {
    const { event, type } = filled(body) as { event?: Json; type?: string };
    const envelope = { ...(filled(body) as Json), type: type === '' ? 'event_callback' : type, event };
    found.push([
      `event ${name}`,
      parsePayload(event === undefined ? body : { ...envelope, authorizations: [] }, SELF),
    ]);
  }
  for (const [name, body] of Object.entries(read('interaction-skeletons.json')['payloads'] as Json))
    found.push([`interaction ${name}`, parsePayload(filled(body), SELF)]);
  return found;
}

/** The installation that a body of a recording is for, as its recorder had it; one recording is of two workspaces. */
function selfIn(recording: Json, body: object) {
  const [, team = 'T1'] = /"team_id":\s*"(T\w+)"/.exec(JSON.stringify(body)) ?? [];
  return { team, botUserId: String(recording['botUserId'] ?? 'UBOT'), botId: 'B00FAKEBOT01' };
}

describe.skipIf(!existsSync(FOLDER))('payloads that others recorded', () => {
  test('each becomes what the table says', () => {
    const lines = bodies().map(([name, incoming]) => `${name} → ${told(incoming)}`);
    if (process.env['UPDATE_PAYLOADS'] === '1') writeFileSync(TABLE, `${lines.join('\n')}\n`);
    expect(lines.length).toBeGreaterThan(130);
    expect(`${lines.join('\n')}\n`).toBe(readFileSync(TABLE, 'utf8'));
  });

  test('each is parsed within a few milliseconds', async () => {
    const enough = 20 * bodies().length;
    expect(await quickest(enough, () => timed(bodies))).toBeLessThan(enough);
  });
});
