import {
  type ModelStandin,
  type ModelStandinOptions,
  startModelStandin,
} from '../../../../playground/model/server.ts';
import { systemClock } from '../../../../src/clock.ts';

export const KEY = 'sk-ant-test';

/** A stand-in without delays that answers "Hello there, Ana." */
export function startStandin(options: Partial<ModelStandinOptions> = {}): Promise<ModelStandin> {
  return startModelStandin({
    clock: systemClock,
    tokensPerSecond: Number.POSITIVE_INFINITY,
    script: () => ({ text: 'Hello there, Ana.' }),
    ...options,
  });
}

export const body = {
  model: 'claude-sonnet-4-6',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }],
};

export function post(
  standin: ModelStandin,
  json: unknown,
  headers: Record<string, string> = { 'x-api-key': KEY },
  path = '/v1/messages',
): Promise<Response> {
  return fetch(`${standin.url}${path}`, {
    method: 'POST',
    headers: { 'anthropic-version': '2026-10-21', 'content-type': 'application/json', ...headers },
    body: typeof json === 'string' ? json : JSON.stringify(json),
  });
}
