import { createHash } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';

/** One answer of the authorization server, ready to be written. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Registered {
  readonly id: string;
  readonly secret: string | null;
  readonly redirects: readonly string[];
}

interface Code {
  readonly client: string;
  readonly redirect: string;
  readonly challenge: string;
  readonly resource: string | null;
  readonly account: string;
  readonly ends: number;
}

interface Grant {
  readonly client: string;
  readonly account: string;
  readonly resource: string | null;
  access: string;
  accessEnds: number;
  refresh: string;
  /** Refresh tokens that were used: one that comes again ends the grant. */
  readonly used: Set<string>;
  dead: boolean;
}

export interface OAuthOptions {
  readonly clock: Clock;
  /** Seconds an access token lives; 3600 unless told. */
  readonly lifeSeconds?: number;
  /** Whether clients may register themselves; true unless told. */
  readonly registration?: boolean;
  /** A client that is registered by hand. */
  readonly client?: { readonly id: string; readonly secret: string; readonly redirects: readonly string[] };
}

const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(value),
});
const refused = (status: number, error: string, description: string): Answer =>
  json(status, { error, error_description: description });

const escapeHtml = (words: string) => words.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/**
 * An authorization server: metadata of RFC 9728 and 8414, registration of RFC 7591, authorization codes with PKCE (S256
 * alone), the issuer in the answer (RFC 9207), the resource of RFC 8707, refresh tokens that work once, revocation of
 * RFC 7009. It lives at the same origin as the tools.
 */
export class StandinOAuth {
  readonly #options: OAuthOptions;
  readonly #clients = new Map<string, Registered>();
  readonly #codes = new Map<string, Code>();
  readonly #grants: Grant[] = [];
  #count = 0;
  #issuer = '';
  /** All refreshes are refused from now on. */
  refuseRefresh = false;

  constructor(options: OAuthOptions) {
    this.#options = options;
    const { client } = options;
    if (client) this.#clients.set(client.id, { ...client });
  }

  /** The origin, without a slash at its end; known once the server listens. */
  set issuer(origin: string) {
    this.#issuer = origin;
  }

  get registrations(): number {
    return this.#clients.size - (this.#options.client ? 1 : 0);
  }

  /** Grants that work now, oldest first. */
  grants(): readonly { readonly account: string; readonly resource: string | null }[] {
    return this.#grants.filter(({ dead }) => !dead).map(({ account, resource }) => ({ account, resource }));
  }

  /** Every access token that is out ends now; refresh tokens go on. */
  expireAccess(): void {
    for (const grant of this.#grants) grant.accessEnds = 0;
  }

  /** What the resource asks: whose token it is. Null: nobody's, or not any more. */
  accountOf(authorization: string | null): string | null {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    const now = this.#options.clock.now();
    const grant = this.#grants.find((one) => one.access === token && !one.dead && one.accessEnds > now);
    return grant?.account ?? null;
  }

  get challenge(): string {
    return `Bearer error="invalid_token", resource_metadata="${this.#issuer}/.well-known/oauth-protected-resource/mcp"`;
  }

  /** The answer to a request of this server's; null: it is none. */
  answer(method: string, url: URL, body: string, authorization: string | null): Answer | null {
    const form = new URLSearchParams(body);
    switch (`${method} ${url.pathname}`) {
      case 'GET /.well-known/oauth-protected-resource/mcp':
      case 'GET /.well-known/oauth-protected-resource':
        return json(200, {
          resource: `${this.#issuer}/mcp`,
          authorization_servers: [this.#issuer],
          scopes_supported: ['tickets'],
          bearer_methods_supported: ['header'],
        });
      case 'GET /.well-known/oauth-authorization-server':
        return json(200, this.#metadata());
      case 'POST /register':
        return this.#register(body);
      case 'GET /authorize':
        return this.#page(url.searchParams);
      case 'POST /authorize':
        return this.#decide(form);
      case 'POST /token':
        return this.#token(form, authorization);
      case 'POST /revoke':
        return this.#revoke(form);
      default:
        return null;
    }
  }

  #metadata() {
    return {
      issuer: this.#issuer,
      authorization_endpoint: `${this.#issuer}/authorize`,
      token_endpoint: `${this.#issuer}/token`,
      revocation_endpoint: `${this.#issuer}/revoke`,
      ...(this.#options.registration === false ? {} : { registration_endpoint: `${this.#issuer}/register` }),
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
      authorization_response_iss_parameter_supported: true,
      scopes_supported: ['tickets'],
    };
  }

  #register(body: string): Answer {
    if (this.#options.registration === false) return refused(403, 'access_denied', 'no registration here');
    let asked: Record<string, unknown>;
    try {
      asked = JSON.parse(body) as Record<string, unknown>;
    } catch {
      return refused(400, 'invalid_client_metadata', 'not JSON');
    }
    const redirects = Array.isArray(asked['redirect_uris']) ? asked['redirect_uris'].map(String) : [];
    if (redirects.length === 0) return refused(400, 'invalid_redirect_uri', 'redirect_uris is missing');
    const id = this.#fresh('client');
    const secret = asked['token_endpoint_auth_method'] === 'none' ? null : this.#fresh('secret');
    this.#clients.set(id, { id, secret, redirects });
    return json(201, { ...asked, client_id: id, ...(secret === null ? {} : { client_secret: secret }) });
  }

  #page(asked: URLSearchParams): Answer {
    const problem = this.#problem(asked);
    const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
    if (problem !== null)
      return { status: 400, headers, body: `<h1>Not so</h1><p>${escapeHtml(problem)}</p>` };
    const hidden = [...asked]
      .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
      .join('');
    return {
      status: 200,
      headers,
      body: `<!doctype html><title>Help desk</title><h1>Help desk</h1><p>Skein asks for your account.</p>
<form method="post" action="/authorize">${hidden}<label>Sign in as <input name="account" value="ada"></label>
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></form>`,
    };
  }

  #problem(asked: URLSearchParams): string | null {
    const client = this.#clients.get(asked.get('client_id') ?? '');
    if (client === undefined) return 'the client is not known';
    if (!client.redirects.includes(asked.get('redirect_uri') ?? '')) return 'the redirect is not registered';
    if (asked.get('response_type') !== 'code') return 'response_type must be code';
    if (asked.get('code_challenge_method') !== 'S256' || !asked.get('code_challenge'))
      return 'PKCE with S256 is needed';
    return null;
  }

  #decide(form: URLSearchParams): Answer {
    if (this.#problem(form) !== null) return refused(400, 'invalid_request', 'not what was asked');
    const back = new URL(form.get('redirect_uri') ?? '');
    back.searchParams.set('state', form.get('state') ?? '');
    back.searchParams.set('iss', this.#issuer);
    if (form.get('decision') === 'allow') {
      const code = this.#fresh('code');
      this.#codes.set(code, {
        client: form.get('client_id') ?? '',
        redirect: form.get('redirect_uri') ?? '',
        challenge: form.get('code_challenge') ?? '',
        resource: form.get('resource'),
        account: form.get('account') ?? 'ada',
        ends: this.#options.clock.now() + 60_000,
      });
      back.searchParams.set('code', code);
    } else {
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('error_description', 'The person said no. <!channel>');
    }
    return { status: 302, headers: { location: back.href }, body: '' };
  }

