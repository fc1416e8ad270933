import { describe, expect, test } from 'vitest';
import { chooseChannel, choosePerson } from '../../../../playground/page/state/place.ts';
import {
  channelMessages,
  channelsFor,
  directChannel,
  people,
  threadMessages,
  threadSummaries,
  toRows,
  visibleIn,
} from '../../../../playground/page/state/threads.ts';
import { applyEvents, type World } from '../../../../playground/page/state/world.ts';
import { isWriting } from '../../../../playground/page/state/writing.ts';
import type { PageMessage } from '../../../../playground/protocol.ts';
import { message, snapshot } from './make.ts';

function worldOf(...messages: readonly PageMessage[]): World {
  const world = applyEvents(null, [{ type: 'snapshot', snapshot: { ...snapshot, messages } }]);
  if (world === null) throw new Error('a snapshot makes a world');
  return world;
}

const root = message({ ts: '100.1', threadTs: '100.1' });
const reply = message({ ts: '101.1', threadTs: '100.1', user: 'U9', botId: 'B1' });

describe('a pane', () => {
  test('shows what only one person may see to nobody else', () => {
    const world = worldOf(message({ ts: '1.1', ephemeralFor: 'U2' }));
    expect(visibleIn(world, 'C1', 'U1')).toEqual([]);
    expect(visibleIn(world, 'C1', 'U2')).toHaveLength(1);
  });

  test('has roots and broadcasts in the channel, replies in the thread', () => {
    const broadcast = message({ ts: '102.1', threadTs: '100.1', subtype: 'thread_broadcast' });
    const all = visibleIn(worldOf(broadcast, reply, root), 'C1', 'U1');
    expect(channelMessages(all)).toEqual([root, broadcast]);
    expect(threadMessages(all, '100.1')).toEqual({ root, replies: [reply, broadcast] });
  });

  test('keeps a tombstone only for a deleted message that has replies', () => {
    const gone = { ...root, deleted: true };
    expect(channelMessages([gone, reply])).toEqual([gone]);
    expect(channelMessages([gone, { ...reply, deleted: true }])).toEqual([]);
  });

  test('counts replies without deleted and private ones', () => {
    const others = [
      message({ ts: '103.1', threadTs: '100.1', deleted: true }),
      message({ ts: '104.1', threadTs: '100.1', ephemeralFor: 'U1' }),
      message({ ts: '105.1', threadTs: '100.1', user: 'U1' }),
    ];
    expect(threadSummaries([root, reply, ...others]).get('100.1')).toEqual({
      replies: 2,
      lastTs: '105.1',
      users: ['U9', 'U1'],
    });
  });

  test('puts one person’s messages of five minutes under one name, and a new day apart', () => {
    const rows = toRows([
      message({ ts: '1000000.1' }),
      message({ ts: '1000200.1' }),
      message({ ts: '1000600.1' }),
      message({ ts: '1000601.1', user: 'U2' }),
      message({ ts: '2000000.1', user: 'U2' }),
    ]);
    expect(rows.map((row) => (row.kind === 'day' ? 'day' : row.grouped))).toEqual([
      'day',
      false,
      true,
      false,
      false,
      'day',
      false,
    ]);
  });
});

describe('the sidebar', () => {
  test('hides private channels and other people’s direct messages', () => {
    const names = channelsFor(worldOf(), 'U2').map((channel) => channel.id);
    expect(names).toEqual(['C1']);
  });

  test('finds the direct message of two people from either side', () => {
    expect(directChannel(worldOf(), 'U9', 'U1')?.id).toBe('D1');
    expect(directChannel(worldOf(), 'U2', 'U9')).toBeNull();
  });

  test('offers the admin first, guests last and bots not at all', () => {
    expect(people(worldOf()).map((user) => user.handle)).toEqual(['ana', 'ben', 'dana']);
  });
});

describe('an address', () => {
  test('that names a place the person may not see leads to #general', () => {
    expect(chooseChannel(worldOf(), 'U2', 'C2')?.name).toBe('general');
    expect(chooseChannel(worldOf(), 'U1', 'C2')?.name).toBe('launch');
  });

  test('that names a bot or nobody leads to the first person', () => {
    expect(choosePerson(worldOf(), 'U9')?.handle).toBe('ana');
    expect(choosePerson(worldOf(), 'U2')?.handle).toBe('ben');
  });
});

describe('a message is being written', () => {
  const button = (id: string, text: string) => [
    { type: 'markdown', text: 'so far' },
    { type: 'actions', elements: [{ type: 'button', action_id: id, text: { type: 'plain_text', text } }] },
  ];
  test('while the app offers to stop it', () => {
    expect(isWriting({ ...reply, blocks: button('skein_stop', 'Stop') })).toBe(true);
    expect(isWriting({ ...reply, blocks: button('skein_regenerate', 'Regenerate') })).toBe(false);
    expect(isWriting({ ...reply, blocks: [null, 'x', { elements: 3 }] })).toBe(false);
  });
});
