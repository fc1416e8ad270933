import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LogLevel } from '@slack/bolt';
import oauth, { type Installation, type InstallURLOptions, type StateStore } from '@slack/oauth';
import { entryOf, SkeinError, toError } from '../../errors.ts';
import type { NewInstallation } from '../../installations/tokens/store.ts';
import type { Log } from '../../log.ts';
import type { Route } from '../../operations/http.ts';
import { pageHeaders, sendPage } from '../../operations/page.ts';
import type { InstallProblem } from '../../words/install.ts';
import { boltLog } from '../guards/bolt-log.ts';
import { webClientOptions } from '../guards/client-options.ts';
import { errorWord } from '../send/outcome.ts';
import { beginPage, failurePage, INSTALL_PATH, successPage } from './pages.ts';
import { BOT_SCOPES } from './scopes.ts';

interface InstallOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Signs the state. */
  readonly stateSecret: string;
  /** Origin of this server as people reach it. */
  readonly publicUrl: string;
  readonly slackApiUrl: string;
  /** Told on the pages. */
  readonly eraseDays: number;
  readonly fetch: typeof fetch;
  /** True the first time that a state comes back; `hash` stands for it. */
  readonly takeState: (hash: string) => Promise<boolean>;
  /** Stores an installation; resolves when it may be used. */
  readonly store: (one: NewInstallation) => Promise<void>;
  readonly log: Log;
}

// Node finds no names in this package's CommonJS (`export *` of its files).
const { ClearStateStore, ErrorCode, InstallProvider } = oauth;

const REDIRECT_PATH = '/slack/oauth_redirect';
/** As long as people take over Slack's page; Slack's code itself lives for ten minutes. */
const STATE_SECONDS = 600;

/**
 * `/slack/install` and `/slack/oauth_redirect`, by Slack's own provider: it makes the state (a signed token, and the same
 * in a cookie of the browser), checks both, and exchanges the code. What is ours: each state works once, what is stored,
 * and the pages. Returns false for other paths.
 */
export function createInstall(options: InstallOptions): Route {
  const { publicUrl, slackApiUrl, eraseDays, log } = options;
  const provider = new InstallProvider({
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    authorizationUrl: new URL('../oauth/v2/authorize', slackApiUrl).href,
    installUrlOptions: { scopes: [...BOT_SCOPES], redirectUri: `${publicUrl}${REDIRECT_PATH}` },
    stateStore: singleUse(new ClearStateStore(options.stateSecret, STATE_SECONDS), options.takeState),
    stateCookieExpirationSeconds: STATE_SECONDS,
    installationStore: {
      storeInstallation: async (installation) => options.store(toNew(installation)),
      // Deliveries find their token through `Clients`; nobody asks the provider.
      fetchInstallation: () => Promise.reject(new Error('tokens are not read through the provider')),
    },
    renderHtmlForInstallPath: (url) => beginPage(url, eraseDays),
    clientOptions: webClientOptions({ slackApiUrl, fetch: options.fetch }),
    logger: boltLog(log),
    logLevel: LogLevel.INFO,
  });

  const begin = (request: IncomingMessage, response: ServerResponse) =>
    provider.handleInstallPath(request, response);

  const back = (request: IncomingMessage, response: ServerResponse) =>
    provider.handleCallback(request, response, {
      success(installation) {
        const one = toNew(installation);
        log.info({ team: one.id, wide: one.wide }, 'the app was installed');
        const open = new URL('../app_redirect', slackApiUrl);
        open.searchParams.set('app', installation.appId ?? '');
        if (!one.wide) open.searchParams.set('team', one.id);
        const name = one.name ?? one.id;
        sendPage(response, 200, successPage({ name, wide: one.wide, open: open.href }, eraseDays));
      },
      failure(error) {
        const problem = problemOf(error);
        const word = errorWord(error);
        log.warn({ code: 'INSTALL_FAILED', problem, word }, 'an installation failed');
        sendPage(response, statusOf(problem), failurePage(problem));
      },
    });

  return (request, response) => {
    const path = (request.url ?? '').split('?')[0]?.replace(/\/$/, '');
    const handle = path === INSTALL_PATH ? begin : path === REDIRECT_PATH ? back : null;
    if (handle === null) return false;
    if (request.method !== 'GET') {
      response.writeHead(405, { allow: 'GET' }).end();
      return true;
    }
    pageHeaders(response);
    fitCookies(response, publicUrl.startsWith('https:'));
    handle(request, response).catch((thrown) => {
      log.error(
        { code: 'INSTALL_FAILED', err: toError(thrown) },
        'an installation could not be begun or ended',
      );
      sendPage(response, 500, failurePage('refused'));
    });
    return true;
  };
}

