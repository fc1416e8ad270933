import { toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Route } from '../../operations/http.ts';
import { drawPage, pageHeaders, sendPage } from '../../operations/page.ts';
import {
  confirmLinking,
  goingOn,
  LINK_FAILED,
  LINK_PROBLEMS,
  type LinkProblem,
  linked,
} from '../../words/tool-servers.ts';
import { CALLBACK_PATH, CLIENT_PATH, type OAuth } from '../mcp/oauth.ts';
import { freshToken, LINK_PATH, type Links } from './links.ts';

type Request = Parameters<Route>[0];
type Response = Parameters<Route>[1];

const COOKIE = 'skein_link';
const MOST_FORM_BYTES = 10_000;

/**
 * The pages of linking an account. The link shows whose account in Slack it is about; only a press on its button, in a
 * browser that keeps our cookie, leads on to the authorization server, and only the same browser is taken back. So nobody
 * can have somebody else's account linked to their own name, neither with the link nor with the address behind it.
 */
export function createLinkPages({
  links,
  oauth,
  publicUrl,
  log,
}: {
  readonly links: Links;
  readonly oauth: OAuth;
  readonly publicUrl: string;
  readonly log: Log;
}): Route {
  const secure = publicUrl.startsWith('https:');

  const fail = (response: Response, problem: LinkProblem) =>
    sendPage(
      response,
      problem === 'away' || problem === 'unreachable' ? 503 : 400,
      drawPage({ title: LINK_FAILED, lines: [LINK_PROBLEMS[problem]] }),
    );

  async function show(asked: URLSearchParams, response: Response): Promise<void> {
    const state = asked.get('state') ?? '';
    const whom = await links.whom(state);
    if (typeof whom === 'string') return fail(response, whom);
    const browser = freshToken();
    setCookie(response, browser, secure);
    const { button, ...said } = confirmLinking(whom);
    const form = { action: LINK_PATH, fields: { state, browser }, button };
    sendPage(response, 200, drawPage({ ...said, form }));
  }

  async function goOn(request: Request, response: Response): Promise<void> {
    const form = new URLSearchParams(await bodyOf(request));
    const browser = form.get('browser') ?? '';
    // The cookie does not come along from another site (SameSite), and its value is known to this page alone.
    if (browser === '' || cookieOf(request) !== browser) return fail(response, 'other_browser');
    const begun = await links.confirm(form.get('state') ?? '', browser);
    if (typeof begun === 'string') return fail(response, begun);
    const { button, ...said } = goingOn(begun.whom);
    // A form that leads to another origin by a redirect is stopped by the page's own policy (form-action).
    sendPage(
      response,
      200,
      drawPage({ ...said, link: { href: begun.url, text: button }, onward: begun.url }),
    );
  }

  async function back(asked: URLSearchParams, request: Request, response: Response): Promise<void> {
    const done = await links.back(asked.get('state') ?? '', cookieOf(request), {
      code: asked.get('code'),
      issuer: asked.get('iss'),
      error: asked.get('error'),
    });
    if (typeof done === 'string') return fail(response, done);
    setCookie(response, '', secure);
    sendPage(response, 200, drawPage(linked(done.whom)));
  }

  return (request, response) => {
    const [before = '', asked = ''] = (request.url ?? '').split('?');
    const path = before.replace(/\/$/, '');
    const known =
      path === LINK_PATH || path === CALLBACK_PATH || (path === CLIENT_PATH && oauth.page !== null);
    if (!known) return false;
    const allowed = path === LINK_PATH ? ['GET', 'POST'] : ['GET'];
    if (!allowed.includes(request.method ?? '')) {
      response.writeHead(405, { allow: allowed.join(', ') }).end();
      return true;
    }
    if (path === CLIENT_PATH) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(oauth.page));
      return true;
    }
    pageHeaders(response, path === LINK_PATH ? "'self'" : "'none'");
    const work =
      path === CALLBACK_PATH
        ? back(new URLSearchParams(asked), request, response)
        : request.method === 'POST'
          ? goOn(request, response)
          : show(new URLSearchParams(asked), response);
    work.catch((thrown) => {
      log.error({ err: toError(thrown) }, 'a page of linking an account could not be shown');
      fail(response, 'away');
    });
    return true;
  };
}

/** `Lax`: it comes along when the authorization server sends the browser back, and with no form of another site. */
function setCookie(response: Response, value: string, secure: boolean): void {
  const age = value === '' ? 0 : 600;
  response.setHeader(
    'set-cookie',
    `${COOKIE}=${value}; Path=/tools; Max-Age=${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
  );
}

function cookieOf(request: Request): string {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value = ''] = pair.trim().split('=');
    if (name === COOKIE) return value;
  }
  return '';
}

async function bodyOf(request: Request): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MOST_FORM_BYTES) throw new Error('a form is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
