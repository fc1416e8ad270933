import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkView } from '../../../playground/slack/blockLimits.ts';
import type { Modal } from '../../../src/views/blocks.ts';
import { fieldOf, readForm, serverForm, TOOL_FIELDS } from '../../../src/views/tools/form.ts';
import { linkView, listView, serverView, summaryOf } from '../../../src/views/tools/list.ts';
import type { ToolServer } from '../../../src/views/tools/ports.ts';
import { readToolsState, writeToolsState } from '../../../src/views/tools/state.ts';
import { SERVER_PROBLEMS, type ServerProblem } from '../../../src/words/tool-servers.ts';

const hostile = fc.oneof(
  fc.string({ maxLength: 400 }),
  fc.constantFrom(
    '<!channel>',
    '<@U1|x>',
    '```',
    '*',
    '>|<',
    '👩‍👩‍👧'.repeat(80),
    '\u0000',
    'x'.repeat(9000),
  ),
);
const id = fc.uuid();
const server: fc.Arbitrary<ToolServer> = fc.record({
  id,
  name: fc.stringMatching(/^[a-z][a-z0-9-]{0,19}$/),
  url: fc.oneof(fc.webUrl(), hostile),
  account: fc.constantFrom('none', 'workspace', 'person'),
  people: fc.constantFrom('everyone', 'members', 'admins'),
  changes: fc.constantFrom('ask', 'off'),
  tools: fc.array(fc.record({ tool: hostile, title: hostile, description: hostile, reads: fc.boolean() }), {
    maxLength: 90,
  }),
  pinnedAt: fc.option(fc.constant(new Date('2026-11-03T10:00:00Z'))),
  changed: fc.boolean(),
  connectedBy: fc.constant('U0ANA'),
  connectedAt: fc.constant(new Date('2026-11-03T10:00:00Z')),
});
const some = (): ToolServer => {
  const [one] = fc.sample(server, 1);
  if (one === undefined) throw new Error('there is no sample');
  return one;
};
const channel = fc.option(fc.constant('C0GENERAL'));
const difference = fc.record({
  added: fc.array(hostile, { maxLength: 20 }),
  gone: fc.array(hostile, { maxLength: 20 }),
  changed: fc.array(hostile, { maxLength: 20 }),
});

function taken(view: Modal): string {
  expect(() => checkView(JSON.parse(JSON.stringify(view)))).not.toThrow();
  // Plain text pings nobody, whatever it says.
  for (const [, text = ''] of JSON.stringify(view).matchAll(
    /"type":"mrkdwn","text":("(?:[^"\\\\]|\\\\.)*")/g,
  ))
    for (const ping of ['<!channel>', '<@U1|x>']) expect(JSON.parse(text)).not.toContain(ping);
  return JSON.stringify(view);
}

describe('the modal of connected servers', () => {
  it('is one that Slack takes and that pings nobody, whatever servers say of themselves', () => {
    const facts = fc.record({
      servers: fc.array(server, { maxLength: 30 }),
      channel,
      admin: fc.boolean(),
      difference: fc.option(difference),
    });
    fc.assert(
      fc.property(facts, ({ servers, channel: at, admin, difference: differs }) => {
        const [first] = servers;
        const shown = {
          state: { channel: at, server: null },
          servers,
          here: servers.slice(0, 1).map(({ name }) => name),
          everywhere: [],
          admin,
          linked: new Set(servers.slice(1, 3).map((one) => one.id)),
          notice: null,
        };
        const texts = [taken(listView(shown))];
        if (first !== undefined) {
          texts.push(
            taken(
              serverView(
                shown,
                first,
                differs && { tools: first.tools, difference: differs, seen: 'x', leftOut: [] },
              ),
            ),
          );
          texts.push(taken(linkView(shown, first, 'https://login.example.com/authorize?state=1')));
        }
        const text = texts.join('\n');
        expect(text.includes('tools_remove')).toBe(admin && first !== undefined);
        expect(text.includes('tools_connect')).toBe(admin);
      }),
      { numRuns: 60 },
    );
  });

  it('says of a server where it is used, whose account speaks and what its tools may do', () => {
    const one: ToolServer = {
      id: '00000000-0000-4000-8000-000000000000',
      name: 'tickets',
      url: 'https://mcp.example.com/mcp',
      account: 'person',
      people: 'members',
      changes: 'ask',
      tools: [
        { tool: 'find', title: 'Find', description: '', reads: true },
        { tool: 'create', title: 'Create', description: '', reads: false },
        { tool: 'close', title: 'Close', description: '', reads: false },
      ],
      pinnedAt: null,
      changed: false,
      connectedBy: 'U1',
      connectedAt: new Date(0),
    };
    const here = {
      state: { channel: 'C1', server: null },
      here: ['tickets'],
      everywhere: [],
      linked: new Set<string>(),
    };
    expect(summaryOf(one, here)).toEqual([
      '✓ used in this channel · your own account is not linked yet',
      '1 tool that only reads, 2 tools that ask first',
    ]);
    expect(
      summaryOf(
        { ...one, changes: 'off', account: 'none' },
        { ...here, state: { channel: null, server: null }, linked: new Set([one.id]) },
      ),
    ).toEqual([
      'not used in the whole workspace · speaks for nobody: no account',
      '1 tool that only reads, 2 tools that change something, switched off',
    ]);
  });
});