/** A state that comes back a second time was taken from a browser's history, or from the way. */
function singleUse(signed: StateStore, take: (hash: string) => Promise<boolean>): StateStore {
  return {
    generateStateParam: (options: InstallURLOptions, now: Date) => signed.generateStateParam(options, now),
    async verifyStateParam(now: Date, state: string) {
      const options = await signed.verifyStateParam(now, state);
      if (!(await take(createHash('sha256').update(state).digest('base64url')))) throw new StateUsed();
      return options;
    },
  };
}

class StateUsed extends Error {
  override readonly name = 'StateUsed';
  readonly code = ErrorCode.InvalidStateError;
}

class NoBot extends Error {
  override readonly name = 'NoBot';
  readonly code = ErrorCode.UnknownError;
}

/** Of an organisation the enterprise's id counts: Slack names no team then. */
function toNew(installation: Installation): NewInstallation {
  const { team, enterprise, bot, user } = installation;
  const wide = installation.isEnterpriseInstall === true;
  const owner = wide ? enterprise : team;
  if (bot === undefined || owner === undefined) throw new NoBot();
  return {
    id: owner.id,
    name: owner.name ?? null,
    enterprise: enterprise?.id ?? null,
    wide,
    botUserId: bot.userId,
    botId: bot.id,
    appId: installation.appId ?? null,
    scopes: bot.scopes.join(','),
    botToken: bot.token,
    refreshToken: bot.refreshToken ?? null,
    // In seconds, by the provider.
    expiresAt: bot.expiresAt === undefined ? null : new Date(bot.expiresAt * 1000),
    installedBy: user.id,
  };
}

function problemOf(error: Error & { readonly code?: string }): InstallProblem {
  if (error instanceof StateUsed) return 'used';
  if (error instanceof NoBot) return 'no_bot';
  if (error instanceof SkeinError) return entryOf(error.code).retryable ? 'database_away' : 'refused';
  switch (error.code) {
    case ErrorCode.AuthorizationError:
      return 'cancelled';
    case ErrorCode.InvalidStateError:
      // The provider has one class for both, and says which in its message.
      return error.message.includes('expired') ? 'too_old' : 'not_begun_here';
    case ErrorCode.MissingStateError:
      return 'not_begun_here';
    case 'slack_webapi_request_error':
    case 'slack_webapi_http_error':
    case 'slack_webapi_rate_limited_error':
      return 'slack_away';
    default:
      return errorWord(error) === 'cannot_install_an_org_installed_app' ? 'org_has_it' : 'refused';
  }
}

function statusOf(problem: InstallProblem): number {
  return problem === 'slack_away' || problem === 'database_away' ? 503 : 400;
}

/**
 * The provider's cookie is `Secure`, which browsers do not keep for plain http (the loopback address alone may be that), and
 * says no `SameSite`; `Lax` is what comes along when Slack sends the browser back.
 */
function fitCookies(response: ServerResponse, secure: boolean): void {
  const set = response.setHeader.bind(response);
  const fitting = (cookie: string) => `${secure ? cookie : cookie.replace(/;\s*Secure/i, '')}; SameSite=Lax`;
  response.setHeader = (name, value) => {
    if (name.toLowerCase() !== 'set-cookie') return set(name, value);
    return set(name, Array.isArray(value) ? value.map(fitting) : fitting(String(value)));
  };
}
