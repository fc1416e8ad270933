import type { z } from 'zod';
import type { Seal } from '../../installations/tokens/seal.ts';
import type { Log } from '../../log.ts';
import { type Provider, provider, type Tokens, tokens } from '../mcp/oauth.ts';
import type { StoredAccount, StoredLink, StoredServer } from './store.ts';

/** What is secret of connected servers, sealed and opened: each text opens only in its own place. */
export interface Secrets {
  /** Null: there is none, or it can't be read, which the log says. */
  token(server: StoredServer): string | null;
  provider(server: StoredServer): Provider | null;
  tokens(account: StoredAccount): Tokens | null;
  verifier(link: StoredLink): string | null;
  sealToken(server: string, token: string): string;
  sealProvider(server: string, one: Provider): string;
  sealTokens(account: Pick<StoredAccount, 'server' | 'person'>, one: Tokens): string;
  sealVerifier(state: string, verifier: string): string;
  /** The same sealed with the first key; null: it is already, or can't be read. */
  anew(what: 'secret' | 'oauth' | 'tokens', row: SealedRow): string | null;
}

/** Something that is sealed, and whose it is. */
interface SealedRow {
  readonly server: string;
  /** Null: the server's own. */
  readonly person: string | null;
  readonly sealed: string;
}

export function createSecrets(seal: Seal, log: Log): Secrets {
  const open = (sealed: string | null, place: string): string | null => {
    if (sealed === null) return null;
    const opened = seal.open(sealed, place);
    if (opened.ok) return opened.text;
    log.error({ code: 'TOKEN_UNREADABLE', why: opened.why, place }, 'a stored secret cannot be read');
    return null;
  };
  const read = <T>(schema: z.ZodType<T>, text: string | null): T | null => {
    if (text === null) return null;
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  };
  return {
    token: ({ id, secret }) => open(secret, tokenPlace(id)),
    provider: ({ id, oauth }) => read(provider, open(oauth, oauthPlace(id))),
    tokens: (account) => read(tokens, open(account.tokens, accountPlace(account))),
    verifier: ({ state, verifier }) => open(verifier, linkPlace(state)),
    sealToken: (server, token) => seal.seal(token, tokenPlace(server)),
    sealProvider: (server, one) => seal.seal(JSON.stringify(one), oauthPlace(server)),
    sealTokens: (account, one) => seal.seal(JSON.stringify(one), accountPlace(account)),
    sealVerifier: (state, verifier) => seal.seal(verifier, linkPlace(state)),
    anew(what, { server, person, sealed }) {
      if (seal.current(sealed)) return null;
      const place =
        what === 'secret'
          ? tokenPlace(server)
          : what === 'oauth'
            ? oauthPlace(server)
            : accountPlace({ server, person: person ?? '' });
      // What can't be read stays: its key may come back.
      const text = open(sealed, place);
      return text === null ? null : seal.seal(text, place);
    },
  };
}

const tokenPlace = (server: string) => `skein.tool_servers ${server} secret`;
const oauthPlace = (server: string) => `skein.tool_servers ${server} oauth`;
const accountPlace = ({ server, person }: Pick<StoredAccount, 'server' | 'person'>) =>
  `skein.tool_accounts ${server} ${person}`;
const linkPlace = (state: string) => `skein.tool_links ${state}`;
