import type { webApi } from '@slack/bolt';
import { Agent, Dispatcher, getGlobalDispatcher, request } from 'undici';
import { askedFor, looking, lookingFetch, NotAllowedAnyMore } from '../../send-guard.ts';

/** Where no proxy is: Node.js may have made the global dispatcher, and takes no handlers of a newer undici. */
const own = new Agent();

/**
 * `lookingFetch` for calls of Slack's Web API, by undici's `request`: a small JSON text each way, for which the streams,
 * headers and signals of `fetch` cost about as much as all else that an edit takes. What the SDK needs of an answer is
 * in its types (`FetchResponse`, @slack/web-api 8).
 */
export const lookingRequest: webApi.FetchFunction = async (url, init = {}) => {
  const { method = 'GET', headers = {}, body, signal } = init;
  if (typeof body !== 'string') return lookingFetch(url, init as RequestInit);
  const allowed = askedFor();
  if (allowed?.() === false) throw new NotAllowedAnyMore();
  const global = getGlobalDispatcher();
  const usual = global instanceof Dispatcher ? global : own;
  const answer = await request(url, {
    method: method as Dispatcher.HttpMethod,
    headers,
    body,
    ...(signal === undefined ? {} : { signal }),
    dispatcher: allowed === undefined ? usual : (looking(usual as never, allowed) as Dispatcher),
  });
  const { statusCode: status } = answer;
  // Read in any case: the connection is not free before.
  const text = await answer.body.text();
  // The SDK asks for this (`redirect: 'error'`).
  if (status >= 300 && status < 400) throw new TypeError(`Slack's address leads elsewhere (${status})`);
  const entries = Object.entries(answer.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText: answer.statusText,
    url: String(url),
    headers: {
      get: (name) => entries.find(([one]) => one === name.toLowerCase())?.[1] ?? null,
      entries: () => entries,
    },
    text: async () => text,
    json: async () => JSON.parse(text),
    arrayBuffer: async () => new TextEncoder().encode(text).buffer,
  };
};
