import type { IncomingMessage } from 'node:http';
import { type Fields, fieldsOf } from '../parse/fields.ts';

/** The body, or why there is none: over `limit` bytes, or the sender went away. */
type RequestBody =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'aborted' };

/**
 * Reads a request body of at most `limit` bytes. A larger one is still drained up to eight times the limit,
 * so that the sender can read the answer; beyond that the connection is cut.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<RequestBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const aborted = () => resolve({ kind: 'aborted' });
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve({ kind: 'too_large' });
      if (size > limit * 8) request.destroy();
    });
    request.once('end', () => resolve({ kind: 'body', bytes: Buffer.concat(chunks) }));
    request.once('error', aborted);
    request.once('close', aborted);
  });
}

/** A header that was sent once; '' for one that is missing or repeated. */
export function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

export function isForm(request: IncomingMessage): boolean {
  // Slack sends the bare type; proxies and test tools may add a charset.
  const type = header(request, 'content-type').split(';')[0]?.trim().toLowerCase();
  return type === 'application/x-www-form-urlencoded';
}

/**
 * Events come as JSON, commands as form fields, interactions as JSON in the form field `payload`. `null` for
 * anything that is not an object in the end.
 */
export function parseBody(text: string, form: boolean): Fields | null {
  if (!form) return parseObject(text);
  const fields = new URLSearchParams(text);
  const payload = fields.get('payload');
  return payload === null ? Object.fromEntries(fields) : parseObject(payload);
}

function parseObject(json: string): Fields | null {
  try {
    return fieldsOf(JSON.parse(json));
  } catch {
    return null;
  }
}
