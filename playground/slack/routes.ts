/** The stand-in's HTTP addresses besides the Web API: uploads, downloads, response URLs, the install page. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseArgs } from './args.ts';
import { escapeText } from './compose.ts';
import { seesFile } from './methods/files.ts';
import type { Install } from './methods/oauth.ts';
import type { StoredFile } from './records.ts';
import { Refusal } from './refusal.ts';
import type { ResponseUrls } from './responseUrls.ts';
import type { Tokens, WebApi } from './webApi.ts';
import { wholeBody } from './wholeBody.ts';
import type { Workspace } from './workspace.ts';

export interface TeamParts {
  readonly webApi: WebApi;
  readonly workspace: Workspace;
  readonly tokens: Tokens;
  readonly responses: ResponseUrls;
}

/** What a download without the right to it answers: a sign-in page at once, or the way to one. */
export type SignIn = 'page' | 'redirect' | { readonly elsewhere: string };

/** How downloads go. */
export interface Downloads {
  /** A status with which they fail now; 'hang': they wait. */
  failing: number | 'hang' | undefined;
  /** What waits. */
  readonly held: (() => void)[];
  /** Ids of files whose bytes were given, first to last. */
  readonly given: string[];
}

export interface RouteParts {
  /** The workspaces; the first answers for tokens that belong to none. */
  readonly teams: readonly [TeamParts, ...TeamParts[]];
  readonly install: Install;
  readonly signIn: () => SignIn;
  readonly downloads: Downloads;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

function sendHtml(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(html);
}

/** Multipart uploads (as the SDK makes them) carry the bytes in their only file; otherwise the body is the file. */
async function bytesOf(body: Buffer, contentType: string): Promise<Buffer> {
  if (!contentType.startsWith('multipart/form-data')) return body;
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': contentType },
  }).formData();
  for (const value of form.values())
    if (typeof value !== 'string') return Buffer.from(await value.arrayBuffer());
  return Buffer.alloc(0);
}

async function upload(
  parts: RouteParts,
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await wholeBody(request);
  const team = parts.teams.find(({ workspace }) => workspace.files.has(id));
  const file = team?.workspace.files.get(id);
  if (!body || !team || !file || file.base64 !== null) {
    sendHtml(response, 404, 'no such upload');
    return;
  }
  const bytes = await bytesOf(body, request.headers['content-type'] ?? '');
  const value = { ...file, size: bytes.length, base64: bytes.toString('base64') };
  team.workspace.put({ table: 'file', key: id, value });
  response.writeHead(200, { 'content-type': 'text/plain' }).end(`OK - ${bytes.length}`);
}

const SIGN_IN = '<!doctype html><title>Sign in</title><p>Sign in to see this file.</p>';

function mayRead({ tokens, workspace }: TeamParts, file: StoredFile, request: IncomingMessage): boolean {
  const { scopes, botRefusal } = tokens;
  const own = hasToken(tokens, tokenOf(request)) && botRefusal === undefined;
  return own && (scopes === 'all' || scopes.has('files:read')) && seesFile(workspace, file);
}

/** Without a token that may read the file Slack answers a sign-in page with status 200 or a way to it, no error. */
function download(
  parts: RouteParts,
  id: string,
  which: 'whole' | 'thumb',
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const team = parts.teams.find(({ workspace }) => workspace.files.has(id));
  const file = team?.workspace.files.get(id);
  const { failing, held, given } = parts.downloads;
  if (failing === 'hang') {
    held.push(() => download(parts, id, which, request, response));
    return;
  }
  if (failing !== undefined) {
    sendHtml(response, failing, 'not now');
    return;
  }
  if (!team || !file || !mayRead(team, file, request)) {
    const signIn = parts.signIn();
    if (typeof signIn === 'object') response.writeHead(302, { location: signIn.elsewhere }).end();
    else if (signIn === 'redirect') response.writeHead(302, { location: '/sign-in' }).end();
    else sendHtml(response, 200, SIGN_IN);
    return;
  }
  const stored = which === 'thumb' ? file.thumb : file.base64;
  if (stored === null || file.deleted) {
    sendHtml(response, 404, 'no such file');
    return;
  }
  const bytes = Buffer.from(stored, 'base64');
  const type = which === 'thumb' ? 'image/png' : file.mimetype;
  response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
  given.push(id);
}

