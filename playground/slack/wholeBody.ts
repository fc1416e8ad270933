import type { IncomingMessage } from 'node:http';

/** Far above anything Slack takes in one call besides files, and enough for the files of a test. */
const mostBytes = 64 * 1024 * 1024;

/** The body of a request, or `undefined` if the sender went away or sent too much. */
export async function wholeBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of request) {
      const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
      size += bytes.length;
      if (size > mostBytes) {
        request.destroy();
        return undefined;
      }
      parts.push(bytes);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(parts);
}
