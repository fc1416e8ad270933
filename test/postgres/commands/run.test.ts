import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { CommandPorts, Typed } from '../../../src/commands/ports.ts';
import { isCommandPress, runCommand, runPress, runText } from '../../../src/commands/run.ts';
import type { Person } from '../../../src/people/person.ts';
import { changeSettings } from '../../../src/settings/store.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';

const ASKED: Typed = {
  team: 'T1',
  channel: 'C1',
  direct: false,
  threadTs: null,
  user: 'U1',
  userTeam: null,
  triggerId: null,
};
const ANA: Person = { team: 'T1', id: 'U1', name: 'Ana', kind: 'member', admin: false, deactivated: false };

async function setUp(more: Partial<CommandPorts> = {}) {
  const { database, log } = await openStored();
  const opened: unknown[] = [];
  const ports: CommandPorts = {
    database,
    defaults: DEFAULTS,
    people: {
      of: async () => ANA,
      inChannel: async () => 'yes' as const,
      weAreIn: async () => 'yes' as const,
    },
    names: { user: async () => 'Ana', channel: async () => 'general' },
    models: async () => ({ models: [], live: false }),
    direct: async () => 'D0OURS',
    openSettings: async (asked, target) => {
      opened.push([asked.triggerId, target.scope, target.scopeId]);
      return asked.triggerId === 'good';
    },
    tools: {
      list: async () => [],
      linked: async () => new Set<string>(),
      link: async () => ({ ok: false, why: 'gone' }),
      unlink: async () => {},
      open: async () => false,
    },
    ask: async () => ({ posted: Promise.resolve({ kind: 'done' }) }),
    sendFile: async () => 'done',
    examine: async () => [],
    clock: systemClock,
    log,
    ...more,
  };
  return { ports, opened };
}

it('the form is opened by a command, and by a button where there was none to open it', async () => {
  const { ports, opened } = await setUp();
  expect(await runText(ports, { ...ASKED, triggerId: 'good' }, 'settings workspace')).toMatchObject({
    silent: true,
  });
  const said = await runCommand(ports, ASKED, { verb: 'settings', whose: { kind: 'here' } });
  expect(said.markdown).toContain('What holds in this channel');
  const [button] = said.buttons ?? [];
  expect(button).toMatchObject({ label: 'Open the form', value: 'channel' });
  const action = button?.action ?? '';
  expect(isCommandPress(action)).toBe(true);
  const pressed = await runPress(ports, { ...ASKED, triggerId: 'good' }, { action, value: 'channel' });
  expect(pressed).toMatchObject({ silent: true });
  expect(opened).toEqual([
    ['good', 'workspace', 'T1'],
    ['good', 'channel', 'C1'],
  ]);
});

it('a form that can’t be opened any more is told in words, and a strange value opens one’s own', async () => {
  const { ports, opened } = await setUp();
  const late = { ...ASKED, triggerId: 'expired' };
  expect((await runText(ports, late, 'settings')).markdown).toContain('What holds in this channel');
  const pressed = await runPress(ports, late, {
    action: 'command_settings',
    value: '{"scope":"deployment"}',
  });
  expect(pressed?.markdown).toBe('The form could not be opened. Please try again.');
  expect(opened.at(-1)).toEqual(['expired', 'person', 'U1']);
});

it('who cannot be checked with Slack changes nothing', async () => {
  const { ports } = await setUp({
    people: {
      of: async () => 'unreachable',
      inChannel: async () => 'unknown',
      weAreIn: async () => 'unknown',
    },
  });
  const answer = await runText(ports, ASKED, 'set footer off me');
  expect(answer.markdown).toContain('I could not check with Slack who you are.');
});

it('a model that can’t be checked is not set, other settings are', async () => {
  const { ports } = await setUp();
  expect((await runText(ports, ASKED, 'set model claude-opus-5-5')).markdown).toContain(
    'could not ask Claude',
  );
  expect((await runText(ports, ASKED, 'set max_tokens 5000')).markdown).toContain('is now `5000`');
});

it('whatever breaks inside is words for the person, with a code', async () => {
  const { ports } = await setUp({
    models: async () => {
      throw new TypeError('a secret detail');
    },
  });
  const answer = await runText(ports, ASKED, 'models');
  expect(answer.markdown).toBe('Something went wrong on my side. Please try again. (REPLY_FAILED)');
});

it('a press that is of nobody’s button is left alone', async () => {
  const { ports } = await setUp();
  expect(runPress(ports, ASKED, { action: 'reply_stop', value: null })).toBeNull();
  expect(isCommandPress('reply_stop')).toBe(false);
});

const person = (more: Partial<Person>) => ({
  people: {
    of: async () => ({ ...ANA, ...more }),
    inChannel: async () => 'yes' as const,
    weAreIn: async () => 'yes' as const,
  },
});
const set = (
  ports: CommandPorts,
  scope: 'workspace' | 'channel' | 'person',
  scopeId: string,
  value: string,
) =>
  changeSettings(
    ports.database,
    { team: 'T1', scope, scopeId },
    { changes: [{ key: 'instructions', value }], by: 'U9' },
  );

