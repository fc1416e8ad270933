/** The page's line to its server: events in, actions out. */
import type { PageAction, PageActionResult } from '../../protocol.ts';
import { applyEvents, parseEvent, type World } from './world.ts';

export type LineState = 'connecting' | 'live' | 'reconnecting';

export interface PageStore {
  readonly subscribe: (listener: () => void) => () => void;
  readonly world: () => World | null;
  readonly line: () => LineState;
}

/** One frame: what arrives within it is drawn together. */
const BATCH_MS = 16;
const REOPEN_MS = 1_000;

/**
 * Opens the event stream and keeps it open for the life of the page. A stream that breaks is opened again
 * (the browser does so by itself, except after an HTTP error); the server then starts with a new snapshot,
 * so that nothing that happened meanwhile is missed.
 */
export function openStore(url: string): PageStore {
  let world: World | null = null;
  let line: LineState = 'connecting';
  let waiting: string[] = [];
  let scheduled = false;
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const setLine = (next: LineState) => {
    if (line === next) return;
    line = next;
    tell();
  };
  const flush = () => {
    scheduled = false;
    const events = waiting.map(parseEvent).filter((event) => event !== null);
    waiting = [];
    world = applyEvents(world, events);
    tell();
  };
  const open = () => {
    const source = new EventSource(url);
    source.onopen = () => setLine('live');
    source.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data !== 'string') return;
      waiting.push(event.data);
      if (!scheduled) {
        scheduled = true;
        setTimeout(flush, BATCH_MS);
      }
    };
    source.onerror = () => {
      setLine('reconnecting');
      if (source.readyState === EventSource.CLOSED) setTimeout(open, REOPEN_MS);
    };
  };
  open();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    world: () => world,
    line: () => line,
  };
}

/** Sends one action. Never rejects: a server that can't be reached is a result too. */
export async function sendAction(url: string, action: PageAction): Promise<PageActionResult> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(action),
    });
    const result: unknown = await response.json();
    return isResult(result)
      ? result
      : { ok: false, error: 'The playground gave an answer that makes no sense.' };
  } catch {
    return { ok: false, error: 'The playground can’t be reached. Is it still running?' };
  }
}

function isResult(value: unknown): value is PageActionResult {
  return typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';
}
