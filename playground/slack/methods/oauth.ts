/** Installing the app: the authorize page and oauth.v2.access. */
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
  | { readonly kind: 'ask'; readonly team: string }
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
  readonly #codes = new Map<string, { readonly scope: string; readonly target: InstallTarget }>();

  /** The first target is the one installed in where the query names no `team`. */
  constructor(client: Client, targets: () => readonly InstallTarget[]) {
    this.#client = client;
    this.#targets = targets;
  }

  /** What the page answers to its query: a question first, with `allow=1` the way back with a code. */
  authorize(query: URLSearchParams): Authorization {
    if (query.get('client_id') !== this.#client.id) return { kind: 'wrong', problem: 'invalid_client_id' };
    const back = query.get('redirect_uri') ?? '';
    if (!URL.canParse(back)) return { kind: 'wrong', problem: 'bad_redirect_uri' };
    const team = query.get('team') ?? '';
    const targets = this.#targets();
    const target =
      team === '' ? targets[0] : targets.find(({ workspace }) => workspace.seed.team.id === team);
    if (!target) return { kind: 'wrong', problem: 'team_not_found' };
    if (query.get('allow') !== '1') return { kind: 'ask', team: target.workspace.seed.team.name };
    const code = target.workspace.nextId('code.');
    this.#codes.set(code, { scope: query.get('scope') ?? '', target });
    const location = new URL(back);
    location.searchParams.set('code', code);
    location.searchParams.set('state', query.get('state') ?? '');
    return { kind: 'redirect', location: location.href };
  }

  /** The answer of oauth.v2.access. Client and code are checked, the code works once. */
  access(args: Args): Json {
    if (args.text('client_id') !== this.#client.id) throw new Refusal('invalid_client_id');
    if (args.text('client_secret') !== this.#client.secret) throw new Refusal('bad_client_secret');
    const code = args.text('code') ?? '';
    const found = this.#codes.get(code);
    if (!found) throw new Refusal('invalid_code');
    this.#codes.delete(code);
    const { tokens, workspace } = found.target;
    tokens.botRefusal = undefined;
    tokens.installed = true;
    const { team, app, people, orgInstall } = workspace.seed;
    const enterprise = team.enterprise ?? null;
    const asked = found.scope.split(',').filter((scope) => scope !== '');
    // Scopes add up over installs: Slack takes none away.
    if (tokens.scopes !== 'all') tokens.scopes = new Set([...tokens.scopes, ...asked]);
    return {
      access_token: tokens.bot,
      token_type: 'bot',
      scope: tokens.scopes === 'all' ? found.scope : [...tokens.scopes].join(','),
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
