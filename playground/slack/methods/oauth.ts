/** Installing the app: the authorize page and oauth.v2.access. */
import type { Clock } from '../../../src/clock.ts';
import type { Args } from '../args.ts';
import type { Json } from '../json.ts';
import { Refusal } from '../refusal.ts';
import type { Tokens } from '../webApi.ts';
import type { Workspace } from '../workspace.ts';
import type { Methods } from './method.ts';

export interface Client {
  readonly id: string;
  readonly secret: string;
}

export type Authorization =
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'ask'; readonly teams: readonly { readonly id: string; readonly name: string }[] }
  | { readonly kind: 'wrong'; readonly problem: string };

/** A workspace that the app can be installed in. */
export interface InstallTarget {
  readonly workspace: Workspace;
  readonly tokens: Tokens;
}

/** One-time codes between the page and the token call. */
export class Install {
  readonly #client: Client;
  readonly #targets: () => readonly InstallTarget[];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #lifeSeconds: number | null;
  readonly #codes = new Map<string, { readonly scope: string; readonly target: InstallTarget }>();

  /** `lifeSeconds`: tokens rotate and live so long (Slack: 43,200); null: they live until they are revoked. */
  constructor(options: {
    readonly client: Client;
    readonly clock: Pick<Clock, 'now'>;
    readonly lifeSeconds: number | null;
    readonly targets: () => readonly InstallTarget[];
  }) {
    this.#client = options.client;
    this.#targets = options.targets;
    this.#clock = options.clock;
    this.#lifeSeconds = options.lifeSeconds;
  }

  /** What the page answers to its query: a question first, with `allow=1` the way back with a code. */
  authorize(query: URLSearchParams): Authorization {
    if (query.get('client_id') !== this.#client.id) return { kind: 'wrong', problem: 'invalid_client_id' };
    const back = query.get('redirect_uri') ?? '';
    if (!URL.canParse(back)) return { kind: 'wrong', problem: 'bad_redirect_uri' };
    const team = query.get('team') ?? '';
    const targets = this.#targets();
    const asked = targets.filter(({ workspace }) => team === '' || workspace.seed.team.id === team);
    const [target] = asked;
    if (!target) return { kind: 'wrong', problem: 'team_not_found' };
    const location = new URL(back);
    location.searchParams.set('state', query.get('state') ?? '');
    if (query.get('allow') === '0') {
      location.searchParams.set('error', 'access_denied');
      return { kind: 'redirect', location: location.href };
    }
    if (query.get('allow') !== '1')
      return { kind: 'ask', teams: asked.map(({ workspace }) => workspace.seed.team) };
    const code = target.workspace.nextId('code.');
    this.#codes.set(code, { scope: query.get('scope') ?? '', target });
    location.searchParams.set('code', code);
    return { kind: 'redirect', location: location.href };
  }

  /** The answer of oauth.v2.access. Client and code are checked, the code works once. */
  access(args: Args): Json {
    if (args.text('client_id') !== this.#client.id) throw new Refusal('invalid_client_id');
    if (args.text('client_secret') !== this.#client.secret) throw new Refusal('bad_client_secret');
    if (args.text('grant_type') === 'refresh_token') return this.#refresh(args.text('refresh_token') ?? '');
    const code = args.text('code') ?? '';
    const found = this.#codes.get(code);
    if (!found) throw new Refusal('invalid_code');
    this.#codes.delete(code);
    const { tokens, workspace } = found.target;
    // What was revoked stays so: the app gets another token.
    if (tokens.botRefusal === 'account_inactive' || tokens.botRefusal === 'token_revoked') {
      tokens.bot = workspace.nextId('xoxb-standin-again-');
      tokens.former = [];
      tokens.ends = new Map();
    }
    tokens.botRefusal = undefined;
    tokens.installed = true;
    const asked = found.scope.split(',').filter((scope) => scope !== '');
    // Scopes add up over installs: Slack takes none away.
    if (tokens.scopes !== 'all') tokens.scopes = new Set([...tokens.scopes, ...asked]);
    if (this.#lifeSeconds !== null) this.#mint(found.target, this.#lifeSeconds);
    return this.#granted(found.target, found.scope);
  }

  /** Once for each refresh token; the token before lives on to its own end. */
  #refresh(refreshToken: string): Json {
    const target = this.#targets().find(({ tokens }) => tokens.refresh === refreshToken);
    if (!target || this.#lifeSeconds === null || target.tokens.botRefusal !== undefined)
      throw new Refusal('invalid_refresh_token');
    this.#mint(target, this.#lifeSeconds);
    return this.#granted(target, '');
  }

  #mint({ tokens, workspace }: InstallTarget, lifeSeconds: number): void {
    tokens.former = [...tokens.former, tokens.bot];
    tokens.bot = workspace.nextId('xoxe.xoxb-1-');
    tokens.refresh = workspace.nextId('xoxe-1-');
    tokens.ends = new Map([...tokens.ends, [tokens.bot, this.#clock.now() + lifeSeconds * 1000]]);
  }

  #granted({ tokens, workspace }: InstallTarget, scope: string): Json {
    const { team, app, people, orgInstall } = workspace.seed;
    const enterprise = team.enterprise ?? null;
    return {
      access_token: tokens.bot,
      ...(tokens.refresh === null ? {} : { refresh_token: tokens.refresh, expires_in: this.#lifeSeconds }),
      token_type: 'bot',
      scope: tokens.scopes === 'all' ? scope : [...tokens.scopes].join(','),
      bot_user_id: app.user,
      app_id: app.id,
      team: orgInstall ? null : { id: team.id, name: team.name },
      enterprise,
      is_enterprise_install: orgInstall,
      authed_user: { id: people.find((one) => one.isAdmin)?.id ?? '' },
    };
  }
}

export function oauthMethods(install: Install): Methods {
  return { 'oauth.v2.access': (args) => install.access(args) };
}
