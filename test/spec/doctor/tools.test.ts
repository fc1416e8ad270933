import { expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { checkTools, type ToolsToLookAt } from '../../../src/doctor/tools.ts';
import { SERVER_PROBLEMS, type ServerProblem } from '../../../src/words/tool-servers.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const by = { team: 'T1', person: 'U1' };
type Looked = Awaited<ReturnType<ToolsToLookAt['look']>>;

/** Servers of these names, each of which answers so when it is looked at. */
function servers(names: readonly string[], look: (name: string) => Promise<unknown>): ToolsToLookAt {
  const views = names.map((name) => ({ name })) as unknown as Awaited<ReturnType<ToolsToLookAt['of']>>;
  return { of: async () => views, look: async ({ name }) => (await look(name)) as Looked };
}

const listing = (added: string[]) => ({
  ok: true,
  listed: { tools: [{}, {}], leftOut: [], shortened: [] },
  change: { added, removed: [], changed: [] },
});

it.each(Object.keys(SERVER_PROBLEMS) as ServerProblem[])(
  'a server of tools with the problem “%s” is told with what to do',
  async (problem) => {
    const [found] = await checkTools(
      servers(['tickets'], async () => ({ ok: false, problem })),
      by,
      systemClock,
    );
    expect(found).toEqual({
      name: 'Server tickets',
      // A terminal has nobody's own account; that is nothing wrong.
      state: problem === 'unlinked' ? 'unchecked' : 'warning',
      found: SERVER_PROBLEMS[problem],
      todo: expect.stringMatching(/\w/),
    });
  },
);

it('a server that lists what was accepted is ok, and one that lists something else is not', async () => {
  const tools = servers(['tickets', 'wiki'], async (name) => listing(name === 'wiki' ? ['new'] : []));
  expect(await checkTools(tools, by, systemClock, 'T1')).toMatchObject([
    { name: 'Server tickets (T1)', state: 'ok', found: expect.stringContaining('2 tools'), todo: null },
    { name: 'Server wiki (T1)', state: 'warning', todo: expect.stringContaining('/skein tools') },
  ]);
});

it('a server that never answers holds up nobody for longer than twelve seconds', async () => {
  const clock = createVirtualClock();
  const asked = checkTools(
    servers(['tickets'], () => new Promise(() => {})),
    by,
    clock,
  );
  await clock.advance(12_000);
  expect(await asked).toMatchObject([{ state: 'warning', found: 'it did not answer in time.' }]);
});

it('where there are more than are looked at, or the database does not say which, that is told', async () => {
  const many = Array.from({ length: 23 }, (_, at) => `server-${at}`);
  const found = await checkTools(
    servers(many, async () => listing([])),
    by,
    systemClock,
  );
  expect(found).toHaveLength(21);
  expect(found.at(-1)).toMatchObject({
    name: 'Connected servers',
    state: 'unchecked',
    found: '3 further ones of this workspace were not looked at.',
  });
  const away = { ...servers([], async () => listing([])), of: () => Promise.reject(new Error('away')) };
  expect(await checkTools(away, by, systemClock)).toMatchObject([
    { name: 'Connected servers', state: 'unchecked' },
  ]);
});
