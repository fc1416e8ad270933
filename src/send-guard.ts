/**
 * The SDKs prepare a request over several turns of the event loop. A process that is frozen in one of them and
 * wakes a minute later would write over what the next owner has written since, so whether we may still write is
 * asked once more at the last moment before the bytes leave.
 */
export type Allowed = () => boolean;

/** Where a request carries the question whether it may still be sent. */
const ALLOWED = Symbol('allowed');

/** Whose call is being made at this moment. */
let asking: Allowed | undefined;

/** Thrown instead of sending. Nothing has left this process. */
export class NotAllowedAnyMore extends Error {
  constructor() {
    super('the right to write was lost before the request was sent');
    this.name = 'NotAllowedAnyMore';
  }
}

/**
 * Runs `call`; every request with `lookingFetch` that it makes before its first pause is sent only while `allowed`.
 * Slack's client asks for the first request of a call so early, if its queue has no end (`client-options.ts`). Not by
 * AsyncLocalStorage: once that is in use, Node.js (before 24) runs hooks for every promise of the process.
 */
export function onlyWhile<T>(allowed: Allowed | undefined, call: () => T): T {
  const before = asking;
  asking = allowed;
  try {
    return call();
  } finally {
    asking = before;
  }
}

/** The `allowed` of the call that is being made: for those who make it once more later. */
export const askedFor = (): Allowed | undefined => asking;

/** The same for an SDK that takes options for the fetch of one request. */
export function sentOnlyWhile(allowed: Allowed): object {
  return { [ALLOWED]: allowed };
}

/**
 * The global fetch behind the last look. It looks when it is called, and again when the connection stands and the
 * bytes are about to leave: making a connection may take seconds, and a process may be frozen meanwhile.
 */
export const lookingFetch: typeof fetch = (input, init) => {
  const allowed = asking ?? (init as { readonly [ALLOWED]?: Allowed } | undefined)?.[ALLOWED];
  if (allowed === undefined) return fetch(input, init);
  if (!allowed()) return Promise.reject(new NotAllowedAnyMore());
  const dispatcher = lookingDispatcher(allowed);
  return Reflect.apply(fetch, undefined, [input, dispatcher === null ? init : { ...init, dispatcher }]);
};

/** Where undici keeps the dispatcher that every fetch uses, ours and the one inside Node.js. */
const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

interface Dispatcher {
  dispatch(options: unknown, handler: object): unknown;
}

/** The global dispatcher, which asks before it writes; null if this Node.js keeps it somewhere else. */
function lookingDispatcher(allowed: Allowed): Dispatcher | null {
  // Node.js loads its undici when one of these is first used.
  void globalThis.Headers;
  const usual: unknown = Reflect.get(globalThis, GLOBAL_DISPATCHER);
  return isDispatcher(usual) ? looking(usual, allowed) : null;
}

function isDispatcher(value: unknown): value is Dispatcher {
  return (
    typeof value === 'object' && value !== null && 'dispatch' in value && typeof value.dispatch === 'function'
  );
}

/**
 * A dispatcher that asks before it writes: undici calls `onConnect(abort)` of a request's handler, or
 * `onRequestStart(controller)` since version 7, when the request has a connection and nothing of it is written.
 */
export function looking(usual: Dispatcher, allowed: Allowed): Dispatcher {
  return {
    dispatch(options, handler) {
      for (const name of ['onConnect', 'onRequestStart']) {
        const start: unknown = Reflect.get(handler, name);
        if (typeof start !== 'function') continue;
        const look = (...given: unknown[]): unknown =>
          allowed() ? Reflect.apply(start, handler, given) : stop(given[0]);
        Object.defineProperty(handler, name, { value: look, configurable: true });
      }
      return usual.dispatch(options, handler);
    },
  };
}

function stop(by: unknown): void {
  const reason = new NotAllowedAnyMore();
  if (typeof by === 'function') by(reason);
  else if (typeof by === 'object' && by !== null && 'abort' in by && typeof by.abort === 'function')
    by.abort(reason);
}