  #token(form: URLSearchParams, authorization: string | null): Answer {
    const [basicId, basicSecret] = /^Basic (.+)$/i.test(authorization ?? '')
      ? Buffer.from((authorization ?? '').slice(6), 'base64')
          .toString('utf8')
          .split(':')
      : [];
    const client = this.#clients.get(form.get('client_id') ?? decodeURIComponent(basicId ?? ''));
    const secret = form.get('client_secret') ?? (basicSecret && decodeURIComponent(basicSecret));
    if (client === undefined || (client.secret !== null && client.secret !== secret))
      return refused(401, 'invalid_client', 'the client is not known, or its secret is wrong');
    if (form.get('grant_type') === 'authorization_code') return this.#redeem(form, client);
    if (form.get('grant_type') === 'refresh_token') return this.#refresh(form, client);
    return refused(400, 'unsupported_grant_type', 'no such grant');
  }

  #redeem(form: URLSearchParams, client: Registered): Answer {
    const code = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    const verified = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (
      code === undefined ||
      code.client !== client.id ||
      code.redirect !== form.get('redirect_uri') ||
      code.challenge !== verified ||
      code.resource !== form.get('resource') ||
      code.ends <= this.#options.clock.now()
    )
      return refused(400, 'invalid_grant', 'the code does not fit');
    const grant: Grant = {
      client: client.id,
      account: code.account,
      resource: code.resource,
      access: '',
      accessEnds: 0,
      refresh: '',
      used: new Set(),
      dead: false,
    };
    this.#grants.push(grant);
    return this.#issue(grant);
  }

  #refresh(form: URLSearchParams, client: Registered): Answer {
    const token = form.get('refresh_token') ?? '';
    const reused = this.#grants.find((one) => one.used.has(token));
    // A refresh token that comes twice was stolen by one of the two (RFC 9700, 4.14.2).
    if (reused) reused.dead = true;
    const grant = this.#grants.find((one) => one.refresh === token && one.client === client.id);
    if (grant === undefined || grant.dead || this.refuseRefresh)
      return refused(400, 'invalid_grant', 'the refresh token does not work');
    grant.used.add(token);
    return this.#issue(grant);
  }

  #issue(grant: Grant): Answer {
    const life = this.#options.lifeSeconds ?? 3600;
    grant.access = this.#fresh('access');
    grant.refresh = this.#fresh('refresh');
    grant.accessEnds = this.#options.clock.now() + life * 1000;
    return json(200, {
      access_token: grant.access,
      token_type: 'Bearer',
      expires_in: life,
      refresh_token: grant.refresh,
      scope: 'tickets',
    });
  }

  #revoke(form: URLSearchParams): Answer {
    const token = form.get('token') ?? '';
    for (const grant of this.#grants)
      if (grant.access === token || grant.refresh === token) grant.dead = true;
    return { status: 200, body: '' };
  }

  #fresh(what: string): string {
    this.#count += 1;
    return `${what}-${this.#count}-${Math.floor(this.#options.clock.random() * 1e9).toString(36)}`;
  }
}
