/** Which hosts this deployment calls for workspaces: servers of tools, and the servers that authorise accounts there. */
export interface ToolHosts {
  /** Every host with a public address. */
  readonly any: boolean;
  /** Hosts that may have any address: `tools.example.com`, or `tools.example.com:8443` for one port of it. */
  readonly named: readonly string[];
}

const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?)(?::\d{1,5})?$/;

/** Reads `*`, `off`, or hosts separated by commas, of which one may be `*`. A string: the first that is none. */
export function parseToolHosts(raw: string): ToolHosts | string {
  const words = raw
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  if (words.length === 1 && words[0] === 'off') return { any: false, named: [] };
  const named = words.filter((word) => word !== '*');
  const wrong = named.find((word) => word === 'off' || !HOST.test(word));
  if (wrong !== undefined) return wrong;
  return { any: named.length < words.length, named };
}

/** Whether the operator named this host, for its port. `url`: as `new URL` reads it. */
export function isNamed({ named }: ToolHosts, url: URL): boolean {
  const port = url.port === '' ? (url.protocol === 'http:' ? '80' : '443') : url.port;
  const hostname = url.hostname.toLowerCase();
  return named.includes(hostname) || named.includes(`${hostname}:${port}`);
}
