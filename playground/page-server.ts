import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../src/clock.ts';
import { PAGE_PATHS, PAGE_POLICY, type PageBundle } from './bundle.ts';
import type { PageAction, PageActionResult, PageEvent, PageSnapshot } from './protocol.ts';

export interface PageServerOptions {
  readonly clock: Clock;
  readonly page: Promise<PageBundle>;
  /** `team`: what the page asked for; null or unknown: the first workspace. */
  readonly snapshot: (team: string | null) => PageSnapshot;
  readonly act: (action: PageAction, team: string | null) => Promise<PageActionResult>;
  /** A file that was shared in any workspace; null: there is none. `picture`: it may be shown as it is. */
  readonly file: (id: string) => SharedBytes | null;
}

export interface SharedBytes {
  readonly bytes: Uint8Array;
  readonly mimetype: string;
  readonly picture: boolean;
}

export interface PageServer {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** `team`: to the pages of that workspace; absent: to all. */
  send(event: PageEvent, team?: string): void;
  /** Pages that are open now. */
  watchers(): number;
  stop(): void;
}

/** A message with its files, in base64. */
const LARGEST_ACTION = 64 * 1024 * 1024;
const FILES = '/playground/file/';
/** Proxies and browsers end a connection that is silent for long. */
const HEARTBEAT_MS = 15_000;

/** The page's side of the playground's server: three static parts, one stream of events, one door for actions. */
export function createPageServer(options: PageServerOptions): PageServer {
  /** Each with the workspace that it shows. */
  const open = new Map<ServerResponse, string>();
  const stopBeating = options.clock.every(HEARTBEAT_MS, () => {
    for (const response of open.keys()) response.write(': still here\n\n');
  });

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // A page of another site must reach nothing here, not even through a name that it points at us.
    if (!isLocal(request.headers.host)) return text(response, 403, 'Only on this machine');
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://playground');
    const team = searchParams.get('team');
    const page = request.method === 'GET' ? path : null;
    if (page === '/playground/events') return follow(request, response, team);
    if (request.method === 'POST' && path === '/playground/act') return act(request, response, team);
    if (page?.startsWith(FILES)) return file(page.slice(FILES.length), response);
    const { html, js, css } = await options.page;
    if (page === PAGE_PATHS.js) return content(response, 'text/javascript', js);
    if (page === PAGE_PATHS.css) return content(response, 'text/css', css);
    if (page === '/') return content(response, 'text/html', html);
    text(response, 404, 'Not found');
  };

  /** What people share is hostile to the page: it is shown as a picture, or not at all. */
  const file = (id: string, response: ServerResponse) => {
    const found = options.file(decodeURIComponent(id));
    if (found === null) return text(response, 404, 'Not found');
    response
      .writeHead(200, {
        'content-type': found.picture ? found.mimetype : 'application/octet-stream',
        ...(found.picture ? {} : { 'content-disposition': 'attachment' }),
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      .end(found.bytes);
  };

  const follow = (request: IncomingMessage, response: ServerResponse, team: string | null) => {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'keep-alive',
    });
    const snapshot = options.snapshot(team);
    write(response, { type: 'snapshot', snapshot });
    open.set(response, snapshot.team.id);
    request.on('close', () => open.delete(response));
  };

  const act = async (request: IncomingMessage, response: ServerResponse, team: string | null) => {
    // A form of another site could send text/plain without being asked; JSON it could not.
    if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
      return json(response, 415, { ok: false, error: 'Actions are JSON.' });
    const body = await bodyOf(request);
    if (body === null) return json(response, 413, { ok: false, error: 'That is too long.' });
    let action: unknown;
    try {
      action = JSON.parse(body);
    } catch {
      return json(response, 400, { ok: false, error: 'That is no JSON.' });
    }
    if (typeof action !== 'object' || action === null || !('type' in action))
      return json(response, 400, { ok: false, error: 'That is no action.' });
    json(response, 200, await options.act(action as PageAction, team));
  };

  return {
    handle(request, response) {
      route(request, response).catch((thrown: unknown) => {
        if (!response.headersSent) text(response, 500, thrown instanceof Error ? thrown.message : 'failed');
        else response.destroy();
      });
    },
    send(event, team) {
      for (const [response, shown] of open) if (team === undefined || team === shown) write(response, event);
    },
    watchers: () => open.size,
    stop() {
      stopBeating();
      for (const response of open.keys()) response.end();
      open.clear();
    },
  };
}

function isLocal(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_ACTION) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function write(response: ServerResponse, event: PageEvent): void {
  response.write(`data: ${JSON.stringify(event)}\n\n`);
}

function content(response: ServerResponse, type: string, body: string): void {
  response
    .writeHead(200, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
      'content-security-policy': `${PAGE_POLICY}; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
    })
    .end(body);
}

function text(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${body}\n`);
}

function json(response: ServerResponse, status: number, body: PageActionResult): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
