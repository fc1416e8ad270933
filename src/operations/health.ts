import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, LATE, within } from '../clock.ts';

/** One thing that must work before Skein can do its job. */
export interface Check {
  readonly name: string;
  /** Without it the process is not ready; else it is told beside. */
  readonly needed: boolean;
  /** Null: it works; else a short reason from the error catalogue or a plain word. Never throws. */
  readonly problem: () => Promise<string | null>;
}

/** Which parts of a readiness answer may take how long, in milliseconds. */
const LIMIT_MS = 2000;

/**
 * `/healthz`: the process lives and its event loop turns (200 always). `/readyz`: whether every check that is needed
 * works (200, else 503), and what is wrong with which. Returns false for other paths.
 */
export function createHealth(checks: readonly Check[], clock: Clock) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const [path] = (request.url ?? '').split('?');
    if (path !== '/healthz' && path !== '/readyz') return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return true;
    }
    if (path === '/healthz') send(response, 200, { status: 'ok' });
    else void answerReady(checks, clock, response);
    return true;
  };
}

async function answerReady(checks: readonly Check[], clock: Clock, response: ServerResponse): Promise<void> {
  const results = await Promise.all(
    checks.map(async ({ name, needed, problem }) => ({
      name,
      needed,
      problem: await limited(problem, clock),
    })),
  );
  const ready = results.every(({ needed, problem }) => !needed || problem === null);
  send(response, ready ? 200 : 503, {
    status: ready ? 'ready' : 'not ready',
    checks: Object.fromEntries(results.map(({ name, problem }) => [name, problem ?? 'ok'])),
  });
}

async function limited(problem: () => Promise<string | null>, clock: Clock): Promise<string | null> {
  const found = await within(
    clock,
    LIMIT_MS,
    problem().catch(() => 'failed'),
  );
  return found === LATE ? 'no answer in time' : found;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
