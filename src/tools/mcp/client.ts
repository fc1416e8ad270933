import type { Tool } from '@modelcontextprotocol/client';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { CallOutcome } from '../connected.ts';
import { type Connection, createConnections, type Target } from './connections.ts';
import { type Failure, failureOf, outcomeOf } from './failures.ts';
import { type Outgoing, watched } from './outgoing.ts';
import { type FitImage, readResult } from './results.ts';

/** A tool as its server lists it. */
export type ListedTool = Tool;

interface Listing {
  readonly tools: readonly ListedTool[];
  /** The server lists more than anybody reads. */
  readonly more: boolean;
}

export interface Called {
  readonly outcome: CallOutcome;
  /** The server does not take this account: nothing was done, and another token may help. */
  readonly unauthorized: boolean;
}

/** The protocol's client: one for all servers of a process. */
export interface McpClient {
  /** What the server lists now, or why it can't be had. Never rejects. */
  list(target: Target, signal: AbortSignal): Promise<Listing | Failure>;
  /**
   * Calls a tool once. `repeatable`: a second call changes nothing more, so one that met a session which was over is made
   * again over a new one. Never rejects.
   */
  call(
    target: Target,
    tool: Pick<ListedTool, 'name' | 'inputSchema'>,
    input: unknown,
    how: { readonly repeatable: boolean; readonly signal: AbortSignal },
  ): Promise<Called>;
  close(): Promise<void>;
}

const LIST_MS = 15_000;
const MOST_PAGES = 25;
const MOST_LISTED = 500;
/** Of one call; a person waits for its answer. */
const CALL_MS = 90_000;
/** The session of a server that said nothing for longer is looked at before something is changed over it. */
const FRESH_MS = 5000;
const PING_MS = 10_000;
/** What was read last is given so long to be understood, before an answer whose rest got lost is given up. */
const LOST_MS = 300;

export function createMcpClient({
  outgoing,
  fitImage,
  clock,
  log,
  callMs = CALL_MS,
}: {
  readonly outgoing: Outgoing;
  readonly fitImage: FitImage;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds that a call may take. */
  readonly callMs?: number;
}): McpClient {
  const connections = createConnections({ outgoing, clock, log });

  /** `work` over a connection, and once more over a new one where the session was over and `again` allows it. */
  async function use<T>(
    target: Target,
    signal: AbortSignal,
    again: boolean,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T | Failure> {
    for (let tries = 1; ; tries++) {
      let connection: Connection | undefined;
      try {
        return await connections.use(target, signal, (one) => {
          connection = one;
          return work(one);
        });
      } catch (thrown) {
        const failure = failureOf(thrown, connection?.session() ?? false);
        // A connection that failed in its handshake is not kept; what was asked of it did not begin.
        if (connection === undefined)
          return failure.kind === 'unauthorized' || failure.kind === 'refused'
            ? failure
            : {
                kind: 'not_sent',
                why: failure.kind === 'not_sent' ? failure.why : 'unreachable',
                message: failure.message,
              };
        if (failure.kind === 'session_lost' || failure.kind === 'not_sent') connections.drop(target.key);
        if (failure.kind !== 'session_lost' || !again || tries > 1) return failure;
      }
    }
  }

  async function pages({ client }: Connection): Promise<Listing> {
    const tools: ListedTool[] = [];
    let cursor: string | undefined;
    for (let page = 1; page <= MOST_PAGES && tools.length < MOST_LISTED; page++) {
      const { tools: some, nextCursor } = await client.request(
        { method: 'tools/list', params: cursor === undefined ? {} : { cursor } },
        { timeout: LIST_MS },
      );
      tools.push(...some);
      if (nextCursor === undefined) return { tools, more: false };
      cursor = nextCursor;
    }
    return { tools: tools.slice(0, MOST_LISTED), more: true };
  }

  async function callOver(
    connection: Connection,
    tool: Pick<ListedTool, 'name' | 'inputSchema'>,
    input: unknown,
    signal: AbortSignal,
  ): Promise<CallOutcome> {
    const over = new AbortController();
    const stop = () => over.abort();
    signal.addEventListener('abort', stop, { once: true });
    let loss: Error | null = null;
    let cancelLoss = () => {};
    const lost = (error: Error) => {
      loss = error;
      cancelLoss = clock.after(LOST_MS, stop);
    };
    const args = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {};
    try {
      const result = await watched.run({ lost }, () =>
        connection.client.callTool(
          { name: tool.name, arguments: args as Record<string, unknown> },
          // Its own schema alone: what was carried out is not refused afterwards for the form of its result.
          {
            signal: over.signal,
            timeout: callMs,
            maxTotalTimeout: callMs,
            toolDefinition: { name: tool.name, inputSchema: tool.inputSchema },
          },
        ),
      );
      connection.answeredAt = clock.monotonic();
      return { kind: 'done', ...(await readResult(result, fitImage)) };
    } catch (thrown) {
      if (loss !== null) return outcomeOf(failureOf(loss, false));
      if (signal.aborted) return { kind: 'unknown', reason: 'it was stopped while the server was at it' };
      throw thrown;
    } finally {
      signal.removeEventListener('abort', stop);
      cancelLoss();
    }
  }

  return {
    async list(target, signal) {
      return use(target, signal, true, async (connection) => {
        const listing = await pages(connection);
        connection.answeredAt = clock.monotonic();
        return listing;
      });
    },

    async call(target, tool, input, { repeatable, signal }) {
      if (signal.aborted)
        return {
          outcome: { kind: 'not_done', why: 'refused', reason: 'it was stopped before it was called' },
          unauthorized: false,
        };
      if (!repeatable) {
        // A changing call is made once: its session is known to live before it leaves.
        const looked = await use(target, signal, true, async (connection) => {
          if (connection.session() && clock.monotonic() - connection.answeredAt > FRESH_MS)
            await connection.client.ping({ timeout: PING_MS, signal });
          return null;
        });
        if (looked !== null && (looked.kind === 'not_sent' || looked.kind === 'unauthorized'))
          return { outcome: outcomeOf(looked), unauthorized: looked.kind === 'unauthorized' };
        if (looked !== null && looked.kind === 'unknown')
          return {
            outcome: { kind: 'not_done', why: 'unreachable', reason: looked.message },
            unauthorized: false,
          };
      }
      const done = await use(target, signal, repeatable, (connection) =>
        callOver(connection, tool, input, signal),
      );
      const isOutcome = done.kind === 'done' || done.kind === 'not_done' || 'reason' in done;
      if (isOutcome) return { outcome: done as CallOutcome, unauthorized: false };
      return { outcome: outcomeOf(done as Failure), unauthorized: done.kind === 'unauthorized' };
    },

    close: connections.close,
  };
}
