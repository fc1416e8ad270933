import type { Json } from './json.ts';

/** An answer `{ok:false, error}` of the Web API, thrown by whatever finds the reason. */
export class Refusal extends Error {
  readonly code: string;
  readonly extra: Json;

  /** `messages` go into `response_metadata.messages`, as Slack's argument errors do. */
  constructor(code: string, messages: readonly string[] = [], extra: Json = {}) {
    super(code);
    this.name = 'Refusal';
    this.code = code;
    this.extra = messages.length > 0 ? { ...extra, response_metadata: { messages } } : extra;
  }
}
