import { APIError } from '@anthropic-ai/sdk';
import { Stream } from '@anthropic-ai/sdk/core/streaming';

/**
 * The JSON of every event of a response, pings included, in order. The SDK's own iteration of a stream drops `ping`,
 * and everything without an `event:` line (`@anthropic-ai/sdk` 1.12.0, `core/streaming.mjs`, `fromSSEResponse`); its
 * `Stream.rawEvents` gives them. Anthropic's events name their type in the data too, so a gateway that leaves out the
 * names is read all the same, and `[DONE]`, with which gateways that speak OpenAI's form end a stream, is passed over.
 * @throws APIError for an `error` event, as the SDK does; SyntaxError for data that is not JSON
 */
export async function* eventsOf(response: Response): AsyncGenerator<unknown, void, undefined> {
  for await (const { event, data } of Stream.rawEvents(response)) {
    const trimmed = data.trim();
    if (event === 'ping') yield { type: 'ping' };
    if (event === 'ping' || trimmed === '' || trimmed === '[DONE]') continue;
    if (event === 'error') throw errorOf(parsed(trimmed) ?? { error: { message: trimmed } });
    const value: unknown = JSON.parse(trimmed);
    if (isError(value)) throw errorOf(value);
    yield value;
  }
}

function errorOf(body: object): APIError {
  return new APIError(undefined, body, undefined, undefined);
}

function isError(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'error';
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
