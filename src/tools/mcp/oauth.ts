import {
  checkResourceAllowed,
  discoverOAuthServerInfo,
  exchangeAuthorization,
  OAuthError,
  type OAuthTokens,
  refreshAuthorization,
  registerClient,
  selectClientAuthMethod,
  startAuthorization,
} from '@modelcontextprotocol/client';
import { z } from 'zod';
import { NotSent, type NotSentWhy, type Outgoing } from './outgoing.ts';

/** The authorization server of a server of tools, and how we are known there; what is stored of it, as JSON. */
export const provider = z.object({
  /** Its issuer, or the origin of the server of tools where that says nothing. */
  server: z.string(),
  /** What it publishes about itself (RFC 8414), read and checked by the protocol's package. */
  metadata: z.looseObject({
    issuer: z.string(),
    authorization_endpoint: z.string(),
    token_endpoint: z.string(),
    revocation_endpoint: z.string().optional(),
    revocation_endpoint_auth_methods_supported: z.array(z.string()).optional(),
    token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
    response_types_supported: z.array(z.string()),
    code_challenge_methods_supported: z.array(z.string()).optional(),
  }),
  /** What tokens are for (RFC 8707), exactly as the server of tools says it; null: it does not. */
  resource: z.string().nullable(),
  scope: z.string().nullable(),
  client: z.object({ client_id: z.string(), client_secret: z.string().optional() }),
});
export type Provider = z.infer<typeof provider>;

/** What is stored of a person's account, as JSON. */
export const tokens = z.object({
  access: z.string(),
  refresh: z.string().nullable(),
  scope: z.string().nullable(),
});
export type Tokens = z.infer<typeof tokens>;

export interface FreshTokens {
  readonly tokens: Tokens;
  /** Seconds that the access token lives; null: it does not say. */
  readonly seconds: number | null;
}

/** A client that an admin registered by hand. */
export interface GivenClient {
  readonly id: string;
  readonly secret: string | null;
}

type ProviderProblem =
  /** It publishes nothing that says how accounts are authorised. */
  | 'no_oauth'
  /** It registers nobody by itself: an admin has to. */
  | 'needs_client';

/** The end of a refresh token or of our registration (RFC 6749, 5.2): no further try mends it. */
const OVER = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client', 'invalid_token']);

/** What an authorization server publishes now, beside what was found when its server was connected. */
export type ProviderState =
  /** All as it was. */
  | 'same'
  /** Nobody can be reached who says it. */
  | 'unreachable'
  /** One of the two publishes nothing any more, or nothing that can be read. */
  | 'no_oauth'
  /** The server of tools names another authorization server, or this one other addresses. */
  | 'moved'
  /** The server of tools says that tokens are for something else than itself, or than before. */
  | 'other_resource'
  /** It does not take the way in which accounts are linked: a code (RFC 6749, 4.1) with PKCE by S256 (RFC 7636). */
  | 'no_code'
  /** An address that it names may not be called. */
  | NotSentWhy;

export interface OAuth {
  /**
   * Finds the authorization server of a server of tools, and makes us known there: by `given`, by the address of our own
   * description where it reads that (`clientPage`, https alone), or by registration (RFC 7591). Rejects where it can't be
   * reached or says what can't be trusted.
   */
  discover(url: string, given: GivenClient | null): Promise<Provider | ProviderProblem>;
  /**
   * Reads anew what the server of tools at `url` (RFC 9728) and its authorization server (RFC 8414) publish, and holds it
   * against `of`. Never rejects.
   */
  look(url: string, of: Provider): Promise<ProviderState>;
  /** Where the browser goes, and the verifier of PKCE (S256) that is needed when it is back. */
  begin(of: Provider, state: string): Promise<{ readonly url: string; readonly verifier: string }>;
  /** Exchanges the code; `issuer`: as it came back (RFC 9207). Rejects if it is refused. */
  redeem(
    of: Provider,
    back: { readonly code: string; readonly issuer: string | null; readonly verifier: string },
  ): Promise<FreshTokens>;
  /** 'over': this refresh token never works again. Rejects where it may work later. */
  refresh(of: Provider, old: Tokens): Promise<FreshTokens | 'over'>;
  /**
   * Tells the authorization server that tokens are not needed any more (RFC 7009), where it publishes a
   * `revocation_endpoint`. False: it did not take it. Never rejects; ends when `signal` aborts.
   */
  revoke(of: Provider, old: Tokens, signal: AbortSignal): Promise<boolean>;
  /** What `clientPage` has to say; null: we have no such address. */
  readonly page: Readonly<Record<string, unknown>> | null;
}

