/** Small worlds and messages for the page's tests. */
import type { PageCall, PageMessage, PageSnapshot } from '../../../../playground/protocol.ts';

export function message(change: Partial<PageMessage> & Pick<PageMessage, 'ts'>): PageMessage {
  return {
    channel: 'C1',
    threadTs: null,
    user: 'U1',
    botId: null,
    subtype: null,
    text: 'hello',
    blocks: [],
    edited: false,
    deleted: false,
    reactions: [],
    files: [],
    ephemeralFor: null,
    revision: 0,
    ...change,
  };
}

export function call(change: Partial<PageCall> & Pick<PageCall, 'id'>): PageCall {
  return {
    at: 1_000,
    method: 'chat.update',
    args: {},
    status: 200,
    ok: true,
    error: null,
    tookMs: 12,
    tier: null,
    ...change,
  };
}

const person = { isBot: false, isAdmin: false, isGuest: false, company: null };

export const snapshot: PageSnapshot = {
  team: { id: 'T1', name: 'Northwind', domain: 'northwind' },
  features: { commands: [], shortcuts: [], home: true },
  bot: { user: 'U9', handle: 'skein' },
  users: [
    { ...person, id: 'U2', handle: 'ben', displayName: 'Ben Okafor' },
    { ...person, id: 'U1', handle: 'ana', displayName: 'Ana Ruiz', isAdmin: true },
    { ...person, id: 'U4', handle: 'dana', displayName: 'Dana Lee', isGuest: true },
    { ...person, id: 'U9', handle: 'skein', displayName: 'Skein', isBot: true },
  ],
  channels: [
    { id: 'C1', name: 'general', kind: 'public', topic: '', members: ['U1', 'U2', 'U4', 'U9'], shared: null },
    { id: 'C2', name: 'launch', kind: 'private', topic: '', members: ['U1', 'U9'], shared: null },
    { id: 'D1', name: '', kind: 'im', topic: '', members: ['U1', 'U9'], shared: null },
  ],
  messages: [],
  views: [],
  calls: [],
  modelCalls: [],
  toolCalls: [],
  jobs: [],
  status: {
    teams: [],
    answers: 'scripted',
    bot: 'ready',
    botSince: 0,
    costUsd: null,
    toolServers: [],
    speed: 60,
    faults: [],
  },
};
