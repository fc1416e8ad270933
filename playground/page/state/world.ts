/**
 * All that the page knows, and how one event of the server changes it. Pure: the page, the tests and a
 * replay of recorded events get the same world.
 */
import type {
  PageCall,
  PageChannel,
  PageEvent,
  PageJob,
  PageMessage,
  PageModelCall,
  PageSnapshot,
  PageStatus,
  PageToolCall,
  PageUser,
  PageView,
} from '../../protocol.ts';

export interface Toast {
  readonly id: number;
  readonly user: string;
  readonly text: string;
}

export interface World {
  readonly team: PageSnapshot['team'];
  readonly bot: PageSnapshot['bot'];
  readonly users: ReadonlyMap<string, PageUser>;
  readonly channels: ReadonlyMap<string, PageChannel>;
  /** By `messageKey`. */
  readonly messages: ReadonlyMap<string, PageMessage>;
  readonly features: PageSnapshot['features'];
  /** Open ones by id, oldest first. */
  readonly views: ReadonlyMap<string, PageView>;
  /** Oldest first, at most `KEPT_CALLS`. */
  readonly calls: readonly PageCall[];
  /** Oldest first, at most `KEPT_MODEL_CALLS`. */
  readonly modelCalls: readonly PageModelCall[];
  /** Oldest first, at most `KEPT_CALLS`. */
  readonly toolCalls: readonly PageToolCall[];
  readonly jobs: readonly PageJob[];
  readonly status: PageStatus;
  /** Newest last; the shell shows and forgets them. */
  readonly toasts: readonly Toast[];
}

/** Ten minutes of one reply edited as fast as Slack allows is 500 calls. */
export const KEPT_CALLS = 500;
/** Every one carries its whole transcript, so that fewer are kept. */
const KEPT_MODEL_CALLS = 100;

const EVENT_TYPES: ReadonlySet<unknown> = new Set<PageEvent['type']>([
  'snapshot',
  'message',
  'channel',
  'view',
  'call',
  'model_call',
  'tool_call',
  'jobs',
  'status',
  'toast',
]);

/** The name of a message in `World.messages`: a ts is unique in its channel only. */
export function messageKey(channel: string, ts: string): string {
  return `${channel} ${ts}`;
}

/** Reads one line of the event stream; `null` for anything that is not an event of ours. */
export function parseEvent(data: string): PageEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    return isPageEvent(value) ? value : null;
  } catch {
    return null;
  }
}

function isPageEvent(value: unknown): value is PageEvent {
  return typeof value === 'object' && value !== null && 'type' in value && EVENT_TYPES.has(value.type);
}

/** The world after `events`, in order; `null` until the first snapshot. Copies each collection at most once. */
export function applyEvents(world: World | null, events: readonly PageEvent[]): World | null {
  let next = world;
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index];
    if (event === undefined) continue;
    if (event.type === 'snapshot') {
      next = fromSnapshot(event.snapshot);
    } else if (event.type === 'message') {
      // A burst of edits is one copy of the map, not one for each.
      const burst = [event.message];
      for (let peek = events[index + 1]; peek?.type === 'message'; peek = events[index + 1]) {
        burst.push(peek.message);
        index += 1;
      }
      next = next && { ...next, messages: withMessages(next.messages, burst) };
    } else {
      next = next && applyOne(next, event);
    }
  }
  return next;
}

function applyOne(world: World, event: Exclude<PageEvent, { type: 'snapshot' | 'message' }>): World {
  switch (event.type) {
    case 'channel':
      return { ...world, channels: new Map(world.channels).set(event.channel.id, event.channel) };
    case 'view': {
      const views = new Map(world.views);
      if (event.view.open) views.set(event.view.id, event.view);
      else views.delete(event.view.id);
      return { ...world, views };
    }
    case 'call':
      return { ...world, calls: withRow(world.calls, event.call, KEPT_CALLS) };
    case 'model_call':
      return { ...world, modelCalls: withRow(world.modelCalls, event.call, KEPT_MODEL_CALLS) };
    case 'tool_call':
      return { ...world, toolCalls: withRow(world.toolCalls, event.call, KEPT_CALLS) };
    case 'jobs':
      return { ...world, jobs: event.jobs };
    case 'status':
      return { ...world, status: event.status };
    case 'toast': {
      const id = (world.toasts.at(-1)?.id ?? 0) + 1;
      return { ...world, toasts: [...world.toasts, { id, user: event.user, text: event.text }].slice(-5) };
    }
  }
}

function fromSnapshot(snapshot: PageSnapshot): World {
  return {
    team: snapshot.team,
    features: snapshot.features,
    bot: snapshot.bot,
    users: new Map(snapshot.users.map((user) => [user.id, user])),
    channels: new Map(snapshot.channels.map((channel) => [channel.id, channel])),
    messages: withMessages(new Map(), snapshot.messages),
    views: new Map(snapshot.views.map((view) => [view.id, view])),
    calls: snapshot.calls.slice(-KEPT_CALLS),
    modelCalls: snapshot.modelCalls.slice(-KEPT_MODEL_CALLS),
    toolCalls: snapshot.toolCalls,
    jobs: snapshot.jobs,
    status: snapshot.status,
    toasts: [],
  };
}

function withMessages(
  messages: ReadonlyMap<string, PageMessage>,
  changed: readonly PageMessage[],
): ReadonlyMap<string, PageMessage> {
  const next = new Map(messages);
  for (const message of changed) {
    const key = messageKey(message.channel, message.ts);
    const known = next.get(key);
    // An event that was overtaken must not take text back.
    if (known === undefined || message.revision >= known.revision) next.set(key, message);
  }
  return next;
}

/** A row that is known by its id is replaced where it stands, a new one is put last. */
function withRow<Row extends { readonly id: number }>(
  rows: readonly Row[],
  row: Row,
  kept: number,
): readonly Row[] {
  const at = rows.findLastIndex((other) => other.id === row.id);
  return at === -1 ? [...rows, row].slice(-kept) : rows.with(at, row);
}
