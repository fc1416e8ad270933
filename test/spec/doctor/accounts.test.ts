import { expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { checkTools, type ToolsToLookAt } from '../../../src/doctor/tools.ts';
import { doctorWords as words } from '../../../src/words/doctor.ts';

type State = Awaited<ReturnType<ToolsToLookAt['authorization']>>;

const BY = { team: 'T1', person: 'U1' };

/** One server whose tools can't be listed, because nobody has linked an account. */
const tools = (account: 'person' | 'none', state: State | Error): ToolsToLookAt => ({
  of: async () => [
    {
      id: '1',
      name: 'desk',
      url: 'https://desk.example/mcp',
      account,
      people: 'everyone',
      changes: 'ask',
      pinnedAt: null,
      listingChanged: false,
      connectedBy: 'U1',
      connectedAt: new Date(0),
      tools: [],
    },
  ],
  look: async () => ({ ok: false, problem: 'unlinked' }),
  async authorization() {
    if (state instanceof Error) throw state;
    return state;
  },
});

test.each<[State, string, string]>([
  ['same', 'ok', words.accounts.same],
  ['moved', 'warning', words.accounts.moved],
  ['unreachable', 'warning', words.accounts.unreachable],
  [null, 'warning', 'no key'],
  ['no_oauth', 'wrong', words.accounts.no_oauth],
  ['no_code', 'wrong', words.accounts.no_code],
  ['other_resource', 'wrong', words.accounts.other_resource],
  ['unreadable', 'wrong', words.accounts.unreadable],
  ['host', 'wrong', 'TOOL_HOSTS'],
  ['address', 'wrong', 'TOOL_HOSTS'],
  ['plain', 'wrong', 'https://'],
])(
  'how accounts are linked is looked at beside the server: %s is %s, with what to do',
  async (state, is, found) => {
    const [server, accounts, ...more] = await checkTools(tools('person', state), BY, systemClock);
    expect(more).toEqual([]);
    expect(server).toMatchObject({ name: 'Server desk', state: 'unchecked' });
    expect(accounts).toMatchObject({ name: 'Accounts at desk', state: is });
    expect(accounts?.found).toContain(found);
    expect(accounts?.todo === null).toBe(is === 'ok');
  },
);

test('a server without accounts of people has no such line, and a database that is away has its own', async () => {
  expect(await checkTools(tools('none', null), BY, systemClock)).toHaveLength(1);
  expect(await checkTools(tools('person', new Error('away')), BY, systemClock)).toMatchObject([
    { name: words.names.servers, state: 'unchecked' },
  ]);
});
