import { describe, expect, test } from 'vitest';
import { commandAt, completeCommand, hintFor } from '../../../../playground/page/conversation/command.ts';
import { adopt, homeOf, placeOf, topModal } from '../../../../playground/page/state/views.ts';
import { applyEvents } from '../../../../playground/page/state/world.ts';
import type { PageView } from '../../../../playground/protocol.ts';
import { snapshot } from './make.ts';

function view(change: Partial<PageView> & Pick<PageView, 'id'>): PageView {
  return {
    user: 'U1',
    kind: 'modal',
    open: true,
    previousId: null,
    hash: 'h',
    content: {},
    values: {},
    ...change,
  };
}

function worldWith(...views: readonly PageView[]) {
  const events = views.map((one) => ({ type: 'view' as const, view: one }));
  const world = applyEvents(null, [{ type: 'snapshot', snapshot }, ...events]);
  if (world === null) throw new Error('a snapshot makes a world');
  return world;
}

describe('views', () => {
  test('are seen by their person only, the top of the stack first, and the one below when it closes', () => {
    const stack = [view({ id: 'V1' }), view({ id: 'V2', previousId: 'V1' }), view({ id: 'V3', user: 'U2' })];
    expect(topModal(worldWith(...stack), 'U1')?.id).toBe('V2');
    expect(topModal(worldWith(...stack, view({ id: 'V2', open: false })), 'U1')?.id).toBe('V1');
    expect(topModal(worldWith(view({ id: 'H', kind: 'home' })), 'U1')).toBeNull();
    expect(homeOf(worldWith(view({ id: 'H', kind: 'home' })), 'U1')?.id).toBe('H');
  });

  test('keep what was typed when the app changes them, for inputs that keep their names', () => {
    const typed = { a: { x: { value: 'typed' } }, gone: { x: { value: 'typed' } } };
    const first = { a: { x: { value: null } }, b: { x: { value: 'new' } } };
    expect(adopt(typed, first)).toEqual({ a: { x: { value: 'typed' } }, b: { x: { value: 'new' } } });
  });
});

describe('a link to a message', () => {
  const root = 'https://northwind.slack.com/archives/C1/p1700000000000100';
  test.each([
    [root, { channel: 'C1', thread: '1700000000.000100' }],
    [`${root}?thread_ts=1690000000.000001&cid=C1`, { channel: 'C1', thread: '1690000000.000001' }],
    [root.replace('northwind', 'elsewhere'), null],
    ['https://northwind.slack.com/files/F1', null],
    ['not a link', null],
  ])('%s leads to its thread in this workspace only', (url, place) => {
    expect(placeOf('northwind', url)).toEqual(place);
  });
});

describe('commands', () => {
  const skein = { command: '/skein', description: 'Settings', usageHint: 'help', escapes: true };
  const commands = [skein];

  test('are offered while nothing but the start of a name is written', () => {
    expect(commandAt(commands, '/', 1)).toEqual(commands);
    expect(commandAt(commands, '/sk', 3)).toEqual(commands);
    expect(commandAt(commands, '/skx', 4)).toEqual([]);
    expect(commandAt(commands, 'see /sk', 7)).toEqual([]);
    expect(commandAt(commands, '/sk show', 3)).toEqual([]);
    expect(completeCommand(skein)).toEqual({ text: '/skein ', caret: 7 });
  });

  test('say what they take once their name is written', () => {
    expect(hintFor(commands, '/skein sh')).toBe(skein);
    expect(hintFor(commands, '/skeins')).toBeNull();
    expect(hintFor(commands, 'hello')).toBeNull();
  });
});
