import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../../src/clock.ts';
import { createDesk, type DeskTool, type Ticket } from './desk.ts';
import { type Fault, type FaultRule, Faults } from './faults.ts';
import { crowdTools, hostileTools, type Listing, pulledTools, twinTools } from './hostile.ts';
import { type ExecutedCall, Journal, type SeenRequest } from './journal.ts';
import { type Answer, type OAuthOptions, StandinOAuth } from './oauth.ts';
import { type ProtocolOptions, serveProtocol } from './protocol.ts';

export interface ToolStandinOptions {
  readonly clock: Clock;
  /** 0 (default): any free port. Always on 127.0.0.1. */
  readonly port?: number;
  /** `none` (default): anybody may; `bearer`: the token `standin-tool-token`; `oauth`: its own authorization server. */
  readonly auth?: 'none' | 'bearer' | 'oauth';
  readonly oauth?: Omit<OAuthOptions, 'clock'>;
  /** Default `both`. */
  readonly era?: ProtocolOptions['era'];
  readonly listing?: Listing;
  /** Tools in one page of the list; 20 unless told. */
  readonly pageSize?: number;
}

export interface ToolStandin {
  /** Where its tools are: `http://127.0.0.1:<port>/mcp`. */
  readonly url: string;
  /** The origin, without a slash at its end. */
  readonly origin: string;
  /** Its token, where `auth` is `bearer`. */
  readonly token: string;
  readonly oauth: StandinOAuth;
  readonly faults: Faults;
  /** Calls that were carried out, oldest first. */
  calls(tool?: string): readonly ExecutedCall[];
  /** Requests of the protocol that came in, oldest first. */
  requests(method?: string): readonly SeenRequest[];
  /** The first call, past or future, of this tool; rejects after `limitMs` (default 10,000). */
  waitForCall(tool: string, limitMs?: number): Promise<ExecutedCall>;
  /** Told of each call that is carried out; the returned function ends that. */
  onCall(listener: (call: ExecutedCall) => void): () => void;
  tickets(): readonly Ticket[];
  fault(rule: FaultRule): () => void;
  /** Lists something else from now on. */
  list(listing: Listing): void;
  readonly listing: Listing;
  /** As after a restart: sessions are not known any more. */
  forgetSessions(): Promise<void>;
  /** Sessions that are open. */
  sessions(): number;
  /**
   * What a person does at the authorization server: follows the link, signs in as `account` and decides. The address that
   * the browser is sent back to.
   */
  consent(link: string, decision?: 'allow' | 'deny', account?: string): Promise<string>;
  stop(): Promise<void>;
}

const TOKEN = 'standin-tool-token';
const MOST_BODY_BYTES = 16 * 1024 * 1024;

