import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The SDK prepares a request over several turns of the event loop. A process that is frozen in one of them and
 * wakes a minute later would write over what the next owner has written since, so whether we may still write is
 * asked once more at the last moment before the bytes leave.
 */
const asking = new AsyncLocalStorage<() => boolean>();

/** Thrown instead of sending. Nothing has left this process. */
export class NotAllowedAnyMore extends Error {
  constructor() {
    super('the right to write was lost before the request was sent');
    this.name = 'NotAllowedAnyMore';
  }
}

/** Runs `call`; every request of a client with `lookingFetch` that it makes is sent only while `allowed`. */
export function onlyWhile<T>(allowed: () => boolean, call: () => Promise<T>): Promise<T> {
  return asking.run(allowed, call);
}

/**
 * The global fetch behind the last look. It looks when it is called, and again when the connection stands and the
 * bytes are about to leave: making a connection may take seconds, and a process may be frozen meanwhile.
 */
export const lookingFetch: typeof fetch = (input, init) => {
  const allowed = asking.getStore();
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
function lookingDispatcher(allowed: () => boolean): Dispatcher | null {
  // Node.js loads its undici when one of these is first used.
  void globalThis.Headers;
  const usual: unknown = Reflect.get(globalThis, GLOBAL_DISPATCHER);
  if (!isDispatcher(usual)) return null;
  return { dispatch: (options, handler) => usual.dispatch(options, looking(handler, allowed)) };
}

function isDispatcher(value: unknown): value is Dispatcher {
  return (
    typeof value === 'object' && value !== null && 'dispatch' in value && typeof value.dispatch === 'function'
  );
}

/**
 * A handler of one request. undici calls `onConnect(abort)`, or `onRequestStart(controller)` since version 7, when the
 * request has a connection and nothing of it is written.
 */
function looking(handler: object, allowed: () => boolean): object {
  return new Proxy(handler, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const call = (given: unknown[]): unknown => Reflect.apply(value, target, given);
      if (name !== 'onConnect' && name !== 'onRequestStart') return (...given: unknown[]) => call(given);
      return (...given: unknown[]) => (allowed() ? call(given) : stop(given[0]));
    },
  });
}

function stop(by: unknown): void {
  const reason = new NotAllowedAnyMore();
  if (typeof by === 'function') by(reason);
  else if (typeof by === 'object' && by !== null && 'abort' in by && typeof by.abort === 'function')
    by.abort(reason);
}