export function createOAuth({
  outgoing,
  publicUrl,
}: {
  readonly outgoing: Outgoing;
  readonly publicUrl: string;
}): OAuth {
  const fetchFn = outgoing.fetch;
  const redirectUrl = `${publicUrl}${CALLBACK_PATH}`;
  const clientPage = publicUrl.startsWith('https:') ? `${publicUrl}${CLIENT_PATH}` : null;
  const about = {
    client_name: 'Skein',
    client_uri: publicUrl,
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  };

  async function clientAt(
    server: string,
    metadata: Record<string, unknown> & { registration_endpoint?: string | undefined },
    scope: string | null,
    given: GivenClient | null,
  ): Promise<Provider['client'] | 'needs_client'> {
    if (given !== null)
      return { client_id: given.id, ...(given.secret === null ? {} : { client_secret: given.secret }) };
    if (metadata['client_id_metadata_document_supported'] === true && clientPage !== null)
      return { client_id: clientPage };
    if (metadata.registration_endpoint === undefined) return 'needs_client';
    const { client_id, client_secret } = await registerClient(server, {
      metadata: metadata as never,
      clientMetadata: { ...about, token_endpoint_auth_method: 'none' },
      ...(scope === null ? {} : { scope }),
      fetchFn,
    });
    return { client_id, ...(client_secret === undefined ? {} : { client_secret }) };
  }

  const inNameOf = (of: Provider) => ({
    metadata: of.metadata as never,
    clientInformation: of.client,
    ...(of.resource === null ? {} : { resource: of.resource }),
  });

  return {
    page:
      clientPage === null ? null : { ...about, client_id: clientPage, token_endpoint_auth_method: 'none' },

    async discover(url, given) {
      const { authorizationServerUrl, authorizationServerMetadata, resourceMetadata } =
        await discoverOAuthServerInfo(url, { fetchFn });
      if (authorizationServerMetadata === undefined) return 'no_oauth';
      const resource = resourceMetadata?.resource ?? null;
      if (
        resource !== null &&
        !checkResourceAllowed({ requestedResource: url, configuredResource: resource })
      )
        throw new Error(`it says that its tokens are for ${resource}`);
      const { authorization_endpoint, token_endpoint, scopes_supported } = authorizationServerMetadata;
      for (const endpoint of [authorization_endpoint, token_endpoint]) {
        const wrong = outgoing.problem(new URL(endpoint));
        if (wrong !== null) throw wrong;
      }
      const scopes = [...(resourceMetadata?.scopes_supported ?? [])];
      // Without it many give no refresh token.
      if (scopes_supported?.includes('offline_access')) scopes.push('offline_access');
      const scope = scopes.length === 0 ? null : [...new Set(scopes)].join(' ');
      const client = await clientAt(authorizationServerUrl, authorizationServerMetadata, scope, given);
      if (client === 'needs_client') return client;
      return provider.parse({
        server: authorizationServerUrl,
        metadata: authorizationServerMetadata,
        resource,
        scope,
        client,
      });
    },

    async look(url, { server, metadata: before, resource: meant }) {
      try {
        const found = await discoverOAuthServerInfo(url, { fetchFn });
        const now = found.authorizationServerMetadata;
        if (now === undefined || (found.resourceMetadata === undefined && meant !== null)) return 'no_oauth';
        const resource = found.resourceMetadata?.resource ?? null;
        const fits =
          resource === null || checkResourceAllowed({ requestedResource: url, configuredResource: resource });
        if (!fits || resource !== meant) return 'other_resource';
        const { authorization_endpoint, token_endpoint, issuer } = now;
        for (const endpoint of [authorization_endpoint, token_endpoint]) {
          const wrong = outgoing.problem(new URL(endpoint));
          if (wrong !== null) return wrong.why;
        }
        const same =
          found.authorizationServerUrl === server &&
          issuer === before.issuer &&
          authorization_endpoint === before.authorization_endpoint &&
          token_endpoint === before.token_endpoint;
        if (!same) return 'moved';
        // Who publishes no list of methods may take it, and is tried (as by the protocol's package).
        const { response_types_supported: types, code_challenge_methods_supported: methods } = now;
        return types.includes('code') && methods?.includes('S256') !== false ? 'same' : 'no_code';
      } catch (thrown) {
        return thrown instanceof NotSent ? thrown.why : 'unreachable';
      }
    },

    async begin(of, state) {
      const { authorizationUrl, codeVerifier } = await startAuthorization(of.server, {
        ...inNameOf(of),
        redirectUrl,
        state,
        ...(of.scope === null ? {} : { scope: of.scope }),
      });
      return { url: authorizationUrl.href, verifier: codeVerifier };
    },

    async redeem(of, { code, issuer, verifier }) {
      const got = await exchangeAuthorization(of.server, {
        ...inNameOf(of),
        authorizationCode: code,
        ...(issuer === null ? {} : { iss: issuer }),
        codeVerifier: verifier,
        redirectUri: redirectUrl,
        fetchFn,
      });
      return freshOf(got, null);
    },

    async refresh(of, old) {
      if (old.refresh === null) return 'over';
      try {
        const got = await refreshAuthorization(of.server, {
          ...inNameOf(of),
          refreshToken: old.refresh,
          fetchFn,
        });
        return freshOf(got, old);
      } catch (thrown) {
        if (thrown instanceof OAuthError && OVER.has(thrown.code)) return 'over';
        throw thrown;
      }
    },

    async revoke({ metadata, client }, old, signal) {
      const endpoint = metadata.revocation_endpoint;
      if (endpoint === undefined) return true;
      // The end of a refresh token should be that of its access tokens, where the server can end those (RFC 7009, 2.1):
      // so the refresh token first, and the other one because not every server does.
      const both = [
        ...(old.refresh === null ? [] : [['refresh_token', old.refresh] as const]),
        ['access_token', old.access] as const,
      ];
      try {
        for (const [at, [hint, token]] of both.entries()) {
          const response = await fetchFn(endpoint, { method: 'POST', signal, ...asClient(token, hint) });
          await response.body?.cancel();
          // A token that is not known is no error (2.2); a kind of token that the server can't end is (2.2.1).
          if (!response.ok && at === 0) return false;
        }
        return true;
      } catch {
        return false;
      }

      /** As at the token endpoint; the method has a list of its own (RFC 8414, 2), which few servers publish. */
      function asClient(token: string, hint: string): { headers: Record<string, string>; body: string } {
        const { client_id, client_secret: secret } = client;
        const methods =
          metadata.revocation_endpoint_auth_methods_supported ??
          metadata.token_endpoint_auth_methods_supported;
        const method = selectClientAuthMethod(client, methods ?? []);
        const basic = method === 'client_secret_basic' && secret !== undefined;
        const login = Buffer.from(`${client_id}:${secret ?? ''}`).toString('base64');
        const body = new URLSearchParams({
          token,
          token_type_hint: hint,
          ...(basic ? {} : { client_id }),
          ...(method === 'client_secret_post' && secret !== undefined ? { client_secret: secret } : {}),
        });
        return {
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            ...(basic ? { authorization: `Basic ${login}` } : {}),
          },
          body: body.toString(),
        };
      }
    },
  };
}

/** Where the browser comes back to, and where we describe ourselves. */
export const CALLBACK_PATH = '/tools/callback';
export const CLIENT_PATH = '/tools/client.json';

function freshOf(got: OAuthTokens, old: Tokens | null): FreshTokens {
  return {
    tokens: {
      access: got.access_token,
      refresh: got.refresh_token ?? old?.refresh ?? null,
      scope: got.scope ?? old?.scope ?? null,
    },
    seconds: got.expires_in ?? null,
  };
}
