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

/** The global fetch behind the last look. */
export const lookingFetch: typeof fetch = (input, init) => {
  if (asking.getStore()?.() === false) return Promise.reject(new NotAllowedAnyMore());
  return fetch(input, init);
};
