import { expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { CommandPorts, Typed } from '../../../src/commands/ports.ts';
import { isCommandPress, runCommand, runPress, runText } from '../../../src/commands/run.ts';
import type { Person } from '../../../src/people/person.ts';
import { DEFAULTS, openStored } from '../../support/stored.ts';

const ASKED: Typed = {
  team: 'T1',
  channel: 'C1',
  direct: false,
  threadTs: null,
  user: 'U1',
  triggerId: null,
};
const ANA: Person = { team: 'T1', id: 'U1', name: 'Ana', kind: 'member', admin: false, deactivated: false };

async function setUp(more: Partial<CommandPorts> = {}) {
  const { database, log } = await openStored();
  const opened: unknown[] = [];
  const ports: CommandPorts = {
    database,
    defaults: DEFAULTS,
    people: { of: async () => ANA, inChannel: async () => true },
    names: { user: async () => 'Ana', channel: async () => 'general' },
    models: async () => ({ models: [], live: false }),
    direct: async () => 'D0OURS',
    openSettings: async (asked, target) => {
      opened.push([asked.triggerId, target.scope, target.scopeId]);
      return asked.triggerId === 'good';
    },
    ask: async () => ({ posted: Promise.resolve({ kind: 'done' }) }),
    sendFile: async () => true,
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
  const { ports } = await setUp({ people: { of: async () => 'unreachable', inChannel: async () => false } });
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