/** A server of tools (Model Context Protocol, Streamable HTTP) on 127.0.0.1, made with the protocol's own package. */
export async function startToolStandin(options: ToolStandinOptions): Promise<ToolStandin> {
  const { clock } = options;
  const auth = options.auth ?? 'none';
  const journal = new Journal();
  const faults = new Faults();
  const oauth = new StandinOAuth({ clock, ...options.oauth });
  const desk = createDesk();
  const sockets = new Set<Socket>();
  let listing = options.listing ?? 'desk';

  const listed = (): { tools: readonly DeskTool[]; endless: boolean } => {
    const tools = {
      desk: () => desk.tools,
      hostile: () => [...desk.tools, ...hostileTools()],
      crowd: crowdTools,
      twins: twinTools,
      endless: () => desk.tools,
      pulled: () => pulledTools(desk.tools),
    }[listing]();
    return { tools, endless: listing === 'endless' };
  };
  const protocol = serveProtocol({
    clock,
    journal,
    listed,
    pageSize: options.pageSize ?? 20,
    era: options.era ?? 'both',
  });

  /** Null: not let in. */
  const accountOf = (authorization: string | null): string | null => {
    if (auth === 'none') return 'anybody';
    if (auth === 'bearer') return authorization === `Bearer ${TOKEN}` ? 'workspace' : null;
    return oauth.accountOf(authorization);
  };

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readBody(req);
    if (body === null) return void res.destroy();
    const url = new URL(req.url ?? '/', origin);
    const authorization = req.headers.authorization ?? null;
    const { method, tool } = namesOf(body);
    const session = req.headers['mcp-session-id'];
    const isTools = url.pathname === '/mcp';
    if (isTools && method !== null)
      journal.requests.push({
        method,
        tool,
        session: typeof session === 'string' ? session : null,
        authorization,
      });
    const name = isTools ? (method ?? `${req.method} /mcp`) : `${req.method} ${url.pathname}`;
    const fault = faults.take(name, tool ?? undefined);
    if (fault !== undefined && (await ruined(fault, 'before', res))) return;

    const answer = isTools ? null : oauth.answer(req.method ?? 'GET', url, body.toString(), authorization);
    let response: Response;
    if (answer !== null && auth === 'oauth') response = responseOf(answer);
    else if (!isTools) response = new Response('Not found', { status: 404 });
    else {
      const account = accountOf(authorization);
      if (account === null)
        response = new Response('Unauthorized', {
          status: 401,
          headers: auth === 'oauth' ? { 'www-authenticate': oauth.challenge } : {},
        });
      else response = await protocol.fetch(requestOf(req, res, url, body), account);
    }
    if (fault !== undefined && fault.kind !== 'cut_within') {
      // What was asked is done once its answer has been read to the end.
      if ('when' in fault && fault.when === 'after') await response.arrayBuffer();
      if (await ruined(fault, 'after', res)) return;
    }
    await write(response, res, fault?.kind === 'cut_within');
  }

  /** True: the fault was the answer. */
  async function ruined(fault: Fault, now: 'before' | 'after', res: ServerResponse): Promise<boolean> {
    const when = 'when' in fault ? (fault.when ?? 'before') : 'before';
    if (when !== now) return false;
    switch (fault.kind) {
      case 'delay':
        await clock.sleep(fault.ms);
        return false;
      case 'status':
        res.writeHead(fault.status, { 'content-type': 'text/html', ...fault.headers });
        res.end(fault.body ?? '<h1>Something went wrong</h1>');
        return true;
      case 'drop':
        res.socket?.destroy();
        return true;
      case 'hang':
        return true;
      case 'session_lost':
        res.writeHead(404, { 'content-type': 'application/json' });
        res.end(
          JSON.stringify({ jsonrpc: '2.0', error: { code: -32001, message: 'Session not found' }, id: null }),
        );
        return true;
      case 'nonsense':
        res.writeHead(200, { 'content-type': 'application/json' });
        res.end(fault.body);
        return true;
      case 'cut_within':
        return false;
    }
  }

  const server = createServer((req, res) => {
    handle(req, res).catch(() => res.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  let origin = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  oauth.issuer = origin;

  return {
    url: `${origin}/mcp`,
    origin,
    token: TOKEN,
    oauth,
    faults,
    calls: (tool) => journal.calls.filter((call) => tool === undefined || call.tool === tool),
    requests: (method) => journal.requests.filter((one) => method === undefined || one.method === method),
    async waitForCall(tool, limitMs = 10_000) {
      const over = new AbortController();
      const late = clock.sleep(limitMs, over.signal).then(() => null);
      const found = await Promise.race([journal.first((call) => call.tool === tool), late]);
      over.abort();
      if (found === null) throw new Error(`${tool} was not called within ${limitMs} ms`);
      return found;
    },
    onCall: (listener) => journal.onCall(listener),
    tickets: desk.tickets,
    fault: (rule) => faults.add(rule),
    list(next) {
      listing = next;
    },
    get listing() {
      return listing;
    },
    forgetSessions: protocol.forgetSessions,
    sessions: () => protocol.sessions,
    async consent(link, decision = 'allow', account = 'ada') {
      const page = await fetch(link);
      if (!page.ok) throw new Error(`the authorization page says ${page.status}: ${await page.text()}`);
      const form = new URLSearchParams(new URL(link).search);
      form.set('decision', decision);
      form.set('account', account);
      const decided = await fetch(`${origin}/authorize`, { method: 'POST', body: form, redirect: 'manual' });
      const back = decided.headers.get('location');
      if (back === null) throw new Error(`no way back: ${decided.status} ${await decided.text()}`);
      return back;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      await protocol.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function readBody(req: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of req as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > MOST_BODY_BYTES) return null;
      parts.push(part);
    }
  } catch {
    return null;
  }
  return Buffer.concat(parts);
}

/** The method of the protocol, and the tool that is called; null: none. */
function namesOf(body: Buffer): { method: string | null; tool: string | null } {
  try {
    const message = JSON.parse(body.toString()) as { method?: unknown; params?: { name?: unknown } };
    const method = typeof message.method === 'string' ? message.method : null;
    const tool = method === 'tools/call' ? String(message.params?.name) : null;
    return { method, tool };
  } catch {
    return { method: null, tool: null };
  }
}

function requestOf(req: IncomingMessage, res: ServerResponse, url: URL, body: Buffer): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  const method = req.method ?? 'GET';
  return new Request(url, {
    method,
    headers,
    signal: gone.signal,
    ...(method === 'POST' ? { body: new Uint8Array(body) } : {}),
  });
}

function responseOf({ status, headers, body }: Answer): Response {
  return new Response(body, { status, ...(headers === undefined ? {} : { headers }) });
}

async function write(response: Response, res: ServerResponse, cutWithin: boolean): Promise<void> {
  res.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) return void res.end();
  const reader = response.body.getReader();
  const closed = () => void reader.cancel().catch(() => undefined);
  res.once('close', closed);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (cutWithin) {
      res.write(value.subarray(0, Math.ceil(value.length / 2)), () => res.socket?.destroy());
      return;
    }
    if (!res.write(value)) await new Promise((resolve) => res.once('drain', resolve).once('close', resolve));
  }
  res.off('close', closed);
  res.end();
}
