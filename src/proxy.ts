import { EnvHttpProxyAgent, setGlobalDispatcher } from 'undici';

export interface Proxy {
  /** `http://host:3128`, with a login if it needs one. */
  readonly url: string;
  /** Hosts that are reached without it, as `NO_PROXY` lists them. */
  readonly without: string;
}

/** This machine is never behind a proxy: the embedded server's and the stand-ins' address. */
const ALWAYS_WITHOUT = 'localhost,127.0.0.1,::1';

/**
 * From now on every request of this process goes through the proxy by CONNECT: Slack's Web API, uploads and answers to
 * commands, Socket Mode's WebSocket, and the Claude API. All of them use the dispatcher that undici keeps for the process
 * (Node's own `fetch` too: `Symbol.for('undici.globalDispatcher.1')`), so that none can be forgotten. The database has no
 * part in it.
 */
export function goThrough({ url, without }: Proxy): void {
  const noProxy = [ALWAYS_WITHOUT, without].filter((hosts) => hosts !== '').join(',');
  setGlobalDispatcher(new EnvHttpProxyAgent({ httpProxy: url, httpsProxy: url, noProxy }));
}
