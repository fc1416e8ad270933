import { expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createMoves, type Sibling } from '../../../src/installations/moved.ts';
import { repairSpent } from '../../../src/ledger/store.ts';
import { openStored } from '../../support/stored.ts';

const CHANNEL = 'C0MOVED';

/** Two workspaces and their organisation; `T1` is where the channel was. */
async function setUp(seen: 'yes' | 'no' | 'unknown', wide = false) {
  const stored = await openStored();
  const { database, log, rows } = stored;
  const asked: string[] = [];
  const noted: unknown[] = [];
  const all: Sibling[] = [
    { id: 'T1', wide: false },
    { id: 'T2', wide: false },
    { id: 'E1', wide: true },
  ];
  const to = wide ? 'E1' : 'T2';
  const arrived = createMoves({
    database,
    siblings: (id) => ({ wide: id === 'E1', others: all.filter((one) => one.id !== id) }),
    sees: async (installation, channel) => {
      asked.push(`${installation} ${channel}`);
      return seen;
    },
    note: async (moved) => void noted.push(moved),
    clock: systemClock,
    log,
  });
  const id = await stored.conversation({ team: 'T1', channel: CHANNEL });
  await stored.say(id, '1.000000');
  await rows(
    `insert into skein.settings (team, scope, scope_id, key, value, set_by) values
       ('T1', 'channel', $1, 'footer', 'off', 'U1'), ('T1', 'person', 'U1', 'effort', 'low', 'U1'),
       ('T1', 'workspace', 'T1', 'model', 'm', 'U1'), ($2, 'person', 'U1', 'footer', 'on', 'U1')`,
    [CHANNEL, to],
  );
  await rows(
    `insert into skein.setting_changes (team, scope, scope_id, key, to_value, by)
     values ('T1', 'channel', $1, 'footer', 'off', 'U1')`,
    [CHANNEL],
  );
  await rows(
    `insert into skein.usage (reply, call, team, channel, person, model, input_tokens, cache_write_5m_tokens,
       cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, estimated, price_version, cost_nano)
     values (gen_random_uuid(), 1, 'T1', $1, 'U1', 'm', 1, 0, 0, 0, 1, 0, false, 'v', 5)`,
    [CHANNEL],
  );
  await rows(
    `insert into skein.contents (team, hash, media, bytes, size) values ('T1', 'h', 'text/plain', 'words', 5)`,
  );
  await rows(
    `insert into skein.attachments (message, team, file, name, what, hash)
     select id, 'T1', 'F1', 'a.txt', 'text', 'h' from skein.messages`,
  );
  const settings = () =>
    rows(`select team, scope, scope_id, key from skein.settings order by team, scope, key`);
  const teams = (table: string) => rows(`select distinct team from skein.${table} order by 1`);
  return { ...stored, to, arrived, asked, noted, settings, teams, id };
}

it('a channel that moved to another workspace of its organisation takes its settings, threads and files along, and leaves the bill', async () => {
  const { arrived, asked, noted, settings, teams, rows, id } = await setUp('no');
  await arrived('T2', CHANNEL);
  expect(await settings()).toEqual([
    { team: 'T1', scope: 'person', scope_id: 'U1', key: 'effort' },
    { team: 'T1', scope: 'workspace', scope_id: 'T1', key: 'model' },
    { team: 'T2', scope: 'channel', scope_id: CHANNEL, key: 'footer' },
    { team: 'T2', scope: 'person', scope_id: 'U1', key: 'footer' },
  ]);
  for (const table of ['conversations', 'setting_changes', 'attachments', 'contents'])
    expect([table, await teams(table)]).toEqual([table, [{ team: 'T2' }]]);
  expect(await rows('select id::int from skein.conversations')).toEqual([{ id }]);
  expect(await teams('usage')).toEqual([{ team: 'T1' }]);
  expect(noted).toEqual([{ to: 'T2', from: 'T1', channel: CHANNEL }]);
  await arrived('T2', CHANNEL);
  expect(asked).toEqual([`T1 ${CHANNEL}`]);
});

it('a channel that both workspaces see is shared by them, and each keeps what is its own', async () => {
  const { arrived, noted, teams } = await setUp('yes');
  await arrived('T2', CHANNEL);
  expect(await teams('conversations')).toEqual([{ team: 'T1' }]);
  expect(noted).toEqual([]);
});

it('while Slack does not say, nothing moves, and it is not asked with every message', async () => {
  const { arrived, asked, teams } = await setUp('unknown');
  await arrived('T2', CHANNEL);
  await arrived('T2', CHANNEL);
  expect(await teams('conversations')).toEqual([{ team: 'T1' }]);
  expect(asked).toHaveLength(1);
});

it('where the organisation installs the app, a workspace that had it comes under it with its ledger and what people set, without being asked for', async () => {
  const { arrived, asked, noted, settings, teams, rows, database } = await setUp('yes', true);
  await arrived('E1', CHANNEL);
  expect(asked).toEqual([]);
  expect(await settings()).toEqual([
    { team: 'E1', scope: 'channel', scope_id: CHANNEL, key: 'footer' },
    { team: 'E1', scope: 'person', scope_id: 'U1', key: 'effort' },
    // What somebody set there themselves stands.
    { team: 'E1', scope: 'person', scope_id: 'U1', key: 'footer' },
    // Else they would hold for the whole organisation.
    { team: 'T1', scope: 'workspace', scope_id: 'T1', key: 'model' },
  ]);
  expect(await teams('usage')).toEqual([{ team: 'E1' }]);
  await repairSpent(database, Date.now());
  expect(
    await rows(`select scope_id, cost_nano::int as cost from skein.spent where scope = 'workspace'`),
  ).toContainEqual({ scope_id: 'E1', cost: 5 });
  expect(noted).toEqual([
    { to: 'E1', from: 'T1', channel: CHANNEL },
    { to: 'E1', from: 'T1', channel: null },
  ]);
});

it('nothing of an organisation moves to one of its workspaces, and no direct message moves', async () => {
  const { arrived, asked, rows, teams } = await setUp('no');
  await rows(`update skein.conversations set team = 'E1'`);
  await rows(`update skein.settings set team = 'E1' where team = 'T1' and scope = 'channel'`);
  await arrived('T2', CHANNEL);
  await arrived('T2', 'D0ANA');
  expect(await teams('conversations')).toEqual([{ team: 'E1' }]);
  expect(asked).toEqual([]);
});