async function respond(
  parts: RouteParts,
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await wholeBody(request);
  if (!body) return;
  try {
    const args = parseArgs(body.toString('utf8'), 'application/json', new URLSearchParams());
    const [first] = parts.teams;
    const team = parts.teams.find(({ responses }) => responses.issued(id)) ?? first;
    const answer = team.responses.use(id, args);
    sendJson(response, answer.status, answer.body);
  } catch (error) {
    const code = error instanceof Refusal ? error.code : 'internal_error';
    sendJson(response, error instanceof Refusal ? 400 : 500, { ok: false, error: code });
  }
}

function authorize(parts: RouteParts, url: URL, response: ServerResponse): void {
  const answer = parts.install.authorize(url.searchParams);
  if (answer.kind === 'redirect') {
    response.writeHead(302, { location: answer.location }).end();
    return;
  }
  const page = (status: number, body: string): void =>
    sendHtml(response, status, `<!doctype html><meta charset="utf-8"><title>Install</title>${body}`);
  if (answer.kind === 'wrong') {
    page(400, `<p>${escapeText(answer.problem)}</p>`);
    return;
  }
  const links = answer.teams.map(({ id, name }) => {
    const to = (set: Record<string, string>) => {
      const next = new URL(url);
      for (const [key, value] of Object.entries(set)) next.searchParams.set(key, value);
      return escapeText(`${next.pathname}${next.search}`).replaceAll('"', '&quot;');
    };
    return `<p>Install the app in ${escapeText(name)} (a stand-in, not Slack)?
      <a href="${to({ team: id, allow: '1' })}">Allow</a> <a href="${to({ team: id, allow: '0' })}">Cancel</a></p>`;
  });
  page(200, links.join(''));
}

/** The workspace of the caller's token. */
function teamOf(parts: RouteParts, request: IncomingMessage): TeamParts {
  const [first] = parts.teams;
  return parts.teams.find(({ tokens }) => hasToken(tokens, tokenOf(request))) ?? first;
}

function tokenOf(request: IncomingMessage): string {
  return request.headers.authorization?.replace(/^Bearer\s+/i, '') ?? '';
}

function hasToken({ bot, former }: Tokens, token: string): boolean {
  return token === bot || former.includes(token);
}

/** Answers a request that is addressed to Slack; returns false for any other. */
export function route(parts: RouteParts, request: IncomingMessage, response: ServerResponse): boolean {
  const url = new URL(request.url ?? '/', 'http://standin');
  const [, first = '', second = ''] = url.pathname.split('/');
  const failed = () => response.destroy();
  switch (first) {
    case 'api':
      teamOf(parts, request).webApi.handle(request, response, url).catch(failed);
      return true;
    case 'upload':
      upload(parts, second, request, response).catch(failed);
      return true;
    case 'files-pri':
      download(parts, second, 'whole', request, response);
      return true;
    case 'files-tmb':
      download(parts, second, 'thumb', request, response);
      return true;
    case 'sign-in':
      sendHtml(response, 200, SIGN_IN);
      return true;
    case 'response':
      respond(parts, second, request, response).catch(failed);
      return true;
    case 'app_redirect':
      // Slack opens itself at the workspace; so does the page.
      response
        .writeHead(302, { location: `/?team=${encodeURIComponent(url.searchParams.get('team') ?? '')}` })
        .end();
      return true;
    case 'oauth':
      authorize(parts, url, response);
      return true;
    default:
      return false;
  }
}