describe('the form of a server', () => {
  it('is one that Slack takes, with whatever was typed before, and never shows a token', () => {
    const given = fc.record({
      server: fc.option(server),
      channel,
      notice: fc.option(fc.constant('The server does not answer there.')),
    });
    fc.assert(
      fc.property(given, ({ server: one, channel: at, notice }) => {
        const view = serverForm(
          { channel: at, server: one?.id ?? null },
          { url: 'https://a.example/mcp' },
          one,
          notice,
        );
        taken(view);
        const token = view.blocks.find(
          (block) => 'block_id' in block && block.block_id === TOOL_FIELDS.token,
        );
        expect(JSON.stringify(token ?? null)).not.toContain('initial_value');
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    [{ name: 'Tickets!', url: 'https://a.example/mcp' }, [TOOL_FIELDS.name]],
    [{ name: 'channel', url: 'https://a.example/mcp' }, [TOOL_FIELDS.name]],
    [{ name: 'tickets', url: 'a.example' }, [TOOL_FIELDS.url]],
    [{ name: '', url: 'file:///etc/passwd' }, [TOOL_FIELDS.name, TOOL_FIELDS.url]],
  ])('tells what is wrong with %j at its field', (typed, fields) => {
    const read = readForm(
      new Map([
        [TOOL_FIELDS.name, typed.name],
        [TOOL_FIELDS.url, typed.url],
      ]),
      null,
    );
    expect('errors' in read ? Object.keys(read.errors) : []).toEqual(fields);
  });

  it('wants a token for the account of the workspace, and and changes who may use one that is there without it', () => {
    const values = new Map([
      [TOOL_FIELDS.name, 'tickets'],
      [TOOL_FIELDS.url, 'https://a.example/mcp'],
      [TOOL_FIELDS.account, 'workspace'],
    ]);
    expect(readForm(values, null)).toEqual({
      errors: { [TOOL_FIELDS.token]: SERVER_PROBLEMS.token_missing },
    });
    const there: ToolServer = { ...some(), account: 'workspace', name: 'tickets' };
    expect(readForm(new Map([[TOOL_FIELDS.people, 'admins']]), there)).toMatchObject({
      wanted: { name: 'tickets', url: there.url, account: 'workspace', token: '', people: 'admins' },
    });
  });

  it('tells each trouble at a field that the form has', () => {
    for (const why of Object.keys(SERVER_PROBLEMS) as ServerProblem[])
      for (const one of [
        null,
        { ...some(), account: 'workspace' as const },
        { ...some(), account: 'none' as const },
      ]) {
        const view = serverForm({ channel: null, server: null }, {}, one, null);
        const fields = view.blocks.map((block) => ('block_id' in block ? block.block_id : ''));
        expect(fields).toContain(fieldOf(why, one));
      }
  });
});

it('what the modal carries comes back as it was, and anything else is nothing', () => {
  fc.assert(
    fc.property(fc.record({ channel, server: fc.option(id) }), (state) => {
      expect(readToolsState(writeToolsState(state))).toEqual(state);
    }),
  );
  fc.assert(
    fc.property(fc.anything(), (junk) => {
      expect(() => readToolsState(String(JSON.stringify(junk)))).not.toThrow();
    }),
  );
  for (const text of ['', '{}', '[1,2]', '["C1","x"]', '["<!channel>",null]'])
    expect(readToolsState(text)).toBeNull();
});
