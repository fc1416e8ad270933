import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { SkeinError, toError } from '../errors.ts';

/** Where a database is and how it is proven to be it. */
export interface Address {
  /** `postgres://user:password@host:port/database`, with libpq's `sslmode` and `sslrootcert` as parameters. */
  readonly url: string;
  /** The certificate authority of the server: PEM text, or the path of a file with it. Null: those of the system. */
  readonly ca?: string | null;
}

/** What pg takes in place of a URL: it reads `sslmode` in a way of its own, with a warning for each. */
interface Connection {
  readonly connectionString: string;
  readonly ssl?: boolean | ConnectionOptions;
}

/** Parameters of a URL that are about TLS; taken out of it, as pg would let them replace `ssl`. */
const TLS = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'uselibpqcompat'] as const;

/**
 * An address as pg takes it. As in libpq, `require` with an authority and `verify-ca` check the authority and not the
 * name; `verify-full` checks both, and so does `require` without an authority, where libpq checks nothing. `no-verify`
 * checks nothing. Throws CONFIG_INVALID, with the path and without the URL, for a file that can't be read.
 */
export function connectionTo({ url, ca = null }: Address): Connection {
  const at = url.indexOf('?');
  const parameters = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const given = Object.fromEntries(TLS.map((name) => [name, parameters.get(name)]));
  for (const name of TLS) parameters.delete(name);
  const rest = parameters.toString();
  const connectionString = `${at < 0 ? url : url.slice(0, at)}${rest === '' ? '' : `?${rest}`}`;
  const mode = given['sslmode'] ?? (given['ssl'] === 'true' || given['ssl'] === '1' ? 'require' : null);
  const authority = given['sslrootcert'] ?? ca;
  if (mode === 'disable' || (mode === null && authority === null)) return { connectionString };
  const [cert, key] = [given['sslcert'], given['sslkey']];
  return {
    connectionString,
    ssl: {
      ...(authority !== null &&
        authority !== 'system' && { ca: pem('the certificate authority', authority) }),
      ...(typeof cert === 'string' && { cert: pem('sslcert', cert) }),
      ...(typeof key === 'string' && { key: pem('sslkey', key) }),
      ...(mode === 'no-verify' && { rejectUnauthorized: false }),
      ...((mode === 'verify-ca' || mode === 'require') &&
        authority !== null && {
          checkServerIdentity: () => undefined,
        }),
    },
  };
}

function pem(what: string, given: string): string {
  if (given.includes('-----BEGIN')) return given.replaceAll('\\n', '\n');
  try {
    return readFileSync(given, 'utf8');
  } catch (cause) {
    const reason = 'code' in toError(cause) ? String(Reflect.get(toError(cause), 'code')) : 'unknown reason';
    throw new SkeinError(
      'CONFIG_INVALID',
      `${what} of the database is the file ${given}, which can not be read (${reason})`,
      { cause },
    );
  }
}
