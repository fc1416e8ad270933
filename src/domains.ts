/** Which hosts the web tools may reach: those that are named, all but those, or with none named any. */
export interface WebDomains {
  readonly rule: 'only' | 'not';
  readonly hosts: readonly string[];
}

const ANY_DOMAIN: WebDomains = { rule: 'not', hosts: [] };

/**
 * Hosts of the web as people write them: apart by blanks or commas, with `only` or `not` in front, or `any` for no rule;
 * null if it is none of these. What Slack or a person makes of a host (`<http://docs.rs|docs.rs>`, `https://docs.rs/`,
 * `*.docs.rs`) is that host: the provider counts what is below it in.
 */
export function parseDomains(raw: string): WebDomains | null {
  const words = raw.split(/[\s,]+/).filter((word) => word !== '');
  const first = words[0]?.toLowerCase().replace(/:$/, '');
  if (words.length === 1 && ['any', 'all', 'none'].includes(first ?? '')) return ANY_DOMAIN;
  if (first !== 'only' && first !== 'not') return null;
  const hosts = [...new Set(words.slice(1).map(hostOf))];
  return hosts.length > 0 && hosts.every((host) => HOST.test(host)) ? { rule: first, hosts } : null;
}

/** As `parseDomains` reads it. */
export function formatDomains({ rule, hosts }: WebDomains): string {
  return hosts.length === 0 ? 'any' : `${rule} ${hosts.join(', ')}`;
}

const HOST = /^(?=.{4,100}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

function hostOf(word: string): string {
  const bare = /^<([^|>]+)/.exec(word)?.[1] ?? word;
  return bare
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/^\*\./, '')
    .replace(/[/?#].*$/, '');
}
