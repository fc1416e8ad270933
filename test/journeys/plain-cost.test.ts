import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startToolStandin } from '../../playground/tools/standin.ts';
import { systemClock } from '../../src/clock.ts';
import { readListing } from '../../src/tools/servers/listing.ts';
import { startCalmWorld } from './slash.ts';
import { ana, ben, finishedReply, general, query, set, type World } from './world.ts';

/** What everybody's process does every minute, whatever is asked: it ends and draws calls of answers that are over. */
const CHORE = /^\s*(?:update skein\.tool_calls t set state = case|select distinct t\.reply)/;
const OF_TOOLS = /tool_(?:calls|grants|servers|accounts|links)|answer_blocks/;

/** Asks twice in a thread; the statements of that time which name what tools are kept in, and the requests. */
async function costOf(
  world: World,
  statements: readonly string[],
): Promise<{ statements: readonly string[]; bodies: readonly string[] }> {
  const before = statements.length;
  const { ts } = world.slack.say(ana, general, '@skein how are you?');
  await finishedReply(world, general, ts);
  world.slack.say(ben, general, '@skein and today?', { threadTs: ts });
  await finishedReply(world, general, ts, 2);
  const made = statements.slice(before);
  expect(made.length).toBeGreaterThan(20);
  return {
    statements: made.filter((text) => OF_TOOLS.test(text) && !CHORE.test(text)),
    bodies: world.model.calls().map(({ rawBody }) => rawBody),
  };
}

/** Every statement of this process from now on, as it is given to the driver. */
function statementsFromNow(): readonly string[] {
  const statements: string[] = [];
  const query = pg.Client.prototype.query;
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...given: unknown[]
  ) {
    const [first] = given as [string | { readonly text?: string } | null];
    const text = typeof first === 'string' ? first : first?.text;
    if (text !== undefined) statements.push(text);
    return Reflect.apply(query, this, given);
  });
  onTestFinished(() => spy.mockRestore());
  return statements;
}

// One after the other: statements are those of the whole process.
test.each(['socket', 'http'] as const)(
  'an answer without tools asks the database for none, and the model is sent the same bytes as where no server is connected (%s)',
  async (mode) => {
    const statements = statementsFromNow();
    const script = () => ({ text: 'Fine, thank you.' });
    const without = await startCalmWorld({ mode, env: { TOOL_HOSTS: 'off' }, script });
    const plain = await costOf(without, statements);
    expect(plain.statements).toEqual([]);
    const server = await startToolStandin({ clock: systemClock });
    onTestFinished(() => server.stop());
    const connected = await startCalmWorld({ mode, env: { TOOL_HOSTS: '127.0.0.1' }, script });
    const tool = { name: 'find', title: 'Find', description: '', inputSchema: { type: 'object' as const } };
    await query(
      connected,
      `insert into skein.tool_servers (id, team, name, url, account, people, listing, pinned_at, connected_by)
     values (gen_random_uuid(), $1, 'desk', $2, 'none', 'everyone', $3, now(), $4)`,
      [connected.slack.team, server.url, JSON.stringify(readListing([tool], false).tools), ana],
    );
    await set(connected, ['channel', 'C0ENGINEERING'], ['tools', 'desk']);
    const beside = await costOf(connected, statements);
    expect(beside.statements).toEqual([]);
    expect(beside.bodies).toEqual(plain.bodies);
    expect(plain.bodies).toHaveLength(2);
    for (const body of plain.bodies) expect(Object.keys(JSON.parse(body))).not.toContain('tools');
    expect(server.requests()).toEqual([]);
  },
);