it.each([
  ['settings <#C2|other>', ASKED, ['channel', 'C2']],
  ['settings <@U2|ana>', ASKED, ['person', 'U2']],
  ['settings channel', ASKED, ['channel', 'C1']],
  ['settings', ASKED, ['channel', 'C1']],
  ['settings', { ...ASKED, channel: 'D0OURS', direct: true }, ['person', 'U1']],
  ['settings', { ...ASKED, channel: 'D0THEIRS', direct: null }, ['person', 'U1']],
])('`/skein %s` opens the form of what was named', async (text, typed, target) => {
  const { ports, opened } = await setUp();
  await runText(ports, { ...typed, triggerId: 'good' }, text);
  expect(opened).toEqual([['good', ...target]]);
});

it('a form of a channel is not opened where there is none', async () => {
  const { ports, opened } = await setUp();
  const typed = { ...ASKED, channel: 'D0OURS', direct: true, triggerId: 'good' };
  expect((await runText(ports, typed, 'settings channel')).markdown).toContain('There is no channel here.');
  expect(opened).toEqual([]);
});

it('a button under settings of somebody else opens theirs', async () => {
  const { ports, opened } = await setUp(person({ admin: true }));
  const said = await runCommand(ports, ASKED, { verb: 'settings', whose: { kind: 'person_id', id: 'U2' } });
  const [button] = said.buttons ?? [];
  if (button === undefined) throw new Error('there is no button');
  await runPress(ports, { ...ASKED, triggerId: 'good' }, { action: button.action, value: button.value });
  expect(opened).toEqual([['good', 'person', 'U2']]);
});

describe('what the workspace and the channel have set', () => {
  const asked = [
    'settings workspace',
    'settings channel',
    'settings',
    'show',
    'show workspace',
    'show channel',
  ];

  it.each(asked)('is not told to a stranger by `%s`', async (text) => {
    const { ports } = await setUp(person({ kind: 'stranger' }));
    await set(ports, 'workspace', 'T1', 'The secret of the workspace.');
    await set(ports, 'channel', 'C1', 'The secret of the channel.');
    const answer = await runText(ports, ASKED, text);
    expect(answer.markdown).not.toContain('secret');
    expect(answer.markdown).toContain('Only people of this workspace');
  });

  it.each(asked)('is not told to a guest by `%s`', async (text) => {
    const { ports } = await setUp(person({ kind: 'guest' }));
    await set(ports, 'workspace', 'T1', 'The secret of the workspace.');
    await set(ports, 'channel', 'C1', 'The secret of the channel.');
    await set(ports, 'person', 'U1', 'My own.');
    const answer = await runText(ports, ASKED, text);
    expect(answer.markdown).not.toContain('secret');
    if (!text.includes(' ')) expect(answer.markdown).toContain('My own.');
  });

  it.each(['usage', 'usage channel', 'usage workspace', 'budget', 'models', 'context', 'export'])(
    'nor anything of it by `%s` to a stranger',
    async (text) => {
      const { ports } = await setUp(person({ kind: 'stranger' }));
      const answer = await runText(ports, ASKED, text);
      expect(answer.markdown).toMatch(/Only (?:people|admins) of this workspace/);
    },
  );

  it('is told to a member', async () => {
    const { ports } = await setUp();
    await set(ports, 'workspace', 'T1', 'Be brief.');
    expect((await runText(ports, ASKED, 'show workspace')).markdown).toContain('Be brief.');
    expect((await runText(ports, ASKED, 'show')).markdown).toContain('Be brief.');
  });
});

describe('in a direct message of other people', () => {
  const theirs: Typed = { ...ASKED, channel: 'D0THEIRS', direct: null };
  const note = 'This direct message is not one with me';

  it('a question is asked in our own, and that is said', async () => {
    const asked: unknown[] = [];
    const { ports } = await setUp({
      ask: async ({ channel, direct }) => {
        asked.push([channel, direct]);
        return { posted: Promise.resolve({ kind: 'done' }) };
      },
    });
    const answer = await runText(ports, theirs, 'ask why?');
    expect(asked).toEqual([['D0OURS', true]]);
    expect(answer.markdown).toContain('in our direct messages');
  });

  it.each(['show', 'context', 'export', 'forget', 'budget'])('`%s` says what it is about', async (text) => {
    const { ports } = await setUp();
    expect((await runText(ports, theirs, text)).markdown).toContain(note);
    const ours = await runText(ports, { ...theirs, channel: 'D0OURS' }, text);
    expect(ours.markdown).not.toContain(note);
  });

  it('whose it is can’t be known counts as ours', async () => {
    const { ports } = await setUp({ direct: async () => null });
    expect((await runText(ports, theirs, 'show')).markdown).not.toContain(note);
  });
});

describe('what takes too long', () => {
  it.each([
    ['ask why?', 'look for it before you ask again'],
    ['export', 'look there before you ask for it again'],
    ['forget', 'it tells what is left'],
    ['set footer off', '/skein show'],
    ['usage', 'Nothing was changed; please try again.'],
    ['show', 'Nothing was changed; please try again.'],
  ])('`%s` is told without advice that would do it twice', async (text, line) => {
    const never = new Promise<never>(() => {});
    const { ports } = await setUp({
      people: { of: () => never, inChannel: () => never, weAreIn: async () => 'yes' as const },
      clock: { ...systemClock, sleep: (_ms, signal) => systemClock.sleep(1, signal) },
    });
    const asked = text === 'forget' ? { ...ports, direct: () => never } : ports;
    const answer = await runText(asked, { ...ASKED, direct: text === 'forget' ? null : false }, text);
    expect(answer.markdown).toContain(line);
  });
});
