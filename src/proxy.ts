import { EnvHttpProxyAgent, setGlobalDispatcher } from 'undici';

/** The proxy through which a network lets its machines out. */
export interface ProxyPlace {
  /** `http://user:password@host:port`, or `https://…`. */
  readonly url: string;
  /** Hosts that are called directly, separated by commas, as in NO_PROXY; '' for none. */
  readonly except: string;
}

/**
 * From now on every https and wss call of this process goes through the proxy (CONNECT), that of the SDKs too: fetch of
 * Node.js and the WebSocket of Slack's Socket Mode both ask undici's global dispatcher. Plain http, which only leads to
 * this machine, does not. Node.js 20 does not do so by itself: `NODE_USE_ENV_PROXY` is from 24 on.
 */
export function goThroughProxy({ url, except }: ProxyPlace): void {
  setGlobalDispatcher(new EnvHttpProxyAgent({ httpProxy: '', httpsProxy: url, noProxy: except }));
}
