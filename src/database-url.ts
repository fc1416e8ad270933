/** Where the database is and how this process connects to it. */
export interface DatabasePlace {
  /** Null: the embedded server under `dataDir`. */
  readonly url: string | null;
  /** The server itself, where `url` leads through a pooler that gives each transaction another session. */
  readonly directUrl: string | null;
  /** The authority of the server's certificate: PEM text or a path. */
  readonly ca: string | null;
  /** Most connections of the pool. */
  readonly pool: number;
  readonly dataDir: string;
}

/** How a connection to Postgres is proven, by libpq's names; `no-verify` is pg's. */
const MODES = ['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'];

/**
 * What is wrong with a URL of a database, as the end of a sentence that begins with the variable's name; null: nothing.
 * Says nothing of what stands in it, as that may be a part of the password.
 */
export function databaseUrlProblem(raw: string): string | null {
  if (/^["'`]|["'`]$/.test(raw)) return 'stands in quotes; give it without them';
  if (!/^postgres(?:ql)?:\/\//.test(raw))
    return /^\s*\w+\s*=/.test(raw)
      ? 'has the form key=value; give it as postgres://user:password@host:5432/database'
      : raw.startsWith('/')
        ? 'is a path; give a socket as postgres://user:password@/database?host=/folder/of/the/socket'
        : 'must be a postgres:// URL';
  const rest = raw.slice(raw.indexOf('://') + 3);
  if (/%(?![0-9a-f]{2})/i.test(rest) || !isDecodable(rest))
    return 'has a % that begins no escape; write % as %25';
  // The last @ before the parameters ends the password, and nothing in it may look like the end of the host.
  const login = rest.slice(0, Math.max(0, rest.split('?host=')[0]?.lastIndexOf('@') ?? 0));
  const url = parsed(raw);
  if (/[#/?]/.test(login) && (url === null || url.pathname.includes('@')))
    return 'has # or / or ? in the user or password; write them as %23, %2F and %3F';
  const host = rest.slice(login.length).replace(/^@/, '').split(/[/?#]/, 1)[0] ?? '';
  if (host.includes(',') || /[?&]host=[^&]*(?:,|%2c)/i.test(rest))
    return 'names several hosts; give one: that of the primary, of a proxy or of a pooler';
  if (url === null)
    return 'is no URL that can be read; give it as postgres://user:password@host:5432/database';
  if (url.hash !== '') return 'has a #; write it as %23';
  const mode = url.searchParams.get('sslmode');
  if (mode === 'prefer' || mode === 'allow')
    return `has sslmode=${mode}, which may go on without TLS; use require or disable`;
  if (mode !== null && !MODES.includes(mode)) return `has an unknown sslmode; use ${MODES.join(', ')}`;
  return null;
}

/** A socket has no host, which no URL with a login may lack; pg (8.23) reads it in this way too. */
function parsed(raw: string): URL | null {
  for (const text of [raw, raw.replace('@/', '@localhost/')])
    try {
      return new URL(text);
    } catch {
      // Read in the other way, or told.
    }
  return null;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
