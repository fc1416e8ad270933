import {
  checkResourceAllowed,
  discoverOAuthServerInfo,
  exchangeAuthorization,
  OAuthError,
  type OAuthTokens,
  refreshAuthorization,
  registerClient,
  startAuthorization,
} from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { Outgoing } from './outgoing.ts';

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

export type ProviderProblem =
  /** It publishes nothing that says how accounts are authorised. */
  | 'no_oauth'
  /** It registers nobody by itself: an admin has to. */
  | 'needs_client';

/** The end of a refresh token or of our registration (RFC 6749, 5.2): no further try mends it. */
const OVER = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client', 'invalid_token']);

export interface OAuth {
  /**
   * Finds the authorization server of a server of tools, and makes us known there: by `given`, by the address of our own
   * description where it reads that (`clientPage`, https alone), or by registration (RFC 7591). Rejects where it can't be
   * reached or says what can't be trusted.
   */
  discover(url: string, given: GivenClient | null): Promise<Provider | ProviderProblem>;
  /** Where the browser goes, and the verifier of PKCE (S256) that is needed when it is back. */
  begin(of: Provider, state: string): Promise<{ readonly url: string; readonly verifier: string }>;
  /** Exchanges the code; `issuer`: as it came back (RFC 9207). Rejects if it is refused. */
  redeem(
    of: Provider,
    back: { readonly code: string; readonly issuer: string | null; readonly verifier: string },
  ): Promise<FreshTokens>;
  /** 'over': this refresh token never works again. Rejects where it may work later. */
  refresh(of: Provider, old: Tokens): Promise<FreshTokens | 'over'>;
  /** Tells the authorization server that a token is not needed any more (RFC 7009). Never rejects. */
  revoke(of: Provider, old: Tokens): Promise<void>;
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

    async revoke(of, old) {
      const endpoint = of.metadata.revocation_endpoint;
      if (endpoint === undefined) return;
      const body = new URLSearchParams({ token: old.refresh ?? old.access, client_id: of.client.client_id });
      if (of.client.client_secret !== undefined) body.set('client_secret', of.client.client_secret);
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      await fetchFn(endpoint, { method: 'POST', headers, body: body.toString() })
        .then((response) => response.text())
        .catch(() => {});
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
