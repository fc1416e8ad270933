import { randomUUID } from 'node:crypto';
import type { Calling } from '../../src/reply/tools/ports.ts';
import type { CallOutcome, ConnectedTool } from '../../src/tools/connected.ts';

/** A call as it arrived at the server. */
export interface Called {
  readonly tool: string;
  readonly input: unknown;
  readonly person: string;
}

/** The ports of the rounds over the address of a `ToolServer`: real calls that leave the process. */
export function callingOver(url: string): Calling {
  const ask = async <T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> => {
    const init = { method: 'POST', body: JSON.stringify(body), ...(signal === undefined ? {} : { signal }) };
    return (await (await fetch(`${url}${path}`, init)).json()) as T;
  };
  return {
    newId: randomUUID,
    connected: {
      offered: ({ servers }) =>
        servers.includes('tracker') ? ask<readonly ConnectedTool[]>('/offered', {}) : Promise.resolve([]),
      judge: () => ask<'may'>('/judge', {}),
      call: (tool, input, { person }, signal) =>
        ask<CallOutcome>('/call', { tool: tool.tool, input, person } satisfies Called, signal).catch(
          (): CallOutcome => ({ kind: 'unknown', reason: 'no answer came' }),
        ),
    },
    cards: {
      async show(_place, calls) {
        await ask(
          '/shown',
          calls.map(({ tool, state, sharing }) => `${tool} ${sharing ?? state}`),
        );
        return 'shown';
      },
    },
  };
}
