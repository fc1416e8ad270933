import { expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { eraseGone } from '../../../src/erasure/installation/erase.ts';
import { createLog } from '../../../src/log.ts';
import { openDatabase } from '../../../src/postgres/database.ts';
import { addWorkspace, install, startOpenWorld } from '../../journeys/installing.ts';
import { ana, general, query, type World } from '../../journeys/world.ts';

const quiet = createLog('error', { write: () => {} });

async function erase(world: World, days: number): Promise<void> {
  const database = openDatabase({
    url: world.databaseUrl,
    ca: null,
    max: 2,
    clock: systemClock,
    log: quiet,
  });
  try {
    await eraseGone({
      database,
      days,
      clock: systemClock,
      log: quiet,
      signal: new AbortController().signal,
    });
  } finally {
    await database.close();
  }
}

/** How many rows of each table say something of a workspace. */
async function mentions(world: World, id: string): Promise<Record<string, number>> {
  const tables = await query<{ name: string }>(
    world,
    `select table_name as name from information_schema.tables
     where table_schema = 'skein' and table_type = 'BASE TABLE'`,
  );
  const found: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await query<{ count: string }>(
      world,
      `select count(*) from skein."${name}" t where t::text like '%' || $1 || '%'`,
      [id],
    );
    if (Number(row?.count) > 0) found[name] = Number(row?.count);
  }
  return found;
}

it('of a workspace that took the app out nothing is left after the term but that it was there, and of others all', async () => {
  const world = await startOpenWorld({ script: () => ({ text: 'An answer to erase.' }) });
  const { slack } = world;
  const second = addWorkspace(slack, 'X2');
  await install(world, slack.team);
  await install(world, second.team);
  for (const [team, mark] of [
    [slack, ''],
    [second, 'X2'],
  ] as const) {
    const { ts } = team.say(`${ana}${mark}`, `${general}${mark}`, '@skein something to erase');
    await team.waitForMessage(
      (message) => message.threadTs === ts && message.visible.includes('An answer to erase.'),
    );
    await team.slash(`${ana}${mark}`, `${general}${mark}`, '/skein', 'budget $50 month workspace');
  }
  const before = await mentions(world, 'T0NORTHWINDX2');
  expect(Object.keys(before)).toEqual(expect.arrayContaining(['conversations', 'settings', 'usage']));
  second.uninstall();
  await expect
    .poll(() => query(world, `select id from skein.installations where gone_at is not null`))
    .toHaveLength(1);

  await erase(world, 30);
  expect(await mentions(world, 'T0NORTHWINDX2')).toMatchObject({ conversations: 1 });
  await query(
    world,
    `update skein.installations set gone_at = now() - interval '31 days' where gone_at is not null`,
  );
  await erase(world, 30);
  expect(await mentions(world, 'T0NORTHWINDX2')).toEqual({ installations: 1 });
  // Ids of its people and channels, and words, are in no table any more.
  expect(await mentions(world, 'U0ANAX2')).toEqual({});
  expect(await query(world, `select id from skein.messages where text like '%erase%'`)).toHaveLength(2);
  expect(await mentions(world, 'T0NORTHWIND')).toMatchObject({ conversations: 1, usage: 1 });
  // Installed again it begins anew.
  expect((await install(world, second.team)).status).toBe(200);
  const { ts } = second.say(`${ana}X2`, `${general}X2`, '@skein again');
  await second.waitForMessage(({ threadTs, visible }) => threadTs === ts && visible.includes('An answer'));
});
